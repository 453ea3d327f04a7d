"""Regular expressions of staff, in time that grows with the text alone.

`re2` (the extra `patterns`) has nothing that would need to go back, as Rust's expressions have
not, in which Discord's AutoMod is written. Expressions are case-sensitive as they stand; `(?i)` at
the start changes that. They look at a text as typed, and in small plain letters
(`bot.moderation.disguise.plain`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.staff_refusals import WordRuleFault, WordRuleRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_CHARACTERS = 260  # as in AutoMod
_MOST_STEPS = 5_000  # of re2's program: x{1000} has 1,000
_MEMORY_BYTES = 1 << 19  # of one expression; beyond it re2 is slower, yet linear
_AT_ONCE = 25  # expressions that are looked for together before each alone
_MEMORY_AT_ONCE_BYTES = 1 << 23
# Whatever finds something in each text of one row would find something in nearly any.
_ORDINARY = (
    ("a cat on a roof", "Portrait of an old sailor", "misty hills, oil painting", "city by night"),
    ("屋顶上的猫", "水墨山水，远处有船", "夜晚的城市街道", "戴红围巾的女孩"),
    ("кот на крыше", "Портрет старого моряка", "туманные холмы, масло", "город ночью"),
    ("", "", "", ""),
)


class RulePattern(NamedTuple):
    """Of which rule, by its place among them, and as it stands there."""

    rule: int
    text: str


class Patterns:
    """All of a guild's, compiled."""

    def __init__(self, patterns: Sequence[RulePattern]) -> None:
        self._chunks = [
            _Chunk(patterns[start : start + _AT_ONCE])
            for start in range(0, len(patterns), _AT_ONCE)
        ]

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def find(self, text: str) -> Iterator[tuple[RulePattern, int, int]]:
        """Each occurrence of each, from which character up to which."""
        encoded = text.encode("utf-8", "replace")
        for chunk in self._chunks:
            for pattern, start, end in chunk.find(encoded):
                first = len(encoded[:start].decode())
                yield pattern, first, first + len(encoded[start:end].decode())


class _Chunk:
    def __init__(self, patterns: Sequence[RulePattern]) -> None:
        self._each = [(pattern, compiled(pattern.text)) for pattern in patterns]
        self._any: Any = None
        if len(patterns) > 1:
            joined = "|".join(f"(?:{pattern.text})" for pattern in patterns)
            with suppress(WordRuleRefused):  # too much at once: then each alone
                self._any = _compile(joined, memory_bytes=_MEMORY_AT_ONCE_BYTES)

    def find(self, text: bytes) -> Iterator[tuple[RulePattern, int, int]]:
        if self._any is not None and not self._any.search(text):
            return
        for pattern, expression in self._each:
            for match in expression.finditer(text):
                yield pattern, *match.span()


def compiled(text: str) -> Any:
    """For texts in UTF-8. Raises WordRuleRefused: it cannot be had, or would match anything."""
    if len(text) > MOST_CHARACTERS:
        raise WordRuleRefused(WordRuleFault.TOO_LONG, entry=text, limit=MOST_CHARACTERS)
    expression = _compile(text, memory_bytes=_MEMORY_BYTES)
    if expression.programsize > _MOST_STEPS:
        raise WordRuleRefused(WordRuleFault.TOO_COSTLY, entry=text)
    for row in _ORDINARY:
        if all(expression.search(one.encode()) for one in row):
            raise WordRuleRefused(WordRuleFault.MATCHES_ALL, entry=text)
    return expression


def _compile(text: str, *, memory_bytes: int) -> Any:
    try:
        import re2
    except ImportError as error:
        raise WordRuleRefused(WordRuleFault.NO_PATTERNS, entry=text) from error
    options = re2.Options()
    options.max_mem = memory_bytes
    options.log_errors = False
    options.never_capture = True
    try:
        return re2.compile(text.encode("utf-8", "replace"), options)
    except re2.error as error:
        said = str(error)
        costly = re.search("too large|repetition size", said) is not None
        fault = WordRuleFault.TOO_COSTLY if costly else WordRuleFault.BAD_PATTERN
        raise WordRuleRefused(fault, entry=text) from error
