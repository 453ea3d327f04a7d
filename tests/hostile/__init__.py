"""What a hostile provider, storage or Discord may say, and what everybody sees of it."""

from __future__ import annotations
