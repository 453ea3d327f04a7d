"""What the page needs beside the sandbox's contract: its files, its live events, its own calls.

GET    /events                                     a websocket with every change
GET    /world?viewer=USER                          all that the page draws first, see `world_view`
GET    /channels/{id}/commands?viewer=USER         commands that the member is offered there
DELETE /channels/{id}/messages/{id}?viewer=USER    the member deletes a message
POST   /channels/{id}/messages/{id}/reactions/{emoji}?viewer=USER
                                                   the member reacts, or takes it back
POST   /users/{id}/direct                          opens the conversation with the bot
GET    /interactions                               the last ones, newest first, settled or not
GET    /bot · POST /bot/restart · GET /bot/keeper  restarts the bot, see `Keepers`

Each event is one JSON object: `name` (Discord's event name, or `SANDBOX_…`), `body`, and where it
concerns one, `guild_id`, `channel_id` and `viewer_id` (the only member who sees it).

The policy on files forbids inline scripts and styles, other hosts, and being shown inside another
page.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from sandbox.control.calls import json_response
from sandbox.control.command_acts import visible_commands
from sandbox.control.settled import is_settled, led_to
from sandbox.control.views import world_view
from sandbox.discord import errors
from sandbox.discord.acting import Actor
from sandbox.discord.commands import command_object
from sandbox.discord.objects import channel_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.posting import delete_message
from sandbox.discord.reactions import react, unreact
from sandbox.discord.shapes import JsonObject, encode, instant_text, only_set

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp.typedefs import Handler

    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.state import Event, Feed, State

PENDING_LIMIT = 10_000
"""Events that a slow page may lag behind before it is sent away to start afresh."""

LAST_INTERACTIONS = 50

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html",
    )
)

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def add_page_files(app: web.Application, folder: Path) -> None:
    """Serves the folder under `/page/`; the root leads there."""
    root = folder.resolve()

    async def file(request: web.Request) -> web.StreamResponse:
        path = (root / (request.match_info["path"] or "index.html")).resolve()
        kind = _TYPES.get(path.suffix)
        if kind is None or not path.is_relative_to(root) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(
            path, headers={**_HEADERS, "Content-Type": f"{kind}; charset=utf-8"}
        )

    async def lead(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/page/")

    app.router.add_get("/page/{path:.*}", file)
    app.router.add_get("/page", lead)
    app.router.add_get("/", lead)


def _events(feed: Feed) -> Handler:
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


def add_page_calls(app: web.Application, state: State, hub: Hub) -> None:
    """Adds them to the control interface."""
    keepers = Keepers(state)
    calls = _PageCalls(state, hub, keepers)
    app.router.add_routes(
        [
            web.get("/events", _events(state.feed)),
            web.get("/world", calls.world),
            web.get("/channels/{channel_id}/commands", calls.commands),
            web.delete("/channels/{channel_id}/messages/{message_id}", calls.delete),
            web.post("/channels/{channel_id}/messages/{message_id}/reactions/{emoji}", calls.react),
            web.post("/users/{user_id}/direct", calls.open_direct),
            web.get("/interactions", calls.interactions),
            web.get("/bot", calls.bot),
            web.post("/bot/restart", keepers.restart),
            web.get("/bot/keeper", keepers.serve),
        ]
    )


class _PageCalls:
    def __init__(self, state: State, hub: Hub, keepers: Keepers) -> None:
        self._state = state
        self._hub = hub
        self._keepers = keepers

    async def world(self, request: web.Request) -> web.Response:
        return json_response(world_view(self._state, request.query.get("viewer")))

    async def commands(self, request: web.Request) -> web.Response:
        actor = self._actor(request)
        return json_response(
            [command_object(each) for each in visible_commands(self._state, actor)]
        )

    async def delete(self, request: web.Request) -> web.Response:
        actor = self._actor(request)
        message = self._state.message(actor.channel.id, request.match_info["message_id"])
        is_own = message.author_id == actor.user_id
        moderates = may(self._state, actor.channel, actor.user_id, Permission.MANAGE_MESSAGES)
        if not is_own and not moderates:
            raise errors.DiscordError(errors.MISSING_PERMISSIONS)
        delete_message(self._state, message)
        return json_response({"deleted": message.id})

    async def react(self, request: web.Request) -> web.Response:
        actor, emoji = self._actor(request), request.match_info["emoji"]
        message = self._state.message(actor.channel.id, request.match_info["message_id"])
        if not may(self._state, actor.channel, actor.user_id, Permission.ADD_REACTIONS):
            raise errors.DiscordError(errors.MISSING_PERMISSIONS)
        is_taken_back = actor.user_id in message.reactions.get(emoji, [])
        change = unreact if is_taken_back else react
        change(self._state, message, emoji, actor.user_id)
        return json_response({"count": len(message.reactions.get(emoji, []))})

    async def open_direct(self, request: web.Request) -> web.Response:
        user = self._state.user(request.match_info["user_id"])
        return json_response(channel_object(self._state, self._state.direct_channel(user.id)))

    async def interactions(self, _: web.Request) -> web.Response:
        newest_first = reversed(self._state.interactions.values())
        return json_response([self._told(each) for each in islice(newest_first, LAST_INTERACTIONS)])

    async def bot(self, _: web.Request) -> web.Response:
        return json_response(
            {"is_online": self._hub.is_online, "can_restart": self._keepers.is_there}
        )

    def _told(self, interaction: Interaction) -> JsonObject:
        how, origin = interaction.acknowledged_how, interaction.origin
        return {
            "id": interaction.id,
            "type": int(interaction.type),
            "name": origin.name,
            "user_id": interaction.user_id,
            "channel_id": interaction.channel_id,
            "created_at": instant_text(interaction.created_at_us),
            "acknowledged_how": how.name.lower() if how else None,
            "messages": len(led_to(self._state, interaction)),
            "settled": is_settled(self._state, interaction),
        }

    def _actor(self, request: web.Request) -> Actor:
        channel = self._state.channel(request.match_info["channel_id"])
        user = self._state.user(request.query.get("viewer", ""))
        if not may(self._state, channel, user.id, Permission.VIEW_CHANNEL):
            raise errors.DiscordError(errors.MISSING_ACCESS)
        return Actor(user_id=user.id, channel=channel, locale="en-US")


class Keepers:
    """Those who started the bot and can start it again, for the page's button.

    A keeper (`python -m sandbox.demo`) holds the websocket `GET /bot/keeper`. `POST /bot/restart`
    sends it `{"do": "restart"}` and answers 202; without a keeper it answers 409, since the sandbox
    did not start the bot and cannot know how.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._sockets: list[web.WebSocketResponse] = []

    @property
    def is_there(self) -> bool:
        """Whether anybody can restart the bot."""
        return bool(self._sockets)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Keeps the line to a keeper until they leave."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._sockets.append(socket)
        self._tell()
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._sockets.remove(socket)
            self._tell()
        return socket

    async def restart(self, _: web.Request) -> web.Response:
        """Asks every keeper to restart the bot."""
        if not self._sockets:
            problem = "nobody here can restart the bot: it was not started by `make demo`"
            return web.json_response({"message": problem}, status=409)
        for socket in tuple(self._sockets):
            await socket.send_json({"do": "restart"})
        return web.json_response({"asked": len(self._sockets)}, status=202)

    def _tell(self) -> None:
        self._state.publish("SANDBOX_KEEPER", {"is_there": self.is_there})
