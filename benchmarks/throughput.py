"""The account's limit, used to the last slot and never exceeded: the real bot, real sockets.

120 jobs of many members against a local Z-Image that allows 2 requests in any second and 120 in any
minute. The floor is the limit itself: the first call leaves at once, the last after 119 slots. Of
that minute the guard and waking up may take four seconds; nobody misses one picture in fifteen.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks._tally import places_of
from tests.journeys.stage import staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.control.client import Control

JOBS = 120
RATE = 2.0
LIMIT = 64 / 60  # of the floor
PATIENCE_S = 180.0


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """How long the jobs take from the first call to the last, and what was refused."""
    jobs = JOBS // 6 if quick else JOBS
    ledger = asyncio.run(_play(jobs))
    calls = [one["time"] for one in ledger["requests"] if one["outcome"] == "generated"]
    span_s = max(calls) - min(calls) + 1 / RATE  # the last call fills its slot as well
    floor_s = jobs / RATE
    beside = {
        "floor_s": floor_s,
        "ratio": round(span_s / floor_s, 3),
        "peak_per_second": ledger["peak_per_second"],
        "billed": ledger["billed"],
    }
    limit_s = floor_s * LIMIT
    yield {
        "name": "throughput_span",
        "value": round(span_s, 2),
        "unit": f"s for {jobs} jobs at {RATE:g} per second",
        "limit": round(limit_s, 2),
        "holds": span_s <= limit_s and len(calls) == jobs == ledger["billed"],
        "beside": beside,
    }
    yield {
        "name": "throughput_refused",
        "value": ledger["throttled"],
        "unit": "calls refused for their pace",
        "limit": 0,
        "holds": ledger["throttled"] == 0 and ledger["peak_per_second"] <= RATE,
        "beside": beside,
    }


async def _play(jobs: int) -> dict[str, Any]:
    """Of all places in turn, every other one with rewriting."""
    with TemporaryDirectory(prefix="zeuxis-throughput-") as folder:
        async with staged(Path(folder), rate=RATE, latency_scale=1.0) as stage:
            places = places_of(stage)
            for number in range(jobs):
                rewrite = "on" if number % 4 < 2 else "off"
                wish = places[number % len(places)].wish(f"cat {number}", rewrite=rewrite)
                answered = await stage.control.call("POST", "/interactions", wish)
                assert answered.status < 400, answered.body
            return await _until_billed(stage.control, jobs)


async def _until_billed(control: Control, jobs: int) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            ledger: dict[str, Any] = await control.get("/zimage/ledger")
            if ledger["billed"] >= jobs:
                return ledger
            await asyncio.sleep(0.5)
