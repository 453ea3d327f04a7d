"""Where interactions come from, and by whose installation of the application.

A command names the contexts and installations that it is for. Without contexts it is offered in
guilds and in the conversation with the bot (observed; the reference says everywhere), without
installations to guilds alone. Source: Discord's reference, "Application Commands" (2026-08).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.discord.command_records import Command
    from sandbox.discord.records import Channel
    from sandbox.discord.state import State


class InteractionContext(IntEnum):
    """A guild, the conversation with the bot, or one between people."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


class IntegrationType(IntEnum):
    """Who has installed the application: a guild's staff, or a user for themselves."""

    GUILD_INSTALL = 0
    USER_INSTALL = 1


UNNAMED_CONTEXTS = (InteractionContext.GUILD, InteractionContext.BOT_DM)
"""Where a command is offered that names no contexts."""


def context_of(state: State, channel: Channel) -> InteractionContext:
    """What kind of place the channel is to the application."""
    if channel.guild_id is not None:
        return InteractionContext.GUILD
    if state.bot_id in channel.recipient_ids:
        return InteractionContext.BOT_DM
    return InteractionContext.PRIVATE_CHANNEL


def is_bot_in(state: State, channel: Channel) -> bool:
    """Whether the bot itself is in the place, so that its token works there."""
    if channel.guild_id is None:
        return state.bot_id in channel.recipient_ids
    return state.bot_id in state.guilds[channel.guild_id].members


def command_owners(
    state: State, channel: Channel, user_id: str, command: Command
) -> dict[str, str]:
    """By whose installations this user may call the command here; nobody's if none is named."""
    if command.guild_id is not None:
        return owners(state, channel, user_id, (IntegrationType.GUILD_INSTALL,))
    return owners(state, channel, user_id, command.integration_types)


def owners(
    state: State, channel: Channel, user_id: str, supported: Collection[int]
) -> dict[str, str]:
    """`authorizing_integration_owners`: the guild ("0" for the bot's conversation), the user."""
    found: dict[str, str] = {}
    if IntegrationType.GUILD_INSTALL in supported and is_bot_in(state, channel):
        found["0"] = channel.guild_id or "0"
    if IntegrationType.USER_INSTALL in supported and state.users[user_id].has_installed:
        found["1"] = user_id
    return found
