"""The faults that need no knowledge of what is asked, over a socket."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import aiohttp
import pytest
from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.faults import Faults, Server, fault_middleware, parse_faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.sockets

BODY = b"0123456789" * 100
PATIENCE_S = 20.0


class CountingServer:
    """A server that counts what it did, and a client of it."""

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.faults = Faults(clock)
        self.acted = asyncio.Queue[str]()
        self.url = ""
        self.session = aiohttp.ClientSession()

    def order(self, *faults: dict[str, object]) -> None:
        described = [{"server": "discord", **fault} for fault in faults]
        self.faults.replace(parse_faults(json.dumps(described)))

    async def act(self, request: web.Request) -> web.Response:
        self.acted.put_nowait(request.path)
        if request.path == "/refused":
            raise web.HTTPForbidden(text="no")
        return web.Response(body=BODY, content_type="text/plain")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(BODY)
        return response

    async def get(self, path: str = "/x") -> tuple[int, bytes]:
        async with self.session.get(self.url + path) as response:
            return response.status, await response.read()


@asynccontextmanager
async def standing(clock: SandboxClock | None = None) -> AsyncIterator[CountingServer]:
    stand = CountingServer(clock or SandboxClock())
    app = web.Application(
        middlewares=[
            fault_middleware(
                stand.faults,
                stand.clock,
                lambda request: None if request.path == "/free" else Server.DISCORD,
            )
        ]
    )
    app.add_routes([web.get("/stream", stand.stream), web.get("/{path}", stand.act)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand
    finally:
        stand.faults.clear()
        await stand.session.close()
        await runner.cleanup()


async def test_without_faults_nothing_happens() -> None:
    """Nor to a server whose faults these are not."""
    async with standing() as stand:
        assert await stand.get() == (200, BODY)
        stand.order({"kind": "status", "status": 503})
        assert await stand.get("/free") == (200, BODY)


async def test_a_status_is_answered_without_acting() -> None:
    """Any status, body, type and header."""
    async with standing() as stand:
        stand.order(
            {
                "kind": "status",
                "status": 502,
                "body": "<h1>kaputt ✗</h1>",
                "content_type": "text/html; charset=utf-8",
                "headers": {"Retry-After": "3"},
                "times": 1,
            }
        )
        async with stand.session.get(stand.url + "/x") as response:
            assert (response.status, await response.text()) == (502, "<h1>kaputt ✗</h1>")
            assert response.headers["Content-Type"] == "text/html; charset=utf-8"
            assert response.headers["Retry-After"] == "3"
        assert stand.acted.empty()
        assert await stand.get() == (200, BODY)


async def test_a_raw_answer_is_all_that_the_connection_gets() -> None:
    """To the byte, whatever HTTP thinks of it; nothing was done."""
    async with standing() as stand:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n\xff" + bytes(1_000_000)
        stand.order({"kind": "raw_answer", "answer": b64encode(answer).decode()})
        reader, writer = await asyncio.open_connection("127.0.0.1", int(stand.url.split(":")[2]))
        writer.write(b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert await reader.read() == answer
        writer.close()
        assert stand.acted.empty()


async def test_latency_is_waited_on_the_sandboxs_clock() -> None:
    """Several add up; then the request acts."""
    clock = SandboxClock.manual()
    async with standing(clock) as stand:
        stand.order({"kind": "latency", "seconds": 60}, {"kind": "latency", "seconds": 30})
        asking = asyncio.create_task(stand.get())
        for _ in range(200):
            await asyncio.sleep(0)
            clock.advance(0.1)
        assert stand.acted.empty()
        for _ in range(1000):
            await asyncio.sleep(0)
            clock.advance(0.1)
        assert await asking == (200, BODY)


async def test_jitter_is_drawn_from_the_seed() -> None:
    """Between nothing and what is ordered."""
    faults = Faults(SandboxClock.manual(), seed=5)
    faults.replace(
        parse_faults('[{"server": "cdn", "kind": "latency", "seconds": 0, "jitter": 1}]')
    )
    draws = [faults.take(Server.CDN, "GET", "/")[0].draw for _ in range(100)]
    assert len(set(draws)) == 100
    assert all(0 <= draw < 1 for draw in draws)


@pytest.mark.parametrize(("kind", "acted"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_dropped_connection_gives_no_answer(kind: str, acted: int) -> None:
    """Before: nothing was done. After: it was."""
    async with standing() as stand:
        stand.order({"kind": kind})
        reader, writer = await asyncio.open_connection("127.0.0.1", int(stand.url.split(":")[2]))
        writer.write(b"GET /x HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        assert stand.acted.qsize() == acted


async def has_fired(stand: CountingServer) -> None:
    """Until the first request has met its fault."""
    async with asyncio.timeout(PATIENCE_S):
        while not any(stand.faults.fired()):  # noqa: ASYNC110 - the sandbox tells nobody
            await asyncio.sleep(0)


@pytest.mark.parametrize(("kind", "acted"), [("hang_before", False), ("hang_after", True)])
async def test_a_hanging_request_is_answered_when_the_faults_are_replaced(
    kind: str, acted: bool
) -> None:
    """Until then there is no answer, whether or not it acted."""
    async with standing() as stand:
        stand.order({"kind": kind})
        asking = asyncio.create_task(stand.get())
        await has_fired(stand)
        if acted:
            await stand.acted.get()
        for _ in range(100):
            await asyncio.sleep(0)
        assert not asking.done()
        assert stand.acted.empty()
        stand.faults.clear()
        assert await asking == (200, BODY)
        assert stand.acted.empty() is acted


async def test_faults_that_are_replaced_at_the_next_moment_hold_nobody() -> None:
    """Whoever has seen that one fired may take it back before the request has begun to wait."""
    async with standing() as stand:
        take, loop = stand.faults.take, asyncio.get_running_loop()

        def taken(*request: Any) -> Any:
            loop.call_soon(stand.faults.clear)
            return take(*request)

        stand.order({"kind": "hang_before"})
        with patch.object(stand.faults, "take", taken):
            async with asyncio.timeout(PATIENCE_S):
                assert await stand.get() == (200, BODY)


async def test_a_client_that_leaves_a_hanging_request_is_noticed() -> None:
    """The request never acts; the next one is answered."""
    async with standing() as stand:
        stand.order({"kind": "hang_before", "times": 1})
        asking = asyncio.create_task(stand.get())
        await has_fired(stand)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await stand.get("/y") == (200, BODY)
        stand.faults.clear()
        assert await stand.get("/z") == (200, BODY)
        assert [stand.acted.get_nowait() for _ in range(2)] == ["/y", "/z"]
        assert stand.acted.empty()


async def test_a_cut_body_was_announced_whole() -> None:
    """The client gets the first bytes and then an error."""
    async with standing() as stand:
        stand.order({"kind": "cut_body", "after_bytes": 300})
        async with stand.session.get(stand.url + "/x") as response:
            assert response.headers["Content-Length"] == "1000"
            assert await response.content.readexactly(300) == BODY[:300]
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()


async def test_a_slow_body_takes_its_time() -> None:
    """1,000 bytes at 10,000 a second: a tenth of a second."""
    async with standing() as stand:
        stand.order({"kind": "slow_body", "bytes_per_second": 10_000})
        began_us = stand.clock.now_us()
        assert await stand.get() == (200, BODY)
        assert 100_000 <= stand.clock.now_us() - began_us < 1_000_000


async def test_a_slow_body_can_be_cut_too() -> None:
    """Both at once."""
    async with standing() as stand:
        stand.order(
            {"kind": "slow_body", "bytes_per_second": 100_000},
            {"kind": "cut_body", "after_bytes": 999},
        )
        with pytest.raises(aiohttp.ClientPayloadError):
            await stand.get()


@pytest.mark.parametrize("gzip", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
async def test_compression_and_chunks_are_switches(gzip: bool, chunked: bool) -> None:
    """All four combinations hold the same body."""
    async with standing() as stand:
        stand.order({"kind": "gzip", "on": gzip}, {"kind": "chunked", "on": chunked})
        async with stand.session.get(stand.url + "/x") as response:
            assert await response.read() == BODY
            assert response.headers.get("Content-Encoding", "") == "gzip" * gzip
            assert response.headers.get("Transfer-Encoding", "") == "chunked" * chunked
            assert ("Content-Length" in response.headers) is not chunked


async def test_nothing_is_compressed_for_who_does_not_accept_it() -> None:
    """Whatever is ordered."""
    async with standing() as stand:
        stand.order({"kind": "gzip", "on": True})
        headers = {"Accept-Encoding": "identity"}
        async with stand.session.get(stand.url + "/x", headers=headers) as response:
            assert "Content-Encoding" not in response.headers


async def test_a_refusal_by_exception_meets_its_faults() -> None:
    """aiohttp's exceptions are answers."""
    async with standing() as stand:
        stand.order({"kind": "cut_body", "after_bytes": 1})
        with pytest.raises(aiohttp.ClientPayloadError):
            await stand.get("/refused")
        stand.order({"kind": "latency", "seconds": 0})
        assert await stand.get("/refused") == (403, b"no")


