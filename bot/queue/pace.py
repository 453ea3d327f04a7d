"""When the next call may leave, so that the account's limit is used up and kept.

The provider judges requests as they *arrive*: at most R in any second, at most 60·R in any minute.
We know when they *leave*. Between the two lies a transit time that varies by J, the jitter. With an
exact log of departures, the next call may leave when the N-th last one is W + G old, for every
window (N calls in W), where the guard G is at least J. Then no window ever holds N + 1 arrivals,
and W ÷ (W + J) of the limit is used: nothing that goes by departures alone does better without
being refused now and then.

Claims whose call has not left yet count as leaving any moment: with U of them, the (N − U)-th last
departure decides. So at any claim the departures of the past window and everything that may still
leave are at most N together, whatever the order in which they leave. A claim comes a little before
its instant (the lead), so that reaching the disk and the network costs nothing of the window; the
call waits for the instant itself.

    rate    thousandths of a request per second (mps), found by bot/queue/rate_search.py
    N, W    rate 2000: 2 in 1 s and 120 in 60 s; rate 1500: 1 in 0.67 s and 90 in 60 s
    guard   µs for a window of a second; the spread of transit times where the provider tells when
            a request arrived, else a default

Not taken: a token bucket at the nominal rate. With any jitter at all a quarter of its requests is
refused, since two arrivals drift closer together as often as further apart. Where arrivals are told
this pace is refused nothing once it has learned (`python -m benchmarks pace`); where they are not,
and vary by more than the default guard, the search settles at a lower rate, and its looks for a
rise are refused about 20 times an hour. Not taken there: a guard doubled at each refusal at the
ceiling, which ends the refusals and uses no more of the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    SentBefore = Callable[[int], int | None]


SECOND_US = 1_000_000
MINUTE_S = 60
LEAD_US = 50_000  # a claim comes so much before its instant
UNSENT_POLL_US = LEAD_US + 20_000  # claimed calls are about to leave; look again soon
FIRST_GUARD_US = 100_000  # until something is known
DEFAULT_GUARD_US = 30_000  # where the provider never tells when a request arrived
BLIND_STEP_US = 2_000  # a success that tells nothing lowers the first guard by this
HIGHEST_GUARD_US = 250_000  # beyond, an occasional refusal costs less than the waiting
GUARD_MARGIN_US = 1_000
LONGEST_TRANSIT_US = 60 * SECOND_US
FEWEST_TRANSITS = 16
EPOCH_TRANSITS = 512  # spreads are kept over this many and the same number before


class Pace(Struct, frozen=True):
    """What is known of the account's limit: one row for all processes, kept over restarts."""

    ceiling_mps: int = 2000  # the operator's setting or the provider's quota: never exceeded
    rate_mps: int = 2000
    proved_mps: int = 2000  # the highest rate that held; below `rate_mps` while a step is tested
    held_mps: int = 2000  # the rate that stood before the last look for a rise
    refused_mps: int | None = None  # the lowest rate refused in this search
    step_mps: int = 0  # the last step up; the next is four times as large
    changed_at_us: int = 0  # when the rate last changed
    tested: int = 0  # calls since then that left as early as they might
    struck_at_us: int = 0  # the last refusal at a proved rate
    refusals: int = 0  # in a row
    probe_at_us: int = 0  # when to look whether the limit has risen
    paused_until_us: int = 0
    guard_us: int = FIRST_GUARD_US
    transits: int = 0  # observed in this epoch
    transit_low_us: int = 0
    transit_high_us: int = 0
    earlier_low_us: int | None = None  # of the epoch before
    earlier_high_us: int | None = None


class Window(Struct, frozen=True):
    """At most `count` calls in any `length_us`."""

    count: int
    length_us: int


