"""When calls at once are what is scarce: 20 s a call, 8 at once, work always waiting.

The real transactions in virtual time. A slot is held for the call alone; beside it what would be
left if the slot were held while the picture is relayed, as bots do that await everything in one
function: 0.93. One picture in fifty nobody misses.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from benchmarks.simulator.accounts import RowsAccount
from benchmarks.simulator.caller import Caller, World
from benchmarks.simulator.events import Events
from benchmarks.simulator.provider import SECOND_US, StrictProvider
from benchmarks.simulator.rows import NO_LIMITS, START_US, open_rows
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

CALL_S = 20.0
AT_ONCE = 8
RELAY_S = 1.5
USED = 0.98
WARM_UP_S = 60
LONG_S, QUICK_S = 7_200, 1_200


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The share of the slots' time in which something is drawn."""
    length_s = QUICK_S if quick else LONG_S
    held = _used(length_s, relay_s=0.0)
    naive = _used(length_s, relay_s=RELAY_S)
    yield {
        "name": "concurrency_used",
        "value": round(held, 4),
        "unit": "× capacity",
        "limit": USED,
        "holds": held >= USED,
        "beside": {"slot_held_while_relaying_1.5s": round(naive, 4)},
    }


def _used(length_s: int, *, relay_s: float) -> float:
    """The time in which something was drawn in a slot, as a share of all slots' time."""
    randomness = random.Random(3)
    events = Events(START_US)
    since_us = START_US + WARM_UP_S * SECOND_US
    until_us = START_US + length_s * SECOND_US
    drawn_us = 0

    def drawing_us() -> float:
        nonlocal drawn_us
        call_us = round(randomness.uniform(0.75, 1.25) * CALL_S * SECOND_US)
        began_us, ended_us = events.now_us, events.now_us + call_us
        drawn_us += max(0, min(ended_us, until_us) - max(began_us, since_us))
        return call_us + relay_s * SECOND_US

    with open_rows() as rows:
        limits = replace(NO_LIMITS, running=AT_ONCE)
        rows.configure(per_second=2, limits=limits)
        world = World(
            events=events,
            provider=StrictProvider(lambda _: 2),
            random=randomness,
            jitter_us=20_000,
            drawing_us=drawing_us,
        )
        events.at(START_US, Caller(RowsAccount(rows), world).wake)
        events.run_until(until_us)
    return drawn_us / (AT_ONCE * (until_us - since_us))
