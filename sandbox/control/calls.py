"""What calls share: who may make them, how bodies are read, and how answers are written.

Only this machine's own pages and programs may: the whole sandbox refuses others.

Another site that is open in the same browser can send requests to loopback, and a name of its own
can be made to mean loopback. It cannot forge `Host`, `Origin` and `Sec-Fetch-Site`, so all three
must be our own where they are given; programs send no more than `Host`. Only following a link to
the page is left to other sites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec
from aiohttp import web
from yarl import URL

from sandbox.discord import errors
from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode
from sandbox.discord.state import Event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from aiohttp.typedefs import Handler

    from sandbox.discord.records import Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

ShapeT = TypeVar("ShapeT")
SubjectT = TypeVar("SubjectT")

Handling: TypeAlias = "Callable[[SubjectT, web.Request], Awaitable[object]]"

_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def own_origin_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers 403 to a foreign Host or Origin."""
    if not _is_own(f"http://{request.host}", request):
        return web.json_response({"message": f"foreign host {request.host!r}"}, status=403)
    origin = request.headers.get("Origin")
    if origin is not None and not _is_own(origin, request):
        return web.json_response({"message": f"foreign origin {origin!r}"}, status=403)
    if _comes_from_elsewhere(request):
        return web.json_response({"message": "foreign site"}, status=403)
    return await handler(request)


def _comes_from_elsewhere(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site", "none")
    follows_a_link = (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    return site not in ("same-origin", "none") and not follows_a_link


def _is_own(address: str, request: web.Request) -> bool:
    try:
        url = URL(address)
        port = url.port
    except ValueError:
        return False
    transport = request.transport
    own_port = transport.get_extra_info("sockname")[1] if transport else None
    return url.host in _OWN_HOSTS and port == own_port


@web.middleware
async def refusals_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells what was wrong, in Discord's shape: what is not there is 404, all else 400."""
    try:
        return await handler(request)
    except errors.DiscordError as refused:
        return json_response(refused.body(), 404 if refused.status == 404 else 400)
    except msgspec.DecodeError as problem:
        return json_response({"message": f"invalid body: {problem}"}, 400)
    except web.HTTPException as answer:
        message = f"{request.method} {request.path}: {answer.reason}"
        return json_response({"message": message}, answer.status)


def routes(
    subject: SubjectT, calls: Iterable[tuple[str, str, Handling[SubjectT]]]
) -> list[web.RouteDef]:
    """A table of method, path and what handles it, which answers with a body or refuses."""

    def answering(handle: Handling[SubjectT]) -> Handler:
        async def answered(request: web.Request) -> web.Response:
            return json_response(await handle(subject, request))

        return answered

    return [web.route(method, path, answering(handle)) for method, path, handle in calls]


async def body_of(request: web.Request) -> bytes:
    """The body of any call: none at all is an object without fields."""
    return await request.read() or b"{}"


async def read_body(request: web.Request, shape: type[ShapeT]) -> ShapeT:
    """The body in this shape."""
    return msgspec.json.decode(await body_of(request), type=shape)


def json_response(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=encode(body), content_type=JSON_MEDIA_TYPE)


def guild_of(state: State, request: web.Request) -> Guild:
    """The guild in the path, with the bot or without.

    Raises:
        DiscordError: 10004.
    """
    guild = state.guilds.get(request.match_info["guild_id"])
    if guild is None:
        raise errors.DiscordError(errors.UNKNOWN_GUILD)
    return guild


def tell_guild(
    state: State, guild: Guild, name: str, body: JsonObject, subject_id: str | None = None
) -> None:
    """Keeps a changed guild and tells of it by the gateway."""
    state.save(guild)
    event = Event(name=name, body=body, guild_id=guild.id, subject_id=subject_id)
    state.feed.publish(event)
