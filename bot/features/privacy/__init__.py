"""What is kept of a member: shown, and forgotten."""

from __future__ import annotations
