"""Signed links to attachments, as Discord's CDN hands them out since 2023-12, and what they serve.

    /cdn/attachments/{channel}/{attachment}/{filename}?ex={hex}&is={hex}&hm={signature}&

Under `/media` instead of `/cdn`, the `proxy_url`, the same signature is good for a picture that is
scaled down with `width` and `height`.

`is` is the instant of issue and `ex` that of expiry, in hexadecimal Unix seconds; `hm` signs path
and instants. A link works for 24 hours of the sandbox's clock, for whole and ranged reads, then it
is 404 with plain text; reading the message again gives a fresh one. Options and modals use
`ephemeral-attachments`. Lifetime and answer are observed, not documented.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.discord.media import LARGEST_PX, scaled, sniff
from sandbox.discord.shapes import is_snowflake

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.records import Attachment
    from sandbox.discord.state import State

_FOLDERS = ("attachments", "ephemeral-attachments")

LINK_LIFETIME_S = 24 * 3600
"""How long a link works."""

CDN, MEDIA = "/cdn", "/media"


def attachment_handler(state: State) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The aiohttp handler that serves attachments as they are."""

    async def serve(request: web.Request) -> web.Response:
        content = _content(state, request)
        return _gone() if content is None else _file(request, content)

    return serve


def proxy_handler(state: State) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The aiohttp handler that serves them scaled down to `width` and `height`."""

    async def serve(request: web.Request) -> web.Response:
        content = _content(state, request)
        if content is None:
            return _gone()
        box = (_side(request, "width"), _side(request, "height"))
        if box != (LARGEST_PX, LARGEST_PX):
            content = await asyncio.to_thread(scaled, content, *box)
        return _file(request, content)

    return serve


def _content(state: State, request: web.Request) -> bytes | None:
    """The file, None without a link that is valid."""
    attachment_id = request.match_info["attachment_id"]
    known = request.match_info["kind"] in _FOLDERS and is_snowflake(attachment_id)
    if not known or not is_link_valid(state, request.rel_url.raw_path, dict(request.query)):
        return None
    return state.journal.upload(attachment_id)


def _side(request: web.Request, name: str) -> int:
    """A side of the box in px; what is absent or no number leaves it open."""
    asked = request.query.get(name, "")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= 9
    return min(max(int(asked), 1), LARGEST_PX) if is_number else LARGEST_PX


def _gone() -> web.Response:
    return web.Response(status=404, text="This content is no longer available.")


def _file(request: web.Request, content: bytes) -> web.Response:
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": f'attachment; filename="{request.match_info["name"]}"',
        "X-Content-Type-Options": "nosniff",
    }
    part = _range(request, len(content))
    if part is None:
        return _typed(request, content, 200, headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
    return _typed(request, content[part.start : part.stop], 206, headers)


def _range(request: web.Request, size_bytes: int) -> range | None:
    try:
        asked = request.http_range
    except ValueError:
        return None
    if asked.start is None and asked.stop is None:
        return None
    start, stop, _ = asked.indices(size_bytes)
    return range(start, stop) if start < stop else None


def _typed(
    request: web.Request, content: bytes, status: int, headers: dict[str, str]
) -> web.Response:
    media = sniff(content, request.match_info["name"])
    headers["Content-Type"] = media.content_type or "application/octet-stream"
    return web.Response(status=status, body=content, headers=headers)


def attachment_links(state: State, attachment: Attachment) -> dict[str, object]:
    """`url` and `proxy_url`: links to the file that work from now on for a day."""
    signed = _signed_path(state, attachment)
    return {"url": state.origin + CDN + signed, "proxy_url": state.origin + MEDIA + signed}


def _signed_path(state: State, attachment: Attachment) -> str:
    folder = "ephemeral-attachments" if attachment.is_ephemeral else "attachments"
    name = quote(attachment.filename)
    path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{name}"
    issued = f"{state.now_us() // 1_000_000:x}"
    expires = f"{state.now_us() // 1_000_000 + LINK_LIFETIME_S:x}"
    signature = _signature(state.application.secret, path, expires, issued)
    return f"{path}?ex={expires}&is={issued}&hm={signature}&"


def is_link_valid(state: State, path: str, query: dict[str, str]) -> bool:
    """Whether the signature fits the (quoted) path and the link has not expired."""
    path = path.removeprefix(MEDIA if path.startswith(f"{MEDIA}/") else CDN)
    expires, issued = query.get("ex", ""), query.get("is", "")
    expected = _signature(state.application.secret, path, expires, issued)
    if not hmac.compare_digest(expected, query.get("hm", "")):
        return False
    return int(expires, 16) > state.now_us() // 1_000_000


def _signature(secret: bytes, path: str, expires: str, issued: str) -> str:
    signed = f"{path}?ex={expires}&is={issued}".encode()
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()
