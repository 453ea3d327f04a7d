"""Asking for pictures, and what may be done with them."""

from __future__ import annotations
