"""Domain values and errors become cards and texts, in the member's language. Nothing is decided
here and nothing is awaited; whoever holds a card sends it."""

from __future__ import annotations
