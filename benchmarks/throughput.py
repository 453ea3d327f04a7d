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

import aiohttp

from sandbox.control.client import Control
from sandbox.demo.stand import standing

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = 120
RATE = 2.0
LIMIT_S = 64.0
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
    limit_s = LIMIT_S * jobs / JOBS
    yield {
        "name": "throughput_span",
        "value": round(span_s, 2),
        "unit": f"s for {jobs} jobs at {RATE:g} per second",
        "limit": limit_s,
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
    with TemporaryDirectory(prefix="zeuxis-throughput-") as folder:
        async with (
            standing(Path(folder), ["--port", "0", "--rate", str(RATE)]) as stand,
            aiohttp.ClientSession() as session,
        ):
            control = Control(session, stand.addresses)
            await control.registered("imagine")
            for number in range(jobs):
                wish = _wish(stand.addresses["guilds"], number)
                answered = await control.call("POST", "/interactions", wish)
                assert answered.status < 400, answered.body
            return await _until_billed(control, jobs)


def _wish(guilds: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """Both guilds and three members each, every other one with rewriting."""
    guild = guilds[number % 2]
    channels = [one for one in guild["channels"] if one["type"] == 0][:2]
    return {
        "kind": "command",
        "name": "imagine",
        "options": {
            "prompt": f"cat {number}",
            "size": "512*512",
            "rewrite": "on" if number % 4 < 2 else "off",
        },
        "guild_id": guild["id"],
        "channel_id": channels[number % len(channels)]["id"],
        "user_id": guild["members"][number // 2 % 3]["id"],
    }


async def _until_billed(control: Control, jobs: int) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            ledger: dict[str, Any] = await control.get("/zimage/ledger")
            if ledger["billed"] >= jobs:
                return ledger
            await asyncio.sleep(0.5)
