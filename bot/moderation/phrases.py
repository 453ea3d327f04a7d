"""A word or phrase of a rule, and whether it stands at a place of a text.

As in Discord's AutoMod, a word is found where it stands alone, with `*` at an end where more may
follow or go before. Where scripts have no breaks between words, it is found within. Letters may be
repeated (three times and more, or all of them), and kept apart in three ways: each alone
(`b a d`, never whole words); by signs within one chunk (`ba-d`); in scripts without breaks, by
blanks and signs anywhere. Of Korean, particles may follow.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.moderation import disguise
from bot.moderation.automaton import GAP
from bot.moderation.cells import (
    KINDS,
    KINDS_OF,
    LETTERS,
    LETTERS_AND_SIGNS,
    apart,
    is_accented,
    is_alike,
    is_guessed,
    is_kept,
    is_mixed,
    is_natural,
    reads_as,
    typed_as,
)
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.moderation.automaton import Automaton, Ends
    from bot.moderation.disguise import Unmasked

_MOST_GAP = 16  # cells between two letters of one word
_LEAST_SPLIT = 4  # letters of a word that signs may cut anywhere
_LOOSE = re.compile(r"[\s,;:!?/&'’ʼ\"“”、。，！？；：]")  # between words, hence not within a chunk
_WHOLE = re.compile(r"(?:([^\W\d_])\1+){2,}")  # all of its letters are repeated
_CLAUSE = re.compile(r"[,;:!?/\n、。，！？；：]")  # between clauses: a blank is none in CJK
_BRACKETS = ".()[]{}<>"
_NO_LETTERS = re.compile(r"[\W\d_]+")
_MOST_LOOKED_AT = 200  # cells: a word has up to 60 letters
_PARTICLES = re.compile(
    "(?:들)?(?:은|는|이|가|을|를|의|에|에서|에게|에게서|께|로|으로|와|과|도|만|까지|부터|처럼|같은|보다|하고|이랑|랑"
    "|이나|나|이며|며|이고|고|이다|다|입니다|이에요|예요|요|이야|야|마다|조차|밖에|들)"
)


class Phrase(Struct, frozen=True, kw_only=True):
    """`letters` are cells of the word; before those numbered in `breaks` it has a blank.

    One that has no letter, as an emoji, `is_sign`: looked for as it is.
    """

    letters: str
    is_sign: bool = False
    breaks: frozenset[int] = frozenset()
    is_open_before: bool = False
    is_open_after: bool = False

    @property
    def is_accented(self) -> bool:
        """Whether staff wrote a letter with a mark."""
        return is_accented(self.letters)

    @property
    def key(self) -> str:
        """What is looked for first: classes of its letters, none twice in a row."""
        return squeezed(self.letters.translate(LETTERS_AND_SIGNS))

    @property
    def is_without_breaks(self) -> bool:
        """Whether it is found within what is written around it."""
        return KINDS[self.letters[0]] == "n"


class View(Struct, frozen=True):
    """A text prepared: kinds and classes of its cells, where each run of one class begins.

    `ends`: in which run which of the keys end that are looked for.
    """

    unmasked: Unmasked
    kinds: str
    classes: str
    runs: Sequence[int]
    ends: Ends


def view(unmasked: Unmasked, automaton: Automaton, *, signs: bool) -> View:
    """With signs as letters or as gaps."""
    classes = unmasked.cells.translate(LETTERS_AND_SIGNS if signs else LETTERS)
    return View(unmasked, unmasked.cells.translate(KINDS_OF), classes, *automaton.scan(classes))


def squeezed(classes: str) -> str:
    """Without gaps, and no class twice in a row."""
    return re.sub(r"(.)\1+", r"\1", classes.replace(GAP, ""))


def phrase(word: str) -> Phrase:
    """Of a word as staff write it; no letters at all if there is nothing in it."""
    bare = word.strip()
    cells = disguise.unmasked(bare.strip("*")).cells
    table = LETTERS_AND_SIGNS if disguise.with_signs(cells) else LETTERS
    letters: list[str] = []
    breaks = set()
    gap = False
    for cell, one in zip(cells, cells.translate(table), strict=True):
        if one == GAP or (KINDS[cell] == "m" and (gap or not letters)):
            gap = True
            continue
        if gap and letters:
            breaks.add(len(letters))
        gap = False
        letters.append(cell)
    return Phrase(
        letters="".join(letters) or cells.strip(GAP),
        is_sign=not letters,
        breaks=frozenset(breaks),
        is_open_before=bare.startswith("*"),
        is_open_after=bare.endswith("*"),
    )


def in_jamo(phrase: Phrase) -> Phrase:
    """With syllables of Hangul taken apart; the same if it has none."""
    letters = [apart(letter) for letter in phrase.letters]
    ends = [0, *accumulate(map(len, letters))]
    breaks = frozenset(ends[one] for one in phrase.breaks)
    return replace(phrase, letters="".join(letters), breaks=breaks)


def place(
    phrase: Phrase, view: View, first: int, last: int, *, strict: bool = False
) -> tuple[int, int] | None:
    """The cells from and up to which it stands between two runs; `strict` if as it is spelled."""
    runs, kinds = view.runs, view.kinds
    limit = runs[last + 1] if last + 1 < len(runs) else len(kinds)
    if (
        not phrase.is_open_after
        and limit - runs[last] == 1
        and kinds[limit - 1 : limit + 1] == "aa"
    ):
        return None  # nine in ten of what only looks like it ends here
    until = runs[first + 1] if first + 1 < len(runs) else limit
    for start in range(runs[first], until):
        if not phrase.is_open_before and start and kinds[start - 1 : start + 1] == "aa":
            continue
        found = _end(phrase, view, start, limit, strict=strict)
        if found is not None:
            return start, found
    return None


def _end(phrase: Phrase, view: View, start: int, limit: int, *, strict: bool) -> int | None:
    cells = view.unmasked.cells
    if view.classes[start] == GAP or cells[start] * 2 == cells[max(0, start - 2) : start]:
        return None  # of a letter that is repeated, the first two are places to begin
    if not phrase.is_open_before and not _edge_before(view, start):
        return None
    return _Attempt(phrase, view, start, limit, strict=strict).end()


def widened(phrase: Phrase, view: View, start: int, end: int) -> tuple[int, int]:
    """With all of the word before and after it where it is open."""
    while phrase.is_open_before and start > 0 and view.classes[start - 1] != GAP:
        start -= 1
    while phrase.is_open_after and end < len(view.classes) and view.classes[end] != GAP:
        end += 1
    return start, end


class _Attempt:
    """One reading of a phrase from one place on."""

    def __init__(self, phrase: Phrase, view: View, start: int, limit: int, *, strict: bool) -> None:
        self._phrase = phrase
        self._view = view
        self._cells = view.unmasked.cells
        self._start = start
        self._limit = limit
        self._strict = strict
        self._mixed: bool | None = None
        self._segments: list[list[tuple[int, int]]] = [[(start, start)]]  # by words of the phrase
        self._gaps: list[list[str]] = [[]]
        self._guessed = False
        self._sure = False
        self._others = 0
        self._dressed = False

    def end(self) -> int | None:
        """Up to which cell, without it, the phrase stands; None if it does not."""
        last = self._read(self._stretched_from())
        if last is None:
            return None
        if self._guessed and not self._sure:
            return None  # figures alone are no word
        if self._others == 1 and not self._dressed:
            return None  # año is no ano, péché no pêche
        parted = any(self._gaps)
        if parted and not self._may_be_parted(last):
            return None
        if (parted or not self._phrase.is_open_after) and not _edge_after(self._view, last):
            return None
        return last

    def _stretched_from(self) -> int:
        if self._strict:
            return self._limit + 1
        window = self._cells[self._start : min(self._limit, self._start + _MOST_LOOKED_AT)]
        return 2 if _WHOLE.fullmatch(_NO_LETTERS.sub("", window)) else 3

    def _read(self, stretched_from: int) -> int | None:
        count = len(self._phrase.letters)
        place, read, before = self._start, 0, self._start
        while place < self._limit:
            if self._view.classes[place] == GAP:
                place += 1
                if place - before > _MOST_GAP and read not in self._phrase.breaks:
                    return None
                continue
            if read and not self._step_over(before, place, read):
                return None
            run = self._run_at(place)
            if run < stretched_from or self._is_figure(place, read):
                run = 1
            taken = self._take(place, read, run)
            if not taken:
                return None
            read += taken
            place += run
            before = place
            start, _ = self._segments[-1][-1]
            self._segments[-1][-1] = (start, place)
            if read == count:
                return place
        return None

    def _is_figure(self, place: int, read: int) -> bool:
        """Whether a figure is meant: 1888 is no 188."""
        cell = self._cells[place]
        return cell.isdigit() and cell == self._phrase.letters[read]

    def _run_at(self, place: int) -> int:
        after, cell = place + 1, self._cells[place]
        while after < self._limit and self._cells[after] == cell:
            after += 1
        return after - place

    def _step_over(self, before: int, place: int, read: int) -> bool:
        """Note the gap before a letter; False if it must not be there, or must be."""
        gap = self._cells[before:place]
        if read in self._phrase.breaks:
            if gap:
                self._segments.append([(place, place)])
                self._gaps.append([])
            return bool(gap)
        if gap:
            self._segments[-1].append((place, place))
            self._gaps[-1].append(gap)
        return not (gap and self._strict)

    def _take(self, place: int, read: int, most: int) -> int:
        """How many letters of the phrase the cell is read as, at most."""
        taken = 0
        for letter in self._phrase.letters[read : read + most]:
            breaks = taken and read + taken in self._phrase.breaks
            if breaks or not self._reads(place, letter):
                break
            taken += 1
        return taken

    def _reads(self, place: int, letter: str) -> bool:
        cell = self._cells[place]
        if cell == letter:
            self._sure = True
            return True
        if self._strict:
            return False
        typed = self._view.unmasked.typed(place, place + 1)
        if reads_as(cell, letter):
            # Staff who write accents mean them: one more makes another word.
            is_another = is_kept(cell) or (self._phrase.is_accented and is_natural(typed))
            self._others += is_another
            self._dressed = self._dressed or not is_another
            self._guessed = self._guessed or is_guessed(cell)
            self._sure = self._sure or not is_guessed(cell)
            return True
        self._sure = self._dressed = True
        return typed_as(typed, letter) or (is_alike(cell, letter) and self._is_mixed())

    def _is_mixed(self) -> bool:
        if self._mixed is None:
            self._mixed = is_mixed(self._view.unmasked.typed(self._start, self._limit))
        return self._mixed

    def _may_be_parted(self, last: int) -> bool:
        if not _edge_before(self._view, self._start):
            return False
        return all(
            self._is_one(segments, gaps, last)
            for segments, gaps in zip(self._segments, self._gaps, strict=True)
            if gaps
        )

    def _is_one(self, segments: list[tuple[int, int]], gaps: list[str], last: int) -> bool:
        """Whether gaps between its letters leave it one word, as the module says."""
        kind = KINDS[self._cells[segments[0][0]]]
        by_signs = not any(map(_LOOSE.search, gaps))
        alone = all(self._is_alone(*segment) for segment in segments)
        if kind == "n":
            if not any(map(_CLAUSE.search, gaps)):
                return True
            return alone and (len(segments) > 2 or self._stands_apart(last))
        if alone and (len(segments) > 2 or kind == "h"):
            return True
        letters = sum(end - start for start, end in segments)
        return by_signs and (alone or letters >= _LEAST_SPLIT) and self._is_chunk(last)

    def _is_alone(self, start: int, end: int) -> bool:
        """Whether it is one letter to the eye, perhaps repeated."""
        pieces = self._view.unmasked.pieces
        return pieces[start] == pieces[end - 1] or len({*self._cells[start:end]}) == 1

    def _stands_apart(self, last: int) -> bool:
        around = self._cells[max(0, self._start - 1) : self._start] + self._cells[last : last + 1]
        return not any(KINDS[cell] for cell in around)

    def _is_chunk(self, last: int) -> bool:
        """Whether blanks, brackets or the sentence's end are around it, and no more letters."""
        before = self._cells[max(0, self._start - 2) : self._start][::-1]
        return all(
            not around
            or _LOOSE.match(around)
            or (around[0] in _BRACKETS and not any(KINDS[cell] for cell in around[1:]))
            for around in (before, self._cells[last : last + 2])
        )


def _edge_before(view: View, start: int) -> bool:
    return start == 0 or _is_edge(view, start)


def _edge_after(view: View, end: int) -> bool:
    cells = view.unmasked.cells
    if end == len(cells) or _is_edge(view, end):
        return True
    return KINDS[cells[end - 1]] == KINDS[cells[end]] == "h" and _is_particle(view.unmasked, end)


def _is_edge(view: View, place: int) -> bool:
    """Whether a word ends between the cell before and the one at a place."""
    before, after = view.kinds[place - 1], view.kinds[place]
    if after == "m" or view.unmasked.cells[place - 1 : place + 1].isdigit():
        return False
    if GAP in (before, after) or "n" in (before, after):
        return True
    return (before == "h") != (after == "h")


def _is_particle(unmasked: Unmasked, start: int) -> bool:
    if unmasked.pieces[start - 1] == unmasked.pieces[start]:
        return False
    end = start
    while (
        end < len(unmasked.cells) and KINDS[unmasked.cells[end]] == "h" and end - start < _MOST_GAP
    ):
        end += 1
    return (
        _PARTICLES.fullmatch(unicodedata.normalize("NFKC", unmasked.typed(start, end))) is not None
    )
