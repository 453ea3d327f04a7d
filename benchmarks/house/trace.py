"""`python -m benchmarks.house.trace [CHECKOUT …] [--json]`: a request's way through the files.

One `/imagine` of the real bot of each checkout (by default this one), from the interaction to the
posted picture and the edited status, over real sockets before this project's sandbox. A file counts
if one of its functions runs for the request; imports do not, nor do the bot's start and its clocks'
rounds. A leg is what the tasks do that speak to the same peer for the same reason, with the tasks
that they make and were made by, and what the database's thread does for them:

    submit    from the interaction to the first answer
    call      claim, Z-Image, the answer on disk
    deliver   download, thread, picture, status edited

Another state of the project is traced in a worktree of it: `git worktree add FOLDER COMMIT`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import sys
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Sequence

ROOT = Path(__file__).parents[2]
WATCHED = Path(__file__).with_name("watched.py")
FOLDERS = ("bot", "cogs")
PATIENCE_S = 60.0
CALM_S = 3.0  # until start-up has ended, and what follows the picture is on disk
# The first that fits tells the leg of the task that asks.
LEGS = {
    "submit": re.compile(r"POST .*/callback$|\w+ .*/webhooks/"),
    "call": re.compile(r"POST .*/multimodal-generation/"),
    "deliver": re.compile(r"(POST|PATCH|PUT) .*/channels/"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What one part of the way runs through."""

    calls: int
    changes: int  # calls that are in another file than the one before
    files: tuple[str, ...]


def main() -> int:
    asked = _parser().parse_args()
    found = {str(checkout): asyncio.run(traced(checkout)) for checkout in asked.checkouts}
    if asked.json:
        print(json.dumps({name: _plain(legs) for name, legs in found.items()}, indent=1))
        return 0
    for name, legs in found.items():
        print(f"{name}\n{_table(legs)}\n")
    return 0


async def traced(checkout: Path) -> dict[str, Leg]:
    """The legs, and `in all`; `beside` ran meanwhile and belongs to none of them."""
    with TemporaryDirectory(prefix="zeuxis-trace-") as name:
        folder = Path(name)
        async with _standing(checkout, folder) as (control, bot):
            await _played(control, bot)
            bot.send_signal(signal.SIGUSR2)
            await asyncio.sleep(CALM_S)
        return legs_of(json.loads((folder / "notes.json").read_text()))


def legs_of(notes: dict[str, Any]) -> dict[str, Leg]:
    """Calls by the leg of their task."""
    legs = _legs_of_tasks(notes)
    calls: dict[str, list[str]] = {name: [] for name in (*LEGS, "in all", "beside")}
    for file, task in notes["calls"]:
        leg = legs.get(task)
        calls[leg or "beside"].append(file)
        if leg:
            calls["in all"].append(file)
    return {name: _leg(files) for name, files in calls.items()}


def _legs_of_tasks(notes: dict[str, Any]) -> dict[int, str]:
    """By what a task asks; else by what those that it made ask, if it is one; else its maker's."""
    parents = {int(task): parent for task, parent in notes["parents"].items()}
    asked: dict[int, set[str]] = defaultdict(set)
    for method, url, task in notes["requests"]:
        leg = next((name for name, fits in LEGS.items() if fits.match(f"{method} {url}")), None)
        while leg and task:
            asked[task].add(leg)
            task = parents.get(task, 0)  # noqa: PLW2901 - up to the first
    legs = {task: found.pop() for task, found in asked.items() if len(found) == 1}
    for task in sorted(parents):  # makers first
        if task not in asked and parents[task] in legs:
            legs[task] = legs[parents[task]]
    return legs


def _leg(files: Sequence[str]) -> Leg:
    changes = sum(one != other for one, other in pairwise(files))
    return Leg(calls=len(files), changes=changes, files=tuple(sorted(set(files))))


@asynccontextmanager
async def _standing(checkout: Path, folder: Path) -> AsyncIterator[tuple[_Control, Process]]:
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--latency-scale", "0.2"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    bot = None
    try:
        assert sandbox.stdout is not None
        addresses = json.loads(await asyncio.wait_for(sandbox.stdout.readline(), PATIENCE_S))
        bot = await _bot(checkout, folder, addresses)
        async with aiohttp.ClientSession() as session:
            yield _Control(session, addresses), bot
    finally:
        for process in filter(None, (bot, sandbox)):
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _bot(checkout: Path, folder: Path, addresses: dict[str, Any]) -> Process:
    with (folder / "bot.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, str(WATCHED), str(folder / "notes.json"), *FOLDERS, "--", "run"),
            cwd=checkout,
            env={
                "PATH": os.environ["PATH"],
                "DISCORD_TOKEN": addresses["bot_token"],
                "DISCORD_API_BASE_URL": addresses["discord_api_base_url"],
                "DISCORD_GATEWAY_URL": addresses["discord_gateway_url"],
                "DASHSCOPE_API_KEY": addresses["api_key"],
                "DASHSCOPE_BASE_URL": addresses["zimage_base_url"],
                "DATABASE_URL": f"sqlite:///{folder / 'zeuxis.db'}",
            },
            stdout=log,
            stderr=log,
        )


async def _played(control: _Control, bot: Process) -> None:
    """One request, while the bot takes notes."""
    async with asyncio.timeout(PATIENCE_S):
        await control.until_registered("imagine")
        await asyncio.sleep(CALM_S)
        bot.send_signal(signal.SIGUSR1)
        await control.until_pictured(await control.imagine())
        await asyncio.sleep(CALM_S)


@dataclass(frozen=True, slots=True)
class _Control:
    """The sandbox's control interface."""

    session: aiohttp.ClientSession
    addresses: dict[str, Any]

    async def until_registered(self, command: str) -> None:
        while command not in [one["name"] for one in await self._get("/commands")]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def imagine(self) -> str:
        guild = self.addresses["guilds"][0]
        channel = next(one for one in guild["channels"] if one["type"] in (0, "text"))
        interaction = {
            "kind": "command",
            "name": "imagine",
            "options": {"prompt": "a cat", "size": "512*512"},
            "guild_id": guild["id"],
            "channel_id": channel["id"],
            "user_id": guild["members"][0]["id"],
        }
        url = self.addresses["control_url"] + "/interactions"
        async with self.session.post(url, json=interaction) as answer:
            return str((await answer.json(content_type=None))["interaction_id"])

    async def until_pictured(self, interaction: str) -> None:
        while True:
            state = await self._get(f"/interactions/{interaction}?wait=1")
            shown = [one for message in state["messages"] for one in message["attachments"]]
            if state["settled"] and shown:
                return

    async def _get(self, path: str) -> Any:
        async with self.session.get(self.addresses["control_url"] + path) as answer:
            return await answer.json(content_type=None)


def _table(legs: dict[str, Leg]) -> str:
    rows = ["| leg | files | calls | changes of file |", "|---|--:|--:|--:|"]
    rows += (
        f"| {name} | {len(leg.files)} | {leg.calls} | {leg.changes} |" for name, leg in legs.items()
    )
    return "\n".join([*rows, "", *(f"{name}: {' '.join(leg.files)}" for name, leg in legs.items())])


def _plain(legs: dict[str, Leg]) -> dict[str, Any]:
    return {
        name: {"files": leg.files, "calls": leg.calls, "changes": leg.changes}
        for name, leg in legs.items()
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.house.trace", description=__doc__)
    parser.add_argument("checkouts", nargs="*", type=Path, metavar="CHECKOUT", default=[ROOT])
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
