"""Routes of guilds: the guild, its channels and roles, read and made; roles changed and deleted.

A new role stands at the bottom. Nobody changes a role at or above their own highest, or gives it
what they may not do themselves. Source: Discord's reference, "Create Guild Channel" and "Create
Guild Role" (2026-08); how channels' names are rewritten is observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.channels import (
    ChannelBody,
    TagBody,
    category_id,
    checked_channel,
    made_tags,
    shown_name,
)
from sandbox.discord.objects import approximate_counts, channel_object, guild_object, role_object
from sandbox.discord.overwrites import (
    NewOverwrite,
    made_overwrites,
    permission_bits,
    require_own_bits,
)
from sandbox.discord.permissions import (
    Permission,
    guild_permissions,
    may,
    rank_of_member,
    rank_of_role,
    require_in_guild,
)
from sandbox.discord.records import Channel, ChannelType, Role
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_ROLES = 250
_LARGEST_COLOR = 0xFFFFFF
MAX_CHANNELS = 500
_MADE_TYPES = frozenset(
    {
        ChannelType.TEXT,
        ChannelType.VOICE,
        ChannelType.CATEGORY,
        ChannelType.ANNOUNCEMENT,
        ChannelType.FORUM,
        ChannelType.MEDIA,
    }
)


def get(call: Call) -> Reply:
    """One guild."""
    guild = call.guild()
    counts = approximate_counts(guild) if call.flag("with_counts") else {}
    return Reply(body=guild_object(guild) | counts)


def list_channels(call: Call) -> Reply:
    """The guild's channels, threads left out, those that the bot can see."""
    state, guild = call.state, call.guild()
    return Reply(
        body=[
            channel_object(state, each)
            for each in state.channels_of(guild.id)
            if may(state, each, state.bot_id, Permission.VIEW_CHANNEL)
        ]
    )


def list_roles(call: Call) -> Reply:
    """The guild's roles."""
    return Reply(body=[role_object(role) for role in call.guild().roles.values()])


def get_role(call: Call) -> Reply:
    """One role."""
    return Reply(body=role_object(_role(call, call.guild())))


def count_members_by_role(call: Call) -> Reply:
    """How many members each role has; everybody has `@everyone`, which is left out."""
    guild = call.guild()
    held = [role_id for member in guild.members.values() for role_id in member.role_ids]
    counts = {role_id: held.count(role_id) for role_id in guild.roles if role_id != guild.id}
    return Reply(body=counts)


def list_emojis(call: Call) -> Reply:
    """The guild's own emojis: none here has any."""
    call.guild()
    return Reply(body=[])


def list_default_sounds(_: Call) -> Reply:
    """The sounds that everybody has: the sandbox has no sound."""
    return Reply(body=[])


class RoleColors(Struct, kw_only=True):
    """The colours of a role; the second and third need a boosted guild."""

    primary_color: int | None = None
    secondary_color: int | None = None
    tertiary_color: int | None = None


class RoleBody(Struct, kw_only=True):
    """A role; what is absent or null stays, or is as Discord makes it."""

    name: str | None = None
    permissions: str | int | None = None
    color: int | None = None
    colors: RoleColors | None = None
    hoist: bool | None = None
    mentionable: bool | None = None
    icon: str | None = None
    unicode_emoji: str | None = None


def create_role(call: Call) -> Reply:
    """Makes a role."""
    state, guild = call.state, call.guild(Permission.MANAGE_ROLES)
    if len(guild.roles) >= MAX_ROLES:
        raise errors.DiscordError(errors.MAX_ROLES)
    everyone = guild.roles[guild.id]
    role = Role(id="", name="new role", permissions=everyone.permissions, position=1)
    _change_role(state, guild, role, call.body(RoleBody))
    role.id = state.snowflakes.next()
    guild.roles[role.id] = role
    _tell_role(state, guild, "GUILD_ROLE_CREATE", {"role": role_object(role)})
    return Reply(body=role_object(role))


def edit_role(call: Call) -> Reply:
    """Changes a role."""
    state, guild = call.state, call.guild()
    role = _role_below(call, guild)
    _change_role(state, guild, role, call.body(RoleBody))
    _tell_role(state, guild, "GUILD_ROLE_UPDATE", {"role": role_object(role)})
    return Reply(body=role_object(role))


def delete_role(call: Call) -> Reply:
    """Deletes a role, which nobody has any more and no channel names."""
    state, guild = call.state, call.guild()
    role = _role_below(call, guild)
    if role.id == guild.id or role.bot_id is not None:
        raise errors.DiscordError(errors.INVALID_ROLE)
    del guild.roles[role.id]
    for member in guild.members.values():
        member.role_ids = [each for each in member.role_ids if each != role.id]
    for channel in state.channels_of(guild.id):
        if any(each.id == role.id for each in channel.overwrites):
            channel.overwrites = [each for each in channel.overwrites if each.id != role.id]
            state.save(channel)
    _tell_role(state, guild, "GUILD_ROLE_DELETE", {"role_id": role.id})
    return NO_CONTENT


def _role(call: Call, guild: Guild) -> Role:
    role = guild.roles.get(call.path["role_id"])
    if role is None:
        raise errors.DiscordError(errors.UNKNOWN_ROLE)
    return role


def _role_below(call: Call, guild: Guild) -> Role:
    """The role in the path, which must stand below the bot."""
    state = call.state
    require_in_guild(state, guild, Permission.MANAGE_ROLES)
    role = _role(call, guild)
    if rank_of_role(role) >= rank_of_member(guild, guild.members[state.bot_id]):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return role


