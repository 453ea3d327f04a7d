"""`python -m benchmarks.sandbox.rounds [--quick]`: a fresh sandbox and client for every test?

One round is a fresh sandbox, a fresh discord.py client, one command with defer, edit, thread and a
file of 70 kB, and the end of both. Beside it, in the same run: the same client with a sandbox that
already runs, answering with one message: what discord.py itself costs.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

from benchmarks.sandbox.client import connected
from sandbox.control.acts import Acts, CommandAct
from sandbox.server import Sandbox

ROUNDS = 50
LIMIT_RATIO = 3.0
"""A whole round within so many bare ones."""


async def measure(rounds: int = ROUNDS) -> dict[str, object]:
    """The figure, as the benchmarks' contract has it."""
    whole_s = [await _whole_round_s() for _ in range(rounds + 1)][1:]
    async with Sandbox.start() as sandbox:
        bare_s = [await _round_s(sandbox, "plain") for _ in range(rounds + 1)][1:]
    ratio = statistics.median(whole_s) / statistics.median(bare_s)
    return {
        "name": "sandbox-round",
        "value": round(ratio, 2),
        "unit": "ratio of medians, whole round to bare discord.py",
        "limit": LIMIT_RATIO,
        "holds": ratio <= LIMIT_RATIO,
        "beside": {
            "whole_median_ms": _ms(statistics.median(whole_s)),
            "whole_p99_ms": _ms(_p99(whole_s)),
            "bare_median_ms": _ms(statistics.median(bare_s)),
            "bare_p99_ms": _ms(_p99(bare_s)),
            "rounds": rounds,
        },
    }


async def _whole_round_s() -> float:
    started_s = time.perf_counter()
    async with Sandbox.start() as sandbox:
        await _play(sandbox, "flow")
    return time.perf_counter() - started_s


async def _round_s(sandbox: Sandbox, name: str) -> float:
    started_s = time.perf_counter()
    await _play(sandbox, name)
    return time.perf_counter() - started_s


async def _play(sandbox: Sandbox, name: str) -> None:
    guild = next(iter(sandbox.state.guilds.values()))
    channel = sandbox.state.channels_of(guild.id)[0]
    act = CommandAct(
        name=name, user_id=next(iter(guild.members)), guild_id=guild.id, channel_id=channel.id
    )
    async with connected(sandbox) as client:
        acts = Acts(state=sandbox.state, hub=sandbox.hub, clock=sandbox.clock)
        await acts.perform(act)
        await client.done.wait()
        sandbox.clock.advance(60)


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * 0.99))]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(10 if "--quick" in sys.argv else ROUNDS))))
