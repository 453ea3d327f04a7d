"""Options of a command as Discord's client checks and sends them.

What the client would not let a member send is refused with the error that the form would show.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.attachments import file_limit_bytes, keep_upload
from sandbox.discord.bodies import Upload, parsed
from sandbox.discord.interactions import CommandOption, OptionType
from sandbox.discord.message_objects import attachment_object
from sandbox.discord.objects import bare_member_object, channel_object, role_object, user_object
from sandbox.discord.permissions import channel_permissions

if TYPE_CHECKING:
    from sandbox.discord.records import Channel
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

LARGEST_INTEGER = 2**53 - 1
LONGEST_STRING = 6000


class UploadedFile(Struct, kw_only=True):
    """A file that a member picks."""

    filename: str
    content_base64: str


def upload_of(state: State, channel: Channel, file: UploadedFile, key: str = "0") -> Upload:
    """The file as it goes to Discord.

    Raises:
        DiscordError: 50035 for what is no base64, 40005 for a file over the guild's limit.
    """
    try:
        content = base64.b64decode(file.content_base64, validate=True)
    except binascii.Error as problem:
        raise errors.invalid_field(code="BASE64", message=str(problem)) from problem
    if len(content) > file_limit_bytes(state, channel.guild_id):
        raise errors.DiscordError(errors.TOO_LARGE)
    return Upload(key=key, filename=file.filename, content=content)


@dataclass(slots=True)
class Resolved:
    """What the ids among the values mean; the bot gets it along with them."""

    state: State
    channel: Channel
    objects: dict[str, JsonObject] = field(default_factory=dict)

    def add_user(self, user_id: str) -> None:
        """A user, and their membership where they are a member."""
        self._add("users", user_id, user_object(self.state.user(user_id)))
        guild = self.state.guilds.get(self.channel.guild_id or "")
        if guild and user_id in guild.members:
            bits = channel_permissions(self.state, self.channel, user_id)
            member = bare_member_object(guild.members[user_id]) | {"permissions": str(bits)}
            self._add("members", user_id, member)

    def add_role(self, role_id: str) -> None:
        """A role of the guild."""
        guild = self.state.guilds.get(self.channel.guild_id or "")
        if guild is None or role_id not in guild.roles:
            raise errors.DiscordError(errors.UNKNOWN_ROLE)
        self._add("roles", role_id, role_object(guild.roles[role_id]))

    def add_channel(self, channel_id: str, actor_id: str, allowed: list[int] | None) -> None:
        """A channel of the guild, of one of the allowed types."""
        channel = self.state.channel(channel_id)
        if channel.guild_id != self.channel.guild_id or (allowed and channel.type not in allowed):
            raise errors.DiscordError(errors.UNKNOWN_CHANNEL)
        shown = channel_object(self.state, channel)
        shown["permissions"] = str(channel_permissions(self.state, channel, actor_id))
        shown["app_permissions"] = str(channel_permissions(self.state, channel, self.state.bot_id))
        self._add("channels", channel_id, shown)

    def add_mentionable(self, some_id: str) -> None:
        """A user or a role."""
        if some_id in self.state.users:
            self.add_user(some_id)
            return
        self.add_role(some_id)

    def add_file(self, value: object) -> str:
        """An upload; answers the id of its attachment."""
        attachment = keep_upload(
            self.state,
            upload_of(self.state, self.channel, parsed(value, UploadedFile)),
            None,
            channel_id=self.channel.id,
            is_ephemeral=True,
        )
        self._add("attachments", attachment.id, attachment_object(self.state, attachment))
        return attachment.id

    def data(self) -> JsonObject:
        """The part of the interaction's data that carries them."""
        return {"resolved": self.objects} if self.objects else {}

    def _add(self, kind: str, some_id: str, shown: JsonObject) -> None:
        self.objects.setdefault(kind, {})[some_id] = shown