def windows(pace: Pace) -> tuple[Window, Window]:
    """The short window and the minute, with the guard in their lengths."""
    is_tested = pace.rate_mps != pace.proved_mps
    # 2 in 1 s and 1 in 0.5 s are the same rate, but of two calls that leave together at a rate that
    # is too high both may be refused. A test needs one refusal; the second would be for nothing.
    return (
        _window(1 if is_tested else max(1, pace.rate_mps // 1000), pace),
        _window(max(1, MINUTE_S * pace.rate_mps // 1000), pace),
    )


def longest_log(pace: Pace) -> int:
    """How many departures must be remembered."""
    return max(1, MINUTE_S * pace.ceiling_mps // 1000)


def _window(count: int, pace: Pace) -> Window:
    length_us = -(-count * 1000 * SECOND_US // pace.rate_mps)  # rounded up: never too short
    # Windows shorter than a second share the guard out: as many as fill a second, which is what the
    # provider judges, have the whole guard between them. Each with a whole one would pay it twice.
    guard_us = pace.guard_us * min(length_us, SECOND_US) // SECOND_US
    return Window(count, length_us + guard_us)


def earliest_us(pace: Pace, *, unsent: int, now_us: int, sent_before: SentBefore) -> int:
    """The instant from which one more call may leave; in the past if it is free to go."""
    at_us = pace.paused_until_us
    for window in windows(pace):
        # Were this call one too many, it would share the window with N others. At most U of them
        # are unsent, so N - U are logged, and the oldest of those is the rank-th last or an older
        # one; but that left a whole window ago. So it does not matter when the U leave, nor in
        # which order (test_no_window_ever_holds_one_too_many). Each of them was let through by the
        # same sum, which holds for the windows without this call.
        rank = window.count - unsent
        if rank <= 0:
            # The unsent fill the window alone, and no entry of the log says when one will be out.
            # Later than the lead, or the answer would count as "in a moment" and be a claim.
            return max(at_us, now_us + UNSENT_POLL_US)
        sent_at_us = sent_before(rank)
        if sent_at_us is not None:  # else nothing that left fills this window
            at_us = max(at_us, sent_at_us + window.length_us)
    return at_us


def seen_blindly(pace: Pace) -> Pace:
    """A success that does not tell when its request arrived: the first guard was for nothing."""
    # Once anything was learned, an answer without a time unlearns nothing: some gateways leave the
    # header out now and then.
    if pace.transits > 0 or pace.earlier_low_us is not None or pace.guard_us <= DEFAULT_GUARD_US:
        return pace
    return replace(pace, guard_us=max(DEFAULT_GUARD_US, pace.guard_us - BLIND_STEP_US))


def seen_in_transit(pace: Pace, transit_us: int) -> Pace:
    """Learns the guard from one transit: arrival by the provider's clock minus departure by ours.

    The offset between the clocks cancels out, since only the spread counts. The spread of n values
    falls short of the true one by about 2/n of it; more than that is added, and a margin.
    Clocks that are a minute apart tell nothing.
    """
    if abs(transit_us) > LONGEST_TRANSIT_US:
        return pace
    if pace.transits == 0:
        low_us = high_us = transit_us
    else:
        low_us = min(pace.transit_low_us, transit_us)
        high_us = max(pace.transit_high_us, transit_us)
    pace = replace(pace, transits=pace.transits + 1, transit_low_us=low_us, transit_high_us=high_us)
    pace = replace(pace, guard_us=_guard_us(pace))
    if pace.transits < EPOCH_TRANSITS:
        return pace
    # Two pairs of numbers are all there is to keep. The last 512 transits always count, and after
    # 1,024 a wild one is forgotten: a spread that could only grow would end at the highest guard.
    return replace(pace, transits=0, earlier_low_us=low_us, earlier_high_us=high_us)


def _guard_us(pace: Pace) -> int:
    seen, low_us, high_us = pace.transits, pace.transit_low_us, pace.transit_high_us
    if pace.earlier_low_us is not None and pace.earlier_high_us is not None:
        seen += EPOCH_TRANSITS
        low_us = min(low_us, pace.earlier_low_us)
        high_us = max(high_us, pace.earlier_high_us)
    spread_us = high_us - low_us
    # That n evenly spread values fall short by 2/n is an average. With 6/n added the sum is too
    # small once in 23 times of 16 values and once in 44 of 63, with 3/n once in five; but then n is
    # 64 or more, and what is missing is nearly always less than a twentieth. So few values get the
    # larger share.
    shortfall_us = (6 if seen < 4 * FEWEST_TRANSITS else 3) * spread_us // seen
    guard_us = spread_us + shortfall_us + GUARD_MARGIN_US
    if seen < FEWEST_TRANSITS:
        guard_us = max(guard_us, FIRST_GUARD_US)
    return min(guard_us, HIGHEST_GUARD_US)
