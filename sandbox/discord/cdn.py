"""Attachment links: the file while the link is valid, 404 with plain text afterwards.

Whole and ranged reads; the answer to an expired link is observed. The proxy scales pictures down.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.links import is_link_valid
from sandbox.discord.media_types import sniff
from sandbox.discord.scaling import LARGEST_PX, scaled
from sandbox.discord.snowflakes import is_snowflake

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.state import State

_FOLDERS = ("attachments", "ephemeral-attachments")


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
