"""Application commands: names, options, choices, localisations and the 8,000 characters of each.

Source: "Application Commands" in the reference of Discord's API (2026-08). Discord's expression for
names asks for letters and numbers of any script, and for Devanagari and Thai whole, because their
vowel signs are not letters. Python's `re` knows no scripts, so the two Unicode blocks stand in.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from sandbox.discord.errors import ErrorKind
from sandbox.discord.interactions import CommandType, OptionType
from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Items,
    Kind,
    Localized,
    Number,
    Snowflake,
    Tagged,
    Text,
    Truth,
    missing,
    shape_problems,
)
from sandbox.discord.rules.problems import Body, Path, Problem, items, mapping, objects, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 8_000
MAX_OF_TYPE: dict[int, int] = {
    CommandType.CHAT_INPUT: 100,
    CommandType.USER: 15,
    CommandType.MESSAGE: 15,
    CommandType.ENTRY_POINT: 1,
}
TOO_MANY = {
    kind: ErrorKind(400, 30032, f"Maximum number of application commands reached ({most})")
    for kind, most in MAX_OF_TYPE.items()
}

_NAME_PATTERN = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
_NAME = Text(shortest=1, longest=32)
_DESCRIPTION = Text(shortest=1, longest=100)
_INT53 = 2**53 - 1


def _option(*required: str, **known: Kind) -> Fields:
    own: dict[str, Kind] = {
        "type": Number(),
        "name": _NAME,
        "name_localizations": Localized(of=_NAME),
        "description": _DESCRIPTION,
        "description_localizations": Localized(of=_DESCRIPTION),
    }
    return Fields(known=own | known, required=frozenset({"name", "description", *required}))


def _choices(value: Kind) -> Items:
    known: dict[str, Kind] = {
        "name": Text(shortest=1, longest=100),
        "name_localizations": Localized(of=Text(shortest=1, longest=100)),
        "value": value,
    }
    return Items(of=Fields(known=known, required=frozenset({"name", "value"})), most=25)


_ANY_VALUE: dict[str, Kind] = {
    "required": Truth(),
    "autocomplete": Truth(),
    "choices": Items(of=Anything(), most=0),
    "channel_types": Items(of=Anything(), most=0),
    "min_value": Anything(),
    "max_value": Anything(),
    "min_length": Anything(),
    "max_length": Anything(),
    "options": Items(of=Anything(), most=0),
}
"""What libraries send for every type of option, empty where the type has no use for it."""


def _value(**known: Kind) -> Fields:
    return _option(**(_ANY_VALUE | known))


_NUMBERS: dict[int, Number] = {
    OptionType.INTEGER: Number(lowest=-_INT53, highest=_INT53),
    OptionType.NUMBER: Number(lowest=-_INT53, highest=_INT53, fraction=True),
}
_VALUES: dict[int, Fields] = {
    OptionType.STRING: _value(
        choices=_choices(Text(longest=100)),
        min_length=Number(lowest=0, highest=6000),
        max_length=Number(lowest=1, highest=6000),
    ),
    OptionType.BOOLEAN: _value(),
    OptionType.USER: _value(),
    OptionType.CHANNEL: _value(channel_types=Items(of=Number(lowest=0), unique=True)),
    OptionType.ROLE: _value(),
    OptionType.MENTIONABLE: _value(),
    OptionType.ATTACHMENT: _value(file_types=Items(of=Text(shortest=1, longest=100), most=10)),
} | {
    kind: _value(choices=_choices(value), min_value=value, max_value=value)
    for kind, value in _NUMBERS.items()
}
_SUBCOMMAND = _option(required=Truth(), options=Items(of=Tagged(kinds=_VALUES), most=25))
_GROUP = _option(
    required=Truth(), options=Items(of=Tagged(kinds={OptionType.SUB_COMMAND: _SUBCOMMAND}), most=25)
)
_OPTIONS = Items(
    of=Tagged(
        kinds={OptionType.SUB_COMMAND: _SUBCOMMAND, OptionType.SUB_COMMAND_GROUP: _GROUP} | _VALUES
    ),
    most=25,
)

_COMMAND: dict[str, Kind] = {
    "id": Snowflake(),
    "type": Number(choices=tuple(CommandType)),
    "name": _NAME,
    "name_localizations": Localized(of=_NAME),
    "description": Text(longest=100),
    "description_localizations": Localized(of=_DESCRIPTION),
    "options": _OPTIONS,
    "default_member_permissions": Number(lowest=0, highest=2**64 - 1, digits=True),
    "dm_permission": Truth(),
    "default_permission": Truth(),
    "nsfw": Truth(),
    "contexts": Items(of=Number(choices=(0, 1, 2)), fewest=1, unique=True),
    "integration_types": Items(of=Number(choices=(0, 1)), fewest=1, unique=True),
    "handler": Number(choices=(1, 2)),
}
_NEW = Fields(known=_COMMAND, required=frozenset({"name"}))
_CHANGED = Fields(known=_COMMAND)


def command_problems(body: object, at: Path = ()) -> Iterator[Problem]:
    """Everything that is wrong with a command to be made."""
    yield from shape_problems(_NEW, body, at)
    if isinstance(body, dict):
        yield from _kind_problems(body, at)
        yield from _whole_problems(body, at)


def changed_command_problems(body: object) -> Iterator[Problem]:
    """Everything that is wrong with a change of a command; what it leaves out stays."""
    yield from shape_problems(_CHANGED, body)
    if isinstance(body, dict):
        yield from _whole_problems(body, ())


def bulk_problems(body: object) -> Iterator[Problem]:
    """Everything that is wrong with a whole set of commands, which replaces the former one."""
    yield from shape_problems(Items(of=Anything()), body)
    if not isinstance(body, list):
        return
    yield from chain.from_iterable(command_problems(c, (i,)) for i, c in enumerate(body))
    commands = [c for c in body if isinstance(c, dict)]
    kinds = [(whole(c, "type") or CommandType.CHAT_INPUT, text(c, "name")) for c in commands]
    for index, key in enumerate(kinds):
        if key in kinds[:index]:
            said = "Application command names must be unique"
            path = (index, "name")
            yield Problem(path=path, code="APPLICATION_COMMANDS_DUPLICATE_NAME", message=said)
    for kind, error in TOO_MANY.items():
        if sum(k == kind for k, _ in kinds) > MAX_OF_TYPE[kind]:
            yield Problem(path=(), code="TOO_MANY_COMMANDS", message=error.message, kind=error)


def _kind_problems(command: Body, at: Path) -> Iterator[Problem]:
    kind = whole(command, "type") or CommandType.CHAT_INPUT
    if kind in (CommandType.CHAT_INPUT, CommandType.ENTRY_POINT):
        yield from _name_problems(command, at)
        if not text(command, "description"):
            yield missing((*at, "description"))
        return
    for field in ("description", "options"):
        if command.get(field):
            said = f"Context menu commands cannot have {field}"
            code = f"APPLICATION_COMMAND_CONTEXT_MENU_{field.upper()}"
            yield Problem(path=(*at, field), code=code, message=said)


def _whole_problems(command: Body, at: Path) -> Iterator[Problem]:
    yield from _options_problems(command, at)
    if _characters(command) > MAX_CHARACTERS:
        said = f"Command exceeds maximum size ({MAX_CHARACTERS})"
        yield Problem(path=at, code="APPLICATION_COMMAND_TOO_LARGE", message=said)


def _options_problems(parent: Body, at: Path) -> Iterator[Problem]:
    options = list(objects(parent, "options"))
    yield from _mixture_problems(options, at)
    seen: set[str] = set()
    optional = False
    for index, option in options:
        here = (*at, "options", index)
        yield from _name_problems(option, here)
        if text(option, "name") in seen:
            said = "Option name already exists"
            code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
            yield Problem(path=(*here, "name"), code=code, message=said)
        seen.add(text(option, "name"))
        if option.get("required") is True and optional:
            said = "Required options must be placed before non-required options"
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            yield Problem(path=here, code=code, message=said)
        optional |= option.get("required") is not True
        yield from _option_problems(option, here)
        yield from _options_problems(option, here)


def _mixture_problems(options: list[tuple[int, Body]], at: Path) -> Iterator[Problem]:
    nested = [
        (whole(option, "type") in (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP))
        for _, option in options
    ]
    if any(nested) and not all(nested):
        said = (
            "Sub-command and sub-command group option types are mutually exclusive"
            " to all other types"
        )
        path = (*at, "options")
        yield Problem(path=path, code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message=said)


def _option_problems(option: Body, here: Path) -> Iterator[Problem]:
    if option.get("autocomplete") is True:
        if items(option, "choices"):
            said = "Autocomplete and choices are mutually exclusive"
            code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES"
            yield Problem(path=(*here, "autocomplete"), code=code, message=said)
        if whole(option, "type") not in (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER):
            said = "Options of this type cannot be completed"
            code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_TYPE"
            yield Problem(path=(*here, "autocomplete"), code=code, message=said)
    for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
        lowest, highest = option.get(low), option.get(high)
        if (
            isinstance(lowest, int | float)
            and isinstance(highest, int | float)
            and lowest > highest
        ):
            said = f"int value should be less than or equal to {highest}."
            yield Problem(path=(*here, low), code="NUMBER_TYPE_MAX", message=said)
    seen: set[str] = set()
    for index, choice in objects(option, "choices"):
        if text(choice, "name") in seen:
            said = "Option choice name already exists"
            code = "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS"
            yield Problem(path=(*here, "choices", index, "name"), code=code, message=said)
        seen.add(text(choice, "name"))


def _name_problems(named: Body, here: Path) -> Iterator[Problem]:
    names = {("name",): text(named, "name")} | {
        ("name_localizations", locale): name
        for locale, name in mapping(named, "name_localizations").items()
        if isinstance(name, str)
    }
    for place, name in names.items():
        if name and (_NAME_PATTERN.fullmatch(name) is None or name != name.lower()):
            said = "Command name is invalid"
            path = (*here, *place)
            yield Problem(path=path, code="APPLICATION_COMMAND_INVALID_NAME", message=said)


def _characters(command: Body) -> int:
    inner = chain(objects(command, "options"), objects(command, "choices"))
    own = _longest(command, "name") + _longest(command, "description")
    return own + len(text(command, "value")) + sum(_characters(each) for _, each in inner)


def _longest(named: Body, field: str) -> int:
    translated = mapping(named, f"{field}_localizations").values()
    return max(len(t) for t in (text(named, field), *translated) if isinstance(t, str))
