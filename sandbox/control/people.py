"""Who is in a guild and what they may: comings, goings, roles, and what the bot did to people.

    POST   /users                            a new person: name
    PUT    /guilds/{id}/members/{id}         joins, now and without roles; who is there stays
    DELETE /guilds/{id}/members/{id}         leaves, threads and roles included
    POST   /guilds/{id}/roles                a new role: name, permissions (bits as text)
    PUT, DELETE  /guilds/{id}/members/{id}/roles/{id}   gives a role, takes it
    GET    /guilds/{id}/audit-log            the bot's acts and their reasons, newest first

The bot learns of comings and goings by the members intent, of roles by the gateway's usual events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from aiohttp import web
from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.audit_log import audit_entry_object
from sandbox.discord.channels import permission_bits
from sandbox.discord.objects import member_object, role_object, user_object
from sandbox.discord.records import Guild, Member, Role, User
from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode
from sandbox.discord.state import Event
from sandbox.discord.threads_life import leave
from sandbox.discord.users import tell_member

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

_MEMBER = "/guilds/{guild_id}/members/{user_id}"
_ROLE = f"{_MEMBER}/roles/{{role_id}}"


class NewUser(Struct, kw_only=True, forbid_unknown_fields=True):
    """A person who is nowhere yet."""

    name: str


class NewRole(Struct, kw_only=True, forbid_unknown_fields=True):
    """A role just above `@everyone`."""

    name: str
    permissions: str | int = 0


def add_people_calls(app: web.Application, state: State) -> None:
    """Adds them to the control interface."""
    calls = _PeopleCalls(state)
    app.router.add_routes(
        [
            web.post("/users", calls.make_user),
            web.put(_MEMBER, calls.join),
            web.delete(_MEMBER, calls.leave),
            web.post("/guilds/{guild_id}/roles", calls.make_role),
            web.put(_ROLE, calls.give_role),
            web.delete(_ROLE, calls.take_role),
            web.get("/guilds/{guild_id}/audit-log", calls.audit_log),
        ]
    )


class _PeopleCalls:
    def __init__(self, state: State) -> None:
        self._state = state

    async def make_user(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read() or b"{}", type=NewUser)
        user_id = self._state.snowflakes.next()
        user = User(id=user_id, name=asked.name.lower(), display_name=asked.name)
        self._state.save(user)
        return _json(user_object(user))

    async def join(self, request: web.Request) -> web.Response:
        guild, user = self._guild(request), self._state.user(request.match_info["user_id"])
        if user.is_bot:
            raise errors.DiscordError(errors.UNKNOWN_USER)
        if user.id not in guild.members:
            member = Member(user_id=user.id, joined_at_us=self._state.now_us())
            guild.members[user.id] = member
            self._tell(guild, "GUILD_MEMBER_ADD", member_object(self._state, member), user.id)
        return _json(member_object(self._state, guild.members[user.id]))

    async def leave(self, request: web.Request) -> web.Response:
        guild, member = self._guild(request), self._member(request)
        if member.user_id in (guild.owner_id, self._state.bot_id):
            raise errors.DiscordError(errors.MISSING_PERMISSIONS)
        for thread in self._state.threads_of(guild.id):
            leave(self._state, thread, member.user_id)
        del guild.members[member.user_id]
        user = user_object(self._state.users[member.user_id])
        self._tell(guild, "GUILD_MEMBER_REMOVE", {"user": user}, member.user_id)
        return _json(member_object(self._state, member))

    async def make_role(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        asked = msgspec.json.decode(await request.read() or b"{}", type=NewRole)
        bits = permission_bits("permissions", asked.permissions)
        role_id = self._state.snowflakes.next()
        role = Role(id=role_id, name=asked.name, permissions=bits, position=1)
        guild.roles[role.id] = role
        self._tell(guild, "GUILD_ROLE_CREATE", {"role": role_object(role)})
        return _json(role_object(role))

    async def give_role(self, request: web.Request) -> web.Response:
        member, role_id = self._member(request), self._role_id(request)
        if role_id not in member.role_ids:
            member.role_ids.append(role_id)
            tell_member(self._state, self._guild(request), member)
        return _json(member_object(self._state, member))

    async def take_role(self, request: web.Request) -> web.Response:
        member, role_id = self._member(request), self._role_id(request)
        if role_id in member.role_ids:
            member.role_ids.remove(role_id)
            tell_member(self._state, self._guild(request), member)
        return _json(member_object(self._state, member))

    async def audit_log(self, request: web.Request) -> web.Response:
        newest_first = reversed(self._guild(request).audit_log)
        return _json([audit_entry_object(self._state, each) for each in newest_first])

    def _guild(self, request: web.Request) -> Guild:
        guild = self._state.guilds.get(request.match_info["guild_id"])
        if guild is None:
            raise errors.DiscordError(errors.UNKNOWN_GUILD)
        return guild

    def _member(self, request: web.Request) -> Member:
        member = self._guild(request).members.get(request.match_info["user_id"])
        if member is None:
            raise errors.DiscordError(errors.UNKNOWN_MEMBER)
        return member

    def _role_id(self, request: web.Request) -> str:
        """A role that can be given, which `@everyone` is not."""
        guild, role_id = self._guild(request), request.match_info["role_id"]
        if role_id not in guild.roles or role_id == guild.id:
            raise errors.DiscordError(errors.UNKNOWN_ROLE)
        return role_id

    def _tell(
        self, guild: Guild, name: str, body: JsonObject, subject_id: str | None = None
    ) -> None:
        self._state.save(guild)
        whole = {"guild_id": guild.id} | body
        event = Event(name=name, body=whole, guild_id=guild.id, subject_id=subject_id)
        self._state.feed.publish(event)


def _json(body: object) -> web.Response:
    return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)
