"""The simple limits as tables: which fields an object has, of which type, how long, how large.

A *kind* describes one value. Kinds nest, so the table of a message names the table of an embed, and
`shape.py` has one small function per kind that finds what is wrong. As in Discord's own description
of its API, a field that need not be given may be null, and a required one may not.

Discord ignores a field that it does not know. Here such a field is a problem of its own sort
(`Problem.ignored`): it may be a slip in the client (`ephermal`, `embed`) that a sandbox should
find, or a library's habit. `unknown.py` takes it out; whether it refuses is the sandbox's setting.

JSON Schema would say the same in more words and slower; what it cannot say (sums, duplicates, what
belongs together) stands in the modules of the nouns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


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
