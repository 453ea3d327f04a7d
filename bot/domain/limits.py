"""What the operator allows, as one record that goes with every submit and claim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Counts of jobs; see `.env.example` for their meaning."""

    waiting_per_member: int = 500
    waiting_per_guild: int = 2000
    running: int = 64
    running_per_guild: int = 32
    running_per_person: int = 32
    expected_wait_s: float = 3600.0
