"""How much of the account's limit is used, and how often the provider refuses.

The provider allows 2 requests in any second and 120 in any minute, judged as they arrive. The bound
for a client that is never refused is W ÷ (W + J): with a jitter of J no more can be used of a
window of W. The token bucket beside it is what libraries usually do.

With the header that tells when a request arrived the guard becomes the jitter, and nothing may be
refused. Until it has seen some calls the guard is 100 ms: where the jitter is larger, two calls may
be one too many in the first seconds.

*Blind* is without that header. The guard is then 30 ms, and where the jitter is larger the search
finds a lower rate in place of a larger guard; its looks for a rise are refused, one in 190 s. A
refusal is not billed and costs a second: 36 an hour would be one part in a hundred of the account.
Of what could be used, one part in twenty less is nothing that anybody waits for noticeably.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from benchmarks.simulator.accounts import MemoryAccount, RowsAccount
from benchmarks.simulator.caller import BASE_TRANSIT_US, Caller, World
from benchmarks.simulator.events import Events
from benchmarks.simulator.naive import token_bucket_departures
from benchmarks.simulator.provider import SECOND_US, StrictProvider
from benchmarks.simulator.rows import NO_LIMITS, START_US, open_rows
from bot.queue.pace import DEFAULT_GUARD_US, FIRST_GUARD_US, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.simulator.accounts import Account

    Loop = Callable[[random.Random], Callable[[], float]]

LIMIT = 2
LONG_S, QUICK_S = 20_000, 4_000
WARM_UP_S = 300  # the guard learns the jitter from the first calls
ROWS_S = 300
JITTERS_MS, BLIND_JITTERS_MS = (0, 20, 100, 200), (20, 50, 100, 200)
USED, USED_BLINDLY = 0.98, 0.95  # × the bound
REFUSED_WHILE_LEARNING = 2
REFUSED_BLINDLY_PER_HOUR = 36.0
BUSY_EVERY_US, BUSY_FOR_US = 80_000, 20_000  # the loop is kept 25 % busy


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """Share of the bound and refusals, for each jitter, with a calm and a busy loop."""
    length_s = QUICK_S if quick else LONG_S
    for jitter_ms in JITTERS_MS:
        bucket = _token_bucket(jitter_ms * 1000, length_s)
        for name, loop in (("calm", calm), ("busy", busy)):
            provider = _saturate(MemoryAccount(Pace()), jitter_ms * 1000, length_s, loop)
            yield from _figures(f"{jitter_ms}ms_{name}", jitter_ms, provider, bucket, length_s)
    for jitter_ms in BLIND_JITTERS_MS:
        yield from _blind_figures(jitter_ms, length_s)
    yield _rows_agree()


def _figures(
    name: str, jitter_ms: int, provider: StrictProvider, bucket: StrictProvider, length_s: int
) -> Iterator[dict[str, object]]:
    bound = 1 / (1 + jitter_ms / 1000)
    used, refused = _share(provider, length_s), len(provider.refused_us)
    beside = {
        "bound": round(bound, 4),
        "used": round(used, 4),
        "token_bucket_used": round(_share(bucket, length_s), 4),
        "token_bucket_refused_per_hour": round(len(bucket.refused_us) * 3600 / length_s),
    }
    yield {
        "name": f"pace_used_{name}",
        "value": round(used / bound, 4),
        "unit": "× bound",
        "limit": USED,
        "holds": used / bound >= USED,
        "beside": beside,
    }
    allowed = REFUSED_WHILE_LEARNING if jitter_ms * 1000 > FIRST_GUARD_US else 0
    late = sum(at_us > START_US + WARM_UP_S * SECOND_US for at_us in provider.refused_us)
    yield {
        "name": f"pace_refused_{name}",
        "value": refused,
        "unit": f"refusals in {length_s / 3600:.1f} hours",
        "limit": allowed,
        "holds": late == 0 and refused <= allowed,
        "beside": beside | {"refused_once_learned": late},
    }


def _blind_figures(jitter_ms: int, length_s: int) -> Iterator[dict[str, object]]:
    provider = _saturate(
        MemoryAccount(Pace()), jitter_ms * 1000, length_s, busy, tells_arrival=False
    )
    used = _share(provider, length_s) * (1 + jitter_ms / 1000)
    yield {
        "name": f"pace_blind_used_{jitter_ms}ms",
        "value": round(used, 4),
        "unit": "× bound",
        "limit": USED_BLINDLY,
        "holds": used >= USED_BLINDLY,
        "beside": {},
    }
    per_hour = len(provider.refused_us) * 3600 / length_s
    allowed = REFUSED_BLINDLY_PER_HOUR if jitter_ms * 1000 > DEFAULT_GUARD_US else 0
    yield {
        "name": f"pace_blind_refused_{jitter_ms}ms",
        "value": round(per_hour, 1),
        "unit": "refusals an hour",
        "limit": allowed,
        "holds": per_hour <= allowed,
        "beside": {"calls_per_hour": round(len(provider.accepted_us) * 3600 / length_s)},
    }


def _saturate(
    account: Account, jitter_us: int, length_s: int, loop: Loop, *, tells_arrival: bool = True
) -> StrictProvider:
    randomness = random.Random(1)
    events = Events(START_US)
    provider = StrictProvider(lambda _: LIMIT)
    world = World(
        events=events,
        provider=provider,
        random=randomness,
        jitter_us=jitter_us,
        lateness_us=loop(randomness),
        tells_arrival=tells_arrival,
    )
    events.at(START_US, Caller(account, world).wake)
    events.run_until(START_US + length_s * SECOND_US)
    return provider


def _rows_agree() -> dict[str, object]:
    """The transactions of the bot let calls leave at the very instants that memory does."""
    memory = _saturate(MemoryAccount(Pace()), 20_000, ROWS_S, busy)
    with open_rows() as rows:
        rows.configure(per_second=LIMIT, limits=NO_LIMITS)
        real = _saturate(RowsAccount(rows), 20_000, ROWS_S, busy)
    pairs = zip(memory.accepted_us, real.accepted_us, strict=False)
    differing = sum(a != b for a, b in pairs)
    differing += abs(len(memory.accepted_us) - len(real.accepted_us))
    return {
        "name": "pace_rows_differ_from_memory",
        "value": differing,
        "unit": "calls",
        "limit": 0,
        "holds": differing == 0,
        "beside": {"calls": len(real.accepted_us)},
    }


def _share(provider: StrictProvider, length_s: int) -> float:
    since_us = START_US + WARM_UP_S * SECOND_US
    until_us = START_US + length_s * SECOND_US
    used = sum(since_us < at_us <= until_us for at_us in provider.accepted_us)
    return used / (LIMIT * (length_s - WARM_UP_S))


def calm(_: random.Random) -> Callable[[], float]:
    return lambda: 0.0


def busy(randomness: random.Random) -> Callable[[], float]:
    """Whatever is due while a block of work runs waits for its end."""
    share = BUSY_FOR_US / BUSY_EVERY_US
    return lambda: randomness.uniform(0, BUSY_FOR_US) if randomness.random() < share else 0.0


def _token_bucket(jitter_us: int, length_s: int) -> StrictProvider:
    """A bucket of two, filled at two per second."""
    randomness = random.Random(1)
    provider = StrictProvider(lambda _: LIMIT)
    departures = token_bucket_departures(START_US, length_s, per_second=LIMIT, capacity=LIMIT)
    for at_us in sorted(
        at_us + round(BASE_TRANSIT_US + randomness.uniform(0, jitter_us)) for at_us in departures
    ):
        provider.arrive(at_us)
    return provider
