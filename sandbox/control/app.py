"""The control interface as an aiohttp application: JSON over HTTP, for tests and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import web

from sandbox.control.acts import Acts
from sandbox.control.events import events_handler
from sandbox.control.guard import own_origin_only
from sandbox.control.page_calls import add_page_calls
from sandbox.control.people import add_people_calls
from sandbox.control.place_calls import add_place_calls
from sandbox.control.requests import Advance, AnyAct, Invalidation, WrittenMessage
from sandbox.control.staff import add_staff_calls
from sandbox.control.views import guild_view, messages_view, write_message
from sandbox.discord import errors
from sandbox.discord.commands import command_object
from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode
from sandbox.discord.threads_life import archive_idle
from sandbox.faults import WrongFault, parse_faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.clock import SandboxClock
    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State
    from sandbox.faults import Faults
    from sandbox.violations import Remarks, Violations

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ShapeT = TypeVar("ShapeT")

_ACTS: msgspec.json.Decoder[AnyAct] = msgspec.json.Decoder(AnyAct)


LONGEST_ADVANCE_S = 10 * 365 * 24 * 3600
"""Instants stay within what clients can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """What the control interface reaches into.

    Attributes:
        ledger: tells what Z-Image did, as JSON.
    """

    state: State
    hub: Hub
    clock: SandboxClock
    faults: Faults
    violations: Violations
    remarks: Remarks
    ledger: Callable[[], dict[str, object]]


