"""Application commands as they are registered. Limits are the business of `rules/`."""

from __future__ import annotations

from enum import IntEnum

from msgspec import UNSET, Struct, UnsetType, field

from sandbox.discord.snowflakes import is_snowflake


class CommandType(IntEnum):
    """How a command is called."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


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
    options: list[CommandOption] = field(default_factory=list)
    default_member_permissions: str | None = None
    contexts: list[int] | None = None
    integration_types: list[int] = field(default_factory=lambda: [0])
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
