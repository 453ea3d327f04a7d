"""A text as its readers see it, with the way back to what was typed.

Cells (`bot/moderation/cells.py`) stand for the letters it shows, whatever they are dressed up as.
Out of reach: traditional for simplified Chinese, transcriptions, and a word all in letters of one
other script that are merely alike.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain, count, repeat
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.moderation.automaton import GAP
from bot.moderation.cells import CELLS, JAMO, KINDS, MARKS, PLAIN, in_latin, is_bare, is_mixed
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_PIECE = re.compile(f"[\\s\\S][{MARKS}\u3099\u309a\uff9e\uff9f]*")
_DRESSED = re.compile(f"[{MARKS}\u3099\u309a\uff9e\uff9f]")
_FLAG = re.compile(
    "(?<![\U0001f1e6-\U0001f1ff])([\U0001f1e6-\U0001f1ff]{2})(?![\U0001f1e6-\U0001f1ff])"
)
_SIGN = re.compile("[@$€£¢¥+!|]")
_READ_SIGN = re.compile(r"[@$€£¢¥+!|](?=[\w@$€£¢¥])|(?<=\w)[@$€£¢¥+!|]")
_LETTERS_OF_HANGUL = re.compile("[\u1100-\u11ff]")
_TURNED = re.compile("[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
_UPRIGHT = dict(zip("ɐqɔpǝɟƃɥᴉıɾʞlןɯuodbɹsʇnʌʍxʎz", "abcdefghiijkllmnopqrstuvwxyz", strict=True))
_WORD = re.compile(r"[^\W\d_]+")
_MAY_MISLEAD = re.compile("[ΗΜΝΥ]")  # their small letters look like others
_MISLEADING = dict(zip("ΗΜΝΥ", "HMNY", strict=True))


class Unmasked(Struct, frozen=True):
    """A text in cells. Each belongs to a piece of what was typed: a character with its marks."""

    text: str
    cells: str
    pieces: Sequence[int]  # which piece a cell belongs to
    offsets: Sequence[int]  # where in the text each piece begins, and the text's end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text the cells from `start` up to `end`, without it, were typed."""
        return self.offsets[self.pieces[start]], self.offsets[self.pieces[end - 1] + 1]

    def typed(self, start: int, end: int) -> str:
        """The very slice that became the cells from `start` up to `end`, without it."""
        first, last = self.span(start, end)
        return self.text[first:last]


def unmasked(text: str) -> Unmasked:
    """As readers see it: cells for words to be looked for in."""
    return _unmasked(text, CELLS)


def plain(text: str) -> Unmasked:
    """In small plain letters, for regular expressions: undressed, in one script where mixed."""
    found = _unmasked(text, PLAIN)
    if not is_mixed(text):
        return found
    return replace(found, cells=_WORD.sub(lambda word: in_latin(word[0]), found.cells))


def flipped(text: str) -> str | None:
    """The text turned by half a turn, if that is how it wants to be read: same length."""
    if not _TURNED.search(text):
        return None
    return "".join(_UPRIGHT.get(character, character) for character in reversed(text))


def in_jamo(unmasked: Unmasked) -> Unmasked | None:
    """The same with syllables of Hangul taken apart, if there are single letters beside them."""
    return _unmasked(unmasked.text, JAMO) if _LETTERS_OF_HANGUL.search(unmasked.cells) else None


def with_signs(cells: str) -> bool:
    """Whether signs stand where they may be read as letters."""
    return bool(_SIGN.search(cells) and _READ_SIGN.search(cells))


def _led_back(word: re.Match[str]) -> str:
    if not is_mixed(word[0]):
        return word[0]
    return "".join(_MISLEADING.get(letter, letter) for letter in word[0])


def _unmasked(text: str, table: Mapping[str, str]) -> Unmasked:
    if text.isascii() and not _CONTROL.search(text):
        lowered = text.lower().replace("\n", GAP)
        return Unmasked(text, lowered, range(len(text)), range(len(text) + 1))
    shown = _FLAG.sub("\u2691\u2691", text)
    if _MAY_MISLEAD.search(text):
        shown = _WORD.sub(_led_back, shown)
    pieces: Sequence[str] = _PIECE.findall(shown) if _DRESSED.search(shown) else shown
    folded = [table[piece] for piece in pieces]
    offsets: Sequence[int] = range(len(text) + 1)
    if pieces is not shown:
        offsets = list(accumulate(map(len, pieces), initial=0))
    cells = "".join(folded)
    numbers: Sequence[int] = range(len(cells))
    if len(cells) != len(folded) or "" in folded:
        numbers = list(chain.from_iterable(map(repeat, count(), map(len, folded))))
    if any(KINDS[cell] == "m" for cell in {*cells}):
        kept = _without_strays(cells)
        cells, numbers = "".join(cells[at] for at in kept), [numbers[at] for at in kept]
    return Unmasked(text, cells, numbers, offsets)


def _without_strays(cells: str) -> list[int]:
    """Which cells are no mark, or one of a letter of a script that has such marks."""
    kept: list[int] = []
    may_follow = False
    for at, cell in enumerate(cells):
        is_mark = KINDS[cell] == "m"
        if not is_mark:
            may_follow = KINDS[cell] in {"a", "n"} and not is_bare(cell.lower())
        if may_follow or not is_mark:
            kept.append(at)
    return kept
