"""What an operator asks on the command line."""

from __future__ import annotations
