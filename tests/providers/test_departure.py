"""One POST or none, and an error that knows which."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import StreamWriter

from bot.errors import (
    AnswerLost,
    LeaseLost,
    NotSent,
    Retry,
)
from bot.providers.call import DepartingBody, Departure
from bot.providers.zimage import Timeouts
from bot.records import replace
from tests.providers.calls import DRAWN_JSON, LINK, REQUEST, client, failing, turn_the_loop
from tests.providers.raw_server import Connection, answering, http, serving, silent

pytestmark = pytest.mark.sockets


async def test_on_send_runs_once_the_connection_is_open_and_before_any_byte(
    session: aiohttp.ClientSession,
) -> None:
    """What it raises comes out as it is, and the server has read nothing at all."""

    async def behave(connection: Connection) -> None:
        await connection.until_closed()

    async with serving(behave) as server:

        async def on_send() -> None:
            await server.began.wait()
            raise LeaseLost("job 7 belongs to another worker")

        with pytest.raises(LeaseLost, match="job 7"):
            await client(session, server.base_url).draw(REQUEST, on_send=on_send)
        await server.ended.wait()

    assert server.accepted == 1
    assert server.received_bytes == 0


async def test_an_os_error_of_on_send_is_not_taken_for_the_networks(
    session: aiohttp.ClientSession,
) -> None:
    """A full disk while stamping the send is no trouble of the provider's."""

    async def on_send() -> None:
        raise OSError(28, "no space left on device")

    async with serving(answering(http(200, DRAWN_JSON))) as server:
        with pytest.raises(OSError, match="no space left"):
            await client(session, server.base_url).draw(REQUEST, on_send=on_send)

    assert server.requests == []


async def test_on_send_is_called_once_on_fresh_and_on_kept_connections(
    session: aiohttp.ClientSession,
) -> None:
    """Two pictures over one connection are two announcements."""
    announced: list[int] = []

    async with serving(answering(*[http(200, DRAWN_JSON)] * 2)) as server:

        async def on_send() -> None:
            announced.append(len(server.requests))

        for _ in range(2):
            await client(session, server.base_url).draw(REQUEST, on_send=on_send)

    assert announced == [0, 1]
    assert server.accepted == 1


async def test_a_connection_closed_while_the_send_is_stamped_has_sent_nothing(
    session: aiohttp.ClientSession,
) -> None:
    """Not one byte left, so it may be tried again."""

    async def behave(connection: Connection) -> None:
        await connection.until_closed()

    async with serving(behave) as server:

        async def on_send() -> None:
            await server.began.wait()
            server.hang_up()
            await turn_the_loop()

        with pytest.raises(NotSent) as caught:
            await client(session, server.base_url).draw(REQUEST, on_send=on_send)
        await server.ended.wait()

    assert caught.value.retry is Retry.BACKOFF
    assert server.received_bytes == 0


async def test_a_body_does_not_leave_over_a_closed_connection() -> None:
    """The last look before the first byte: the request does not count as sent."""
    departure = Departure()
    await departure.announce()
    loop = asyncio.get_running_loop()
    unconnected = StreamWriter(BaseProtocol(loop), loop)

    with pytest.raises(ConnectionResetError):
        await DepartingBody(b"{}", departure).write_with_length(unconnected, 2)
    assert not departure.is_sent


async def test_nothing_is_written_to_a_connection_that_is_closing() -> None:
    """It is given up already, though not yet gone: what is written now goes nowhere."""
    departure, loop = Departure(), asyncio.get_running_loop()
    await departure.announce()
    async with serving(silent) as server:
        transport, protocol = await loop.create_connection(
            lambda: BaseProtocol(loop), "127.0.0.1", server.port
        )
        writer = StreamWriter(protocol, loop)
        assert writer.transport is transport
        transport.close()
        with pytest.raises(ConnectionResetError):
            await DepartingBody(b"{}", departure).write_with_length(writer, 2)
        assert not departure.is_sent
        await server.ended.wait()
    assert server.received_bytes == 0


async def test_a_kept_connection_that_the_server_closed_is_not_used_again(
    session: aiohttp.ClientSession,
) -> None:
    """The second picture takes a new connection and is drawn; nothing is sent twice."""
    async with serving(answering(http(200, DRAWN_JSON))) as server:
        asking = client(session, server.base_url)
        await asking.draw(REQUEST)
        await server.ended.wait()
        await turn_the_loop()
        await asking.draw(REQUEST)

    assert (server.accepted, len(server.requests)) == (2, 2)


async def test_a_kept_connection_that_drops_a_request_is_not_followed_by_another(
    session: aiohttp.ClientSession,
) -> None:
    """The request was sent: perhaps it is billed. The SDK would send it again."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(http(200, DRAWN_JSON))
        await connection.request()

    async with serving(behave) as server:
        asking = client(session, server.base_url)
        await asking.draw(REQUEST)
        with pytest.raises(AnswerLost) as caught:
            await asking.draw(REQUEST)

    assert caught.value.retry is Retry.NO
    assert (server.accepted, len(server.requests)) == (1, 2)


async def test_a_reset_after_the_request_is_an_answer_lost(session: aiohttp.ClientSession) -> None:
    """RST instead of FIN changes nothing."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        connection.reset()

    async with serving(behave) as server:
        assert isinstance(await failing(session, server), AnswerLost)

    assert len(server.requests) == 1


async def test_a_cancelled_call_hangs_up(session: aiohttp.ClientSession) -> None:
    """Nothing is sent again, and the connection is not kept for another call."""
    arrived = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        arrived.set()
        await connection.until_closed()

    async with serving(behave) as server:
        call = asyncio.create_task(client(session, server.base_url).draw(REQUEST))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.ended.wait()

    assert len(server.requests) == 1


