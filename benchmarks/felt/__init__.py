"""What a member feels of an idle bot, beside a bare discord.py bot that does the same and no more.

    answer    from the press until the first answer is there
    call      from the press until the call reaches Z-Image
    picture   from there until the picture is visible; Z-Image draws in no time here

Both bots are processes of their own before a sandbox each, of one kind and in one process; they are
asked in turns, one at a time. The bare bot (`bare.py`) only defers, where ours has the request on
disk and its place in the queue told; it posts beside the command, where ours makes a thread.

The bare bot answers within 2 ms on an idle machine and 20 ms on a crowded one. Five times that is
0.1 s at most, which passes for no wait at all. Our call comes after three writes to the disk and
Discord's word that the member has been answered, where the bare bot waits for that word alone: it
may take eight times as long, 20 ms on an idle machine. A poll or a pause that crept into any of
them would be 20 times and more.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks._tally import places_of
from sandbox.control.acts import Acts, CommandAct
from sandbox.discord.shapes import created_at_us
from tests.journeys.stage import ROOT, Stage, staged
from tests.robustness.rows import messages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from benchmarks._tally import Place

BLOCKS = 3
ROUNDS, QUICK_ROUNDS = 60, 15  # of each bot, in each block
WARM_UP = 3
PAUSE_S = 0.15  # a bot that has nothing to do, and no rate limit of Discord's reached
PATIENCE_S = 20.0
LOOK_EVERY_S = 0.005
RATE = 50.0  # of the account: the pace is no part of this
SPANS = ("answer", "call", "picture")
LIMITS = {"answer": 5.0, "call": 8.0, "picture": 5.0}  # × the bare bot, medians

Spans = dict[str, list[float]]  # milliseconds


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """One figure for each span: the ratio of the medians."""
    blocks = asyncio.run(_blocks(QUICK_ROUNDS if quick else ROUNDS))
    for span in SPANS:
        yield _figure(span, blocks)


def _figure(span: str, blocks: list[tuple[Spans, Spans]]) -> dict[str, Any]:
    ratios = [median(ours[span]) / median(bare[span]) for ours, bare in blocks]
    return {
        "name": f"felt_{span}",
        "value": round(median(ratios), 2),
        "unit": "× a bare discord.py bot",
        "limit": LIMITS[span],
        "holds": sum(ratio <= LIMITS[span] for ratio in ratios) > BLOCKS // 2,
        "beside": {
            "rounds": sum(len(ours[span]) for ours, _ in blocks),
            "ratios": [round(ratio, 2) for ratio in ratios],
            **_told("ours", [each for ours, _ in blocks for each in ours[span]]),
            **_told("bare", [each for _, bare in blocks for each in bare[span]]),
        },
    }


def _told(who: str, found: list[float]) -> dict[str, float]:
    p99 = sorted(found)[int(0.99 * (len(found) - 1))]
    return {f"{who}_median_ms": round(median(found), 1), f"{who}_p99_ms": round(p99, 1)}


async def _blocks(rounds: int) -> list[tuple[Spans, Spans]]:
    found = []
    with TemporaryDirectory(prefix="zeuxis-felt-") as one, TemporaryDirectory() as other:
        async with staged(Path(one), rate=RATE) as ours, _bare(Path(other)) as bare:
            askers = Asker(ours), Asker(bare)
            for asker in askers:
                await asker.ask_in_turn(WARM_UP, {})
            for _ in range(BLOCKS):
                block: tuple[Spans, Spans] = ({}, {})
                for _ in range(rounds):
                    for asker, spans in zip(askers, block, strict=True):
                        await asker.ask_in_turn(1, spans)
                found.append(block)
                medians = [round(median(spans["picture"])) for spans in block]
                print(f"felt: picture after {medians} ms, ours and bare", file=sys.stderr)
    return found


@asynccontextmanager
async def _bare(folder: Path) -> AsyncIterator[Stage]:
    """A stage with the bare bot on it."""
    async with staged(folder, bot=False, rate=RATE) as stage:
        addresses = {name: str(value) for name, value in stage.sandbox.addresses.items()}
        with (folder / "bot.log").open("ab") as log:
            stage.bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.felt.bare"),
                cwd=ROOT,
                env={
                    "PATH": os.environ["PATH"],
                    "DISCORD_TOKEN": addresses["bot_token"],
                    "DISCORD_API_BASE_URL": addresses["discord_api_base_url"],
                    "DISCORD_GATEWAY_URL": addresses["discord_gateway_url"],
                    "DASHSCOPE_API_KEY": addresses["api_key"],
                    "DASHSCOPE_BASE_URL": addresses["zimage_base_url"],
                },
                stdout=log,
                stderr=log,
            )
        await stage.until(lambda: "READY" in stage.log)
        yield stage


class Asker:
    """Members of one stage, one request after the other, in changing channels."""

    def __init__(self, stage: Stage) -> None:
        sandbox = stage.sandbox
        self._stage = stage
        self._acts = Acts(state=sandbox.state, hub=sandbox.hub, clock=sandbox.clock)
        self._places = places_of(stage)
        self._count = 0

    async def ask_in_turn(self, count: int, spans: Spans) -> None:
        for _ in range(count):
            self._count += 1
            place = self._places[self._count % len(self._places)]
            for span, took_us in (await self._asked(place)).items():
                spans.setdefault(span, []).append(took_us / 1000)
            await asyncio.sleep(PAUSE_S)

    async def _asked(self, place: Place) -> dict[str, int]:
        state, ledger = self._stage.sandbox.state, self._stage.sandbox.zimage.ledger
        prompt = f"cat {self._count}"
        answer = await self._acts.perform(msgspec.convert(place.wish(prompt), CommandAct))
        interaction = state.interactions[str(answer["interaction_id"])]
        async with asyncio.timeout(PATIENCE_S):
            while (  # noqa: ASYNC110 - the bot is another process
                visible_at_us := self._visible_at_us(interaction.created_at_us)
            ) is None:
                await asyncio.sleep(LOOK_EVERY_S)
        called_at_us = next(one.at_us for one in ledger.entries if one.prompt == prompt)
        assert interaction.acknowledged_at_us is not None
        return {
            "answer": interaction.acknowledged_at_us - interaction.created_at_us,
            "call": called_at_us - interaction.created_at_us,
            "picture": visible_at_us - called_at_us,
        }

    def _visible_at_us(self, since_us: int) -> int | None:
        """When a picture came that was asked for since then."""
        found = (
            created_at_us(attachment.id)
            for message in messages(self._stage)
            for attachment in message.attachments
        )
        return next((at_us for at_us in found if at_us > since_us), None)
