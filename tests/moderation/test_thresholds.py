"""A higher score is never treated better, and stricter thresholds let nothing more through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.moderation.thresholds import ScoreOutcome, Thresholds

PASS, HOLD, REFUSE = ScoreOutcome.PASS, ScoreOutcome.HOLD, ScoreOutcome.REFUSE
STRICTNESS = [PASS, HOLD, REFUSE]
SCORES = st.floats(min_value=0, max_value=1)
PERCENTS = st.integers(min_value=0, max_value=100)
THRESHOLDS = st.builds(Thresholds, hold_percent=PERCENTS, refuse_percent=PERCENTS)


@given(THRESHOLDS, SCORES, SCORES)
def test_a_higher_score_is_never_treated_better(
    thresholds: Thresholds, score: float, other: float
) -> None:
    lower, higher = (thresholds.decide(one) for one in sorted((score, other)))
    assert STRICTNESS.index(lower) <= STRICTNESS.index(higher)


@given(THRESHOLDS, THRESHOLDS, SCORES)
def test_lower_thresholds_are_never_kinder(
    one: Thresholds, other: Thresholds, score: float
) -> None:
    """Each of them by itself."""
    strict = Thresholds(
        hold_percent=min(one.hold_percent, other.hold_percent),
        refuse_percent=min(one.refuse_percent, other.refuse_percent),
    )
    assert STRICTNESS.index(one.decide(score)) <= STRICTNESS.index(strict.decide(score))


@given(THRESHOLDS, PERCENTS)
def test_a_threshold_itself_is_reached(thresholds: Thresholds, percent: int) -> None:
    """Every whole percent as it is written, whatever a floating number makes of it."""
    outcome = thresholds.decide(percent / 100)
    assert (outcome is REFUSE) == (percent >= thresholds.refuse_percent)
    least = min(thresholds.hold_percent, thresholds.refuse_percent)
    assert (outcome is PASS) == (percent < least)


@given(THRESHOLDS)
def test_what_is_no_number_is_held(thresholds: Thresholds) -> None:
    """Nothing that goes wrong shows a picture."""
    assert thresholds.decide(float("nan")) is HOLD
