"""The download's own connections, over TLS where it matters: opened, kept, replaced, cut."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.errors import DownloadFailed
from bot.relay import LinkRules, Relay
from bot.zimage import open_session
from tests.relay.carrying import BIG_PNG, BIG_PROVENANCE, LIMIT_BYTES, RelayFor, png_answer, read
from tests.zimage.raw_server import Connection, answering, http, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.zimage.raw_server import RawServer

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
    async with open_session() as session:
        with closing(Relay(session, rules=rules, timeouts=timeouts, tls=tls)) as relay:
            yield relay


async def read_over_tls(relay: Relay, server: RawServer) -> bytes:
    whole = b""
    link = f"https://localhost:{server.port}/7d/a.png?Expires=1&Signature=s"
    async with relay.open(link, provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES) as picture:
        while block := await picture.read_block():
            whole += block
    return whole


async def test_a_picture_is_carried_over_tls_and_the_next_over_the_same_connection() -> None:
    """One handshake for both."""
    answer = png_answer(BIG_PNG)
    async with serving(answering(answer, answer), tls=server_tls()) as server:
        async with relay_over_tls(server) as relay:
            first = await read_over_tls(relay, server)
            second = await read_over_tls(relay, server)
        assert first == second
        assert first.endswith(BIG_PNG[-10_000:])
        assert (server.accepted, len(server.requests)) == (1, 2)


async def test_nothing_is_asked_of_a_storage_that_is_not_trusted() -> None:
    """The link holds a signature."""
    async with (
        serving(answering(png_answer(BIG_PNG)), tls=server_tls()) as server,
        relay_over_tls(server, trusted=False) as relay,
    ):
        with pytest.raises(DownloadFailed, match="SSLCertVerificationError"):
            await read_over_tls(relay, server)
        assert server.requests == []


async def test_a_handshake_that_is_never_answered_ends_in_time() -> None:
    """The server takes the connection and says nothing."""

    async def behave(connection: Connection) -> None:
        await connection.until_closed()

    async with serving(behave) as server, relay_over_tls(server, connect_s=0.2) as relay:
        with pytest.raises(DownloadFailed, match="TimeoutError"):
            await read_over_tls(relay, server)


async def test_a_member_who_gives_up_while_it_connects_leaves_nothing_open() -> None:
    """The thread that still connects closes what it gets."""

    async def behave(connection: Connection) -> None:
        await connection.until_closed()

    async with serving(behave) as server, relay_over_tls(server, connect_s=0.5) as relay:
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


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced(relay_for: RelayFor) -> None:
    """Before anything is asked over it."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        relay = relay_for(server)
        await read(relay, server)
        await server.ended.wait()
        await read(relay, server)
        assert (server.accepted, len(server.requests)) == (2, 2)


async def test_a_kept_connection_that_closes_at_the_request_is_replaced(
    relay_for: RelayFor,
) -> None:
    """A GET costs nothing, so it is asked again over a new one."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(png_answer(BIG_PNG))
        await connection.request()

    async with serving(behave) as server:
        relay = relay_for(server)
        await read(relay, server)
        await read(relay, server)
        assert (server.accepted, len(server.requests)) == (2, 3)


async def test_a_connection_that_says_more_than_it_told_is_not_used_again(
    relay_for: RelayFor,
) -> None:
    """What is left over would be read as the next picture."""
    chatty = png_answer(BIG_PNG) + b"HTTP/1.1 200 OK\r\n\r\nmore"
    async with serving(answering(chatty, chatty)) as server:
        relay = relay_for(server)
        await read(relay, server)
        await read(relay, server)
        assert server.accepted == 2


async def test_a_server_that_closes_after_each_answer_is_believed(relay_for: RelayFor) -> None:
    """Its connection is not kept."""
    answer = http(200, BIG_PNG, "Content-Type: image/png", "Connection: close")
    async with serving(answering(answer, answer)) as server:
        relay = relay_for(server)
        await read(relay, server)
        await read(relay, server)
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


async def test_a_connection_waits_only_a_moment_for_its_next_picture(
    relay_for: RelayFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers close what is idle; ours is closed before."""
    monkeypatch.setattr("bot.relay.wires.IDLE_S", 0.0)
    answer = png_answer(BIG_PNG)
    async with serving(answering(answer, answer)) as server:
        relay = relay_for(server)
        await read(relay, server)
        await server.ended.wait()
        await read(relay, server)
        assert server.accepted == 2
