"""Relays pictures in one or several ways, in a process of its own, and tells what each cost.

* `plain`: a bare aiohttp GET, streamed into a bare aiohttp POST of the same multipart form with its
  length told; a connection for each download, as ours. Nothing is checked or stamped.
* `kept`: the same with aiohttp's own settings, which keep the download's connection for the next.
* `ours`: bot/pictures, uploaded in the same way.
* `bot`: bot/pictures, uploaded by the real discord.py client, as the bot does.
* `naive`: the whole picture into a BytesIO, then discord.File, as bots usually do.

Prints one JSON line, see `Cost`.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NoReturn

import aiohttp
import discord
import msgspec

from bot.client import point_discord_at
from bot.pictures import LinkRules, PictureStream, Relay, open_picture_session
from bot.pictures.provenance import Provenance
from bot.pictures.relay import PicturePayload
from bot.providers.image import Size
from bot.providers.zimage import open_session

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

_LIMIT_BYTES = 25 * 1024 * 1024
_CHANNELS = 64  # as many threads; discord.py sends to one channel after the other

_RelayOne = Callable[[int], Awaitable[None]]


class Task(msgspec.Struct, frozen=True):
    """What to relay, and where."""

    ways: tuple[str, ...]
    port: int
    certificate: str
    side_px: int
    count: int  # of pictures in one turn
    at_once: int
    turns: int = 1  # each goes through all ways, so that a neighbour's load meets all of them
    warm_up: int = 100  # pictures before anything is measured; pools and arenas find their size

    @property
    def link(self) -> str:
        return f"https://localhost:{self.port}/7d/a.png?Expires=1&Signature=a%2Bb%3D"

    @property
    def upload_url(self) -> str:
        return f"https://localhost:{self.port}/api/v10/channels/1/messages"


class Cost(msgspec.Struct, frozen=True):
    """Processor time per picture, and resident memory above what it was before the pictures."""

    cpu_ms: dict[str, float]  # by way, of the median turn
    peak_mb: float
    kept_mb: float


async def measure(task: Task) -> Cost:
    tls = ssl.create_default_context(cafile=task.certificate)
    async with contextlib.AsyncExitStack() as stack:
        ways = {way: await stack.enter_async_context(_WAYS[way](task, tls)) for way in task.ways}
        for relay_one in ways.values():
            await _relay_all(relay_one, count=task.warm_up, at_once=min(4, task.at_once))
        before_mb = _status_mb("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the old peak
        cpu_s: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(task.turns):
            for way, relay_one in ways.items():
                began_s = time.process_time()
                await _relay_all(relay_one, count=task.count, at_once=task.at_once)
                cpu_s[way].append(time.process_time() - began_s)
        return Cost(
            cpu_ms={way: 1000 * median(spent_s) / task.count for way, spent_s in cpu_s.items()},
            peak_mb=_status_mb("VmHWM") - before_mb,
            kept_mb=_status_mb("VmRSS") - before_mb,
        )


async def _relay_all(relay_one: _RelayOne, *, count: int, at_once: int) -> None:
    turns = iter(range(count))

    async def work() -> None:
        for turn in turns:
            await relay_one(turn)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


@contextlib.asynccontextmanager
async def _bot(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    async with _pictures(task, tls) as opened, _discord(task, tls) as client:

        async def relay_one(turn: int) -> None:
            async with opened() as picture:
                await _channel(client, turn).send(file=discord.File(picture))

        yield relay_one


@contextlib.asynccontextmanager
async def _ours(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    sink = aiohttp.TCPConnector(limit=0, ssl=tls)
    async with (
        _pictures(task, tls) as opened,
        aiohttp.ClientSession(connector=sink) as session,
    ):

        async def relay_one(_turn: int) -> None:
            async with opened() as picture:
                await _post(session, task, PicturePayload(picture))

        yield relay_one


@contextlib.asynccontextmanager
async def _pictures(
    task: Task, tls: ssl.SSLContext
) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[PictureStream]]]:
    provenance = Provenance(
        prompt="a sitting orange cat",
        seed=7,
        size=Size(task.side_px, task.side_px),
        model="z-image-turbo",
        job_id="42",
    )
    rules = LinkRules(allowed_hosts=(), base_url=f"https://localhost:{task.port}/api/v1")
    async with open_picture_session(rules, tls=tls) as session:
        relay = Relay(session, rules=rules)
        yield lambda: relay.open(task.link, provenance=provenance, limit_bytes=_LIMIT_BYTES)


async def _post(session: aiohttp.ClientSession, task: Task, file: aiohttp.Payload) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", "{}")
    form.add_field("files[0]", file, filename="a.png")
    async with session.post(task.upload_url, data=form) as answer:
        await answer.json()


@contextlib.asynccontextmanager
async def _naive(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    async with open_session(tls=tls) as session, _discord(task, tls) as client:

        async def relay_one(turn: int) -> None:
            async with session.get(task.link) as response:
                content = io.BytesIO(await response.read())
            await _channel(client, turn).send(file=discord.File(content, filename="a.png"))

        yield relay_one


@contextlib.asynccontextmanager
async def _discord(task: Task, tls: ssl.SSLContext) -> AsyncIterator[discord.Client]:
    point_discord_at(api_base_url=f"https://localhost:{task.port}/api/v10", gateway_url=None)
    connector = aiohttp.TCPConnector(limit=0, ssl=tls)
    async with discord.Client(intents=discord.Intents.none(), connector=connector) as client:
        await client.login("token")
        yield client


def _channel(client: discord.Client, turn: int) -> discord.PartialMessageable:
    return client.get_partial_messageable(1000 + turn % _CHANNELS)


@contextlib.asynccontextmanager
async def _plain(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    connector = aiohttp.TCPConnector(limit=0, ssl=tls, force_close=True)
    async with _plainly(task, tls, connector) as relay_one:
        yield relay_one


@contextlib.asynccontextmanager
async def _kept(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    async with _plainly(task, tls, aiohttp.TCPConnector(limit=0, ssl=tls)) as relay_one:
        yield relay_one


@contextlib.asynccontextmanager
async def _plainly(
    task: Task, tls: ssl.SSLContext, downloads: aiohttp.TCPConnector
) -> AsyncIterator[_RelayOne]:
    async with (
        aiohttp.ClientSession(connector=downloads) as storage,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=tls)) as sink,
    ):

        async def relay_one(_turn: int) -> None:
            async with storage.get(task.link) as picture:
                await _post(sink, task, _Streamed(picture))

        yield relay_one


class _Streamed(aiohttp.Payload):
    """The body of an answer, with its length."""

    _value: aiohttp.ClientResponse

    @property
    def size(self) -> int | None:
        return self._value.content_length

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> NoReturn:  # noqa: ARG002 - aiohttp's signature
        raise TypeError("never held as a whole")

    async def write(self, writer: AbstractStreamWriter) -> None:
        async for block in self._value.content.iter_any():
            await writer.write(block)


_WAYS = {"plain": _plain, "kept": _kept, "ours": _ours, "bot": _bot, "naive": _naive}


def _status_mb(name: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(rf"{name}:\s+(\d+) kB", text)[0]) / 1000


def main() -> None:
    done = asyncio.run(measure(msgspec.json.decode(sys.argv[1], type=Task)))
    print(msgspec.json.encode(done).decode())
