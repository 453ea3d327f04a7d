"""Several prompts in one: `a {red|blue} {cat|dog}` stands for four.

Braces without a bar in any of them are the prompt's own, as is what a backslash stands before:
`\\{`, `\\}` and `\\|`. How many there are is known before any of them is made.
"""

from __future__ import annotations

import re
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.refusals import BraceFault, BracesBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = re.compile(r"\\[{}|]|[{}|]")
_ESCAPED = re.compile(r"\\([{}|])")
_SHOWN_CHARACTERS = 20  # on either side of the place of a fault


class Permutations(Struct, frozen=True):
    """Of each part its alternatives; what is the same in all prompts has one."""

    parts: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        return prod(map(len, self.parts))

    def prompts(self) -> Iterator[str]:
        """In the order of reading: the last braces change first."""
        return map("".join, product(*self.parts))


def permutations_of(text: str) -> Permutations:
    """One prompt, if there are no alternatives in it.

    Raises:
        BracesBroken: there are, and braces within braces, one alone, or nothing between two bars.
    """
    if not _has_alternatives(text):
        return Permutations(((_plain(text),),))
    parts: list[tuple[str, ...]] = []
    begins, opened = 0, None
    for mark in _MARK.finditer(text):
        place = mark.start()
        if mark[0] == "{":
            if opened is not None:
                raise _broken(BraceFault.NESTED, text, place)
            parts.append((_plain(text[begins:place]),))
            opened = begins = place
        elif mark[0] == "}":
            if opened is None:
                raise _broken(BraceFault.UNOPENED, text, place)
            parts.append(_alternatives(text, opened, place))
            begins, opened = place + 1, None
    if opened is not None:
        raise _broken(BraceFault.UNCLOSED, text, opened)
    return Permutations((*parts, (_plain(text[begins:]),)))


def _has_alternatives(text: str) -> bool:
    """A bar in a brace, whole or broken."""
    depth = 0
    for mark in _MARK.findall(text):
        if mark == "|" and depth:
            return True
        depth = max(0, depth + {"{": 1, "}": -1}.get(mark, 0))
    return False


def _alternatives(text: str, opened: int, closed: int) -> tuple[str, ...]:
    """What stands between two braces; without a bar they are the prompt's own."""
    inner = text[opened + 1 : closed]
    bars = [mark.start() for mark in _MARK.finditer(inner) if mark[0] == "|"]
    if not bars:
        return (_plain(text[opened : closed + 1]),)
    edges = [-1, *bars, len(inner)]
    found = []
    for begin, end in pairwise(edges):
        one = _plain(inner[begin + 1 : end]).strip()
        if not one:
            raise _broken(BraceFault.EMPTY, text, opened + 1 + end)
        found.append(one)
    return tuple(found)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _broken(fault: BraceFault, text: str, place: int) -> BracesBroken:
    before = text[max(0, place - _SHOWN_CHARACTERS) : place]
    return BracesBroken(fault, before=before, after=text[place : place + _SHOWN_CHARACTERS])