def _change_role(state: State, guild: Guild, role: Role, body: RoleBody) -> None:
    """Checks the whole body, then changes the role."""
    colors = body.colors or RoleColors()
    if any((body.icon, body.unicode_emoji, colors.secondary_color, colors.tertiary_color)):
        raise errors.DiscordError(errors.NEEDS_BOOSTS)
    color = body.color if body.color is not None else colors.primary_color
    if color is not None and not 0 <= color <= _LARGEST_COLOR:
        raise errors.invalid_field(
            "color", code="NUMBER_TYPE_MAX", message="int value should be between 0 and 16777215."
        )
    if body.name is not None and not 1 <= len(body.name) <= 100:
        raise errors.bad_length("name", longest=100)
    if body.permissions is not None:
        role.permissions = _permissions(state, guild, body.permissions)
    role.name = role.name if body.name is None else body.name
    role.color = role.color if color is None else color
    role.is_hoisted = role.is_hoisted if body.hoist is None else body.hoist
    role.is_mentionable = role.is_mentionable if body.mentionable is None else body.mentionable


def _permissions(state: State, guild: Guild, asked: str | int) -> int:
    bits = permission_bits("permissions", asked)
    if bits & ~guild_permissions(guild, state.bot_id, state.now_us()):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return bits


def _tell_role(state: State, guild: Guild, name: str, body: JsonObject) -> None:
    state.save(guild)
    state.publish(name, {"guild_id": guild.id} | body, guild=guild)


class NewChannel(Struct, kw_only=True):
    """A channel to be made; what the sandbox does not keep of it is not named here."""

    name: str
    type: int | None = None
    topic: str | None = None
    position: int | None = None
    nsfw: bool | None = None
    rate_limit_per_user: int | None = None
    parent_id: str | int | None = None
    permission_overwrites: list[NewOverwrite] | None = None
    default_auto_archive_duration: int | None = None
    available_tags: list[TagBody | None] | None = None


def create_channel(call: Call) -> Reply:
    """Makes a channel; stages and directories the sandbox has not."""
    state, guild = call.state, call.guild(Permission.MANAGE_CHANNELS)
    body = call.body(NewChannel)
    require_own_bits(state, guild, (), made_overwrites(body.permission_overwrites))
    return Reply(status=201, body=channel_object(state, add_channel(state, guild, body)))


def add_channel(state: State, guild: Guild, body: NewChannel) -> Channel:
    """Keeps and tells a new channel, whoever may make it.

    Raises:
        DiscordError: 30013 for too many, 50035.
    """
    others = state.channels_of(guild.id)
    if len(others) >= MAX_CHANNELS:
        raise errors.DiscordError(errors.MAX_CHANNELS)
    last = max((each.position for each in others), default=-1)
    channel = _made_channel(state, guild, body)
    channel.position = last + 1 if body.position is None else body.position
    channel.id = state.snowflakes.next()
    state.save(channel)
    state.publish("CHANNEL_CREATE", channel_object(state, channel), channel)
    return channel


def _made_channel(state: State, guild: Guild, body: NewChannel) -> Channel:
    kind = _channel_type(body.type or 0)
    checked_channel(
        ChannelBody(
            name=body.name,
            topic=body.topic,
            rate_limit_per_user=body.rate_limit_per_user,
            auto_archive_duration=body.default_auto_archive_duration or 1440,
        )
    )
    channel = Channel(
        id="",
        type=kind,
        guild_id=guild.id,
        name=shown_name(kind, body.name),
        topic=body.topic,
        is_age_restricted=bool(body.nsfw),
        slow_mode_s=body.rate_limit_per_user or 0,
        parent_id=category_id(state, guild, body.parent_id),
        overwrites=made_overwrites(body.permission_overwrites),
        default_archive_after_minutes=body.default_auto_archive_duration,
    )
    if channel.holds_posts:
        channel.tags = made_tags(state, body.available_tags or [])
    return channel


def _channel_type(asked: int) -> ChannelType:
    if asked in _MADE_TYPES:
        return ChannelType(asked)
    if asked in (13, 14):
        raise errors.not_played("The sandbox has no stages and no directories.", "type")
    said = "Value must be one of {0, 2, 4, 5, 13, 14, 15, 16}."
    raise errors.invalid_field("type", code="BASE_TYPE_CHOICES", message=said)


_GUILD = "/guilds/{guild_id}"
_ROLES = f"{_GUILD}/roles"
_ROLE = f"{_ROLES}/{{role_id}}"


ROUTES = (
    Route("GET", _GUILD, get, ratelimits.GUILD_READ),
    Route("GET", f"{_GUILD}/channels", list_channels, ratelimits.GUILD_READ),
    Route("GET", f"{_GUILD}/emojis", list_emojis, ratelimits.GUILD_READ),
    Route("GET", "/soundboard-default-sounds", list_default_sounds, ratelimits.APPLICATION),
    Route("GET", _ROLES, list_roles, ratelimits.GUILD_READ),
    Route("GET", f"{_ROLES}/member-counts", count_members_by_role, ratelimits.GUILD_READ),
    Route("GET", _ROLE, get_role, ratelimits.GUILD_READ),
    Route("POST", _ROLES, create_role, ratelimits.GUILD_EDIT),
    Route("PATCH", _ROLE, edit_role, ratelimits.GUILD_EDIT),
    Route("DELETE", _ROLE, delete_role, ratelimits.GUILD_EDIT),
    Route("POST", f"{_GUILD}/channels", create_channel, ratelimits.GUILD_EDIT),
)
