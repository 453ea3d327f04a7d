"""Knows whether a request has left this machine.

A POST that may have reached Z-Image is never sent again: the picture may be drawn and billed. So
everything hangs on the moment of the first byte, and aiohttp shows it from two sides:

* the trace `on_request_headers_sent` runs in the caller's own task, when the connection is open and
  the head of the request is composed but not yet written. There the send is announced
  (`on_send` stamps it in the database);
* the body's `write_with_length` is what causes the first write: aiohttp keeps the head back to send
  both at once. Just before, the connection is looked at. Closed: nothing was sent, for certain.
  Open: from here on the answer counts as owed.

aiohttp sends again by itself only idempotent methods on kept connections (RFC 9112 §9.3.1), a POST
never. Not taken: awaiting `on_send` in the body's write, which aiohttp runs in a task of its own
and cancels when the server hangs up, perhaps in the middle of a transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import SimpleNamespace

    from aiohttp.abc import AbstractStreamWriter

    OnSend = Callable[[], Awaitable[None]]


class Departure:
    """The leaving of one request."""

    def __init__(self, on_send: OnSend | None = None) -> None:
        self.is_sent = False  # the first byte has left, or may have
        self.refusal: Exception | None = None  # what on_send raised; nothing was sent
        self._on_send = on_send
        self._is_announced = False

    async def announce(self) -> None:
        self._is_announced = True
        if self._on_send is None:
            return
        try:
            await self._on_send()
        except Exception as error:
            self.refusal = error
            raise

    def leave(self, writer: AbstractStreamWriter) -> None:
        """Marks the request as sent, unless its connection is gone."""
        if not self._is_announced:
            raise RuntimeError("the session was not opened with open_session")
        transport = getattr(writer, "transport", None)
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the connection was closed before anything was sent")
        self.is_sent = True


class DepartingBody(aiohttp.BytesPayload):
    """A JSON body that marks its departure."""

    def __init__(self, body: bytes, departure: Departure) -> None:
        super().__init__(body, content_type="application/json")
        self._departure = departure

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self._departure.leave(writer)
        await super().write_with_length(writer, content_length)


def departure_trace() -> aiohttp.TraceConfig:
    """Announces each request that was given a Departure as its `trace_request_ctx`."""

    async def announce(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _parameters: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        departure: Departure | None = context.trace_request_ctx
        if departure is not None:
            await departure.announce()

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(announce)
    return trace
