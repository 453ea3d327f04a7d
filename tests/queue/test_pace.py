"""The pace: never more than the provider allows, and as little below it as can be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.queue.pace import (
    BLIND_STEP_US,
    DEFAULT_GUARD_US,
    EPOCH_TRANSITS,
    FEWEST_TRANSITS,
    FIRST_GUARD_US,
    HIGHEST_GUARD_US,
    LEAD_US,
    UNSENT_POLL_US,
    Pace,
    Window,
    earliest_us,
    longest_log,
    seen_blindly,
    seen_in_transit,
    windows,
)
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000


def log_of(*ages_us: int) -> Callable[[int], int | None]:
    """A log whose departures are so old; the newest first."""
    return lambda rank: NOW_US - ages_us[rank - 1] if rank <= len(ages_us) else None


def nth_last(departures: list[int], rank: int) -> int | None:
    return departures[-rank] if rank <= len(departures) else None


def test_two_a_second_are_two_in_a_second_and_120_in_a_minute() -> None:
    """The guard lengthens both windows."""
    assert windows(Pace(guard_us=10_000)) == (
        Window(2, 1_010_000),
        Window(120, 60_010_000),
    )


def test_a_rate_between_whole_numbers_becomes_a_shorter_window() -> None:
    """One and a half a second: one in two thirds, with two thirds of the guard."""
    pace = Pace(rate_mps=1500, proved_mps=1500, guard_us=30_000)
    assert windows(pace)[0] == Window(1, 666_667 + 20_000)


def test_a_slow_rate_is_one_call_in_a_long_window() -> None:
    """Six a minute: one in ten seconds."""
    pace = Pace(rate_mps=100, proved_mps=100, guard_us=30_000)
    assert windows(pace)[0] == Window(1, 10_030_000)


def test_while_a_rate_is_tested_calls_leave_one_by_one() -> None:
    """So that one is refused, not a pair."""
    pace = Pace(rate_mps=4000, proved_mps=2000, guard_us=0)
    assert windows(pace)[0] == Window(1, 250_000)


def test_an_empty_log_holds_nothing_back() -> None:
    """The first call leaves at once."""
    assert earliest_us(Pace(), unsent=0, now_us=NOW_US, sent_before=log_of()) <= NOW_US


def test_the_second_last_departure_decides_at_two_a_second() -> None:
    """It must be a window and a guard old."""
    at_us = earliest_us(
        Pace(guard_us=20_000), unsent=0, now_us=NOW_US, sent_before=log_of(100_000, 300_000)
    )
    assert at_us == NOW_US - 300_000 + 1_020_000


def test_a_claim_that_has_not_left_counts_as_a_departure_to_come() -> None:
    """With one of them, the last departure decides in place of the one before."""
    at_us = earliest_us(
        Pace(guard_us=20_000), unsent=1, now_us=NOW_US, sent_before=log_of(100_000, 900_000)
    )
    assert at_us == NOW_US - 100_000 + 1_020_000


def test_with_a_window_full_of_claims_nothing_is_claimed() -> None:
    """Later than a claim may come early, or the answer would be a claim."""
    at_us = earliest_us(Pace(), unsent=2, now_us=NOW_US, sent_before=log_of())
    assert at_us == NOW_US + UNSENT_POLL_US
    assert UNSENT_POLL_US > LEAD_US


def test_a_full_minute_holds_back_though_the_second_is_free() -> None:
    """120 calls in the last minute, none in the last second."""
    ages = (5_000_000,) * 119 + (30_000_000,)
    at_us = earliest_us(Pace(guard_us=0), unsent=0, now_us=NOW_US, sent_before=log_of(*ages))
    assert at_us == NOW_US + 30_000_000


def test_a_pause_holds_everything_back() -> None:
    """Whatever the log says."""
    pace = Pace(paused_until_us=NOW_US + 5)
    assert earliest_us(pace, unsent=0, now_us=NOW_US, sent_before=log_of()) == NOW_US + 5


def test_the_log_is_as_long_as_the_longest_window() -> None:
    """A minute at the ceiling."""
    assert longest_log(Pace(ceiling_mps=3500)) == 210


@settings(max_examples=60, deadline=None)
@given(
    per_second=st.integers(1, 5),
    jitter_us=st.integers(0, 200_000),
    delays=st.lists(st.integers(0, 120_000), min_size=40, max_size=80),
    transits=st.lists(st.floats(0, 1), min_size=80, max_size=80),
)
def test_no_window_ever_holds_one_too_many(
    per_second: int, jitter_us: int, delays: list[int], transits: list[float]
) -> None:
    """However late claimed calls leave, and however transits vary within the guard."""
    rate = per_second * 1000
    pace = Pace(rate, rate, rate, rate, guard_us=jitter_us)
    departures: list[int] = []
    pending: list[int] = []  # when claimed calls will leave
    now_us = NOW_US
    for delay_us in delays:
        while True:
            departures += sorted(at_us for at_us in pending if at_us <= now_us)
            pending = [at_us for at_us in pending if at_us > now_us]
            departures.sort()
            at_us = earliest_us(
                pace,
                unsent=len(pending),
                now_us=now_us,
                sent_before=partial(nth_last, departures),
            )
            if at_us <= now_us + LEAD_US:
                break
            now_us = min([at_us - LEAD_US, *pending])
        pending.append(max(at_us, now_us) + delay_us)
    departures = sorted([*departures, *pending])
    arrivals = sorted(
        at_us + round(transit * jitter_us)
        for at_us, transit in zip(departures, transits, strict=False)
    )
    for first, one_too_many in zip(arrivals, arrivals[per_second:], strict=False):
        assert one_too_many - first >= SECOND_US


def test_the_guard_becomes_the_spread_of_transits() -> None:
    """And a little more, for what was not seen yet; the offset of the clocks is no matter."""
    pace = Pace()
    for n in range(600):
        pace = seen_in_transit(pace, -7_000_000 + n * 7919 % 20_001)
    assert 20_000 <= pace.guard_us <= 22_500


def test_few_transits_do_not_narrow_the_guard() -> None:
    """Fifteen calls say too little."""
    pace = Pace()
    for _ in range(FEWEST_TRANSITS - 1):
        pace = seen_in_transit(pace, 40_000)
    assert pace.guard_us == FIRST_GUARD_US
    assert seen_in_transit(pace, 40_000).guard_us < 2_000


def test_an_old_spread_is_forgotten() -> None:
    """After two epochs without it."""
    pace = seen_in_transit(Pace(), 140_000)
    for _ in range(2 * EPOCH_TRANSITS + 1):
        pace = seen_in_transit(pace, 40_000)
    assert pace.guard_us < 2_000


def test_one_wild_transit_does_not_stop_the_pace() -> None:
    """Beyond a bound an occasional refusal costs less than the guard."""
    pace = seen_in_transit(seen_in_transit(Pace(), 40_000), 30_000_000)
    assert pace.guard_us == HIGHEST_GUARD_US


def test_clocks_that_are_far_apart_teach_nothing() -> None:
    """A provider whose clock is an hour off is as good as one that does not tell."""
    assert seen_in_transit(Pace(), 3600 * SECOND_US) == Pace()


def test_without_arrival_times_the_first_guard_shrinks_to_the_default() -> None:
    """Success by success."""
    pace = seen_blindly(Pace())
    assert pace.guard_us == FIRST_GUARD_US - BLIND_STEP_US
    for _ in range(100):
        pace = seen_blindly(pace)
    assert pace.guard_us == DEFAULT_GUARD_US


def test_one_answer_without_a_time_does_not_undo_what_was_learned() -> None:
    """Some gateways leave the header out now and then."""
    pace = replace(Pace(), transits=20, guard_us=90_000)
    assert seen_blindly(pace) == pace


def test_without_arrival_times_two_a_second_are_two_in_a_little_more() -> None:
    """Three hundredths more: the default guard."""
    pace = Pace()
    for _ in range(100):
        pace = seen_blindly(pace)
    assert windows(pace)[0] == Window(2, 1_030_000)


def test_a_clock_that_is_up_to_a_minute_off_teaches() -> None:
    """Beyond that nobody knows what it shows."""
    assert seen_in_transit(Pace(), 59 * SECOND_US).transits == 1
    assert seen_in_transit(Pace(), 61 * SECOND_US).transits == 0
    assert seen_in_transit(Pace(), -61 * SECOND_US).transits == 0
