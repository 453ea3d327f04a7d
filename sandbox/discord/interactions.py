"""Interactions: registered commands, where they may be called, and what became of a call.

A command names the contexts and installations that it is for. Without contexts it is offered in
guilds and in the conversation with the bot (observed; the reference says everywhere), without
installations to guilds alone. An interaction, from the member's act to its last follow-up, is in
memory only: tokens die soon. Source: Discord's reference, "Application Commands" (2026-08). Limits
are the business of `rules/`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct, UnsetType

from sandbox.discord.records import Reference
from sandbox.discord.shapes import is_snowflake

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.discord.records import Channel, InteractionType, Modal, Origin
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


class CommandType(IntEnum):
    """How a command is called."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3
    ENTRY_POINT = 4


class OptionType(IntEnum):
    """What an option takes."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


class CommandChoice(Struct, kw_only=True, omit_defaults=True):
    """One value that an option offers."""

    name: str
    value: str | int | float
    name_localizations: dict[str, str] | None = None


class CommandOption(Struct, kw_only=True, omit_defaults=True):
    """An option, subcommand or group of subcommands."""

    type: int
    name: str
    description: str
    name_localizations: dict[str, str] | None = None
    description_localizations: dict[str, str] | None = None
    required: bool | UnsetType = UNSET
    autocomplete: bool | UnsetType = UNSET
    choices: list[CommandChoice] | None = None
    options: list[CommandOption] | None = None
    channel_types: list[int] | None = None
    min_value: int | float | None = None
    max_value: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    file_types: list[str] | None = None


class Command(Struct, kw_only=True):
    """A registered command; `guild_id` None means everywhere."""

    id: str
    application_id: str
    version: str
    name: str
    type: int = CommandType.CHAT_INPUT
    description: str = ""
    guild_id: str | None = None
    name_localizations: dict[str, str] | None = None
    description_localizations: dict[str, str] | None = None
    options: list[CommandOption] = msgspec.field(default_factory=list)
    default_member_permissions: str | None = None
    contexts: list[int] | None = None
    integration_types: list[int] = msgspec.field(default_factory=lambda: [0])
    nsfw: bool = False

    @property
    def is_for_administrators(self) -> bool:
        """Whether the default permissions let nobody but administrators call it."""
        return self.default_member_permissions is not None and not self.member_permissions

    @property
    def member_permissions(self) -> int:
        """The bits that a member needs by default."""
        text = self.default_member_permissions or "0"
        return int(text) if is_snowflake(text) else 0


ANSWER_WITHIN_S = 3.0
"""A first answer later than this meets an unknown interaction. Source: Discord's reference."""

TOKEN_LIFETIME_US = 15 * 60 * 1_000_000
"""Edits and follow-ups later than this meet an invalid token. Source: Discord's reference."""


class CallbackType(IntEnum):
    """How an interaction is answered; the name in lower case is what the control interface says.

    The sandbox has neither a ping nor the last two.
    """

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9
    PREMIUM_REQUIRED = 10
    LAUNCH_ACTIVITY = 12


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One act of a member and what became of it.

    Attributes:
        body: the event's data as it was sent to the bot.
        answer_within_us: how long the bot's first answer may take.
        is_user_install: the bot itself is not in the place.
        must_be_ephemeral: such an install, where the member lacks USE_EXTERNAL_APPS.
        opened_on: the message whose component was used, if any.
        original_id: the message that `@original` means, once there is one.
        message_ids: every message that it led to by its own token, oldest first, deleted included.
        errors: what the member would see go wrong, as sentences.
    """

    id: str
    token: str
    type: InteractionType
    user_id: str
    channel_id: str
    guild_id: str | None
    created_at_us: int
    origin: Origin
    body: JsonObject
    answer_within_us: int
    is_user_install: bool = False
    is_context_menu: bool = False
    must_be_ephemeral: bool = False
    opened_on: str | None = None
    acknowledged_at_us: int | None = None
    acknowledged_how: CallbackType | None = None
    is_answer_pending: bool = False
    original_id: str | None = None
    message_ids: list[str] = field(default_factory=list)
    follow_up_count: int = 0
    modal: Modal | None = None
    choices: list[JsonObject] | None = None
    errors: list[str] = field(default_factory=list)
    changed_at_us: int = 0

    def must_be_acknowledged_by_us(self) -> int:
        """The instant after which a first answer comes too late."""
        return self.created_at_us + self.answer_within_us

    def reference(self, message_id: str) -> Reference:
        """What one of its messages says of another that it answers."""
        return Reference(channel_id=self.channel_id, message_id=message_id, guild_id=self.guild_id)

    def follow_up_origin(self) -> Origin:
        """What a follow-up says of the interaction."""
        origin = copy(self.origin)
        origin.original_message_id = self.original_id
        return origin

    def expires_at_us(self) -> int:
        """The instant after which the token is dead."""
        return self.created_at_us + TOKEN_LIFETIME_US


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
