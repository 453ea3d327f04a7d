"""What follows from a picture's score: two thresholds, three outcomes."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ScoreOutcome(StrEnum):
    """What becomes of a picture that was scored."""

    PASS = "pass"  # noqa: S105  # no password
    HOLD = "hold"  # until the staff have looked
    REFUSE = "refuse"


class Thresholds(Struct, frozen=True, kw_only=True):
    """From which score on, in percent. Each may be set somewhere else, without the other.

    So refusing goes first: where it begins below holding, nothing is held, and nothing that would
    be held is shown.
    """

    hold_percent: int
    refuse_percent: int

    def decide(self, score: float) -> ScoreOutcome:
        """Of a score from 0 to 1; what is no number is for the staff to look at."""
        if score >= self.refuse_percent / 100:
            return ScoreOutcome.REFUSE
        is_below = score < self.hold_percent / 100
        return ScoreOutcome.PASS if is_below else ScoreOutcome.HOLD
