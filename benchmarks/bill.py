"""What the bot says that its pictures cost, beside the provider's own ledger: to the micro-dollar.

The real bot draws a thousand requests, every other one rewritten, while calls are throttled, fail,
are refused, or lose their answer after the bill. Each picture of the local Z-Image's ledger is paid
at the documented price. What was drawn must be in the bot's ledger with exactly that; of a call
whose answer was lost nobody knows whether it was billed, so its reservation stands.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks._tally import places_of
from sandbox.control.acts import Acts, CommandAct
from tests.journeys.stage import Stage, staged
from tests.robustness.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = 1000
RATE = 100.0
AT_ONCE = 50
PATIENCE_S = 600.0
MICROS = {False: 15_000, True: 30_000}  # documented: plain, and with rewriting
_DRAWING = {"server": "zimage", "match": "POST *"}
_FAULTS: tuple[dict[str, Any], ...] = (
    {**_DRAWING, "kind": "error", "code": "Throttling.RateQuota", "times": 1},
    {**_DRAWING, "kind": "error", "code": "DataInspectionFailed", "probability": 0.05},
    {**_DRAWING, "kind": "error", "code": "InternalError", "probability": 0.03},
    {**_DRAWING, "kind": "drop_after", "probability": 0.03},
)
_JOBS = """
    SELECT prompt, job.state, sum(cost_micros), sum(reserved_micros), sum(pictures)
    FROM job JOIN request ON request.id = job.request_id JOIN ledger ON ledger.job_id = job.id
    GROUP BY job.id"""


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The sum of all differences."""
    yield asyncio.run(_play(JOBS // 5 if quick else JOBS))


async def _play(jobs: int) -> dict[str, Any]:
    with TemporaryDirectory(prefix="zeuxis-bill-") as folder:
        async with staged(Path(folder), rate=RATE) as stage:
            stage.fault(*_FAULTS)
            await _ask(stage, jobs)
            await stage.until(lambda: _open(stage) == 0, PATIENCE_S)
            return _judge(stage, jobs)


async def _ask(stage: Stage, jobs: int) -> None:
    sandbox = stage.sandbox
    acts = Acts(state=sandbox.state, hub=sandbox.hub, clock=sandbox.clock)
    places = places_of(stage)
    for first in range(0, jobs, AT_ONCE):
        numbers = range(first, min(jobs, first + AT_ONCE))
        wishes = [
            places[number % len(places)].wish(
                f"cat {number}", rewrite="off" if number % 2 else "on"
            )
            for number in numbers
        ]
        await asyncio.gather(*(acts.perform(msgspec.convert(wish, CommandAct)) for wish in wishes))
        await stage.until(lambda: _count(stage) == numbers.stop, PATIENCE_S)  # noqa: B023 # at once
    print(f"bill: asked {jobs}", file=sys.stderr)


def _count(stage: Stage) -> int:
    return int(rows(stage.database, "SELECT count(*) FROM job")[0][0])


def _open(stage: Stage) -> int:
    query = "SELECT count(*) FROM job WHERE state IN ('queued', 'running')"
    return int(rows(stage.database, query)[0][0])


def _judge(stage: Stage, jobs: int) -> dict[str, Any]:
    paid: dict[str, int] = {}
    for entry in stage.sandbox.zimage.ledger.entries:
        if entry.billed:
            paid[entry.prompt] = paid.get(entry.prompt, 0) + MICROS[entry.rewriting]
    kept = rows(stage.database, _JOBS)
    lost = {prompt for prompt, state, *_ in kept if state == "uncertain"}
    differences = [
        abs(cost - paid.get(prompt, 0)) for prompt, _, cost, *_ in kept if prompt not in lost
    ]
    reserved = sum(one[3] for one in kept)
    lost_micros = sum(paid.get(prompt, 0) for prompt in lost)
    ends: dict[str, int] = {}
    for _, state, *_ in kept:
        ends[state] = ends.get(state, 0) + 1
    return {
        "name": "bill_difference",
        "value": sum(differences),
        "unit": f"micro-dollars between the bot and the provider, {jobs} jobs",
        "limit": 0,
        "holds": sum(differences) == 0 and len(kept) == jobs and reserved >= lost_micros,
        "beside": {
            "ends": ends,
            "provider_micros": sum(paid.values()),
            "bot_micros": sum(one[2] for one in kept),
            "lost_answers_micros": lost_micros,
            "still_reserved_micros": reserved,
        },
    }
