"""A channel's exceptions from what roles and members may do: one by one, and all at once.

Nobody gives or takes what they may not do themselves. Source: Discord's reference, "Edit Channel
Permissions" and "Modify Channel" (2026-08); that a bit that stays as it is needs none is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects import channel_object
from sandbox.discord.permissions import Permission, guild_permissions, require
from sandbox.discord.records import Channel, Overwrite
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import is_snowflake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.records import Guild
    from sandbox.discord.state import State


class OverwriteBody(Struct, kw_only=True):
    """A channel's exception for a role or member."""

    type: int = 0
    allow: str | int | None = None
    deny: str | int | None = None


class NewOverwrite(Struct, kw_only=True):
    """A new channel's exception for a role (type 0) or a member (type 1)."""

    id: str | int
    type: int | None = 0
    allow: str | int | None = None
    deny: str | int | None = None


def put_overwrite(call: Call) -> Reply:
    """Sets the exception for a role or member."""
    state = call.state
    channel = _with_overwrites(call)
    body = call.body(OverwriteBody)
    overwrites = set_overwrite(channel, call.path["overwrite_id"], body)
    guild = state.guilds[channel.guild_id or ""]
    require_own_bits(state, guild, channel.overwrites, overwrites)
    channel.overwrites = overwrites
    tell_channel(state, channel)
    return NO_CONTENT


def delete_overwrite(call: Call) -> Reply:
    """Takes the exception away."""
    channel = _with_overwrites(call)
    channel.overwrites = without_overwrite(channel, call.path["overwrite_id"])
    tell_channel(call.state, channel)
    return NO_CONTENT


def _with_overwrites(call: Call) -> Channel:
    state = call.state
    channel = state.channel(call.path["channel_id"])
    if channel.guild_id is None or channel.is_thread:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    require(state, channel, Permission.MANAGE_ROLES)
    return channel


def set_overwrite(channel: Channel, target_id: str, body: OverwriteBody) -> list[Overwrite]:
    """The channel's exceptions with this one for a role or member.

    Raises:
        DiscordError: 50035.
    """
    if body.type not in (0, 1):
        raise errors.invalid_field(
            "type", code="BASE_TYPE_CHOICES", message="Value must be one of {0, 1}."
        )
    one = Overwrite(
        id=target_id,
        type=body.type,
        allow=permission_bits("allow", body.allow),
        deny=permission_bits("deny", body.deny),
    )
    return [*without_overwrite(channel, target_id), one]


def without_overwrite(channel: Channel, target_id: str) -> list[Overwrite]:
    """The channel's exceptions but for that of a role or member."""
    return [each for each in channel.overwrites if each.id != target_id]


def made_overwrites(asked: Sequence[NewOverwrite] | None) -> list[Overwrite]:
    """All exceptions of a channel at once.

    Raises:
        DiscordError: 50035.
    """
    return [
        Overwrite(
            id=str(each.id),
            type=each.type or 0,
            allow=permission_bits("permission_overwrites", each.allow),
            deny=permission_bits("permission_overwrites", each.deny),
        )
        for each in asked or ()
    ]


def require_own_bits(
    state: State, guild: Guild, before: Sequence[Overwrite], after: Sequence[Overwrite]
) -> None:
    """Lets pass only exceptions that change nothing but what the bot may do in the guild.

    Raises:
        DiscordError: 50013.
    """
    known = {each.id: each for each in before}
    changed = 0
    for each in after:
        old = known.get(each.id, Overwrite(id=each.id, type=each.type))
        changed |= (each.allow ^ old.allow) | (each.deny ^ old.deny)
    if changed & ~guild_permissions(guild, state.bot_id, state.now_us()):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def permission_bits(field: str, value: str | int | None) -> int:
    """The bits in a body's field; null is none.

    Raises:
        DiscordError: 50035.
    """
    text = "0" if value is None else str(value)
    if not is_snowflake(text):
        raise errors.invalid_field(
            field, code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not int.'
        )
    return int(text)


def tell_channel(state: State, channel: Channel) -> None:
    """Keeps and tells a changed channel, which is no thread."""
    state.save(channel)
    state.publish("CHANNEL_UPDATE", channel_object(state, channel), channel)


_OVERWRITE = "/channels/{channel_id}/permissions/{overwrite_id}"

ROUTES = (
    Route("PUT", _OVERWRITE, put_overwrite, ratelimits.CHANNEL_EDIT),
    Route("DELETE", _OVERWRITE, delete_overwrite, ratelimits.CHANNEL_EDIT),
)
