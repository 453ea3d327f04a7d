"""Relays pictures in one of four ways, in a process of its own, and tells what that cost.

* `raw`: two blocking TLS sockets and one buffer of 64 KB. Nothing is checked or stamped.
* `checked`: the same, with the CRC-32 and the SHA-256 of every byte, which a relay owes.
* `ours`: bot/pictures, uploaded by the real discord.py client.
* `naive`: the whole picture into a BytesIO, then discord.File, as bots usually do.

Prints one JSON line, see `Cost`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import re
import socket
import ssl
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import discord
import msgspec

from bot.client import point_discord_at
from bot.domain.sizes import Size
from bot.pictures import LinkRules, Relay, open_picture_session
from bot.pictures.provenance import Provenance
from bot.zimage import open_session

_BUFFER_BYTES = 64 * 1024
_LIMIT_BYTES = 25 * 1024 * 1024
_CHANNELS = 64  # as many threads; discord.py sends to one channel after the other

_RelayOne = Callable[[int], Awaitable[None]]


class Task(msgspec.Struct, frozen=True):
    """What to relay, and where."""

    way: str
    port: int
    certificate: str
    side_px: int
    count: int
    at_once: int
    warm_up: int = 100  # pictures before anything is measured; pools and arenas find their size

    @property
    def link(self) -> str:
        return f"https://localhost:{self.port}/7d/a.png?Expires=1&Signature=a%2Bb%3D"


class Cost(msgspec.Struct, frozen=True):
    """Processor time per picture, and resident memory above what it was before the pictures."""

    cpu_ms: float
    peak_mb: float
    kept_mb: float


async def measure(task: Task) -> Cost:
    tls = ssl.create_default_context(cafile=task.certificate)
    ways = {"raw": _raw, "checked": _raw, "ours": _ours, "naive": _naive}
    async with ways[task.way](task, tls) as relay_one:
        await _relay_all(relay_one, count=task.warm_up, at_once=min(4, task.at_once))
        before_mb = _status_mb("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the old peak
        began_s = time.process_time()
        await _relay_all(relay_one, count=task.count, at_once=task.at_once)
        cpu_s = time.process_time() - began_s
        return Cost(
            cpu_ms=cpu_s * 1000 / task.count,
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
async def _ours(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    provenance = Provenance(
        prompt="a sitting orange cat",
        seed=7,
        size=Size(task.side_px, task.side_px),
        model="z-image-turbo",
        job_id="42",
    )
    rules = LinkRules(allowed_hosts=(), base_url=f"https://localhost:{task.port}/api/v1")
    async with open_picture_session(rules, tls=tls) as session, _discord(task, tls) as client:
        relay = Relay(session, rules=rules)

        async def relay_one(turn: int) -> None:
            async with relay.open(
                task.link, provenance=provenance, limit_bytes=_LIMIT_BYTES
            ) as picture:
                await _channel(client, turn).send(file=discord.File(picture))

        yield relay_one


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
async def _raw(task: Task, tls: ssl.SSLContext) -> AsyncIterator[_RelayOne]:
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    get = f"GET {task.link.partition(str(task.port))[2]} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with _connected(task, tls) as storage, _connected(task, tls) as sink:

        async def relay_one(_turn: int) -> None:
            storage.sendall(get.encode())
            head, beginning = _head(storage)
            left = int(re.findall(rb"Content-Length: (\d+)", head)[0])
            post = f"POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: {left}\r\n\r\n"
            sink.sendall(post.encode() + beginning)
            left -= len(beginning)
            digest, crc = hashlib.sha256(), 0
            while left:
                read = storage.recv_into(buffer[: min(left, _BUFFER_BYTES)])
                if task.way == "checked":
                    digest.update(buffer[:read])
                    crc = zlib.crc32(buffer[:read], crc)
                sink.sendall(buffer[:read])
                left -= read
            _head(sink)

        yield relay_one


def _connected(task: Task, tls: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", task.port))
    return tls.wrap_socket(plain, server_hostname="localhost")


def _head(connection: ssl.SSLSocket) -> tuple[bytes, bytes]:
    """Headers, and what came after them in the same reads (an answer of JSON comes whole)."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(_BUFFER_BYTES)
    head, _, rest = read.partition(b"\r\n\r\n")
    return head, rest


def _status_mb(name: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(rf"{name}:\s+(\d+) kB", text)[0]) / 1000


def main() -> None:
    done = asyncio.run(measure(msgspec.json.decode(sys.argv[1], type=Task)))
    print(msgspec.json.encode(done).decode())
