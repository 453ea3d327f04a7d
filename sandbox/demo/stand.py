"""Starts the sandbox and the bot as two processes of their own, restarts the bot, and ends both."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.demo.world import furnish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

START_LIMIT_S = 30.0
STOP_LIMIT_S = 40.0
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "TERM", "VIRTUAL_ENV")


class StartFailed(Exception):
    """A process ended or said nothing; the message says which and where its log is."""


@dataclass(slots=True, kw_only=True)
class Stand:
    """Where everything is; see the sandbox's contract for `addresses`."""

    addresses: dict[str, Any]
    folder: Path
    sandbox: asyncio.subprocess.Process
    bot: asyncio.subprocess.Process
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def first_exit(self) -> str:
        """Waits until one of the processes ends by itself; returns its name."""
        ends = {
            asyncio.create_task(self.sandbox.wait()): "sandbox",
            asyncio.create_task(self._bot_ends()): "bot",
        }
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return ends[done.pop()]
        finally:
            for wait in ends:
                wait.cancel()

    async def restart_bot(self) -> None:
        """Ends the bot as a service manager would, and starts it again on the same data."""
        async with self._restarting:
            await _stop(self.bot)
            self.bot = await _start_bot(self.folder, self.addresses)

    async def _bot_ends(self) -> None:
        """Waits until the bot ends without having been asked to."""
        while True:
            bot = self.bot
            await bot.wait()
            async with self._restarting:
                if bot is self.bot:
                    return


@asynccontextmanager
async def standing(folder: Path, sandbox_arguments: Sequence[str]) -> AsyncIterator[Stand]:
    """Sandbox and bot, up and connected. Data and logs lie in `folder` and are found again.

    Raises:
        StartFailed: one of them did not come up within 30 s.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = await _start_sandbox(folder, sandbox_arguments)
    stand = None
    try:
        addresses = await _addresses(sandbox, folder)
        await furnish(addresses)
        bot = await _start_bot(folder, addresses)
        stand = Stand(addresses=addresses, folder=folder, sandbox=sandbox, bot=bot)
        yield stand
    finally:
        if stand is not None:
            await asyncio.shield(_stop(stand.bot))
        await asyncio.shield(_stop(sandbox))


async def _start_sandbox(folder: Path, arguments: Sequence[str]) -> asyncio.subprocess.Process:
    with (folder / "sandbox.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sandbox", "--data", str(folder / "sandbox"), *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )


async def _addresses(sandbox: asyncio.subprocess.Process, folder: Path) -> dict[str, Any]:
    assert sandbox.stdout is not None  # noqa: S101 - opened as a pipe above
    line = b""
    with suppress(TimeoutError):
        line = await asyncio.wait_for(sandbox.stdout.readline(), START_LIMIT_S)
    if not line:
        raise StartFailed(f"the sandbox did not come up; see {folder / 'sandbox.log'}")
    addresses: dict[str, Any] = json.loads(line)
    return addresses


async def _start_bot(folder: Path, addresses: dict[str, Any]) -> asyncio.subprocess.Process:
    environment = {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},  # noqa: TID251 - passed on to a child
        "DISCORD_TOKEN": addresses["bot_token"],
        "DISCORD_API_BASE_URL": addresses["discord_api_base_url"],
        "DISCORD_GATEWAY_URL": addresses["discord_gateway_url"],
        "DASHSCOPE_API_KEY": addresses["api_key"],
        "DASHSCOPE_BASE_URL": addresses["zimage_base_url"],
        "DATABASE_URL": f"sqlite:///{(folder / 'zeuxis.db').resolve()}",
    }
    with (folder / "bot.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def keep_bot(stand: Stand) -> None:
    """Restarts the bot when the page asks for it, until the sandbox ends."""
    url = f"{stand.addresses['control_url']}/bot/keeper"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as line:
        async for message in line:
            if message.type is aiohttp.WSMsgType.TEXT and message.json() == {"do": "restart"}:
                await stand.restart_bot()
