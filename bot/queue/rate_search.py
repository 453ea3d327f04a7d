"""Finds the provider's real limit below the ceiling, and holds it.

The only signal is a refusal (429). Between the highest *proved* rate and the lowest *refused* one
the search gallops: steps up from the proved rate begin at a fortieth and grow fourfold while they
succeed, but never pass the middle of the interval (bisection). A step is proved when two seconds
and a few calls that left as early as they might went by without a refusal; while it is tested,
calls leave one by one, so that one is refused and not a pair. A refused step falls back to the
proved rate at once. When the interval is small, the rate is held.

A refusal *at* the proved rate means that luck had proved it: back to the rate that was *held*
before, or one hundredth lower. A second one soon after means that the limit has fallen: the rate is
halved, and the search begins anew.

Looking whether the limit has risen costs a refusal if it has not. So each refusal buys a rest of
190 s before the next look: at most 19 an hour in the long run, whatever happens. That also bounds
how soon a rise can be noticed: with k looks an hour, 3600/k s at worst and half of that on average,
once the rests of earlier refusals are over. Finding a limit far below the ceiling costs about
eight, so the first look comes 25 minutes later. Where the provider tells its quota, `set_ceiling`
raises the rate at no such cost.

Not taken: additive increase, multiplicative decrease. With the constants that were tried it was
refused 16 to 471 times an hour and used 75…96 % of the limit, because it never remembers where the
limit was. In the same play, a limit that goes from 2 to 1 to 4 to 2 a second, this search is held
to 97.5 % of the one that it uses least, in the median of days, and to 91 % where the rise comes
just after a look and is noticed last, 250 s later (`python -m benchmarks unknown_limit`).
"""

from __future__ import annotations

from bot.queue.pace import SECOND_US, Pace, windows
from bot.records import replace

REST_US = 190 * SECOND_US
PROOF_US = 2 * SECOND_US
SMALL_STEP = 20  # up to the rate ÷ 20, luck passes easily: more calls are asked for
PROOF_CALLS, PROOF_CALLS_SMALL_STEP = 3, 6
FIRST_STEP = 40  # the proved rate ÷ 40
GROWTH = 4
SMALL_GAP = 32  # (refused − proved) ≤ proved ÷ 32: hold
LUCK = 16  # at most a sixteenth above the held rate, a refusal leads back to it
LOWER = 100  # else the rate is lowered by a hundredth
STRIKE_US = 10 * SECOND_US
LOWEST_MPS = 50
SHORTEST_PAUSE_US = SECOND_US
LONGEST_PAUSE_US = 60 * SECOND_US


def set_ceiling(pace: Pace, ceiling_mps: int, now_us: int) -> Pace:
    """A new setting or quota. A rise is tried at once if the old ceiling had held."""
    if ceiling_mps == pace.ceiling_mps:
        return pace
    had_held = pace.rate_mps == pace.ceiling_mps
    pace = replace(pace, ceiling_mps=ceiling_mps)
    # At the ceiling it was the ceiling that bounded us, so whoever sets another is believed. Below
    # it the provider had said no, and a higher ceiling does not make that untrue: it is a reason to
    # look at once, and no more.
    if had_held or pace.rate_mps > ceiling_mps:
        pace = replace(pace, proved_mps=ceiling_mps, held_mps=ceiling_mps)
        return _at(pace, ceiling_mps, now_us, refused_mps=None)
    return replace(pace, probe_at_us=min(pace.probe_at_us, now_us))


def after_send(pace: Pace, *, now_us: int, earliest_us: int) -> Pace:
    """Counts a call as a test of the rate if it left about as early as it might."""
    if pace.rate_mps == pace.proved_mps:
        return pace
    # Where little is asked for, calls are further apart than the rate would have them: that they
    # are served says nothing about the rate.
    if now_us - earliest_us > windows(pace)[0].length_us // 2:
        return pace
    return replace(pace, tested=pace.tested + 1)


def after_success(pace: Pace) -> Pace:
    return pace if pace.refusals == 0 else replace(pace, refusals=0)