def create_control_app(controlled: Controlled) -> web.Application:
    """The application to be mounted under the control address."""
    calls = _Calls(controlled)
    app = web.Application(middlewares=[own_origin_only, _refusals])
    app.router.add_get("/events", events_handler(controlled.state.feed))
    app.router.add_routes(
        [
            web.post("/interactions", calls.act),
            web.get("/interactions/{interaction_id}", calls.interaction),
            web.get("/guilds", calls.guilds),
            web.get("/guilds/{guild_id}", calls.guild),
            web.get("/channels/{channel_id}/messages", calls.messages),
            web.post("/channels/{channel_id}/messages", calls.write),
            web.put("/users/{user_id}/install", calls.install),
            web.delete("/users/{user_id}/install", calls.uninstall),
            web.get("/commands", calls.commands),
            web.get("/zimage/ledger", calls.ledger),
            web.get("/violations", calls.violations),
            web.delete("/violations", calls.clear_violations),
            web.get("/remarks", calls.remarks),
            web.delete("/remarks", calls.clear_remarks),
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
    add_staff_calls(app, controlled.state)
    add_people_calls(app, controlled.state)
    add_place_calls(app, controlled.state)
    add_page_calls(app, controlled.state, controlled.hub)
    return app


class _Calls:
    def __init__(self, controlled: Controlled) -> None:
        self._it = controlled
        self._acts = Acts(state=controlled.state, hub=controlled.hub, clock=controlled.clock)

    async def act(self, request: web.Request) -> web.Response:
        return _json(await self._acts.perform(_ACTS.decode(await request.read())))

    async def interaction(self, request: web.Request) -> web.Response:
        wait_s = _number(request.query.get("wait", "0"))
        return _json(await self._acts.told(request.match_info["interaction_id"], wait_s=wait_s))

    async def guilds(self, _: web.Request) -> web.Response:
        state = self._it.state
        return _json([guild_view(state, guild) for guild in state.guilds.values()])

    async def guild(self, request: web.Request) -> web.Response:
        guild = self._it.state.guilds.get(request.match_info["guild_id"])
        if guild is None:
            raise errors.DiscordError(errors.UNKNOWN_GUILD)
        return _json(guild_view(self._it.state, guild))

    async def messages(self, request: web.Request) -> web.Response:
        channel = self._it.state.channel(request.match_info["channel_id"])
        return _json(messages_view(self._it.state, channel, request.query.get("viewer")))

    async def write(self, request: web.Request) -> web.Response:
        channel = self._it.state.channel(request.match_info["channel_id"])
        written = await _body(request, WrittenMessage)
        return _json(write_message(self._it.state, channel, written))

    async def install(self, request: web.Request) -> web.Response:
        return self._installed(request, has_installed=True)

    async def uninstall(self, request: web.Request) -> web.Response:
        return self._installed(request, has_installed=False)

    def _installed(self, request: web.Request, *, has_installed: bool) -> web.Response:
        state = self._it.state
        user = state.user(request.match_info["user_id"])
        user.has_installed = has_installed
        state.save(user)
        told: JsonObject = {"user_id": user.id, "installed": has_installed}
        state.publish("SANDBOX_INSTALL", told)
        return _json(told)

    async def commands(self, _: web.Request) -> web.Response:
        return _json([command_object(each) for each in self._it.state.commands.values()])

    async def ledger(self, _: web.Request) -> web.Response:
        return _json(self._it.ledger())

    async def violations(self, _: web.Request) -> web.Response:
        return _json(self._it.violations.snapshot())

    async def clear_violations(self, _: web.Request) -> web.Response:
        self._it.violations.clear()
        return _json([])

    async def remarks(self, _: web.Request) -> web.Response:
        return _json(self._it.remarks.snapshot())

    async def clear_remarks(self, _: web.Request) -> web.Response:
        self._it.remarks.clear()
        return _json([])

    async def faults(self, _: web.Request) -> web.Response:
        return _json(self._it.faults.snapshot())

    async def put_faults(self, request: web.Request) -> web.Response:
        try:
            self._it.faults.replace(parse_faults(await request.read()))
        except WrongFault as problem:
            return _json({"message": str(problem)}, status=400)
        return _json(self._it.faults.snapshot())

    async def gateway(self, _: web.Request) -> web.Response:
        return _json({"sessions": self._it.hub.objects()})

    async def drop(self, _: web.Request) -> web.Response:
        return _json({"connections": self._it.hub.drop()})

    async def reconnect(self, _: web.Request) -> web.Response:
        return _json({"connections": self._it.hub.ask_to_reconnect()})

    async def invalidate(self, request: web.Request) -> web.Response:
        asked = await _body(request, Invalidation)
        return _json({"connections": self._it.hub.invalidate(is_resumable=asked.resumable)})

    async def now(self, _: web.Request) -> web.Response:
        return _json({"now_us": self._it.clock.now_us()})

    async def advance(self, request: web.Request) -> web.Response:
        asked = await _body(request, Advance)
        try:
            if asked.seconds > LONGEST_ADVANCE_S:
                raise ValueError(f"cannot advance by {asked.seconds} s at once: ten years at most")
            self._it.clock.advance(asked.seconds)
        except ValueError as problem:
            return _json({"message": str(problem)}, status=400)
        archive_idle(self._it.state)
        self._it.state.publish("SANDBOX_CLOCK", {"now_us": self._it.clock.now_us()})
        return _json({"now_us": self._it.clock.now_us()})


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells what was wrong as JSON, in Discord's shape."""
    try:
        return await handler(request)
    except errors.DiscordError as refused:
        return _json(refused.body(), status=_client_status(refused))
    except msgspec.DecodeError as problem:
        return _json({"message": f"invalid body: {problem}"}, status=400)
    except web.HTTPException as answer:
        return _json(
            {"message": f"{request.method} {request.path}: {answer.reason}"}, answer.status
        )


def _client_status(refused: errors.DiscordError) -> int:
    """What the client refuses is one kind of answer; what is not there another."""
    return 404 if refused.status == 404 else 400


async def _body(request: web.Request, shape: type[ShapeT]) -> ShapeT:
    return msgspec.json.decode(await request.read() or b"{}", type=shape)


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 3600.0)
    except ValueError as problem:
        raise errors.invalid_field(
            "wait", code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not a number.'
        ) from problem


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=encode(body), content_type=JSON_MEDIA_TYPE)
