"""What was drawn and what it cost: for members, for staff, and as a file."""

from __future__ import annotations