def option_objects(
    options: list[CommandOption],
    values: dict[str, object],
    resolved: Resolved,
    *,
    actor_id: str,
    focused: str | None = None,
) -> list[JsonObject]:
    """The filled-in options as the bot gets them.

    Raises:
        DiscordError: 50035 naming every option that the client would mark.
    """
    problems = [
        _problem(name, "UNKNOWN_OPTION", "This command has no such option.")
        for name in values.keys() - {option.name for option in options}
    ]
    shown: list[JsonObject] = []
    for option in options:
        if option.name not in values:
            if option.required is True and focused is None:
                text = "This option is required. Specify a value"
                problems.append(_problem(option.name, "BASE_TYPE_REQUIRED", text))
            continue
        if option.name == focused:
            shown.append(_shown(option, values[option.name]) | {"focused": True})
            continue
        value = _by_choice(option, values[option.name])
        if focused is None and (problem := value_problem(option, value)):
            problems.append(problem)
            continue
        shown.append(_shown(option, _resolve(option, value, resolved, actor_id)))
    if problems:
        raise errors.invalid_form(problems)
    return shown


def value_problem(option: CommandOption, value: object) -> errors.FieldError | None:
    """What the client would say about this value, None if nothing."""
    match option.type:
        case OptionType.STRING:
            return _string_problem(option, value)
        case OptionType.INTEGER | OptionType.NUMBER:
            return _number_problem(option, value)
        case OptionType.BOOLEAN if not isinstance(value, bool):
            return _problem(option.name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        case OptionType.USER | OptionType.ROLE | OptionType.CHANNEL | OptionType.MENTIONABLE:
            if not isinstance(value, str):
                return _problem(option.name, "NUMBER_TYPE_COERCE", "Value is not snowflake.")
    return None


def _string_problem(option: CommandOption, value: object) -> errors.FieldError | None:
    if not isinstance(value, str):
        return _problem(option.name, "STRING_TYPE_CONVERT", "Could not interpret as string.")
    shortest, longest = option.min_length or 0, option.max_length or LONGEST_STRING
    if not shortest <= len(value) <= longest:
        return _problem(
            option.name,
            "BASE_TYPE_BAD_LENGTH",
            f"Must be between {shortest} and {longest} in length.",
        )
    return _choice_problem(option, value)


def _number_problem(option: CommandOption, value: object) -> errors.FieldError | None:
    whole = option.type == OptionType.INTEGER
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return _problem(option.name, "NUMBER_TYPE_COERCE", "Value is not a number of this type.")
    lowest = -LARGEST_INTEGER if option.min_value is None else option.min_value
    highest = LARGEST_INTEGER if option.max_value is None else option.max_value
    if not lowest <= value <= highest:
        return _problem(option.name, "NUMBER_TYPE_MAX", f"Must be between {lowest} and {highest}.")
    return _choice_problem(option, value)


def _choice_problem(option: CommandOption, value: object) -> errors.FieldError | None:
    if not option.choices or value in [choice.value for choice in option.choices]:
        return None
    return _problem(option.name, "BASE_TYPE_CHOICES", "Value must be one of the choices.")


def _by_choice(option: CommandOption, value: object) -> object:
    """A member picks a choice by its name; the bot gets its value."""
    for choice in option.choices or ():
        if choice.name == value:
            return choice.value
    return value


def _resolve(option: CommandOption, value: object, resolved: Resolved, actor_id: str) -> object:
    match option.type:
        case OptionType.USER:
            resolved.add_user(str(value))
        case OptionType.ROLE:
            resolved.add_role(str(value))
        case OptionType.MENTIONABLE:
            resolved.add_mentionable(str(value))
        case OptionType.CHANNEL:
            resolved.add_channel(str(value), actor_id, option.channel_types)
        case OptionType.ATTACHMENT:
            return resolved.add_file(value)
    return value


def _shown(option: CommandOption, value: object) -> JsonObject:
    return {"name": option.name, "type": option.type, "value": value}


def _problem(name: str, code: str, message: str) -> errors.FieldError:
    return errors.FieldError(path=("options", name), code=code, message=message)