async def test_what_streams_by_itself_stays_as_it_is() -> None:
    """Faults of the body do not reach it."""
    async with standing() as stand:
        stand.order({"kind": "cut_body", "after_bytes": 1})
        assert await stand.get("/stream") == (200, BODY)


@pytest.mark.parametrize(
    ("scope", "has_via", "is_global"),
    [("user", True, False), ("shared", True, False), ("global", True, True)],
)
async def test_discords_refusals_for_the_rate(scope: str, has_via: bool, is_global: bool) -> None:
    """JSON with the wait, and `Via`."""
    async with standing() as stand:
        stand.order({"kind": "rate_limited", "scope": scope, "retry_after": 1.5})
        async with stand.session.get(stand.url + "/x") as response:
            told = await response.json()
            assert response.status == 429
            assert told == {
                "message": "You are being rate limited.",
                "retry_after": 1.5,
                "global": is_global,
            }
            assert ("Via" in response.headers) is has_via
            assert response.headers["X-RateLimit-Scope"] == scope
            assert response.headers["Retry-After"] == "2"
            assert ("X-RateLimit-Global" in response.headers) is is_global


async def test_cloudflares_refusal_is_no_json_and_has_no_via() -> None:
    """By which clients take it for a ban."""
    async with standing() as stand:
        stand.order({"kind": "rate_limited", "scope": "cloudflare"})
        async with stand.session.get(stand.url + "/x") as response:
            assert (response.status, await response.text()) == (429, "error code: 1015")
            assert "Via" not in response.headers
            assert "X-RateLimit-Scope" not in response.headers
