"""Puts results and refusals before members; every step recorded, each idempotent."""

from __future__ import annotations
