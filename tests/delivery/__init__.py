"""Deliveries before a scripted Discord and a scripted relay, on a real file."""

from __future__ import annotations
