"""The page's own calls, beside those of the sandbox's contract.

GET    /world?viewer=USER                          see `page_world`
GET    /channels/{id}/commands?viewer=USER         commands that the member is offered there
DELETE /channels/{id}/messages/{id}?viewer=USER    the member deletes a message
POST   /channels/{id}/messages/{id}/reactions/{emoji}?viewer=USER
                                                   the member reacts, or takes it back
POST   /users/{id}/direct                          opens the conversation with the bot
GET    /interactions                               the last ones, newest first, settled or not
GET    /bot · POST /bot/restart · GET /bot/keeper  see `page_keeper`
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.control.command_acts import visible_commands
from sandbox.control.page_keeper import Keepers
from sandbox.control.page_world import world_view
from sandbox.control.settled import is_settled, led_to
from sandbox.discord import errors
from sandbox.discord.acting import Actor
from sandbox.discord.commands import command_object
from sandbox.discord.objects import channel_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.posting import delete_message
from sandbox.discord.reactions import react, unreact
from sandbox.discord.shapes import JSON_MEDIA_TYPE, JsonObject, encode, instant_text

if TYPE_CHECKING:
    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.state import State

LAST_INTERACTIONS = 50


def add_page_calls(app: web.Application, state: State, hub: Hub) -> None:
    """Adds them to the control interface."""
    keepers = Keepers(state)
    calls = _PageCalls(state, hub, keepers)
    app.router.add_routes(
        [
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
        return _json(world_view(self._state, request.query.get("viewer")))

    async def commands(self, request: web.Request) -> web.Response:
        actor = self._actor(request)
        return _json([command_object(each) for each in visible_commands(self._state, actor)])

    async def delete(self, request: web.Request) -> web.Response:
        actor = self._actor(request)
        message = self._state.message(actor.channel.id, request.match_info["message_id"])
        is_own = message.author_id == actor.user_id
        moderates = may(self._state, actor.channel, actor.user_id, Permission.MANAGE_MESSAGES)
        if not is_own and not moderates:
            raise errors.DiscordError(errors.MISSING_PERMISSIONS)
        delete_message(self._state, message)
        return _json({"deleted": message.id})

    async def react(self, request: web.Request) -> web.Response:
        actor, emoji = self._actor(request), request.match_info["emoji"]
        message = self._state.message(actor.channel.id, request.match_info["message_id"])
        if not may(self._state, actor.channel, actor.user_id, Permission.ADD_REACTIONS):
            raise errors.DiscordError(errors.MISSING_PERMISSIONS)
        is_taken_back = actor.user_id in message.reactions.get(emoji, [])
        change = unreact if is_taken_back else react
        change(self._state, message, emoji, actor.user_id)
        return _json({"count": len(message.reactions.get(emoji, []))})

    async def open_direct(self, request: web.Request) -> web.Response:
        user = self._state.user(request.match_info["user_id"])
        return _json(channel_object(self._state, self._state.direct_channel(user.id)))

    async def interactions(self, _: web.Request) -> web.Response:
        newest_first = reversed(self._state.interactions.values())
        return _json([self._told(each) for each in islice(newest_first, LAST_INTERACTIONS)])

    async def bot(self, _: web.Request) -> web.Response:
        return _json({"is_online": self._hub.is_online, "can_restart": self._keepers.is_there})

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


def _json(body: object) -> web.Response:
    return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)
