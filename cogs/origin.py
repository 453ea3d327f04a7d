"""Where an interaction comes from and by whom, what they may do, whether Zeuxis can work there."""

from __future__ import annotations

from typing import TypeVar, assert_never

import discord
from discord import ChannelType, app_commands

from bot.age_restriction import is_restricted
from bot.features.moderation.rules import Moderator
from bot.policy.changes import Author
from bot.policy.rows import Asking
from bot.queue.authority import Asker, Button
from bot.queue.records import (
    ChannelId,
    GuildId,
    InteractionId,
    JobId,
    MessageId,
    Origin,
    RoleId,
    Surface,
    UserId,
)
from bot.refusals import (
    MemberMayNotPost,
    NotInGuild,
    NotInThread,
    PermissionMissing,
    PlaceUnknown,
)
from bot.staff_refusals import (
    NotStaff,
)

CommandT = TypeVar("CommandT")

TOKEN_LIFETIME_US = 15 * 60 * 1_000_000  # of an interaction, Discord's
_THREADS = frozenset(
    {ChannelType.public_thread, ChannelType.private_thread, ChannelType.news_thread}
)
_VOICE = frozenset({ChannelType.voice, ChannelType.stage_voice})  # with a chat, without threads

_EVERYWHERE = ("view_channel", "attach_files")
_IN_THREADS = (*_EVERYWHERE, "send_messages_in_threads")
_IN_VOICE = (*_EVERYWHERE, "send_messages")
_IN_CHANNELS = (*_IN_THREADS, "send_messages", "create_public_threads")


def everywhere(command: CommandT) -> CommandT:
    """Lets a command, a group or a menu be used in guilds, in direct messages, and by a user's own
    install."""
    contexts = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    installs = app_commands.allowed_installs(guilds=True, users=True)
    return installs(contexts(command))


def in_guilds(command: CommandT) -> CommandT:
    """Lets it be used in guilds alone, where the bot itself is installed."""
    contexts = app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    installs = app_commands.allowed_installs(guilds=True, users=False)
    return installs(contexts(command))


def surface_of(interaction: discord.Interaction) -> Surface:
    """How it can be answered.

    A guild counts where the bot itself is installed in it. With a user's own install alone the bot
    has no rights there, and the guild's limits and settings are none of ours.
    """
    if interaction.is_guild_integration():
        return Surface.GUILD
    return Surface.DIRECT if interaction.context.dm_channel else Surface.INTERACTION


def guild_id_of(interaction: discord.Interaction) -> GuildId | None:
    """The guild whose settings and limits hold; None where the person counts alone."""
    is_guild = interaction.guild_id is not None and surface_of(interaction) is Surface.GUILD
    return GuildId(interaction.guild_id) if is_guild else None  # type: ignore[arg-type] # not None


def check_in_guild(interaction: discord.Interaction) -> None:
    """Raises NotInGuild: this is about a guild, and here is none that the bot is in."""
    if guild_id_of(interaction) is None:
        raise NotInGuild


def build_origin(interaction: discord.Interaction, *, parent_id: JobId | None = None) -> Origin:
    """All that is needed to answer this interaction later, from any process.

    A voice channel's chat has no threads, so it counts as one: the picture goes right there.

    Raises:
        MemberMayNotPost: the bot posts for nobody who may not post themselves.
        NotInThread, PermissionMissing: the bot could not post the picture here.
        PlaceUnknown: nobody knows whether it may be shown elsewhere; try again.
    """
    channel = interaction.channel
    if channel is None:
        raise PermissionMissing(("view_channel",))
    _check_place(interaction, channel.type, surface_of(interaction))
    return origin_of(interaction, parent_id=parent_id)


def origin_of(interaction: discord.Interaction, *, parent_id: JobId | None = None) -> Origin:
    """Likewise, though the bot could perhaps post no picture there.

    Raises:
        PermissionMissing: the bot cannot even see the channel.
        PlaceUnknown.
    """
    channel, surface = interaction.channel, surface_of(interaction)
    if channel is None:
        raise PermissionMissing(("view_channel",))
    is_of_adults = is_restricted(interaction)
    if is_of_adults is None:
        raise PlaceUnknown
    created_at_us = int(interaction.created_at.timestamp() * 1e6)
    return Origin(
        interaction_id=InteractionId(interaction.id),
        guild_id=guild_id_of(interaction),
        channel_id=ChannelId(channel.id),
        parent_channel_id=_parent_channel_id(interaction),
        user_id=user_of(interaction),
        is_thread=channel.type in _THREADS | _VOICE,
        locale=interaction.locale.value,
        guild_locale=(interaction.guild_locale or interaction.locale).value,
        upload_limit_bytes=interaction.filesize_limit,
        interaction_token=interaction.token,
        interaction_expires_at_us=created_at_us + TOKEN_LIFETIME_US,
        parent_id=parent_id,
        surface=surface,
        is_restricted=is_of_adults,
        joined_at_us=joined_at_us(interaction.user),
    )


def joined_at_us(user: discord.abc.User) -> int | None:
    """When they came to the guild, if it was sent along."""
    joined_at = user.joined_at if isinstance(user, discord.Member) else None
    return None if joined_at is None else int(joined_at.timestamp() * 1e6)


