"""The search for the provider's limit, refusal by refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.queue.pace import SECOND_US, Pace
from bot.queue.rate_search import (
    LOWEST_MPS,
    PROOF_CALLS_SMALL_STEP,
    REST_US,
    advanced,
    after_refusal,
    after_send,
    after_success,
    set_ceiling,
)
from bot.records import replace

NOW_US = 1_800_000_000_000_000


def at(rate_mps: int, *, ceiling_mps: int = 4000, probe_at_us: int = NOW_US * 2) -> Pace:
    """A rate that is held below the ceiling."""
    return Pace(ceiling_mps, rate_mps, rate_mps, rate_mps, probe_at_us=probe_at_us)


def under_test(pace: Pace, *, since_s: float = 3.0, calls: int = PROOF_CALLS_SMALL_STEP) -> Pace:
    """Enough calls left early enough, long enough ago."""
    return replace(pace, tested=calls, changed_at_us=NOW_US - round(since_s * SECOND_US))


def refused(pace: Pace, *, now_us: int = NOW_US) -> Pace:
    return after_refusal(pace, sent_at_us=now_us - 1000, now_us=now_us)


def test_at_the_ceiling_nothing_is_searched() -> None:
    """The setting is trusted until the provider refuses it."""
    assert advanced(Pace(), NOW_US) == Pace()
    assert after_send(Pace(), now_us=NOW_US, earliest_us=NOW_US) == Pace()


def test_one_refusal_at_a_held_rate_lowers_it_by_a_hundredth() -> None:
    """It may have been chance."""
    pace = refused(at(2000))
    assert (pace.rate_mps, pace.proved_mps, pace.refused_mps) == (1980, 1980, 2000)


def test_a_second_refusal_soon_after_halves_the_rate() -> None:
    """The limit has fallen; half of the rate that had held is as round as it was."""
    pace = refused(refused(at(2000)), now_us=NOW_US + 2 * SECOND_US)
    assert (pace.rate_mps, pace.proved_mps) == (1000, 0)


def test_a_second_refusal_much_later_is_chance_again() -> None:
    """Eleven seconds and the pause between them."""
    pace = refused(refused(at(2000)), now_us=NOW_US + 20 * SECOND_US)
    assert pace.rate_mps == 1961


@pytest.mark.parametrize("asked_s", [1, 15, 60])
def test_a_pause_that_the_provider_asked_for_is_no_time_that_held(asked_s: int) -> None:
    """Refused right after it: the limit has fallen, however long the pause was."""
    pace = after_refusal(
        at(2000), sent_at_us=NOW_US - 1000, now_us=NOW_US, retry_after_us=asked_s * SECOND_US
    )
    assert refused(pace, now_us=NOW_US + (asked_s + 2) * SECOND_US).rate_mps == 1000
    assert refused(pace, now_us=NOW_US + (asked_s + 30) * SECOND_US).rate_mps == 1961


def test_a_refused_step_falls_back_at_once() -> None:
    """To the proved rate, and the interval is known from both ends."""
    pace = refused(replace(at(2000), rate_mps=2500))
    assert (pace.rate_mps, pace.proved_mps, pace.refused_mps) == (2000, 2000, 2500)


def test_a_call_that_left_before_the_change_says_nothing_about_it() -> None:
    """Its refusal pauses, no more."""
    pace = replace(at(2000), changed_at_us=NOW_US)
    after = after_refusal(pace, sent_at_us=NOW_US - 1, now_us=NOW_US + SECOND_US)
    assert (after.rate_mps, after.proved_mps) == (2000, 2000)
    assert after.paused_until_us == NOW_US + 2 * SECOND_US


def test_what_luck_had_proved_leads_back_to_what_was_held() -> None:
    """Not a hundredth lower, time and again."""
    pace = refused(replace(at(1000), rate_mps=1040, proved_mps=1040))
    assert (pace.rate_mps, pace.held_mps) == (1000, 1000)


def test_refusals_in_a_row_pause_longer_and_longer() -> None:
    """One second, two, four; up to a minute."""
    pace, pauses = at(2000), []
    for n in range(8):
        now_us = NOW_US + n * 100 * SECOND_US
        pace = refused(pace, now_us=now_us)
        pauses.append((pace.paused_until_us - now_us) // SECOND_US)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert after_success(pace).refusals == 0


def test_the_pause_that_the_provider_asks_for_is_kept() -> None:
    """Retry-After comes before our own guess."""
    pace = after_refusal(
        at(2000), sent_at_us=NOW_US - 1, now_us=NOW_US, retry_after_us=30 * SECOND_US
    )
    assert pace.paused_until_us == NOW_US + 30 * SECOND_US


def test_nothing_changes_during_a_pause() -> None:
    """A step would be tested by nobody."""
    pace = replace(at(2000, probe_at_us=0), paused_until_us=NOW_US + 1)
    assert advanced(pace, NOW_US) == pace


def test_the_first_step_up_is_small_and_the_next_four_times_as_large() -> None:
    """A rise of the limit is used within a few steps, whatever its size."""
    pace, rates = at(1000, probe_at_us=0), []
    for _ in range(5):
        pace = advanced(under_test(pace), NOW_US)
        rates.append(pace.rate_mps)
    assert rates == [1025, 1125, 1525, 3125, 4000]


def test_at_the_ceiling_again_the_search_ends() -> None:
    """The last step proved, nothing is left to try."""
    pace = advanced(under_test(replace(at(3000), rate_mps=4000)), NOW_US)
    assert (pace.rate_mps, pace.proved_mps) == (4000, 4000)
    assert advanced(pace, NOW_US) == pace


def test_a_step_never_passes_the_middle_to_what_was_refused() -> None:
    """Bisection, from below."""
    pace = replace(at(1000), refused_mps=1200, step_mps=500)
    assert advanced(under_test(pace), NOW_US).rate_mps == 1100


def test_a_small_interval_is_held() -> None:
    """Until it is time to look again."""
    pace = replace(at(1000), refused_mps=1030)
    assert advanced(pace, NOW_US) == pace


def test_a_little_more_than_what_was_held_is_not_worth_another_refusal() -> None:
    """The rate stays there, although what was refused is far above it."""
    pace = replace(at(1050), held_mps=1000, refused_mps=2000)
    assert advanced(pace, NOW_US) == pace


def test_after_the_rest_a_rise_is_looked_for() -> None:
    """What was refused long ago counts no more."""
    pace = replace(at(1000, probe_at_us=NOW_US), refused_mps=1025)
    after = advanced(pace, NOW_US)
    assert (after.rate_mps, after.refused_mps) == (1025, None)


def test_a_step_is_not_proved_by_few_calls_or_little_time() -> None:
    """Both are asked for."""
    pace = replace(at(1000), rate_mps=1025)
    for too_early in (
        under_test(pace, calls=PROOF_CALLS_SMALL_STEP - 1),
        under_test(pace, since_s=1.9),
    ):
        assert advanced(too_early, NOW_US).proved_mps == 1000
    assert advanced(under_test(pace), NOW_US).proved_mps == 1025


def test_a_call_that_had_time_tests_nothing() -> None:
    """With little to do, the rate is not what holds calls back."""
    pace = replace(at(1000), rate_mps=1025)
    assert after_send(pace, now_us=NOW_US, earliest_us=NOW_US - 10_000).tested == 1
    assert after_send(pace, now_us=NOW_US, earliest_us=NOW_US - SECOND_US).tested == 0


def test_every_refusal_buys_a_rest() -> None:
    """So their number per hour is bounded, whatever the provider does."""
    pace = at(2000, probe_at_us=0)
    for n in range(10):
        pace = refused(pace, now_us=NOW_US + n)
    assert pace.probe_at_us == NOW_US + 10 * REST_US


@pytest.mark.parametrize(("ceiling_mps", "rate_mps"), [(3000, 3000), (1000, 1000)])
def test_a_new_ceiling_holds_at_once_where_the_old_one_did(ceiling_mps: int, rate_mps: int) -> None:
    """The operator or the provider's quota knows."""
    assert set_ceiling(Pace(), ceiling_mps, NOW_US).rate_mps == rate_mps


def test_a_higher_ceiling_over_a_refused_rate_is_looked_for_at_once() -> None:
    """But not believed: the provider had said no."""
    pace = set_ceiling(at(1000), 8000, NOW_US)
    assert (pace.rate_mps, pace.probe_at_us) == (1000, NOW_US)


def test_the_same_ceiling_changes_nothing() -> None:
    """A restart keeps what was learned."""
    assert set_ceiling(at(1000), 4000, NOW_US) == at(1000)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 400)), max_size=120))
def test_the_rate_stays_within_its_bounds(steps: list[tuple[bool, float]]) -> None:
    """Whatever is refused when."""
    pace, now_us = Pace(4000, 4000, 4000, 4000), NOW_US
    for is_refused, seconds in steps:
        now_us += round(seconds * SECOND_US)
        if is_refused:
            pace = refused(pace, now_us=now_us)
        else:
            pace = after_send(pace, now_us=now_us, earliest_us=now_us)
        pace = advanced(pace, now_us)
        assert LOWEST_MPS <= pace.rate_mps <= pace.ceiling_mps
        assert 0 <= pace.proved_mps <= pace.rate_mps
