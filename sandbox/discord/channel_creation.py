"""The route that makes a channel in a guild.

Source: Discord's reference, "Create Guild Channel" (2026-08); how names are rewritten is observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.channels import (
    ChannelBody,
    TagBody,
    checked_channel,
    made_tags,
    permission_bits,
)
from sandbox.discord.objects import channel_object
from sandbox.discord.permissions import Permission, guild_permissions, require_in_guild
from sandbox.discord.records import Channel, ChannelType, Overwrite
from sandbox.discord.routing import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.state import State

MAX_CHANNELS = 500
_MADE = frozenset(
    {
        ChannelType.TEXT,
        ChannelType.VOICE,
        ChannelType.CATEGORY,
        ChannelType.ANNOUNCEMENT,
        ChannelType.FORUM,
        ChannelType.MEDIA,
    }
)
_NOT_REWRITTEN = frozenset({ChannelType.VOICE, ChannelType.CATEGORY})


class NewOverwrite(Struct, kw_only=True):
    """A new channel's exception for a role (type 0) or a member (type 1)."""

    id: str | int
    type: int | None = 0
    allow: str | int | None = None
    deny: str | int | None = None


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


def create(call: Call) -> Reply:
    """Makes a channel; stages and directories the sandbox has not."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    require_in_guild(state, guild, state.bot_id, Permission.MANAGE_CHANNELS)
    body = call.body(NewChannel)
    own = guild_permissions(guild, state.bot_id, state.now_us())
    if any((each.allow | each.deny) & ~own for each in _overwrites(body)):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
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
    channel = _made(state, guild, body)
    channel.position = last + 1 if body.position is None else body.position
    channel.id = state.snowflakes.next()
    state.save(channel)
    state.publish("CHANNEL_CREATE", channel_object(state, channel), channel)
    return channel


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
    channel = Channel(
        id="",
        type=kind,
        guild_id=guild.id,
        name=body.name if kind in _NOT_REWRITTEN else body.name.lower().replace(" ", "-"),
        topic=body.topic,
        is_age_restricted=bool(body.nsfw),
        slow_mode_s=body.rate_limit_per_user or 0,
        parent_id=_parent_id(state, guild, body.parent_id),
        overwrites=_overwrites(body),
        default_archive_after_minutes=body.default_auto_archive_duration,
    )
    if channel.holds_posts:
        channel.tags = made_tags(state, body.available_tags or [])
    return channel


def _type(asked: int) -> ChannelType:
    if asked in _MADE:
        return ChannelType(asked)
    if asked in (13, 14):
        raise errors.invalid_field(
            "type", code="SANDBOX_UNSUPPORTED", message="The sandbox has no such channels."
        )
    said = "Value must be one of {0, 2, 4, 5, 13, 14, 15, 16}."
    raise errors.invalid_field("type", code="BASE_TYPE_CHOICES", message=said)


def _parent_id(state: State, guild: Guild, asked: str | int | None) -> str | None:
    if asked is None:
        return None
    parent = state.channels.get(str(asked))
    if parent is None or parent.guild_id != guild.id or parent.type != ChannelType.CATEGORY:
        raise errors.invalid_field(
            "parent_id", code="CHANNEL_PARENT_INVALID", message="Category does not exist"
        )
    return parent.id


def _overwrites(body: NewChannel) -> list[Overwrite]:
    return [
        Overwrite(
            id=str(each.id),
            type=each.type or 0,
            allow=permission_bits("permission_overwrites", each.allow),
            deny=permission_bits("permission_overwrites", each.deny),
        )
        for each in body.permission_overwrites or []
    ]


ROUTES = (
    Route(
        method="POST",
        path="/guilds/{guild_id}/channels",
        handler=create,
        bucket=ratelimits.GUILD_EDIT,
    ),
)
