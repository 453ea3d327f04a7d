"""Panels: what features draw, as an SVG document and as a PNG."""

from __future__ import annotations
