"""Carries out the faults that need no knowledge of what is asked: delays, refusals, cuts, bodies.

The others are left to the server: `met(request, Kind)` tells a handler which one it has to obey.
"""

from __future__ import annotations

import asyncio
import json
import math
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from aiohttp import hdrs, web

from sandbox.faults.kinds import (
    Chunked,
    CutBody,
    DropAfter,
    DropBefore,
    Fault,
    Gzip,
    HangAfter,
    HangBefore,
    Latency,
    RateLimited,
    RawAnswer,
    SlowBody,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler, Middleware

    from sandbox.clock import SandboxClock
    from sandbox.faults.faults import Faults, Fired
    from sandbox.faults.kinds import Server

_F = TypeVar("_F", bound=Fault)
_MET: web.RequestKey[tuple[Fired, ...]] = web.RequestKey("faults_met", tuple)
_LEFT_CHECK_S = 0.1  # how soon a client that left a hanging request is noticed
_STEPS_PER_SECOND = 10
_WHOLE_BYTES = 1 << 16


def fault_middleware(
    faults: Faults, clock: SandboxClock, server_of: Callable[[web.Request], Server | None]
) -> Middleware:
    """The middleware for an application; `server_of` says whose faults a request meets, if any.

    Must stand outside whatever turns exceptions into answers. Call `faults.clear()` on shutdown,
    or hanging requests hold it up.
    """

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        server = server_of(request)
        taken = () if server is None else faults.take(server, request.method, request.path)
        if not taken:
            return await handler(request)
        request[_MET] = taken
        return await _Meeting(request, faults, clock).carried_out(handler)

    return meet


def met(request: web.Request, kind: type[_F]) -> _F | None:
    """The first fault of this kind that the request meets."""
    return next((one.fault for one in request.get(_MET, ()) if isinstance(one.fault, kind)), None)


class _Meeting:
    """One request and the faults that it meets."""

    def __init__(self, request: web.Request, faults: Faults, clock: SandboxClock) -> None:
        self._request = request
        self._replaced = faults.replaced  # of those that were just taken
        self._clock = clock

    async def carried_out(self, handler: Handler) -> web.StreamResponse:
        await self._delay()
        if self._has(HangBefore):
            await self._hang()
        if self._has(DropBefore) or _has_left(self._request):
            return self._drop()
        if raw := met(self._request, RawAnswer):
            return self._drop(raw.answer)
        refusal = self._refusal()
        response = refusal or await _answered(handler, self._request)
        if self._has(HangAfter):
            await self._hang()
        if self._has(DropAfter):
            return self._drop()
        return await _sent(self._request, response, self._clock)

    def _has(self, kind: type[Fault]) -> bool:
        return met(self._request, kind) is not None

    async def _delay(self) -> None:
        for one in self._request[_MET]:
            if isinstance(one.fault, Latency):
                await self._clock.sleep(one.fault.seconds + one.fault.jitter * one.draw)

    def _refusal(self) -> web.Response | None:
        if fault := met(self._request, Status):
            return web.Response(
                status=fault.status,
                body=fault.body.encode(),
                headers={"Content-Type": fault.content_type, **fault.headers},
            )
        if limited := met(self._request, RateLimited):
            return _rate_limited(limited)
        return None

    async def _hang(self) -> None:
        replaced = asyncio.ensure_future(self._replaced.wait())
        try:
            while not replaced.done() and not _has_left(self._request):
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LEFT_CHECK_S):
                        await asyncio.shield(replaced)
        finally:
            replaced.cancel()

    def _drop(self, last_words: bytes = b"") -> web.Response:
        if self._request.transport is not None:
            self._request.transport.write(last_words)
            self._request.transport.close()
        return web.Response(status=500, text="nobody reads this")


async def _answered(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return _copied(answer)


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _sent(
    request: web.Request, response: web.StreamResponse, clock: SandboxClock
) -> web.StreamResponse:
    """The answer to give, perhaps already sent. What streams by itself stays as it is."""
    if not isinstance(response, web.Response) or response.prepared:
        return response
    response = _repacked(request, response, met(request, Gzip), met(request, Chunked))
    slow, cut = met(request, SlowBody), met(request, CutBody)
    if slow is None and cut is None:
        return response
    return await _trickled(request, response, clock, slow, cut)


def _repacked(
    request: web.Request, response: web.Response, gzip: Gzip | None, chunked: Chunked | None
) -> web.Response:
    if gzip is None and chunked is None:
        return response
    fresh = _copied(response)
    if gzip.on if gzip else response.compression:
        compress(request, fresh)
    if chunked.on if chunked else response.chunked:
        fresh.enable_chunked_encoding()
    return fresh


def _copied(response: web.Response) -> web.Response:
    """The same answer, not yet compressed, nor an exception."""
    headers = response.headers.copy()
    headers.popall(hdrs.CONTENT_LENGTH, None)
    return web.Response(
        status=response.status, reason=response.reason, headers=headers, body=response.body
    )


def compress(request: web.Request, response: web.StreamResponse) -> None:
    """Compresses the answer if the client accepts gzip."""
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        response.enable_compression(web.ContentCoding.gzip)


async def _trickled(
    request: web.Request,
    response: web.Response,
    clock: SandboxClock,
    slow: SlowBody | None,
    cut: CutBody | None,
) -> web.StreamResponse:
    body = response.body if isinstance(response.body, bytes) else b""
    headers = response.headers.copy()
    headers[hdrs.CONTENT_LENGTH] = str(len(body))
    stream = web.StreamResponse(status=response.status, reason=response.reason, headers=headers)
    await stream.prepare(request)
    kept = body if cut is None else body[: cut.after_bytes]
    step_bytes = max(1, slow.bytes_per_second // _STEPS_PER_SECOND) if slow else _WHOLE_BYTES
    for at in range(0, len(kept), step_bytes):
        if slow is not None:
            await clock.sleep(len(kept[at : at + step_bytes]) / slow.bytes_per_second)
        await stream.write(kept[at : at + step_bytes])
    if cut is not None and request.transport is not None:
        request.transport.close()
    return stream


def _rate_limited(fault: RateLimited) -> web.Response:
    """One of Discord's four kinds of 429; it carries no bucket, as the request reached none.

    Source: Discord's documentation, topic "Rate limits" (2026). A global refusal says so;
    Cloudflare's is no JSON and lacks `Via`, by which clients tell it from Discord's own.
    """
    whole_s = str(max(1, math.ceil(fault.retry_after)))
    if fault.scope == "cloudflare":
        return web.Response(
            status=429,
            text="error code: 1015",
            content_type="text/plain",
            headers={"Retry-After": whole_s, "Server": "cloudflare"},
        )
    is_global = fault.scope == "global"
    headers = {
        "Retry-After": whole_s,
        "X-RateLimit-Scope": fault.scope,
        "Via": "1.1 google",
        **({"X-RateLimit-Global": "true"} if is_global else {}),
    }
    body = {
        "message": "You are being rate limited.",
        "retry_after": fault.retry_after,
        "global": is_global,
    }
    return web.Response(
        status=429, body=json.dumps(body), content_type="application/json", headers=headers
    )
