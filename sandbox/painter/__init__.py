"""Paints pictures after prompts, with the standard library alone."""

from __future__ import annotations

from sandbox.painter.composition import picture
from sandbox.painter.png import plain

__all__ = ["picture", "plain"]
