"""Sends an answer with the faults that concern its body: slow, cut, gzip, chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from aiohttp import hdrs, web

from sandbox.faults.kinds import Chunked, CutBody, Fault, Gzip, SlowBody

if TYPE_CHECKING:
    from sandbox.clock import SandboxClock

_F = TypeVar("_F", bound=Fault)
_STEPS_PER_SECOND = 10
_WHOLE_BYTES = 1 << 16


class Met(Protocol):
    """Tells the fault of a kind that a request meets."""

    def __call__(self, request: web.Request, kind: type[_F]) -> _F | None: ...


async def send(
    request: web.Request, response: web.StreamResponse, clock: SandboxClock, met: Met
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
    fresh = copied(response)
    if gzip.on if gzip else response.compression:
        compress(request, fresh)
    if chunked.on if chunked else response.chunked:
        fresh.enable_chunked_encoding()
    return fresh


def copied(response: web.Response) -> web.Response:
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
