"""What a test pays for a whole local Discord of its own."""

from __future__ import annotations
