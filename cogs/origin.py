"""Where an interaction comes from, and whether Zeuxis can work there."""

from __future__ import annotations

import discord
from discord import ChannelType

from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, RoleId, UserId
from bot.domain.job import Origin
from bot.errors import PermissionMissing

TOKEN_LIFETIME_US = 15 * 60 * 1_000_000  # of an interaction, Discord's
_THREADS = frozenset(
    {ChannelType.public_thread, ChannelType.private_thread, ChannelType.news_thread}
)
_VOICE = frozenset({ChannelType.voice, ChannelType.stage_voice})  # with a chat, without threads

_EVERYWHERE = ("view_channel", "attach_files")
_IN_THREADS = (*_EVERYWHERE, "send_messages_in_threads")
_IN_VOICE = (*_EVERYWHERE, "send_messages")
_IN_CHANNELS = (*_IN_THREADS, "send_messages", "create_public_threads")


def build_origin(interaction: discord.Interaction, *, parent_id: JobId | None = None) -> Origin:
    """All that is needed to answer this interaction later, from any process.

    A voice channel's chat has no threads, so it counts as one: the picture goes right there.

    Raises:
        PermissionMissing: the bot could not post the picture here.
    """
    channel = interaction.channel
    if channel is None or interaction.guild_id is None:
        raise PermissionMissing(("view_channel",))
    _check_permissions(interaction.app_permissions, channel.type)
    created_at_us = int(interaction.created_at.timestamp() * 1e6)
    return Origin(
        interaction_id=InteractionId(interaction.id),
        guild_id=GuildId(interaction.guild_id),
        channel_id=ChannelId(channel.id),
        user_id=UserId(interaction.user.id),
        is_thread=channel.type in _THREADS | _VOICE,
        locale=interaction.locale.value,
        guild_locale=(interaction.guild_locale or discord.Locale.american_english).value,
        upload_limit_bytes=interaction.filesize_limit,
        interaction_token=interaction.token,
        interaction_expires_at_us=created_at_us + TOKEN_LIFETIME_US,
        parent_id=parent_id,
    )


def role_ids(interaction: discord.Interaction) -> tuple[RoleId, ...]:
    """The member's roles as Discord sent them along.

    `Member.roles` leaves out what is not in the guild's cache, and there is no cache.
    """
    if not isinstance(interaction.user, discord.Member):
        return ()
    return tuple(map(RoleId, interaction.user._roles))  # noqa: SLF001 - see above


def may_moderate(interaction: discord.Interaction) -> bool:
    """Whether the member may manage what others have posted here."""
    return interaction.permissions.manage_messages


def _check_permissions(granted: discord.Permissions, kind: ChannelType) -> None:
    missing = [name for name in _needed(kind) if not getattr(granted, name)]
    if missing:
        raise PermissionMissing(missing)


def _needed(kind: ChannelType) -> tuple[str, ...]:
    if kind in _THREADS:
        return _IN_THREADS
    return _IN_VOICE if kind in _VOICE else _IN_CHANNELS
