"""The simple limits as tables: which fields an object has, of which type, how long, how large.

A *kind* describes one value. Kinds nest, so the table of a message names the table of an embed, and
`shape_problems` has one small function per kind that finds what is wrong, and says so in Discord's
words; the codes are its own where its answers are known (they stand in many bug reports), but
`UNKNOWN_FIELD` and `UNKNOWN_LOCALE` are ours. As in Discord's own description of its API, a field
that need not be given may be null, and a required one may not.

Discord ignores a field that it does not know. Here such a field is a problem of its own sort
(`Problem.ignored`): it may be a slip in the client (`ephermal`, `embed`) that a sandbox should
find, or a library's habit. `without_ignored` takes it out; whether it refuses is the sandbox's
setting.

JSON Schema would say the same in more words and slower; what it cannot say (sums, duplicates, what
belongs together) stands in the modules of the nouns.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from sandbox.discord.rules.problems import Path, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string of `shortest` to `longest` characters, or one of `choices`."""

    shortest: int = 0
    longest: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number, whole unless `fraction`; `digits` takes a string of digits too (permissions)."""

    lowest: int | None = None
    highest: int | None = None
    choices: tuple[int, ...] = ()
    fraction: bool = False
    digits: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Snowflake:
    """An id: a string of digits; Discord takes a number as well."""


@dataclass(frozen=True, slots=True)
class Instant:
    """An ISO 8601 instant."""


@dataclass(frozen=True, slots=True)
class Anything:
    """A value that the modules of the nouns look at, or that nobody needs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """An address with one of `schemes`."""

    schemes: tuple[str, ...] = ("http", "https")
    longest: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list of `fewest` to `most` values.

    Attributes:
        unique: No value may stand twice.
        nullable: A value may be null, and then is none.
    """

    of: Kind
    fewest: int = 0
    most: int | None = None
    unique: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object with these fields; Discord ignores others.

    Attributes:
        elsewhere: Fields that the object has on other routes. Libraries build one body for several
            routes, so here such a field may stand if it says nothing (null, false, empty).
    """

    known: Mapping[str, Kind]
    required: frozenset[str] = field(default_factory=frozenset)
    elsewhere: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """An object whose `type` says which of these it is."""

    kinds: Mapping[int, Fields]


@dataclass(frozen=True, slots=True, kw_only=True)
class Localized:
    """An object from locale to text."""

    of: Text


Kind: TypeAlias = (
    Text
    | Number
    | Truth
    | Snowflake
    | Instant
    | Anything
    | Url
    | Items
    | Fields
    | Tagged
    | Localized
)


_LOCALES = """
    id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk
    hi th zh-CN ja zh-TW ko
"""
LOCALES = frozenset(_LOCALES.split())
_SNOWFLAKE = re.compile(r"0|[1-9][0-9]{0,19}")


def shape_problems(kind: Kind, value: object, path: Path = ()) -> Iterator[Problem]:  # noqa: C901 -- one line per kind
    """Everything in which `value` is not of this kind."""
    match kind:
        case Text():
            yield from _text(kind, value, path)
        case Number():
            yield from _number(kind, value, path)
        case Truth():
            yield from _unless(isinstance(value, bool), path, _BOOLEAN)
        case Snowflake():
            yield from _snowflake(value, path)
        case Instant():
            yield from _instant(value, path)
        case Url():
            yield from _url(kind, value, path)
        case Items():
            yield from _items(kind, value, path)
        case Fields():
            yield from _fields(kind, value, path)
        case Tagged():
            yield from _tagged(kind, value, path)
        case Localized():
            yield from _localized(kind, value, path)
        case Anything():
            pass
        case _ as never:
            assert_never(never)


def bad_length(path: Path, shortest: int, longest: int | None) -> Problem:
    """A string or list that is too short or too long, in Discord's words."""
    if longest is None:
        code, said = "BASE_TYPE_MIN_LENGTH", f"Must be {shortest} or more in length."
    elif shortest:
        code, said = "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length."
    else:
        code, said = "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length."
    return Problem(path=path, code=code, message=said)


def missing(path: Path) -> Problem:
    """A field that must be given and is not."""
    return Problem(path=path, code="BASE_TYPE_REQUIRED", message="This field is required")


def not_a_choice(path: Path, choices: Iterable[object]) -> Problem:
    """A value that is none of the allowed ones."""
    said = f"Value must be one of {{{', '.join(map(str, choices))}}}."
    return Problem(path=path, code="BASE_TYPE_CHOICES", message=said)


