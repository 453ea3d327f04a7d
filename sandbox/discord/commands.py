"""Routes of application commands: bulk sync, create, read, change, delete; global and per guild.

A command is known by its type and name: registering one again updates it and keeps its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.bodies import without_nulls
from sandbox.discord.interactions import Command, CommandOption, CommandType
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.rules.commands import MAX_OF_TYPE, TOO_MANY, command_problems
from sandbox.discord.rules.problems import refusal
from sandbox.discord.shapes import JsonObject, created_at_us, only_set

if TYPE_CHECKING:
    from sandbox.discord.state import State

CREATES_PER_DAY = 200
"""New commands a day in one place. Source: Discord's reference, "Application Commands"."""

_DAY_US = 24 * 3600 * 1_000_000


class CommandBody(Struct, kw_only=True):
    """A command to register."""

    name: str
    type: int | None = None
    description: str | None = None
    name_localizations: dict[str, str] | None = None
    description_localizations: dict[str, str] | None = None
    options: list[CommandOption] | None = None
    default_member_permissions: str | int | None = None
    default_permission: bool | None = None
    dm_permission: bool | None = None
    contexts: list[int] | None = None
    integration_types: list[int] | None = None
    nsfw: bool | None = None
    id: str | int | None = None


class CommandEdit(Struct, kw_only=True):
    """A change of a command; what is absent stays."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    name_localizations: dict[str, str] | UnsetType | None = UNSET
    description_localizations: dict[str, str] | UnsetType | None = UNSET
    options: list[CommandOption] | UnsetType | None = UNSET
    default_member_permissions: str | int | UnsetType | None = UNSET
    contexts: list[int] | UnsetType | None = UNSET
    integration_types: list[int] | UnsetType = UNSET
    nsfw: bool | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class _Place:
    state: State
    guild_id: str | None


def list_commands(call: Call) -> Reply:
    """The commands registered here."""
    place = _place(call)
    return Reply(body=[command_object(each) for each in _registered(place)])


def bulk_overwrite(call: Call) -> Reply:
    """Registers exactly these commands here."""
    place = _place(call)
    bodies = call.body(list[CommandBody])
    wanted = {(_type(body), body.name) for body in bodies}
    if len(wanted) < len(bodies):
        raise errors.invalid_field(
            code="APPLICATION_COMMANDS_DUPLICATE_NAME",
            message="Application command names must be unique",
        )
    _check_daily(place, [body for body in bodies if _find(place, body) is None])
    for command in _registered(place):
        if (command.type, command.name) not in wanted:
            place.state.remove(command)
    commands = [_register(place, body) for body in bodies]
    _tell(place)
    return Reply(body=[command_object(each) for each in commands])


def create(call: Call) -> Reply:
    """Registers one command, or updates the one with its type and name."""
    place = _place(call)
    body = call.body(CommandBody)
    is_new = _find(place, body) is None
    if is_new:
        _check_number(place, _type(body))
        _check_daily(place, [body])
    command = _register(place, body)
    _tell(place)
    return Reply(status=201 if is_new else 200, body=command_object(command))


def get(call: Call) -> Reply:
    """One command."""
    return Reply(body=command_object(_one(call)))


def edit(call: Call) -> Reply:
    """Changes one command."""
    command = _one(call)
    body = call.body(CommandEdit)
    _check_changed(call, command)
    for name in CommandEdit.__struct_fields__:
        value = getattr(body, name)
        if value is not UNSET:
            setattr(command, name, _stored(name, value))
    command.version = call.state.snowflakes.next()
    call.state.save(command)
    _tell(_place(call))
    return Reply(body=command_object(command))


def delete(call: Call) -> Reply:
    """Takes one command back."""
    call.state.remove(_one(call))
    _tell(_place(call))
    return NO_CONTENT


def _register(place: _Place, body: CommandBody) -> Command:
    known = _find(place, body)
    command = Command(
        id=known.id if known else place.state.snowflakes.next(),
        application_id=place.state.application.id,
        version=known.version if known else place.state.snowflakes.next(),
        type=_type(body),
        guild_id=place.guild_id,
        name=body.name,
        description=body.description or "",
        name_localizations=body.name_localizations,
        description_localizations=body.description_localizations,
        options=body.options or [],
        default_member_permissions=_bits_text(body.default_member_permissions),
        contexts=_contexts(body, place),
        integration_types=body.integration_types or [0],
        nsfw=bool(body.nsfw),
    )
    if known is not None and command != known:
        command.version = place.state.snowflakes.next()
    place.state.save(command)
    return command


def _check_number(place: _Place, kind: int) -> None:
    if sum(each.type == kind for each in _registered(place)) >= MAX_OF_TYPE[kind]:
        raise errors.DiscordError(TOO_MANY[kind])


def _check_changed(call: Call, command: Command) -> None:
    """Holds the command as it will be against the rules: its type says which names are allowed."""
    shown = command_object(command)
    known = {name: shown[name] for name in CommandBody.__struct_fields__ if name in shown}
    changed = without_nulls(call.payload, CommandEdit)
    whole = known | (changed if isinstance(changed, dict) else {})
    if problems := tuple(command_problems(whole)):
        raise refusal(problems)


def _contexts(body: CommandBody, place: _Place) -> list[int] | None:
    if body.contexts is not None or place.guild_id is not None:
        return body.contexts
    return [0] if body.dm_permission is False else None


def _stored(name: str, value: object) -> object:
    if name == "default_member_permissions" and value is not None:
        return str(value)
    return [] if name == "options" and value is None else value


def _bits_text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _type(body: CommandBody) -> int:
    return CommandType.CHAT_INPUT if body.type is None else body.type


def _find(place: _Place, body: CommandBody) -> Command | None:
    for command in _registered(place):
        if (command.type, command.name) == (_type(body), body.name):
            return command
    return None


def _registered(place: _Place) -> list[Command]:
    return [each for each in place.state.commands.values() if each.guild_id == place.guild_id]


def _check_daily(place: _Place, new: list[CommandBody]) -> None:
    since_us = place.state.now_us() - _DAY_US
    recent = [each for each in _registered(place) if created_at_us(each.id) > since_us]
    if new and len(recent) + len(new) > CREATES_PER_DAY:
        raise errors.DiscordError(errors.MAX_COMMAND_CREATES)


def _place(call: Call) -> _Place:
    state, guild_id = call.own_application(), call.path.get("guild_id")
    if guild_id is not None and (
        guild_id not in state.guilds or state.bot_id not in state.guilds[guild_id].members
    ):
        raise errors.DiscordError(errors.MISSING_ACCESS)
    return _Place(state, guild_id)


def list_permissions(call: Call) -> Reply:
    """Who may call which command, where a guild's staff has said so: nobody can here."""
    _place(call)
    return Reply(body=[])


