"""What the gateway checks before any service sees a request: key, length, headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from sandbox.zimage.errors import Refusal, invalid

if TYPE_CHECKING:
    from sandbox.zimage.settings import ZImageSettings

BODY_LIMIT_BYTES = 16 * 1024 * 1024  # documented; the gateway answers 413 above it
_DRAINED_BYTES = 4 * BODY_LIMIT_BYTES  # read and thrown away, so that clients see the answer


def authenticated(request: web.Request, settings: ZImageSettings) -> str:
    """The label of the key. Codes and messages documented.

    Raises:
        Refusal: 401, no key or not one of the account's.
    """
    scheme, _, key = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise Refusal("InvalidApiKey", "No API-key provided.")
    label = settings.key_label(key)
    if label is not None:
        return label
    if key.startswith("sk-sp-"):  # a key of a subscription plan, which has hosts of its own
        raise Refusal("InvalidApiKey", "invalid access token or token expired")
    raise Refusal("InvalidApiKey")


def check_headers(request: web.Request) -> None:
    """Raises Refusal for what the headers ask for."""
    if request.headers.get("X-DashScope-Async", "").lower() == "enable":  # observed
        raise Refusal(
            "AccessDenied",
            "current user api does not support asynchronous calls.",
            rule="no-asynchronous-calls",
        )
    # Two Content-Type headers (refusal observed) do not get past the HTTP server.
    if request.content_type != "application/json":  # guessed
        given = request.headers.get(hdrs.CONTENT_TYPE, "")
        raise invalid(f"Content-Type '{given}' is not supported.")


async def body_of(request: web.Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes | None:
    """The whole body, or None if it is over the limit.

    Raises:
        Refusal: it cannot be decoded as it was announced.
    """
    body, length_bytes = bytearray(), 0
    try:
        async for block in request.content.iter_any():
            length_bytes += len(block)
            if length_bytes <= limit_bytes:
                body += block
            if length_bytes > _DRAINED_BYTES:
                break
    except web.RequestPayloadError as error:
        raise invalid("Required body invalid, please check the request body format.") from error
    return bytes(body) if length_bytes <= limit_bytes else None


def too_long() -> web.Response:
    """The gateway's own page. The connection closes: the rest of the body may be unread."""
    page = "<html><head><title>413 Request Entity Too Large</title></head></html>\n"
    answer = web.Response(status=413, text=page, content_type="text/html")
    answer.force_close()
    return answer


def part_after(request: web.Request, response: web.Response) -> None:
    """Ends a connection whose body cannot be read: nobody knows where the next request begins."""
    response.force_close()
    request.content.feed_eof()  # or aiohttp reads on, and stumbles again