_BOOLEAN = ("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
_STRING = ("STRING_TYPE_CONVERT", "Could not interpret the value as string.")
_LIST = ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
_OBJECT = ("MODEL_TYPE_CONVERT", "Expected an object/dictionary.")
_INSTANT = ("DATE_TIME_TYPE_PARSE", "Could not parse the value. Should be ISO8601.")
_ADDRESS = ("URL_TYPE_INVALID_URL", "Not a well formed URL.")
_TWICE = ("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")


def _unless(is_right: bool, path: Path, rule: tuple[str, str]) -> Iterator[Problem]:
    if not is_right:
        yield Problem(path=path, code=rule[0], message=rule[1])


def _text(kind: Text, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(path=path, code=_STRING[0], message=_STRING[1])
    elif kind.choices:
        if value not in kind.choices:
            yield not_a_choice(path, kind.choices)
    elif len(value) < kind.shortest or (kind.longest is not None and len(value) > kind.longest):
        yield bad_length(path, kind.shortest, kind.longest)


def _number(kind: Number, value: object, path: Path) -> Iterator[Problem]:
    number = _read_number(kind, value)
    if number is None:
        name = "float" if kind.fraction else "int"
        said = f"Value {json.dumps(str(value)[:40])} is not {name}."
        yield Problem(path=path, code="NUMBER_TYPE_COERCE", message=said)
    elif kind.choices:
        if number not in kind.choices:
            yield not_a_choice(path, kind.choices)
    elif kind.lowest is not None and number < kind.lowest:
        said = f"int value should be greater than or equal to {kind.lowest}."
        yield Problem(path=path, code="NUMBER_TYPE_MIN", message=said)
    elif kind.highest is not None and number > kind.highest:
        said = f"int value should be less than or equal to {kind.highest}."
        yield Problem(path=path, code="NUMBER_TYPE_MAX", message=said)


def _read_number(kind: Number, value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and (kind.fraction or value.is_integer()):
        return value
    if kind.digits and isinstance(value, str) and _SNOWFLAKE.fullmatch(value):
        return int(value)
    return None


def _snowflake(value: object, path: Path) -> Iterator[Problem]:
    is_digits = isinstance(value, str) and _SNOWFLAKE.fullmatch(value) is not None
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64
    if not is_digits and not is_number:
        said = f"Value {json.dumps(str(value)[:40])} is not snowflake."
        yield Problem(path=path, code="NUMBER_TYPE_COERCE", message=said)


def _instant(value: object, path: Path) -> Iterator[Problem]:
    try:
        dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        yield Problem(path=path, code=_INSTANT[0], message=_INSTANT[1])


def _url(kind: Url, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(path=path, code=_STRING[0], message=_STRING[1])
        return
    if len(value) > kind.longest:
        yield bad_length(path, 0, kind.longest)
        return
    scheme, separator, rest = value.partition("://")
    if not separator or not rest or " " in value:
        yield Problem(path=path, code=_ADDRESS[0], message=_ADDRESS[1])
    elif scheme.lower() not in kind.schemes:
        names = ", ".join(f"'{s}'" for s in kind.schemes)
        said = (
            f"Scheme {json.dumps(scheme[:40])} is not supported. Scheme must be one of ({names})."
        )
        yield Problem(path=path, code="URL_TYPE_INVALID_SCHEME", message=said)


def _items(kind: Items, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path=path, code=_LIST[0], message=_LIST[1])
        return
    if len(value) < kind.fewest or (kind.most is not None and len(value) > kind.most):
        yield bad_length(path, kind.fewest, kind.most)
    seen: list[object] = []
    for index, item in enumerate(value):
        if item is None and kind.nullable:
            continue
        yield from shape_problems(kind.of, item, (*path, index))
        if kind.unique:
            yield from _unless(item not in seen, (*path, index), _TWICE)
            seen.append(item)


def _fields(kind: Fields, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path=path, code=_OBJECT[0], message=_OBJECT[1])
        return
    for name in sorted(kind.required):
        if value.get(name) is None:
            yield missing((*path, name))
    for name, inner in value.items():
        if name in kind.known:
            if inner is not None:
                yield from shape_problems(kind.known[name], inner, (*path, name))
        elif inner or name not in kind.elsewhere:
            said = f"{json.dumps(str(name)[:40])} is not a field of this object."
            yield Problem(path=path, code="UNKNOWN_FIELD", message=said, ignored=name)


def _tagged(kind: Tagged, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path=path, code=_OBJECT[0], message=_OBJECT[1])
        return
    tag = value.get("type")
    if isinstance(tag, int) and not isinstance(tag, bool) and tag in kind.kinds:
        yield from _fields(kind.kinds[tag], value, path)
        return
    names = ", ".join(map(str, kind.kinds))
    said = f'Value of field "type" must be one of ({names}).'
    yield Problem(path=path, code="UNION_TYPE_CHOICES", message=said)


def _localized(kind: Localized, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path=path, code=_OBJECT[0], message=_OBJECT[1])
        return
    for locale, inner in value.items():
        if locale not in LOCALES:
            said = f"{json.dumps(str(locale)[:40])} is not a locale of Discord."
            yield Problem(path=path, code="UNKNOWN_LOCALE", message=said)
        elif inner is not None:
            yield from _text(kind.of, inner, (*path, locale))
