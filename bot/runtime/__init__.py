"""What every part of the process stands on: clock, log, health, start and end."""

from __future__ import annotations
