"""The route that makes a channel in a guild.

Source: Discord's reference, "Create Guild Channel" (2026-08); how names are rewritten is observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.channels import ChannelBody, checked_channel, permission_bits
from sandbox.discord.objects.channels import channel_object
from sandbox.discord.permissions import Permission, guild_permissions, require_in_guild
from sandbox.discord.records import Channel, ChannelType, ForumTag, Overwrite
from sandbox.discord.routing import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.state import State

MAX_CHANNELS = 500
MAX_TAGS = 20
_MADE = frozenset(
    {
        ChannelType.TEXT,
        ChannelType.VOICE,
        ChannelType.CATEGORY,
        ChannelType.ANNOUNCEMENT,
        ChannelType.FORUM,
    }
)
_REWRITTEN = frozenset({ChannelType.TEXT, ChannelType.ANNOUNCEMENT, ChannelType.FORUM})


class NewOverwrite(Struct, kw_only=True):
    """A new channel's exception for a role (type 0) or a member (type 1)."""

    id: str | int
    type: int | None = 0
    allow: str | int | None = None
    deny: str | int | None = None


class NewTag(Struct, kw_only=True):
    """A new forum's tag."""

    name: str
    moderated: bool | None = None
    emoji_name: str | None = None


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
    available_tags: list[NewTag | None] | None = None


def create(call: Call) -> Reply:
    """Makes a channel; stages, directories and media channels the sandbox has not."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    require_in_guild(state, guild, state.bot_id, Permission.MANAGE_CHANNELS)
    body = call.body(NewChannel)
    others = state.channels_of(guild.id)
    if len(others) >= MAX_CHANNELS:
        raise errors.DiscordError(errors.MAX_CHANNELS)
    last = max((each.position for each in others), default=-1)
    channel = _made(state, guild, body)
    channel.position = last + 1 if body.position is None else body.position
    channel.id = state.snowflakes.next()
    state.save(channel)
    state.publish("CHANNEL_CREATE", channel_object(state, channel), channel)
    return Reply(status=201, body=channel_object(state, channel))


def _made(state: State, guild: Guild, body: NewChannel) -> Channel:
    kind = _type(body.type or 0)
    checked_channel(
        ChannelBody(
            name=body.name,
            topic=body.topic,
            rate_limit_per_user=body.rate_limit_per_user,
            auto_archive_duration=body.default_auto_archive_duration or 1440,
        )
    )
    return Channel(
        id="",
        type=kind,
        guild_id=guild.id,
        name=body.name.lower().replace(" ", "-") if kind in _REWRITTEN else body.name,
        topic=body.topic,
        is_age_restricted=bool(body.nsfw),
        slow_mode_s=body.rate_limit_per_user or 0,
        parent_id=_parent_id(state, guild, body.parent_id),
        overwrites=_overwrites(state, guild, body.permission_overwrites or []),
        default_archive_after_minutes=body.default_auto_archive_duration,
        tags=_tags(state, body.available_tags or []) if kind == ChannelType.FORUM else [],
    )


def _type(asked: int) -> ChannelType:
    if asked in _MADE:
        return ChannelType(asked)
    if asked in (13, 14, 16):
        raise errors.invalid_field(
            "type", code="SANDBOX_UNSUPPORTED", message="The sandbox has no such channels."
        )
    raise errors.invalid_field(
        "type", code="BASE_TYPE_CHOICES", message="Value must be one of {0, 2, 4, 5, 13, 14, 15}."
    )


def _parent_id(state: State, guild: Guild, asked: str | int | None) -> str | None:
    if asked is None:
        return None
    parent = state.channels.get(str(asked))
    if parent is None or parent.guild_id != guild.id or parent.type != ChannelType.CATEGORY:
        raise errors.invalid_field(
            "parent_id", code="CHANNEL_PARENT_INVALID", message="Category does not exist"
        )
    return parent.id


def _overwrites(state: State, guild: Guild, asked: list[NewOverwrite]) -> list[Overwrite]:
    own = guild_permissions(guild, state.bot_id, state.now_us())
    made = [
        Overwrite(
            id=str(each.id),
            type=each.type or 0,
            allow=permission_bits("permission_overwrites", each.allow),
            deny=permission_bits("permission_overwrites", each.deny),
        )
        for each in asked
    ]
    if any((each.allow | each.deny) & ~own for each in made):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return made


def _tags(state: State, asked: list[NewTag | None]) -> list[ForumTag]:
    tags = [each for each in asked if each is not None]
    if len(tags) > MAX_TAGS or not all(1 <= len(each.name) <= 20 for each in tags):
        raise errors.invalid_field(
            "available_tags",
            code="BASE_TYPE_BAD_LENGTH",
            message="Must be 20 or fewer, each named with 1 to 20 characters.",
        )
    return [
        ForumTag(
            id=state.snowflakes.next(),
            name=each.name,
            is_moderated=bool(each.moderated),
            emoji_name=each.emoji_name,
        )
        for each in tags
    ]


ROUTES = (
    Route(
        method="POST",
        path="/guilds/{guild_id}/channels",
        handler=create,
        bucket=ratelimits.GUILD_EDIT,
    ),
)
