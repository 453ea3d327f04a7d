"""What a character becomes for whoever reads it: cells, and what each may be read as.

A cell is a small letter for whatever the letter is dressed up as. What reads in several ways (a
digit, a sign, a letter of another script within a word) keeps its own. A letter of Latin, Greek or
Cyrillic with marks on it is its capital: it reads with and without them. Marks of other scripts
are letters, katakana are hiragana.

Sources: Unicode Standard Annexes #15 (NFKC) and #44, Technical Standard #39 (`confusables`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.moderation.automaton import GAP
from bot.moderation.confusables import ALIKE, SAME
from bot.visible import is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNS = "@$€£¢¥+!|"  # between or before letters they are read as such
MARKS = (
    "\u0300-\u034e\u0350-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_IS_MARK = re.compile(f"[{MARKS}]")
# Joiners, selectors; an iota below what is no Greek letter, of which casefolding makes a letter.
_DROPPED = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef\u0640\u0345]")
_MOST_REMEMBERED = 20_000


def _pairs(text: str) -> dict[str, str]:
    """Of words: their first letters, and the rest of each."""
    return {word[0]: word[1:] for word in re.findall(r"\S+", text)}


_READINGS = _pairs("0o 1il 2z 3e 4a 5s 6g 7t 8b 9g @a $s €e £l ¢c ¥y +t !i |il ӏil")
_KEPT = _pairs("ñn йи ўy")  # letters of their own, and what else they look like
_NATURAL = frozenset("àáâãäåçèéêëìíîïòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÝ")
_CAPITALS = _pairs("Вb Кk Мm Нh Тt Αa Βb Εe Ζz Ιi Κk Οo Ρp Τt Χx")
_STROKED = _pairs("øO đD łL ħH ŧT ɨI ʉU ƀB ǥG ɍR ɏY æae œoe")
# Last consonants of a syllable are the same letters as first ones.
_FIRSTS = _pairs(
    "ᆨᄀ ᆩᄁ ᆪᄀᄉ ᆫᄂ ᆬᄂᄌ ᆭᄂᄒ ᆮᄃ ᆯᄅ ᆰᄅᄀ ᆱᄅᄆ ᆲᄅᄇ ᆳᄅᄉ ᆴᄅᄐ ᆵᄅᄑ"
    " ᆶᄅᄒ ᆷᄆ ᆸᄇ ᆹᄇᄉ ᆺᄉ ᆻᄊ ᆼᄋ ᆽᄌ ᆾᄎ ᆿᄏ ᇀᄐ ᇁᄑ ᇂᄒ"
)
_SMALL_KANA = str.maketrans("ぁぃぅぇぉゎゕゖ", "あいうえおわかけ")
_SAME = {source: letter for letter, sources in reversed(SAME.items()) for source in sources}
_RARE = {source: letter for source, letter in _SAME.items() if not "\u0370" <= source <= "\u052f"}
_ALIKE: dict[str, str] = {}
for _letter, _sources in ALIKE.items():
    _ALIKE[_letter] = _sources
    for _source in _sources:
        _ALIKE[_source] = _ALIKE.get(_source, "") + _letter
_SCRIPT = re.compile(
    "([a-zA-ZÀ-\u02af\u1d00-\u1dbf\u2c60-\u2c7f\ua722-\ua7ff\uab30-\uab6f])"
    "|([\u0370-\u03ff])|([\u0400-\u052f])"
    "|([\u0531-\u0587])|([\u05d0-\u05ea])|([\u0620-\u06ff])|([\u0e00-\u10ff])"
    "|([\u13a0-\u167f\u2c80-\u2d7f\ua4d0-\ua4ff\U00010280-\U00010cff])"  # hardly written ones
)
_NO_BREAKS = (
    *("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"),
    *("IDEOGRAPHIC", "JAVANESE"),
)


class _Remembered(dict[str, str]):
    """What a function of one short text gave before, up to a bound."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: str) -> str:
        value = self._function(key)
        if len(self) < _MOST_REMEMBERED:
            self[key] = value
        return value


def reads_as(cell: str, letter: str) -> bool:
    """Whether the cell may be read as that letter, whatever is around it."""
    return (
        letter in _READINGS.get(cell, "")
        or letter == _KEPT.get(cell)
        or (cell.isupper() and cell.lower() == letter)
    )


def is_kept(cell: str) -> bool:
    """Whether it is a letter of its own that others may take for one with a mark."""
    return cell in _KEPT


def is_guessed(cell: str) -> bool:
    """Whether it is a letter only by what is around it."""
    return cell in _READINGS and not cell.isalpha()


def is_accented(cells: str) -> bool:
    """Whether a letter has a mark on it."""
    return any(cell.isupper() for cell in cells)


def is_natural(character: str) -> bool:
    """Whether it is a letter that a keyboard has, marks and all."""
    return character in _NATURAL


def typed_as(character: str, letter: str) -> bool:
    """Whether a capital of Greek or Cyrillic is that letter to the eye."""
    return _CAPITALS.get(character) == letter


def is_alike(cell: str, letter: str) -> bool:
    """Whether the cell may be read as that letter within a word of mixed scripts."""
    likes = _ALIKE.get(cell, "")
    return letter in likes or not set(likes).isdisjoint(_ALIKE.get(letter, ""))


def is_mixed(text: str) -> bool:
    """Whether letters of several scripts that have lookalikes stand beside one another."""
    return not text.isascii() and len({*map(_SCRIPT_OF.__getitem__, text)} - {""}) > 1