async def test_no_connection_means_nothing_was_sent(session: aiohttp.ClientSession) -> None:
    """Refused: safe to try again."""
    async with serving(answering()) as server:
        pass

    assert isinstance(await failing(session, server), NotSent)


async def test_a_handshake_that_never_ends_means_nothing_was_sent(
    session: aiohttp.ClientSession,
) -> None:
    """The connect phase has its own timeout, TLS included."""

    async def behave(connection: Connection) -> None:
        await connection.reader.read()

    async with serving(behave) as server:
        base_url = server.base_url.replace("http:", "https:")
        asking = client(session, base_url, timeouts=Timeouts(connect_s=0.05))
        with pytest.raises(NotSent):
            await asking.draw(REQUEST)


async def test_an_answer_that_takes_too_long_is_lost(session: aiohttp.ClientSession) -> None:
    """One POST, and the timeout of a rewriting call is its own."""
    rewriting = replace(REQUEST, rewrite=True)
    async with serving(silent) as server:
        for request, limits in (
            (REQUEST, Timeouts(total_s=0.5)),  # a busy machine sends in less
            (rewriting, Timeouts(total_s=300.0, total_rewriting_s=0.5)),
        ):
            asking = client(session, server.base_url, timeouts=limits)
            with pytest.raises(AnswerLost, match="Timeout"):
                await asyncio.wait_for(asking.draw(request), 10)
    assert len(server.requests) == 2


async def test_a_rewriting_call_has_more_time_than_a_plain_one(
    session: aiohttp.ClientSession,
) -> None:
    """A thinking model stands before the picture."""
    answered = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        await answered.wait()
        await connection.send(http(200, DRAWN_JSON))

    rewriting = replace(REQUEST, rewrite=True)
    async with serving(behave) as server:
        limits = Timeouts(total_s=0.5, total_rewriting_s=300.0)  # a busy machine sends in less
        asking = client(session, server.base_url, timeouts=limits)
        slow = asyncio.create_task(asking.draw(rewriting))
        while not server.requests:
            await turn_the_loop()
        with pytest.raises(AnswerLost):  # the time of a plain call passes meanwhile
            await asking.draw(REQUEST)
        answered.set()
        assert (await slow).url == LINK


async def test_a_picture_has_taken_from_its_request_to_its_answer(
    session: aiohttp.ClientSession,
) -> None:
    """No less than it was worked at, no more than was waited for it."""
    now_s = asyncio.get_running_loop().time
    worked_s = 0.0

    async def behave(connection: Connection) -> None:
        nonlocal worked_s
        await connection.request()
        began_s = now_s()
        for _ in range(200):
            await turn_the_loop()
        worked_s = now_s() - began_s
        await connection.send(http(200, DRAWN_JSON))

    async with serving(behave) as server:
        asking = client(session, server.base_url)
        began_s = now_s()
        outcome = await asking.draw(REQUEST)
        waited_s = now_s() - began_s
    assert round(worked_s * 1e6) <= outcome.duration_us <= round(waited_s * 1e6)


async def test_a_question_that_is_not_answered_is_given_up(
    session: aiohttp.ClientSession,
) -> None:
    """Neither the bot's start nor its watch hangs on the key check or the quota."""
    async with serving(silent) as server:
        limits = Timeouts(total_asking_s=0.05)
        asking = client(session, server.base_url, timeouts=limits)
        with pytest.raises(NotSent, match="Timeout"):
            await asyncio.wait_for(asking.check_key(), 10)
        assert await asyncio.wait_for(asking.quota(), 10) is None


async def test_a_question_whose_handshake_never_ends_is_given_up(
    session: aiohttp.ClientSession,
) -> None:
    """By the timeout of the connection."""

    async def behave(connection: Connection) -> None:
        await connection.reader.read()

    async with serving(behave) as server:
        base_url = server.base_url.replace("http:", "https:")
        asking = client(session, base_url, timeouts=Timeouts(connect_s=0.05))
        with pytest.raises(NotSent, match="Timeout"):
            await asyncio.wait_for(asking.check_key(), 10)


async def test_patience_is_that_of_the_docs() -> None:
    """Two minutes for a picture, three with rewriting, seconds for a free question."""
    told: list[aiohttp.ClientTimeout] = []

    def hang_up(_: str, *, timeout: aiohttp.ClientTimeout, **_others: object) -> None:
        told.append(timeout)
        raise aiohttp.ClientConnectionError

    asking = client(cast("Any", SimpleNamespace(get=hang_up, post=hang_up)), "http://nowhere")
    assert await asking.quota() is None
    for call in (
        asking.check_key(),
        asking.draw(REQUEST),
        asking.draw(replace(REQUEST, rewrite=True)),
    ):
        with pytest.raises(NotSent):
            await call
    assert [one.total for one in told] == [20.0, 20.0, 120.0, 180.0]
    assert {one.connect for one in told} == {10.0}


async def test_a_session_keeps_no_connection_that_a_server_may_close(
    session: aiohttp.ClientSession,
) -> None:
    """The earliest close after five seconds. And no call waits in the session for another."""
    connector = session.connector
    assert isinstance(connector, aiohttp.TCPConnector)
    assert connector._keepalive_timeout == 4.0
    assert connector.limit == 0
    assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)


async def test_another_session_is_refused_before_anything_is_sent() -> None:
    """Without the trace no send would be announced; better no picture than an unstamped one."""
    async with serving(answering(http(200, DRAWN_JSON))) as server, aiohttp.ClientSession() as bare:
        error = await failing(bare, server)

    assert isinstance(error, NotSent)
    assert "open_session" in str(error)
    assert server.requests == []
