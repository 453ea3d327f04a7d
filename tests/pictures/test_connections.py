"""The connections of downloads, over TLS where it matters: one for each picture, and cut."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.errors import DownloadFailed
from bot.pictures import LinkRules, Relay, open_picture_session
from tests.pictures.carrying import BIG_PNG, BIG_PROVENANCE, LIMIT_BYTES, RelayFor, png_answer, read
from tests.pictures.samples import png
from tests.providers.raw_server import Connection, answering, serving
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.providers.raw_server import RawServer

pytestmark = pytest.mark.sockets

# Self-signed for localhost until 2126, with its key: openssl req -x509 -newkey ec -nodes …
CERTIFICATE = Path(__file__).with_name("localhost.pem")


def server_tls() -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    return tls


@asynccontextmanager
async def relay_over_tls(
    server: RawServer, *, trusted: bool = True, connect_s: float = 10.0
) -> AsyncIterator[Relay]:
    timeouts = aiohttp.ClientTimeout(connect=connect_s, sock_read=10)
    tls = ssl.create_default_context(cafile=CERTIFICATE if trusted else None)
    rules = LinkRules(allowed_hosts=(), base_url=f"https://localhost:{server.port}/api/v1")
    async with open_picture_session(rules, tls=tls) as session:
        yield Relay(session, rules=rules, timeouts=timeouts)


async def read_over_tls(relay: Relay, server: RawServer) -> bytes:
    whole = b""
    link = f"https://localhost:{server.port}/7d/a.png?Expires=1&Signature=s"
    async with relay.open(link, provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES) as picture:
        while block := await picture.read_block():
            whole += block
    return whole


async def test_a_picture_is_carried_over_tls() -> None:
    """As every real one is."""
    async with (
        serving(answering(png_answer(BIG_PNG)), tls=server_tls()) as server,
        relay_over_tls(server) as relay,
    ):
        assert (await read_over_tls(relay, server)).endswith(BIG_PNG[-10_000:])


async def test_nothing_is_asked_of_a_storage_that_is_not_trusted() -> None:
    """The link holds a signature."""
    async with (
        serving(answering(png_answer(BIG_PNG)), tls=server_tls()) as server,
        relay_over_tls(server, trusted=False) as relay,
    ):
        with pytest.raises(DownloadFailed, match="Certificate"):
            await read_over_tls(relay, server)
        assert server.requests == []


async def test_a_handshake_that_is_never_answered_ends_in_time() -> None:
    """The server takes the connection and says nothing."""

    async def behave(connection: Connection) -> None:
        await connection.until_closed()

    async with serving(behave) as server, relay_over_tls(server, connect_s=0.2) as relay:
        with pytest.raises(DownloadFailed, match="Timeout"):
            await read_over_tls(relay, server)


async def test_a_member_who_gives_up_while_it_connects_leaves_nothing_open() -> None:
    """The thread that still connects closes what it gets."""

    async def behave(connection: Connection) -> None:
        await connection.until_closed()

    async with serving(behave) as server, relay_over_tls(server, connect_s=PATIENCE_S) as relay:
        reading = asyncio.create_task(read_over_tls(relay, server))
        await server.began.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_a_picture_that_is_cut_without_a_farewell_is_a_failed_download() -> None:
    """TLS may end without its own end mark; the told length shows it."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(png_answer(BIG_PNG)[:-20_000])
        connection.reset()

    async with serving(behave, tls=server_tls()) as server, relay_over_tls(server) as relay:
        with pytest.raises(DownloadFailed):
            await read_over_tls(relay, server)


async def test_what_is_said_after_a_picture_is_never_taken_for_the_next(
    relay_for: RelayFor,
) -> None:
    """It may be another guild's: each picture has a connection of its own."""
    smuggled = png_answer(BIG_PNG) + png_answer(png(width_px=640, height_px=480, seed=2))
    async with serving(answering(smuggled, smuggled)) as server:
        relay = relay_for(server)
        assert await read(relay, server) == await read(relay, server)
        assert server.accepted == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)
async def test_a_head_that_is_none_is_a_failed_download(relay_for: RelayFor, answer: bytes) -> None:
    """Endless, of too many lines, cut, or another protocol's."""
    async with serving(answering(answer)) as server:
        with pytest.raises(DownloadFailed):
            await read(relay_for(server), server)
