"""What a control carries, so that it works after any restart and in any process.

A custom id names its kind and holds all that a press needs to know: `zeuxis:2:case:approve:18`.
Each kind is a record that tells its prefix and how its fields are written behind it. Both are an
interface: messages that hang in channels for years carry them. 2 is the second version of
the format; prefixes without it are older.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum


class IdPart(NamedTuple):
    """One field: what it may be, and how it is read and written. An optional one may be None."""

    pattern: str
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    is_optional: bool = False


ID = IdPart("[1-9][0-9]{0,18}", int)
NUMBER = IdPart("0|[1-9][0-9]{0,18}", int)


def one_of(kind: type[StrEnum]) -> IdPart:
    return IdPart("|".join(kind), kind)


class CustomId(Struct, frozen=True):
    """Of one kind of control; `str` writes it, `read` reads it back."""

    prefixes: ClassVar[tuple[str, ...]]
    parts: ClassVar[dict[str, IdPart]]

    def __str__(self) -> str:
        return self._behind(self.prefixes[0])

    def in_all_versions(self) -> frozenset[str]:
        """A message may have been posted before an update."""
        return frozenset(map(self._behind, self.prefixes))

    def _behind(self, prefix: str) -> str:
        values = ((part, getattr(self, name)) for name, part in self.parts.items())
        return ":".join((prefix, *(part.write(one) for part, one in values if one is not None)))

    @classmethod
    @cache
    def pattern(cls) -> re.Pattern[str]:
        parts = (
            f"(?::(?P<{name}>{part.pattern}))" + "?" * part.is_optional
            for name, part in cls.parts.items()
        )
        return re.compile(f"(?:{'|'.join(cls.prefixes)}){''.join(parts)}", re.DOTALL)

    @classmethod
    def read(cls, custom_id: str) -> Self | None:
        """None: it is of another kind, or of another version."""
        match = cls.pattern().fullmatch(custom_id)
        return None if match is None else cls.of(match)

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        """Reads a match of `pattern`."""
        found = {name: text for name, text in match.groupdict().items() if text is not None}
        return cls(**{name: cls.parts[name].read(text) for name, text in found.items()})


def custom_id(
    prefix: str, *, former: str = "", **parts: IdPart
) -> Callable[[type[_Kind]], type[_Kind]]:
    """`former`: the prefix of an earlier version, which is read as well."""

    def told(kind: type[_Kind]) -> type[_Kind]:
        kind.prefixes = (prefix, former) if former else (prefix,)
        kind.parts = parts
        return kind

    return told


_Kind = TypeVar("_Kind", bound=CustomId)
