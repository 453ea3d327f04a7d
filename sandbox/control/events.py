"""`GET /events`: a websocket with every change, for the page.

Each message is one JSON object: `name` (Discord's event name, or `SANDBOX_…`), `body`, and where it
concerns one, `guild_id`, `channel_id` and `viewer_id` (the only member who sees it).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.shapes import encode, only_set

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.state import Event, Feed

PENDING_LIMIT = 10_000
"""Events that a slow page may lag behind before it is sent away to start afresh."""


def events_handler(feed: Feed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of the websocket."""

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        pending: asyncio.Queue[bytes] = asyncio.Queue(PENDING_LIMIT)

        def note(event: Event) -> None:
            if pending.full():
                request.app.logger.warning("a page lags behind by %d events", PENDING_LIMIT)
                unsubscribe()
                pending.get_nowait()
                pending.put_nowait(b"")
                return
            pending.put_nowait(_text(event))

        unsubscribe = feed.subscribe(note)
        try:
            async with asyncio.TaskGroup() as tasks:
                sender = tasks.create_task(_send(socket, pending))
                async for _ in socket:
                    pass
                sender.cancel()
        finally:
            unsubscribe()
        return socket

    return serve


async def _send(socket: web.WebSocketResponse, pending: asyncio.Queue[bytes]) -> None:
    while not socket.closed:
        text = await pending.get()
        if not text:
            await socket.close(code=1013, message=b"lagging behind")
            return
        try:
            await socket.send_str(text.decode())
        except ConnectionError:
            return


def _text(event: Event) -> bytes:
    where = {
        "guild_id": event.guild_id,
        "channel_id": event.channel_id,
        "viewer_id": event.viewer_id,
    }
    return encode({"name": event.name, "body": event.body} | only_set(where))