def _one(call: Call) -> Command:
    place = _place(call)
    command = call.state.commands.get(call.path["command_id"])
    if command is None or command.guild_id != place.guild_id:
        raise errors.DiscordError(errors.UNKNOWN_COMMAND)
    return command


def _tell(place: _Place) -> None:
    shown = [command_object(each) for each in place.state.commands.values()]
    place.state.publish("SANDBOX_COMMANDS", {"commands": shown})


def command_object(command: Command) -> JsonObject:
    """A registered command; fields that REST clients read without asking are always there."""
    shown: JsonObject = {
        "id": command.id,
        "application_id": command.application_id,
        "version": command.version,
        "type": command.type,
        "name": command.name,
        "name_localizations": command.name_localizations,
        "description": command.description,
        "description_localizations": command.description_localizations,
        "default_member_permissions": command.default_member_permissions,
        "integration_types": command.integration_types,
        "nsfw": command.nsfw,
        "options": [msgspec.to_builtins(option) for option in command.options],
    }
    if command.guild_id is None:
        contexts = command.contexts
        shown["dm_permission"] = contexts is None or bool({1, 2} & set(contexts))
    return shown | only_set({"guild_id": command.guild_id, "contexts": command.contexts})


_GLOBAL = "/applications/{application_id}/commands"
_IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _routes(path: str) -> tuple[Route, ...]:
    read, write = ratelimits.COMMAND_READ, ratelimits.COMMAND_WRITE
    one = f"{path}/{{command_id}}"
    return (
        Route("GET", path, list_commands, read),
        Route("PUT", path, bulk_overwrite, write),
        Route("POST", path, create, write),
        Route("GET", one, get, read),
        Route("PATCH", one, edit, write),
        Route("DELETE", one, delete, write),
    )


ROUTES = (
    *_routes(_GLOBAL),
    *_routes(_IN_GUILD),
    Route("GET", f"{_IN_GUILD}/permissions", list_permissions, ratelimits.COMMAND_READ),
)
