"""How often status messages are edited while many jobs wait, run and are posted.

120 jobs of many members in all open channels, drawn at two a second as on the smallest account,
each for some seconds, so that places, bars and ends change all the time. Counted at the sandbox's
edge, which limits each route as Discord does: edits of one message in any three seconds, edits of
all messages in any second, and what Discord would have refused (429).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks._tally import places_of
from sandbox.discord.edge import Edge
from tests.journeys.stage import staged
from tests.robustness.rows import pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aiohttp import web

    from sandbox.discord.routing import Route
    from tests.journeys.stage import Stage

JOBS = 120
RATE = 2.0
WINDOW_S = 3.0
OF_ONE_MESSAGE, OF_ALL_PER_S, REFUSED = 1, 40, 0
SLACK_S = 0.2  # of the way there: what left three seconds apart may arrive a little closer
PATIENCE_S = 300.0

Edits = dict[str, list[float]]  # by message, when they came


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """Three counts: each must hold."""
    jobs = JOBS // 6 if quick else JOBS
    edits, refused = asyncio.run(_play(jobs))
    every = sorted(at_s for times in edits.values() for at_s in times)
    beside = {"jobs": jobs, "edits": len(every), "messages": len(edits)}
    worst = max((_most_within(times, WINDOW_S - SLACK_S) for times in edits.values()), default=0)
    yield _figure("edits_of_a_message", worst, "in 3 s", OF_ONE_MESSAGE, beside)
    yield _figure("edits_per_second", _most_within(every, 1.0), "in 1 s", OF_ALL_PER_S, beside)
    yield _figure("edits_refused", refused, "answers 429", REFUSED, beside)


def _figure(name: str, value: int, unit: str, limit: int, beside: dict[str, Any]) -> dict[str, Any]:
    holds = value <= limit
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "holds": holds,
        "beside": beside,
    }


def _most_within(times: Sequence[float], window_s: float) -> int:
    """The most that any window of this length holds."""
    first, most = 0, 0
    for last, at_s in enumerate(times):
        while times[first] <= at_s - window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


async def _play(jobs: int) -> tuple[Edits, int]:
    edits: Edits = defaultdict(list)
    refused = 0
    serve = Edge.serve

    async def watched(
        edge: Edge, route: Route, request: web.Request, path: dict[str, str]
    ) -> web.Response:
        nonlocal refused
        if request.method == "PATCH" and "message" in "".join(path):
            named = path.get("message_id") or request.path
            edits[named].append(asyncio.get_running_loop().time())
        response = await serve(edge, route, request, path)
        refused += response.status == 429
        return response

    with TemporaryDirectory(prefix="zeuxis-edits-") as folder, patch.object(Edge, "serve", watched):
        async with staged(Path(folder), rate=RATE, latency_scale=1.0) as stage:
            await _ask(stage, jobs)
            await stage.until(lambda: len(pictures(stage)) >= jobs, PATIENCE_S)
    return edits, refused


async def _ask(stage: Stage, jobs: int) -> None:
    """In turns in each place."""
    await stage.control.registered("imagine")
    places = places_of(stage)
    for number in range(jobs):
        wish = places[number % len(places)].wish(f"cat {number}", size="512*512")
        answered = await stage.control.call("POST", "/interactions", wish)
        assert answered.status < 400, answered.body
