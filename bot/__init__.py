"""Zeuxis, a Discord bot that paints with Z-Image."""

from __future__ import annotations

__version__ = "0.1.0"
