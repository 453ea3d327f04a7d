"""How a route is declared, what a handler gets and gives, and how a request finds its route.

Handlers are plain functions: between reading and changing the state nothing else can run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import unquote

from sandbox.discord import errors
from sandbox.discord.bodies import parsed
from sandbox.discord.permissions import require, require_in_guild
from sandbox.discord.shapes import instant_us, is_snowflake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.bodies import Upload
    from sandbox.discord.ratelimits import Bucket
    from sandbox.discord.records import Channel, Guild
    from sandbox.discord.state import State

BodyT = TypeVar("BodyT")
ItemT = TypeVar("ItemT")


class Auth(StrEnum):
    """Who may call a route."""

    BOT = "bot"  # the bot, by its token in the Authorization header
    TOKEN_IN_PATH = "token in path"  # noqa: S105 - whoever holds the interaction's token
    NOBODY = "nobody"  # anyone


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read and checked as far as its form goes.

    Attributes:
        path: the values of the template's names; those ending in `_id` are snowflakes.
        payload: the JSON body, None without one.
        uploads: the files of a multipart body.
        reason: for the audit log, from the header; None without one.
    """

    state: State
    path: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    payload: object = None
    uploads: tuple[Upload, ...] = ()
    reason: str | None = None

    def body(self, shape: type[BodyT]) -> BodyT:
        """The JSON body in this shape.

        Raises:
            DiscordError: 50035, with the place of the field that does not fit.
        """
        return parsed({} if self.payload is None else self.payload, shape)

    def channel(self, needed: int = 0) -> Channel:
        """The channel in the path, which the bot must see, with these permissions there.

        Raises:
            DiscordError: 10003, 50001, 50013.
        """
        channel = self.state.channel(self.path["channel_id"])
        require(self.state, channel, needed)
        return channel

    def guild(self, needed: int = 0) -> Guild:
        """The guild in the path, which the bot must be in, with these permissions there.

        Raises:
            DiscordError: 10004, 50013.
        """
        guild = self.state.guild(self.path["guild_id"])
        require_in_guild(self.state, guild, needed)
        return guild

    def own_application(self) -> State:
        """The state, if the path names the application whose bot this is.

        Raises:
            DiscordError: 50001.
        """
        if self.path["application_id"] != self.state.application.id:
            raise errors.DiscordError(errors.MISSING_ACCESS)
        return self.state

    def flag(self, name: str) -> bool:
        """Whether a query parameter is true, as 1 or spelled out."""
        return self.query.get(name, "").lower() in ("1", "true")

    def count(self, name: str, default: int, *, most: int) -> int:
        """A number of things, between 1 and `most`, from the query.

        Raises:
            DiscordError: 50035.
        """
        text = self.query.get(name, str(default))
        if text.isdecimal() and 1 <= int(text) <= most:
            return int(text)
        said = f"int value should be between 1 and {most}."
        raise errors.invalid_field(name, code="NUMBER_TYPE_MAX", message=said)

    def snowflake(self, name: str) -> int | None:
        """An id from the query, None if it is not there.

        Raises:
            DiscordError: 50035.
        """
        text = self.query.get(name)
        if text is None:
            return None
        if is_snowflake(text):
            return int(text)
        raise errors.not_a_snowflake(name, value=text)

    def instant_us(self, name: str) -> int | None:
        """An ISO 8601 instant from the query as epoch microseconds, None if it is not there.

        Raises:
            DiscordError: 50035.
        """
        text = self.query.get(name)
        try:
            return None if text is None else instant_us(datetime.fromisoformat(text))
        except ValueError as problem:
            said = f'Value "{text}" is not an ISO8601 timestamp.'
            raise errors.invalid_field(name, code="DATE_TIME_TYPE_PARSE", message=said) from problem

    def page(
        self, found: Iterable[ItemT], id_of: Callable[[ItemT], str], *, default: int, most: int
    ) -> list[ItemT]:
        """Those, in the order of their ids, that `after`, `before` and `limit` ask for.

        `before` alone asks for the last ones before it.

        Raises:
            DiscordError: 50035.
        """
        limit = self.count("limit", default, most=most)
        after, before = self.snowflake("after"), self.snowflake("before")
        by_id = {int(id_of(each)): each for each in found}
        ids = [
            each
            for each in sorted(by_id)
            if (after is None or each > after) and (before is None or each < before)
        ]
        chosen = ids[-limit:] if before is not None and after is None else ids[:limit]
        return [by_id[each] for each in chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a call; `body` None means no content."""

    status: int = 200
    body: object = None


NO_CONTENT = Reply(status=204)

Handler: TypeAlias = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the route table.

    Attributes:
        path: the template under `/api/v10`, in the words of Discord's reference.
        bucket: the rate limit that it shares with others, None for none.
        counts_globally: whether it counts towards the 50 requests a second.
    """

    method: str
    path: str
    handler: Handler
    bucket: Bucket | None
    _: KW_ONLY
    auth: Auth = Auth.BOT
    counts_globally: bool = True

    @property
    def key(self) -> str:
        """Such as `POST /channels/{channel_id}/messages`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a path leads to.

    Attributes:
        route: None if the path is known and the method is not.
        path: the values of the template's names.
    """

    route: Route | None
    path: dict[str, str]


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    named: dict[str, _Node] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)


class RouteTable:
    """The route table as a tree of path segments.

    A fixed name wins over a template's, so `/users/@me` is found before `/users/{user_id}`. One
    tree is made when the module is loaded, for all sandboxes; aiohttp's own dispatcher would be
    filled anew for each, which was half the time that a sandbox took to start.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, method: str, raw_path: str) -> Found | None:
        """The route of a percent-encoded path below the interface's base, None if there is none."""
        segments = [unquote(each) for each in raw_path.removeprefix("/").split("/")]
        other_method: Found | None = None
        for node, values in _ways(self._root, segments, {}):
            if method in node.routes:
                return Found(node.routes[method], values)
            other_method = other_method or Found(None, values)
        return other_method

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.removeprefix("/").split("/"):
            children = node.named if segment.startswith("{") else node.fixed
            node = children.setdefault(segment.strip("{}"), _Node())
        node.routes[route.method] = route


def _ways(
    node: _Node, segments: list[str], values: dict[str, str]
) -> Iterator[tuple[_Node, dict[str, str]]]:
    """Every end that the segments lead to, those by fixed names first."""
    if not segments:
        if node.routes:
            yield node, values
        return
    first, rest = segments[0], segments[1:]
    if first in node.fixed:
        yield from _ways(node.fixed[first], rest, values)
    if first:
        for name, child in node.named.items():
            yield from _ways(child, rest, {**values, name: first})