def role_ids(interaction: discord.Interaction) -> tuple[RoleId, ...]:
    """Of the member who asks; those of a guild without the bot give nothing."""
    return () if guild_id_of(interaction) is None else role_ids_of(interaction.user)


def role_ids_of(user: discord.abc.User) -> tuple[RoleId, ...]:
    """The member's roles as Discord sent them along.

    `Member.roles` leaves out what is not in the guild's cache, and there is no cache.
    """
    if not isinstance(user, discord.Member):
        return ()
    return tuple(map(RoleId, user._roles))  # noqa: SLF001 - see above


def asking_in(interaction: discord.Interaction) -> Asking:
    """Whose policy holds for the one who asks, where they ask."""
    channel_id = _parent_channel_id(interaction) or interaction.channel_id or 0
    return Asking(
        guild_id_of(interaction), channel_id, interaction.user.id, role_ids=role_ids(interaction)
    )


def is_staff(interaction: discord.Interaction) -> bool:
    """Whether they may manage the server at this moment, as Discord sent along."""
    granted = interaction.permissions
    return granted.manage_guild or granted.administrator


def check_staff(interaction: discord.Interaction) -> None:
    """By what Discord says of this very interaction: panels stay open longer than rights last.

    Raises:
        NotStaff: they may not manage the guild.
    """
    if interaction.guild_id is None or not is_staff(interaction):
        raise NotStaff


def user_of(interaction: discord.Interaction) -> UserId:
    return UserId(interaction.user.id)


def guild_of(interaction: discord.Interaction) -> GuildId:
    """Of what is to be had in guilds alone."""
    return GuildId(interaction.guild_id or 0)


def author_of(interaction: discord.Interaction) -> Author:
    """Whoever changes what is set, as the audit log has them."""
    return Author(actor=str(interaction.user.id), source="discord")


def moderator_of(interaction: discord.Interaction) -> Moderator:
    """Whoever presses, with what Discord says that they may do in this very place."""
    asker, granted = build_asker(interaction), interaction.permissions
    button = asker.button
    return Moderator(
        user_id=asker.user_id,
        guild_id=asker.guild_id,
        channel_id=asker.channel_id,
        root_channel_id=asker.root_channel_id,
        may_moderate=asker.may_moderate,
        manages_server=is_staff(interaction),
        may_time_out=granted.moderate_members or granted.administrator,
        message_id=None if button is None or button.is_private else button.message_id,
    )


def build_asker(interaction: discord.Interaction) -> Asker:
    """Whoever asks about a job, with what Discord says that they may do in this very place."""
    channel_id = ChannelId(interaction.channel_id or 0)
    return Asker(
        user_id=user_of(interaction),
        guild_id=guild_id_of(interaction),
        channel_id=channel_id,
        root_channel_id=_parent_channel_id(interaction) or channel_id,
        may_moderate=interaction.permissions.manage_messages,
        is_restricted=is_restricted(interaction) or False,  # unknown: nothing is shown there
        button=_button(interaction.message),
    )


def _button(message: discord.Message | None) -> Button | None:
    if message is None:
        return None
    return Button(message_id=MessageId(message.id), is_private=message.flags.ephemeral)


def _parent_channel_id(interaction: discord.Interaction) -> ChannelId | None:
    """Of a public thread, where whatever holds in its channel holds as well."""
    channel = interaction.channel
    if not isinstance(channel, discord.Thread) or channel.is_private():
        return None
    return ChannelId(channel.parent_id)


def _check_place(interaction: discord.Interaction, kind: ChannelType, surface: Surface) -> None:
    match surface:
        case Surface.GUILD:
            _check_member(interaction.permissions, kind)
            _check_permissions(interaction.app_permissions, kind)
        case Surface.DIRECT:
            pass  # between the bot and the person nobody has to allow anything
        case Surface.INTERACTION:
            if interaction.guild_id is not None:
                _check_visitor(interaction.permissions, kind)
        case _:
            assert_never(surface)


def _check_visitor(granted: discord.Permissions, kind: ChannelType) -> None:
    """A user's own install does what they may do themselves; in private they may do it anyway.

    Without this permission Discord shows all answers to them alone.
    """
    if not granted.use_external_apps:
        return
    _check_member(granted, kind)
    if not granted.attach_files:
        raise MemberMayNotPost(("attach_files",))


def _check_member(granted: discord.Permissions, kind: ChannelType) -> None:
    needed = "send_messages_in_threads" if kind in _THREADS else "send_messages"
    if not getattr(granted, needed):
        raise MemberMayNotPost((needed,))


def _check_permissions(granted: discord.Permissions, kind: ChannelType) -> None:
    if kind is ChannelType.private_thread and not granted.view_channel:
        raise NotInThread
    missing = lacking_permissions(granted, kind)
    if missing:
        raise PermissionMissing(missing)


def lacking_permissions(granted: discord.Permissions, kind: ChannelType) -> tuple[str, ...]:
    """Discord's flags of what the bot needs in such a channel and does not have."""
    return tuple(name for name in _needed(kind) if not getattr(granted, name))


def _needed(kind: ChannelType) -> tuple[str, ...]:
    if kind in _THREADS:
        return _IN_THREADS
    return _IN_VOICE if kind in _VOICE else _IN_CHANNELS
