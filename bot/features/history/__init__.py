"""Finding pictures again, and putting them up once more."""

from __future__ import annotations
