"""SIGTERM under a load, at seeded random moments: how long it takes, and what is left uncertain."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks._tally import Tally, places_of, tally_of
from tests.journeys.stage import Stage, staged
from tests.robustness.rows import undone

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS, QUICK_ROUNDS = 20, 3
SEED = 3
GRACE_S = 10.0
LONGEST_CALL_S = 3.0
PATIENCE_S = 120.0
RATE_LIMIT_S = 20.0  # Discord's longest; a restart of a real bot takes as long


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """Counts and the longest stop."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    ends_s, statuses, tally = asyncio.run(_play(rounds))
    harm = tally.lost + tally.untold + tally.posted_twice + tally.billed_twice
    beside = {
        "stops_s": [round(one, 2) for one in sorted(ends_s)],
        "exit_statuses": sorted(set(statuses)),
        "jobs": tally.jobs,
        "ends": dict(tally.ends),
        "lost_or_twice": harm,
    }
    uncertain = tally.ends["uncertain"]
    yield {
        "name": "stop_uncertain",
        "value": uncertain,
        "unit": f"uncertain jobs over {rounds} stops, calls of up to {LONGEST_CALL_S:g} s",
        "limit": 0,
        "holds": uncertain + harm == 0 and set(statuses) == {0},
        "beside": beside,
    }
    yield {
        "name": "stop_longest",
        "value": round(max(ends_s), 2),
        "unit": "s from SIGTERM to the end",
        "limit": GRACE_S,
        "holds": max(ends_s) <= GRACE_S,
        "beside": beside,
    }


async def _play(rounds: int) -> tuple[list[float], list[int], Tally]:
    chance = random.Random(SEED)
    ends_s, statuses, asked = [], [], []
    with TemporaryDirectory(prefix="zeuxis-stop-") as folder:
        async with staged(Path(folder), bot=False, rate=10.0, seed=SEED) as stage:
            stage.environment["SHUTDOWN_GRACE_S"] = f"{GRACE_S:g}"
            for _ in range(rounds):
                await stage.start_bot()
                stage.fault(
                    {
                        "server": "zimage",
                        "kind": "latency",
                        "match": "POST *",
                        "seconds": 0.5,
                        "jitter": LONGEST_CALL_S - 0.5,
                    }
                )
                asked += await _ask(stage, chance)
                began_s = time.monotonic()
                statuses.append(await stage.kill_bot(signal.SIGTERM))
                ends_s.append(time.monotonic() - began_s)
                stage.sandbox.clock.advance(RATE_LIMIT_S)
            stage.fault()
            await stage.start_bot()
            await stage.until(lambda: undone(stage) == 0, PATIENCE_S)
            return ends_s, statuses, tally_of(stage, asked)


async def _ask(stage: Stage, chance: random.Random) -> list[str]:
    """A dozen requests; the signal comes within the second after the last one."""
    places, asked = places_of(stage), []
    for number in range(12):
        wish = places[number % len(places)].wish(f"cat {chance.random()}")
        answer = await stage.control.call("POST", "/interactions", wish)
        asked.append(str(answer.body.get("interaction_id", "")))
    await asyncio.sleep(chance.random())
    return asked
