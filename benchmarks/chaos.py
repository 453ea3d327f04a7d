"""Half an hour of bad weather: every fault of both servers, gateway cuts, 1,000 jobs.

The sandbox's clock runs six times faster than ours, so tokens, limits and links age as in half an
hour, and the bot tidies six times as often. Nothing but the faults is unusual: at the end each job
must have come to an end that its member was told, with at most one picture and one bill. Afterwards
log and database are searched for what must not be there, and the process must leave no core.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks._secrets import Search, allow_cores, search
from benchmarks._tally import Tally, places_of, tally_of
from benchmarks._weather import weather
from tests.journeys.stage import Stage, staged
from tests.robustness.rows import states, undone

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS, QUICK_JOBS = 1000, 40
SPAN_S, QUICK_SPAN_S = 1800.0, 72.0  # of the sandbox's time
SPEED = 6.0  # of its clock, by ours
WEATHER_S = 4.0  # between changes, by our clock
SEED = 11
TICK_S = 0.1
RATE = 8.0  # of the account: outages take time away, and the bot's own clock is the slower one
PATIENCE_S = 600.0


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """Counts; each must hold every time."""
    jobs, span_s = (QUICK_JOBS, QUICK_SPAN_S) if quick else (JOBS, SPAN_S)
    others_leave_cores = allow_cores()
    tally, asked, fired, found = asyncio.run(_play(jobs, span_s))
    cuts = fired.pop("gateway cut", 0)
    beside = {
        "seed": SEED,
        "asked": asked,
        "jobs": tally.jobs,
        "ends": dict(tally.ends),
        "acknowledged": tally.acknowledged,
        "billed": tally.billed,
        "gateway_cuts": cuts,
        "faults_fired": sum(fired.values()),
        "status_messages_twice": tally.status_twice,
    }
    _table(tally, fired)
    for name, unit, value in (
        ("chaos_lost", "acknowledged jobs without an end", tally.lost),
        ("chaos_untold", "ends that their member was not told", tally.untold),
        ("chaos_posted_twice", "pictures posted twice", tally.posted_twice),
        ("chaos_billed_twice", "jobs billed twice", tally.billed_twice),
    ):
        yield {
            "name": name,
            "value": value,
            "unit": f"{unit}, {tally.jobs} jobs in {span_s / 60:.0f} minutes of chaos",
            "limit": 0,
            "holds": value == 0,
            "beside": beside,
        }
    yield {
        "name": "chaos_secrets",
        "value": found.in_log + found.in_files + found.cores,
        "unit": "token, key, link signatures, interaction tokens in log and database; cores left",
        "limit": 0,
        "holds": found.in_log + found.in_files + found.cores == 0,
        "beside": {"searched": found.searched, "others_leave_cores_here": others_leave_cores},
    }


async def _play(jobs: int, span_s: float) -> tuple[Tally, int, Counter[str], Search]:
    chance = random.Random(SEED)
    with TemporaryDirectory(prefix="zeuxis-chaos-") as folder:
        async with staged(Path(folder), bot=False, rate=RATE, seed=SEED) as stage:
            stage.program = "benchmarks._tidy_bot"
            stage.environment["LOG_LEVEL"] = "debug"
            await stage.start_bot()
            pump = asyncio.create_task(_pump(stage))
            fired: Counter[str] = Counter()
            storm = asyncio.create_task(_storm(stage, chance, fired))
            asked = await _ask(stage, jobs, span_s / SPEED)
            storm.cancel()
            await asyncio.gather(storm, return_exceptions=True)
            stage.fault()
            print(f"chaos: calm, {_seen(stage)}", file=sys.stderr)
            await stage.until(lambda: undone(stage) == 0, PATIENCE_S)
            tally = tally_of(stage, asked)
            await stage.until(lambda: _log_bytes(stage) == 0, PATIENCE_S)  # what was wiped is gone
            found = await search(stage)
            pump.cancel()
            return tally, len(asked), fired, found


async def _pump(stage: Stage) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        stage.sandbox.clock.advance(TICK_S * (SPEED - 1))


async def _storm(stage: Stage, chance: random.Random, fired: Counter[str]) -> None:
    cuts = ("drop", "reconnect", "invalidate")
    while True:
        stage.fault(*weather(chance))
        await asyncio.sleep(chance.uniform(0.5, 1.5) * WEATHER_S)
        for fault in stage.sandbox.faults.snapshot():
            fired[f"{fault['server']} {fault['kind']}"] += int(str(fault["fired"]))
        if chance.random() < 0.4:
            await stage.control.call("POST", f"/gateway/{chance.choice(cuts)}", {})
            fired["gateway cut"] += 1


async def _ask(stage: Stage, jobs: int, span_s: float) -> list[str]:
    """Evenly over the span, and on until so many jobs are queued: some find the bot offline, and
    some are refused while the account is blocked."""
    places, queued = places_of(stage), 0
    asked: list[str] = []
    while queued < jobs:
        wish = places[len(asked) % len(places)].wish(f"cat {len(asked)}")
        answer = await stage.control.call("POST", "/interactions", wish)
        asked.append(str(answer.body.get("interaction_id", "")))
        await asyncio.sleep(span_s / jobs)
        if len(asked) % 25 == 0:
            seen = _seen(stage)
            queued = sum(seen.values())
            print(f"chaos: {len(asked)} asked, {seen}", file=sys.stderr)
    return asked


def _log_bytes(stage: Stage) -> int:
    """Of the write-ahead log."""
    return Path(f"{stage.database}-wal").stat().st_size


def _seen(stage: Stage) -> dict[str, int]:
    return dict(states(stage))


def _table(tally: Tally, fired: Counter[str]) -> None:
    for state, count in tally.ends.most_common():
        print(f"{count:6} {state}", file=sys.stderr)
    for fault, count in sorted(fired.items()):
        print(f"{count:6} × {fault}", file=sys.stderr)
