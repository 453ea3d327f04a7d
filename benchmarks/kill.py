"""`kill -9` at seeded random moments over a running load: nothing lost, nothing twice.

Members ask for pictures all the time; the bot is killed again and again, started again, and at the
end left to finish. Then three records are held against each other: what members were told and see,
the bot's rows, and Z-Image's own ledger. Each prompt is its own, so that a second bill shows.

Which jobs may be uncertain is asked of the ledger: those whose call Z-Image was drawing at a kill
or had answered within the half second before, and those that came to it from a bot that was dead
already (of some it cannot read the prompt any more; they are counted). Besides, a kill may fall
between the mark on disk and the call's first byte: about 5 ms of each call, of which up to 40 leave
in a second. That is one kill in five, and one in four with room for a crowded machine.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks._tally import Tally, places_of, tally_of
from tests.journeys.stage import Stage, staged
from tests.robustness.rows import WHOLE, rows, states, undone

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS, QUICK_KILLS = 200, 12
SEED = 6
LONGEST_LIFE_S = 1.6  # of the bot after it is connected
PAUSE_S = 0.12  # between two members' requests, on average
PATIENCE_S = 300.0
LATEST_ARRIVAL_S = 0.5  # of a call that had left
DRAWING_SCALE, DRAWING_S = 0.2, 0.28  # of the sandbox's Z-Image, for the smallest picture
ANSWERED_LATELY_S = 0.5  # so long an answer may be under way to the disk, on a crowded machine
KILLS_BEFORE_THE_FIRST_BYTE = 0.25
RATE_LIMIT_S = 20.0  # Discord's longest; a restart of a real bot takes as long


@dataclass(slots=True, kw_only=True)
class Run:
    """What was seen while it ran."""

    open_calls: set[str] = field(default_factory=set)  # prompts that Z-Image had at a kill
    unread_calls: int = 0  # that it had without their prompts
    needless: int = 0  # uncertain though Z-Image had no such call
    by_state: Counter[str] = field(default_factory=Counter)  # of jobs, at the kills


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """Counts; each must hold every time."""
    kills = QUICK_KILLS if quick else KILLS
    ran, tally = asyncio.run(_play(kills))
    beside = {
        "kills": kills,
        "seed": SEED,
        "jobs": tally.jobs,
        "ends": dict(tally.ends),
        "acknowledged": tally.acknowledged,
        "billed": tally.billed,
        "uncertain": tally.ends["uncertain"],
        "calls_at_zimage_at_the_kills": len(ran.open_calls) + ran.unread_calls,
        "jobs_at_the_kills": dict(ran.by_state),
    }
    counts = (
        ("kill_lost", "acknowledged jobs without an end", tally.lost, 0),
        ("kill_posted_twice", "pictures posted twice", tally.posted_twice, 0),
        ("kill_billed_twice", "jobs billed twice", tally.billed_twice, 0),
        (
            "kill_uncertain",
            "uncertain jobs whose call Z-Image did not have",
            ran.needless,
            max(1, round(kills * KILLS_BEFORE_THE_FIRST_BYTE)),
        ),
        ("kill_untold", "ends that their member was not told", tally.untold, 0),
    )
    for name, unit, value, limit in counts:
        yield {
            "name": name,
            "value": value,
            "unit": f"{unit}, over {kills} kills",
            "limit": limit,
            "holds": value <= limit,
            "beside": beside,
        }


async def _play(kills: int) -> tuple[Run, Tally]:
    chance, ran = random.Random(SEED), Run()
    with TemporaryDirectory(prefix="zeuxis-kill-") as folder:
        async with staged(
            Path(folder), bot=False, rate=40.0, seed=SEED, latency_scale=DRAWING_SCALE
        ) as stage:
            stage.fault({"server": "discord", "kind": "latency", "seconds": 0.0, "jitter": 0.1})
            asked: list[str] = []
            for number in range(kills):
                await _live_and_die(stage, chance, ran, asked)
                print(f"kill {number + 1}: {_seen(stage)}", file=sys.stderr)
            stage.fault()
            await stage.start_bot()
            await stage.until(lambda: undone(stage) == 0, PATIENCE_S)
            query = f"SELECT prompt FROM {WHOLE} WHERE state = 'uncertain'"
            uncertain = {str(row[0]) for row in rows(stage.database, query)}
            ran.needless = max(0, len(uncertain - ran.open_calls) - ran.unread_calls)
            return ran, tally_of(stage, asked)


async def _live_and_die(stage: Stage, chance: random.Random, ran: Run, asked: list[str]) -> None:
    await stage.start_bot()
    asking = asyncio.create_task(_ask(stage, chance, asked))
    await asyncio.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
    asking.cancel()
    killed_at_us = stage.sandbox.clock.now_us()
    known = len(stage.sandbox.zimage.ledger.entries)
    await stage.kill_bot()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.sleep(LATEST_ARRIVAL_S)
    since_us = killed_at_us - round((DRAWING_S + ANSWERED_LATELY_S) * 1e6)
    for number, entry in enumerate(stage.sandbox.zimage.ledger.entries):
        if entry.prompt and entry.at_us >= since_us:
            ran.open_calls.add(entry.prompt)
        ran.unread_calls += number >= known and not entry.prompt
    ran.by_state.update(
        {
            state: count
            for state, count in states(stage).items()
            if state not in ("shown", "uncertain")
        }
    )
    stage.sandbox.clock.advance(RATE_LIMIT_S)


async def _ask(stage: Stage, chance: random.Random, asked: list[str]) -> None:
    """Members of all channels, until cancelled."""
    places = places_of(stage)
    while True:
        place = places[len(asked) % len(places)]
        started = await stage.control.call("POST", "/interactions", place.wish(f"cat {len(asked)}"))
        asked.append(str(started.body.get("interaction_id", "")))
        await asyncio.sleep(chance.expovariate(1 / PAUSE_S))


def _seen(stage: Stage) -> dict[str, int]:
    return dict(states(stage))