def after_refusal(
    pace: Pace, *, sent_at_us: int, now_us: int, retry_after_us: int | None = None
) -> Pace:
    """Pauses, and falls back, lowers or halves the rate."""
    # Pause and rest come first, whatever the refusal says about the rate: the provider has refused
    # and wants less for a while. The rests add up and do not overlap, which is what bounds the
    # looks by time alone (test_every_refusal_buys_a_rest).
    pause_us = min(LONGEST_PAUSE_US, SHORTEST_PAUSE_US << min(pace.refusals, 6))
    paused_us = pause_us
    if pace.changed_at_us == pace.struck_at_us:  # nothing was tried since the last fall
        paused_us = max(pause_us, pace.paused_until_us - pace.struck_at_us)
    pace = replace(
        pace,
        refusals=pace.refusals + 1,
        paused_until_us=max(pace.paused_until_us, now_us + max(pause_us, retry_after_us or 0)),
        probe_at_us=max(pace.probe_at_us, now_us) + REST_US,
    )
    if sent_at_us <= pace.changed_at_us:
        # It left before the rate changed and says nothing about the new one. Several calls are out
        # at once: when the limit falls, more than one brings a refusal, and were they all counted,
        # one fall of the limit would halve the rate again and again.
        return pace
    if pace.rate_mps > pace.proved_mps > 0:
        return _at(pace, pace.proved_mps, now_us, refused_mps=pace.rate_mps)
    # From here on the rate had counted as proved, or nothing has held since the last fall (0); then
    # it falls again, until something does. The pause is left out, ours or one that the provider
    # asked for, since nothing held in it (test_a_pause_that_the_provider_asked_for_is_no_time…).
    if pace.proved_mps > 0 and now_us - pace.struck_at_us > STRIKE_US + paused_us:
        return _strike(pace, now_us)
    return _fall(pace, now_us)


def advanced(pace: Pace, now_us: int) -> Pace:
    """The next step, if the last one is proved or it is time to look for a rise."""
    if pace.rate_mps == pace.ceiling_mps == pace.proved_mps or now_us < pace.paused_until_us:
        return pace
    if pace.rate_mps != pace.proved_mps:
        if not _is_proof(pace, now_us):
            return pace
        pace = replace(pace, proved_mps=pace.rate_mps)
    elif now_us >= pace.probe_at_us:
        # A look for a rise begins as if nothing had been refused, or it could never pass what was.
        # Where it began is kept: that is the rate to come back to if the look was luck.
        pace = replace(pace, held_mps=pace.proved_mps, refused_mps=None, step_mps=0)
    return _step_up(pace, now_us)


def _strike(pace: Pace, now_us: int) -> Pace:
    """The proved rate was refused: once may be luck."""
    # Just above what was held before, the last look is the suspect: back to where it began. By
    # hundredths the way back would cost up to six refusals, after every look that was luck.
    # Anywhere else it is the held rate itself that was a little too high.
    lower_mps = pace.held_mps
    if not lower_mps < pace.rate_mps <= lower_mps + lower_mps // LUCK:
        lower_mps = max(LOWEST_MPS, pace.rate_mps - pace.rate_mps // LOWER)
    pace = replace(pace, proved_mps=lower_mps, held_mps=lower_mps, struck_at_us=now_us)
    return _at(pace, lower_mps, now_us, refused_mps=pace.rate_mps)


def _fall(pace: Pace, now_us: int) -> Pace:
    """The limit is far below."""
    refused_mps = pace.rate_mps
    if pace.proved_mps > 0 and pace.refused_mps is not None:
        # The strike just before left its rate here: what had held until now. Limits are round
        # numbers, so 2 a second is halved to 1, where half of a hundredth less would stay below it.
        refused_mps = pace.refused_mps
    pace = replace(pace, proved_mps=0, held_mps=0, struck_at_us=now_us)
    return _at(pace, max(LOWEST_MPS, refused_mps // 2), now_us, refused_mps=refused_mps)


def _is_proof(pace: Pace, now_us: int) -> bool:
    # The smaller the excess, the later it shows: of a rate that is a twentieth too high about one
    # call in twenty is one too many, so that three pass says little.
    is_small = pace.rate_mps - pace.proved_mps <= pace.proved_mps // SMALL_STEP
    calls = PROOF_CALLS_SMALL_STEP if is_small else PROOF_CALLS
    return pace.tested >= calls and now_us - pace.changed_at_us >= PROOF_US


def _step_up(pace: Pace, now_us: int) -> Pace:
    highest_mps = pace.ceiling_mps
    if pace.refused_mps is not None:
        if pace.refused_mps - pace.proved_mps <= pace.proved_mps // SMALL_GAP:
            return pace
        if pace.held_mps < pace.proved_mps <= pace.held_mps + pace.held_mps // LUCK:
            return pace  # hardly more than what was held: not worth another refusal
        # The middle, so that a refused step halves what is left to search.
        highest_mps = min(highest_mps, (pace.refused_mps + pace.proved_mps) // 2)
    step_mps = max(1, GROWTH * pace.step_mps or pace.proved_mps // FIRST_STEP)
    rate_mps = min(highest_mps, pace.proved_mps + step_mps)
    if rate_mps <= pace.proved_mps:
        return pace
    return replace(pace, rate_mps=rate_mps, step_mps=step_mps, changed_at_us=now_us, tested=0)


def _at(pace: Pace, rate_mps: int, now_us: int, *, refused_mps: int | None) -> Pace:
    return replace(
        pace,
        rate_mps=rate_mps,
        refused_mps=refused_mps,
        step_mps=0,
        changed_at_us=now_us,
        tested=0,
    )
