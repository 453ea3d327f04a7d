"""The control interface as an aiohttp application: JSON over HTTP, for tests and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web
from msgspec import Struct

from sandbox.control.acts import Acts, AnyAct
from sandbox.control.calls import (
    body_of,
    guild_of,
    json_response,
    read_body,
    refusals_as_json,
    routes,
)
from sandbox.control.page import add_page_calls
from sandbox.control.people import PEOPLE_CALLS
from sandbox.control.places import PLACE_CALLS
from sandbox.control.staff import STAFF_CALLS
from sandbox.control.views import guild_view, messages_view
from sandbox.control.writing import ChangedMessage, WrittenMessage, change_message, write_message
from sandbox.control.zimage_calls import ZIMAGE_CALLS
from sandbox.discord import errors
from sandbox.discord.commands import command_object
from sandbox.discord.threads_life import archive_idle
from sandbox.faults import WrongFault, parse_faults

if TYPE_CHECKING:
    from sandbox.clock import SandboxClock
    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State
    from sandbox.faults import Faults
    from sandbox.violations import Remarks, Violations
    from sandbox.zimage import ZImage

_ACTS: msgspec.json.Decoder[AnyAct] = msgspec.json.Decoder(AnyAct)

LONGEST_ADVANCE_S = 10 * 365 * 24 * 3600
"""Instants stay within what clients can read."""


class Advance(Struct, kw_only=True):
    """How far the clock is moved."""

    seconds: float


class Invalidation(Struct, kw_only=True):
    """Whether an invalidated session may still be resumed."""

    resumable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """What the control interface reaches into."""

    state: State
    hub: Hub
    clock: SandboxClock
    faults: Faults
    violations: Violations
    remarks: Remarks
    zimage: ZImage


def create_control_app(controlled: Controlled) -> web.Application:
    """The application to be mounted under the control address."""
    calls = _Calls(controlled)
    app = web.Application(middlewares=[refusals_as_json])
    app.router.add_routes(
        [
            web.post("/interactions", calls.act),
            web.get("/interactions/{interaction_id}", calls.interaction),
            web.get("/guilds", calls.guilds),
            web.get("/guilds/{guild_id}", calls.guild),
            web.get("/channels/{channel_id}/messages", calls.messages),
            web.post("/channels/{channel_id}/messages", calls.write),
            web.patch("/channels/{channel_id}/messages/{message_id}", calls.change),
            web.put("/users/{user_id}/install", calls.install),
            web.delete("/users/{user_id}/install", calls.install),
            web.get("/commands", calls.commands),
            *_kept("/violations", controlled.violations),
            *_kept("/remarks", controlled.remarks),
            web.get("/faults", calls.faults),
            web.put("/faults", calls.put_faults),
            web.get("/gateway", calls.gateway),
            web.post("/gateway/drop", calls.drop),
            web.post("/gateway/reconnect", calls.reconnect),
            web.post("/gateway/invalidate", calls.invalidate),
            web.get("/clock", calls.now),
            web.post("/clock/advance", calls.advance),
        ]
    )
    app.router.add_routes(routes(controlled.state, (*STAFF_CALLS, *PEOPLE_CALLS, *PLACE_CALLS)))
    app.router.add_routes(routes(controlled.zimage, ZIMAGE_CALLS))
    add_page_calls(app, controlled.state, controlled.hub)
    return app


def _kept(path: str, kept: Violations) -> list[web.RouteDef]:
    """Shows what clients did, and forgets it."""

    async def show(_: web.Request) -> web.Response:
        return json_response(kept.snapshot())

    async def clear(_: web.Request) -> web.Response:
        kept.clear()
        return json_response([])

    return [web.get(path, show), web.delete(path, clear)]


class _Calls:
    def __init__(self, controlled: Controlled) -> None:
        self._it = controlled
        self._acts = Acts(state=controlled.state, hub=controlled.hub, clock=controlled.clock)

    async def act(self, request: web.Request) -> web.Response:
        return json_response(await self._acts.perform(_ACTS.decode(await body_of(request))))

    async def interaction(self, request: web.Request) -> web.Response:
        wait_s = _number(request.query.get("wait", "0"))
        return json_response(
            await self._acts.told(request.match_info["interaction_id"], wait_s=wait_s)
        )

    async def guilds(self, _: web.Request) -> web.Response:
        state = self._it.state
        return json_response([guild_view(state, guild) for guild in state.guilds.values()])

    async def guild(self, request: web.Request) -> web.Response:
        state = self._it.state
        return json_response(guild_view(state, guild_of(state, request)))

    async def messages(self, request: web.Request) -> web.Response:
        channel = self._it.state.channel(request.match_info["channel_id"])
        return json_response(messages_view(self._it.state, channel, request.query.get("viewer")))

    async def write(self, request: web.Request) -> web.Response:
        channel = self._it.state.channel(request.match_info["channel_id"])
        written = await read_body(request, WrittenMessage)
        return json_response(write_message(self._it.state, channel, written))

    async def change(self, request: web.Request) -> web.Response:
        state, path = self._it.state, request.match_info
        channel, changed = (
            state.channel(path["channel_id"]),
            await read_body(request, ChangedMessage),
        )
        return json_response(change_message(state, channel, path["message_id"], changed))

    async def install(self, request: web.Request) -> web.Response:
        state = self._it.state
        user = state.user(request.match_info["user_id"])
        user.has_installed = request.method == "PUT"
        state.save(user)
        told: JsonObject = {"user_id": user.id, "installed": user.has_installed}
        state.publish("SANDBOX_INSTALL", told)
        return json_response(told)

    async def commands(self, _: web.Request) -> web.Response:
        return json_response([command_object(each) for each in self._it.state.commands.values()])

    async def faults(self, _: web.Request) -> web.Response:
        return json_response(self._it.faults.snapshot())

    async def put_faults(self, request: web.Request) -> web.Response:
        try:
            self._it.faults.replace(parse_faults(await body_of(request)))
        except WrongFault as problem:
            return json_response({"message": str(problem)}, status=400)
        return json_response(self._it.faults.snapshot())

    async def gateway(self, _: web.Request) -> web.Response:
        return json_response({"sessions": self._it.hub.objects()})

    async def drop(self, _: web.Request) -> web.Response:
        return json_response({"connections": self._it.hub.drop()})

    async def reconnect(self, _: web.Request) -> web.Response:
        return json_response({"connections": self._it.hub.ask_to_reconnect()})

    async def invalidate(self, request: web.Request) -> web.Response:
        asked = await read_body(request, Invalidation)
        return json_response({"connections": self._it.hub.invalidate(is_resumable=asked.resumable)})

    async def now(self, _: web.Request) -> web.Response:
        return json_response({"now_us": self._it.clock.now_us()})

    async def advance(self, request: web.Request) -> web.Response:
        asked = await read_body(request, Advance)
        try:
            if asked.seconds > LONGEST_ADVANCE_S:
                raise ValueError(f"cannot advance by {asked.seconds} s at once: ten years at most")
            self._it.clock.advance(asked.seconds)
        except ValueError as problem:
            return json_response({"message": str(problem)}, status=400)
        archive_idle(self._it.state)
        self._it.state.publish("SANDBOX_CLOCK", {"now_us": self._it.clock.now_us()})
        return json_response({"now_us": self._it.clock.now_us()})


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 3600.0)
    except ValueError as problem:
        raise errors.invalid_field(
            "wait", code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not a number.'
        ) from problem
