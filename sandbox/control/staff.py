"""What the staff of a guild changes, beside the calls of the sandbox's contract.

    PATCH  /guilds/{id}                  name, locale, boost_tier
    PUT    /guilds/{id}/bot              invites the bot
    DELETE /guilds/{id}/bot              shows it the door
    PATCH  /guilds/{id}/roles/{id}       permissions (bits as text), name
    PATCH  /guilds/{id}/members/{id}     nick, roles (ids), timed_out_for_s
    PUT, DELETE  /guilds/{id}/scheduled-events/{id}/users/{id}  a member is interested, or not
    GET, PUT  /guilds/{id}/automod       the AutoMod rules, as a list
    PATCH  /channels/{id}                name, nsfw, archived, locked, overwrites

Each answers with the changed object; the bot learns of it by the gateway alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from sandbox.control.automod_rules import (
    LONGEST_TIME_OUT_S,
    NewAutoModRule,
    automod_rule,
    check_automod_counts,
    check_automod_rule,
)
from sandbox.discord import errors
from sandbox.discord.automod import automod_rule_object
from sandbox.discord.objects import (
    channel_object,
    guild_create_object,
    guild_object,
    member_object,
    role_object,
    scheduled_event_object,
)
from sandbox.discord.records import Channel, Guild, Member, Overwrite, Thread
from sandbox.discord.scheduled_events import set_interest
from sandbox.discord.shapes import JSON_MEDIA_TYPE, JsonObject, encode
from sandbox.discord.state import Event
from sandbox.discord.threads_life import tell_thread

if TYPE_CHECKING:
    from sandbox.discord.state import State

ShapeT = TypeVar("ShapeT")

_TIERS = range(4)
_INTEREST = "/guilds/{guild_id}/scheduled-events/{event_id}/users/{user_id}"


class GuildChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a guild."""

    name: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    boost_tier: int | UnsetType = UNSET


class RoleChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a role."""

    name: str | UnsetType = UNSET
    permissions: str | int | UnsetType = UNSET


class MemberChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a member; a time-out of 0 s ends one."""

    nick: str | UnsetType | None = UNSET
    roles: list[str] | UnsetType = UNSET
    timed_out_for_s: float | UnsetType = UNSET


class OverwriteChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A channel's exception for a role (type 0) or member (type 1)."""

    id: str
    type: int = 0
    allow: str | int = 0
    deny: str | int = 0


class ChannelChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a channel or thread."""

    name: str | UnsetType = UNSET
    nsfw: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    overwrites: list[OverwriteChange] | UnsetType = UNSET


def add_staff_calls(app: web.Application, state: State) -> None:
    """Adds them to the control interface."""
    calls = _StaffCalls(state)
    app.router.add_routes(
        [
            web.patch("/guilds/{guild_id}", calls.change_guild),
            web.put("/guilds/{guild_id}/bot", calls.invite),
            web.delete("/guilds/{guild_id}/bot", calls.expel),
            web.get("/guilds/{guild_id}/automod", calls.automod_rules),
            web.put("/guilds/{guild_id}/automod", calls.set_automod_rules),
            web.put(_INTEREST, calls.set_interest),
            web.delete(_INTEREST, calls.set_interest),
            web.patch("/guilds/{guild_id}/roles/{role_id}", calls.change_role),
            web.patch("/guilds/{guild_id}/members/{user_id}", calls.change_member),
            web.patch("/channels/{channel_id}", calls.change_channel),
        ]
    )


class _StaffCalls:
    def __init__(self, state: State) -> None:
        self._state = state

    async def change_guild(self, request: web.Request) -> web.Response:
        guild, change = self._guild(request), await _body(request, GuildChange)
        if change.boost_tier is not UNSET and change.boost_tier not in _TIERS:
            raise errors.invalid_field(
                "boost_tier", code="BASE_TYPE_CHOICES", message="Value must be one of 0 to 3."
            )
        for name in change.__struct_fields__:
            value = getattr(change, name)
            if value is not UNSET:
                setattr(guild, name, value)
        return self._told(guild, "GUILD_UPDATE", guild_object(guild))

    async def invite(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        if self._state.bot_id not in guild.members:
            bot_id = self._state.bot_id
            role_ids = [role.id for role in guild.roles.values() if role.bot_id == bot_id]
            guild.members[bot_id] = Member(
                user_id=bot_id, joined_at_us=self._state.now_us(), role_ids=role_ids
            )
            self._told(guild, "GUILD_CREATE", guild_create_object(self._state, guild))
        return _json(guild_object(guild))

    async def expel(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        if guild.members.pop(self._state.bot_id, None) is not None:
            self._told(guild, "GUILD_DELETE", {"id": guild.id})
        return _json(guild_object(guild))

    async def automod_rules(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        return _json([automod_rule_object(guild, each) for each in guild.automod_rules.values()])

    async def set_automod_rules(self, request: web.Request) -> web.Response:
        """Puts these rules in the place of all others."""
        guild = self._guild(request)
        new = await _body(request, list[NewAutoModRule])
        for each in new:
            check_automod_rule(self._state, guild, each)
        check_automod_counts(new)
        old = [automod_rule_object(guild, each) for each in guild.automod_rules.values()]
        rules = [automod_rule(self._state.snowflakes.next(), each) for each in new]
        guild.automod_rules = {rule.id: rule for rule in rules}
        self._state.save(guild)
        shown = [automod_rule_object(guild, each) for each in rules]
        changes = [("DELETE", each) for each in old] + [("CREATE", each) for each in shown]
        for what, body in changes:
            name = f"AUTO_MODERATION_RULE_{what}"
            self._state.feed.publish(Event(name=name, body=body, guild_id=guild.id))
        return _json(shown)

    async def set_interest(self, request: web.Request) -> web.Response:
        guild, user_id = self._guild(request), request.match_info["user_id"]
        event = guild.scheduled_events.get(request.match_info["event_id"])
        if event is None:
            raise errors.DiscordError(errors.UNKNOWN_SCHEDULED_EVENT)
        if user_id not in guild.members:
            raise errors.DiscordError(errors.UNKNOWN_MEMBER)
        set_interest(self._state, guild, event, user_id, interested=request.method == "PUT")
        return _json(scheduled_event_object(self._state, guild, event, with_user_count=True))

    async def change_role(self, request: web.Request) -> web.Response:
        guild, change = self._guild(request), await _body(request, RoleChange)
        role = guild.roles.get(request.match_info["role_id"])
        if role is None:
            raise errors.DiscordError(errors.UNKNOWN_ROLE)
        if change.permissions is not UNSET:
            role.permissions = _bits("permissions", change.permissions)
        if change.name is not UNSET:
            role.name = change.name
        body: JsonObject = {"guild_id": guild.id, "role": role_object(role)}
        return self._told(guild, "GUILD_ROLE_UPDATE", body)

    async def change_member(self, request: web.Request) -> web.Response:
        guild, change = self._guild(request), await _body(request, MemberChange)
        member = guild.members.get(request.match_info["user_id"])
        if member is None:
            raise errors.DiscordError(errors.UNKNOWN_MEMBER)
        if change.roles is not UNSET:
            if not set(change.roles) <= guild.roles.keys():
                raise errors.DiscordError(errors.UNKNOWN_ROLE)
            member.role_ids = list(change.roles)
        if not isinstance(change.nick, UnsetType):
            member.nick = change.nick
        if change.timed_out_for_s is not UNSET:
            if change.timed_out_for_s > LONGEST_TIME_OUT_S:
                raise errors.invalid_field(
                    "timed_out_for_s", code="NUMBER_TYPE_MAX", message="28 days at most."
                )
            until_us = self._state.now_us() + round(change.timed_out_for_s * 1e6)
            member.timed_out_until_us = until_us if change.timed_out_for_s > 0 else None
        shown = member_object(self._state, member) | {"guild_id": guild.id}
        return self._told(guild, "GUILD_MEMBER_UPDATE", shown, subject_id=member.user_id)

    async def change_channel(self, request: web.Request) -> web.Response:
        channel = self._state.channel(request.match_info["channel_id"])
        change = await _body(request, ChannelChange)
        _apply(self._state, channel, change)
        if channel.is_thread:
            tell_thread(self._state, channel)
        else:
            self._state.save(channel)
            shown = channel_object(self._state, channel)
            self._state.publish("CHANNEL_UPDATE", shown, channel)
        return _json(channel_object(self._state, channel))

    def _guild(self, request: web.Request) -> Guild:
        guild = self._state.guilds.get(request.match_info["guild_id"])
        if guild is None:
            raise errors.DiscordError(errors.UNKNOWN_GUILD)
        return guild

    def _told(
        self, guild: Guild, name: str, body: JsonObject, subject_id: str | None = None
    ) -> web.Response:
        self._state.save(guild)
        event = Event(name=name, body=body, guild_id=guild.id, subject_id=subject_id)
        self._state.feed.publish(event)
        return _json(body)


def _apply(state: State, channel: Channel, change: ChannelChange) -> None:
    if change.name is not UNSET:
        channel.name = change.name
    if change.nsfw is not UNSET:
        channel.is_age_restricted = change.nsfw
    if change.overwrites is not UNSET:
        channel.overwrites = [
            Overwrite(
                id=each.id,
                type=each.type,
                allow=_bits("allow", each.allow),
                deny=_bits("deny", each.deny),
            )
            for each in change.overwrites
        ]
    if channel.thread is not None:
        _apply_to_thread(state, channel.thread, change)


def _apply_to_thread(state: State, thread: Thread, change: ChannelChange) -> None:
    if change.archived is not UNSET and change.archived != thread.is_archived:
        thread.is_archived = change.archived
        thread.archived_at_us = thread.active_at_us = state.now_us()
    if change.locked is not UNSET:
        thread.is_locked = change.locked


def _bits(name: str, value: str | int) -> int:
    if not str(value).isdecimal():
        raise errors.invalid_field(
            name, code="NUMBER_TYPE_COERCE", message=f'Value "{value}" is not int.'
        )
    return int(value)


async def _body(request: web.Request, shape: type[ShapeT]) -> ShapeT:
    return msgspec.json.decode(await request.read() or b"{}", type=shape)


def _json(body: object) -> web.Response:
    return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)
