"""Carries out the faults that need no knowledge of what is asked: delays, refusals, cuts, bodies.

The others are left to the server: `met(request, Kind)` tells a handler which one it has to obey.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from sandbox.faults.answers import rate_limited
from sandbox.faults.bodies import copied, send
from sandbox.faults.kinds import (
    DropAfter,
    DropBefore,
    HangAfter,
    HangBefore,
    Latency,
    RateLimited,
    RawAnswer,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from sandbox.clock import SandboxClock
    from sandbox.faults.faults import Faults, Fired
    from sandbox.faults.kinds import Fault, Server

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_F = TypeVar("_F", bound="Fault")
_MET: web.RequestKey[tuple[Fired, ...]] = web.RequestKey("faults_met", tuple)
_LEFT_CHECK_S = 0.1  # how soon a client that left a hanging request is noticed


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
        return await send(self._request, response, self._clock, met)

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
            return rate_limited(limited)
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
        return copied(answer)


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