def in_latin(word: str) -> str:
    """For regular expressions: a word of mixed scripts in small Latin letters where it may be."""
    if not is_mixed(word):
        return word
    return "".join(
        _SAME.get(letter) or (letter if letter.isascii() else _ALIKE.get(letter, letter)[0])
        for letter in word
    )


def apart(cells: str) -> str:
    """With syllables of Hangul in their letters, last ones as first ones."""
    return "".join(
        "".join(_FIRSTS.get(jamo, jamo) for jamo in unicodedata.normalize("NFD", cell))
        if _is_syllable(cell)
        else cell
        for cell in cells
    )


def _script_of(character: str) -> str:
    match = _SCRIPT.match(unicodedata.normalize("NFKD", _unboxed(character)))
    return str(match.lastindex) if match else ""


def _kind(cell: str) -> str:
    category = unicodedata.category(cell)
    if category[0] == "M":
        return "m"
    if category[0] != "L":
        return ""
    if "\u1100" <= cell <= "\u11ff" or _is_syllable(cell):
        return "h"
    return "n" if unicodedata.name(cell, "").startswith(_NO_BREAKS) else "a"


_SCRIPT_OF = _Remembered(_script_of)
# Of a cell: a letter of an alphabet, a mark, Hangul, of a script with no breaks, or "" for others.
KINDS = _Remembered(_kind)


def _fold(piece: str) -> str:
    if piece.isspace() or piece == "\x00":
        return GAP
    cells: list[str] = []
    for character in _shown(piece):
        if _IS_MARK.match(character):
            if cells and is_bare(cells[-1]):
                cells[-1] = cells[-1].upper()
        else:
            cells.extend(_cells_of(character))
    return "".join(cells)


def _shown(piece: str) -> str:
    """Normalised, in small letters, without what nobody sees."""
    piece = _unboxed(piece[0]) + piece[1:]
    normalised = _DROPPED.sub("", unicodedata.normalize("NFKC", piece)).casefold()
    normalised = unicodedata.normalize("NFKC", normalised)
    return "".join(
        GAP if character.isspace() else character
        for character in normalised
        if character.isspace() or not is_hidden(character)
    )


def _unboxed(character: str) -> str:
    """Letters in boxes and circles that NFKC leaves alone, and those that flags are made of."""
    if character in "ϲϹ":  # lunate sigmas, that NFKC makes plain ones
        return "c"
    for first in (0x1F1E6, 0x1F150, 0x1F170):
        if first <= ord(character) < first + 26:
            return chr(ord("a") + ord(character) - first)
    return character


def _cells_of(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character in _KEPT:
        return character
    if character == "ё":
        return _SAME["е"]
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    if _is_syllable(character):
        return character
    if character in _STROKED:
        return _STROKED[character]
    bare = unicodedata.normalize("NFD", character)[0]
    if bare != character and is_bare(bare):
        base = _SAME.get(bare, bare)
        return base.upper() if len(base.upper()) == 1 else base
    return _FIRSTS.get(character) or _hiragana(character)


def _is_syllable(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3"


def is_bare(character: str) -> bool:
    """Whether marks on it may be a disguise."""
    return "a" <= character <= "z" or "\u0370" <= character <= "\u052f" or character in _READINGS


def _hiragana(character: str) -> str:
    if "\u30a1" <= character <= "\u30f6":
        character = chr(ord(character) - 0x60)
    return character.translate(_SMALL_KANA)


def _undress(piece: str) -> str:
    """For regular expressions: whole syllables and kana as typed, letters without their marks."""
    if piece.isspace() or piece == "\x00":
        return GAP
    letters = []
    for character in _shown(piece):
        apart = unicodedata.normalize("NFD", character)
        if not _IS_MARK.match(character):
            letters.append(apart[0] if is_bare(apart[0]) else _RARE.get(character, character))
    return "".join(letters)


CELLS = _Remembered(_fold)
JAMO = _Remembered(lambda piece: apart(_fold(piece)))
PLAIN = _Remembered(_undress)


def _class_of() -> dict[str, str]:
    """One letter for all that may be read as one another, however indirectly."""
    above: dict[str, str] = {}

    def top(cell: str) -> str:
        while cell in above:
            cell = above[cell]
        return cell

    capitals = {CELLS[capital]: letter for capital, letter in _CAPITALS.items()}
    for likes in (_READINGS, _ALIKE, capitals, _KEPT):
        for cell, letters in likes.items():
            for letter in letters:
                if top(cell) != top(letter):
                    above[top(cell)] = top(letter)
    return {cell: top(cell) for cell in above}


class _Kinds(dict[int, str]):
    """For `str.translate`: the kind of each cell, a gap for what has none."""

    def __missing__(self, point: int) -> str:
        value = KINDS[chr(point)] or GAP
        if len(self) < _MOST_REMEMBERED:
            self[point] = value
        return value


class _Classes(dict[int, str]):
    """For `str.translate`: the class of each cell, a gap for what is no letter."""

    def __init__(self, signs: str) -> None:
        super().__init__()
        self._signs = signs

    def __missing__(self, point: int) -> str:
        cell = chr(point)
        known = unicodedata.category(cell)[0] in "LMN" or cell in self._signs
        value = _CLASSES.get(cell.lower(), cell.lower()) if known else GAP
        if len(self) < _MOST_REMEMBERED:
            self[point] = value
        return value


_CLASSES = _class_of()
KINDS_OF = _Kinds()
LETTERS = _Classes("")
LETTERS_AND_SIGNS = _Classes(SIGNS)
