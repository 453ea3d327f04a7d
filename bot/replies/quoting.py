"""A member's words inside ours: shown, and powerless.

A prompt may not mention anybody, link anywhere, end the quote that it stands in, turn the line
around or pass for one of our labels. So it becomes one line without invisible characters, and what
Discord's markdown would read as markup gets a backslash. A code block would need no backslashes,
but it is set in type that wraps badly on a phone, and a prompt is prose.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import accumulate

from bot.domain.visible import is_hidden

_JOINERS = "\u200c\u200d"  # of no width, yet emoji, Persian and the scripts of India need them
_BREAKS = frozenset({"Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 4  # on one letter: no language stacks more, and piles of them cover other lines

_MARKUP = frozenset("\\`*_~|<>[]@")
_LINK = re.compile(r":(?=//)")
_EVERYBODY = re.compile(r"@(?=everyone|here)")
_LINE_START = re.compile(r"[#+-]|\d+[.)]")


def plain(text: str, limit: int) -> str:
    """One line of visible characters, at most `limit` of them; for where no markdown is read."""
    return _cut(list(_one_line(text)), limit)


def escaped(text: str, limit: int) -> str:
    """One line that reads like `plain` where markdown is read, at most `limit` characters."""
    return _cut(_pieces(_one_line(text)), limit)


def quoted(text: str, limit: int) -> str:
    """A block quote of one line, at most `limit` characters with its mark."""
    return "> " + escaped(text, limit - 2)


def _cut(pieces: list[str], limit: int) -> str:
    """Joins as many whole pieces as fit, with an ellipsis if some do not."""
    lengths = list(accumulate(map(len, pieces)))
    if not lengths or lengths[-1] <= limit:
        return "".join(pieces)
    kept = pieces[: bisect_right(lengths, limit - 1)]
    return "".join(kept).rstrip(" " + _JOINERS) + "…"


def _one_line(text: str) -> str:
    visible = "".join(_visible(" ".join(text.split())))
    return " ".join(visible.split()).strip(_JOINERS)


def _visible(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if character in _JOINERS:
            kept.append(character)
        elif category in _MARKS:
            marks += 1
            kept += character * (marks <= _MOST_MARKS)
        elif category not in _BREAKS and not is_hidden(character):
            marks = 0
            kept.append(character)
    return kept


def _pieces(line: str) -> list[str]:
    """Each character as Discord's markdown has to be told it."""
    pieces = ["\\" + one if one in _MARKUP else one for one in line]
    for found in _LINK.finditer(line):
        pieces[found.start()] = "\\:"
    for found in _EVERYBODY.finditer(line):
        # The backslash keeps clients from showing a mention, the blank servers from finding one.
        pieces[found.start()] = "\\@\u200b"
    start = _LINE_START.match(line)
    if start:
        pieces[start.end() - 1] = "\\" + line[start.end() - 1]
    return pieces
