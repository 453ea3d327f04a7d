"""Rectangles, lines, words and pictures on a panel, as an SVG document.

What tells one thing from another is a pattern as well as a colour, so that colours are never
needed to read it. Words are whoever's they are: each stands in its own direction, is cut where its
room ends, and is text alone to whoever parses the document.

Sources: SVG 1.1; Unicode Standard Annex #9 (isolates); WCAG 2.1 §1.4.1, §1.4.3, §1.4.11.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Literal
from xml.sax.saxutils import escape

from msgspec import Struct

from bot.visible import is_hidden

WIDTH = 640  # of a panel, unless it says another; a phone shows it half as wide
MARGIN = 28
TITLE = 28  # sizes of type
BODY = 24
SMALL = 22  # 11 points on a phone, and nothing is smaller

Anchor = Literal["start", "middle", "end"]


class Theme(StrEnum):
    """The panel is opaque, so either is readable on either theme of Discord's."""

    DARK = "dark"
    LIGHT = "light"


class Ink(StrEnum):
    """What a colour is for."""

    PANEL = "panel"
    GRID = "grid"
    TEXT = "text"
    MUTED = "muted"
    BLUE = "blue"
    GOLD = "gold"
    RED = "red"
    GREY = "grey"


class Pattern(StrEnum):
    """How an area is filled."""

    SOLID = "solid"
    HATCH = "hatch"
    CROSS = "cross"
    DOTS = "dots"
    HOLLOW = "hollow"


class Fill(Struct, frozen=True):
    """A pattern in a colour."""

    ink: Ink
    pattern: Pattern = Pattern.SOLID


COLOURS: dict[Theme, dict[Ink, str]] = {
    Theme.DARK: {
        Ink.PANEL: "#1b1d23",
        Ink.GRID: "#3d414b",
        Ink.TEXT: "#f3f4f6",
        Ink.MUTED: "#b6bbc6",
        Ink.BLUE: "#8b9bff",
        Ink.GOLD: "#f0b952",
        Ink.RED: "#ff8a75",
        Ink.GREY: "#9aa1af",
    },
    Theme.LIGHT: {
        Ink.PANEL: "#ffffff",
        Ink.GRID: "#d3d8e0",
        Ink.TEXT: "#1c2028",
        Ink.MUTED: "#545c6b",
        Ink.BLUE: "#4655d8",
        Ink.GOLD: "#a86a00",
        Ink.RED: "#c23b22",
        Ink.GREY: "#6b7382",
    },
}

# By name, since a fallback is whichever font comes first: one with serifs, or Chinese shapes in a
# Japanese name. What a family lacks is taken from any other that has it.
_LATIN = "Noto Sans, DejaVu Sans, sans-serif"
_HAN = {"ja": "JP", "ko": "KR", "zh_TW": "TC"}  # by the reader's language; else SC


class Canvas:
    """A panel that is drawn on from the top left corner."""

    def __init__(self, height: int, theme: Theme, language: str, *, width: int = WIDTH) -> None:
        self._width, self._height = width, height
        self._colours = COLOURS[theme]
        self._language = language
        self._fills: dict[Fill, None] = {}
        self._parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, fill: Fill) -> None:
        if min(width, height) < 0.1:  # of the last decimal that is written
            return
        inset = 1 if fill.pattern is Pattern.HOLLOW and min(width, height) > 3 else 0
        radius = min(3, width / 4, height / 4)
        self._parts.append(
            f'<rect x="{_number(x + inset)}" y="{_number(y + inset)}"'
            f' width="{_number(width - 2 * inset)}" height="{_number(height - 2 * inset)}"'
            f' rx="{_number(radius)}" {self._paint(fill)}/>'
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, ink: Ink = Ink.GRID) -> None:
        self._parts.append(
            f'<line x1="{_number(x)}" y1="{_number(y)}" x2="{_number(to_x)}" y2="{_number(to_y)}"'
            f' stroke="{self._colours[ink]}" stroke-width="2"/>'
        )

    def image(self, href: str, x: float, y: float, width: float, height: float) -> None:
        """`href`: a `data:` address, which nobody else's words are part of."""
        self._parts.append(
            f'<image href="{href}" x="{_number(x)}" y="{_number(y)}" width="{_number(width)}"'
            f' height="{_number(height)}" preserveAspectRatio="xMidYMid slice"/>'
        )

    def text(
        self,
        words: str,
        x: float,
        y: float,
        *,
        size: int = SMALL,
        ink: Ink = Ink.TEXT,
        anchor: Anchor = "start",
        width: float | None = None,
    ) -> None:
        """One line whose baseline is at `y`.

        Args:
            width: the room there is for words that begin at `x`. What is longer is cut, and all
                that was drawn beyond it on this line is covered: draw from left to right.
        """
        shown = visible(words) if width is None else fitted(words, width, size)
        if not shown:
            return
        # Isolated, so that a name that ends in "!" or "(3)" keeps its own direction.
        self._parts.append(
            f'<text x="{_number(x)}" y="{_number(y)}" font-size="{size}" text-anchor="{anchor}"'
            f' fill="{self._colours[ink]}" font-family="{family_of(shown, self._language)}">'
            + escape(f"\u2068{shown}\u2069")
            + "</text>"
        )
        if width is not None:
            # The widths are estimates, and one letter may be a whole sentence. To cover what is
            # beyond takes a tenth of the time of clipping it.
            self.cover(x + width, y - size * 1.3, self._width, size * 2)

    def cover(self, x: float, y: float, width: float, height: float) -> None:
        """Takes away what was drawn there."""
        self.rect(x, y, width, height, Fill(Ink.PANEL))

    def document(self) -> str:
        colours = self._colours
        patterns = "".join(map(self._pattern, self._fills))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{self._height}"'
            f' viewBox="0 0 {self._width} {self._height}"><defs>{patterns}</defs>'
            f'<rect width="{self._width}" height="{self._height}" fill="{colours[Ink.PANEL]}"/>'
            f"{''.join(self._parts)}</svg>\n"
        )

    def _paint(self, fill: Fill) -> str:
        colour = self._colours[fill.ink]
        match fill.pattern:
            case Pattern.SOLID:
                return f'fill="{colour}"'
            case Pattern.HOLLOW:
                return f'fill="none" stroke="{colour}" stroke-width="2"'
            case _:
                self._fills[fill] = None
                return f'fill="url(#{fill.pattern}-{fill.ink})"'

    def _pattern(self, fill: Fill) -> str:
        colour = self._colours[fill.ink]
        return (
            f'<pattern id="{fill.pattern}-{fill.ink}" width="10" height="10"'
            f' patternUnits="userSpaceOnUse"><rect width="10" height="10" fill="{colour}"'
            f' fill-opacity="0.22"/><path d="{_MARKS[fill.pattern]}" stroke="{colour}"'
            ' stroke-width="3" stroke-linecap="round"/></pattern>'
        )


_RISING = "M-2 2L2 -2M0 10L10 0M8 12L12 8"
_FALLING = "M-2 8L2 12M0 0L10 10M8 -2L12 2"
_MARKS = {
    Pattern.HATCH: _RISING,
    Pattern.CROSS: _RISING + _FALLING,
    Pattern.DOTS: "M2.5 2.5h.1M7.5 7.5h.1",
}


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


# ------------------------------------------------------------------------------------------------
# Words: what of them is drawn, in which font, and how much room they take.


_JOINERS = "\u200c\u200d"
_NARROW = frozenset("!'(),.:;I[]`fijlrt| ")
_WIDE = frozenset("%@MWmw—…ЖМФШЩЫЮжмфшщыю")


def visible(words: str) -> str:
    """One line of what can be seen, and the joiners that some scripts need.

    Nothing that XML forbids is left.
    """
    blanks = "".join(" " if character.isspace() else character for character in words)
    return "".join(one for one in blanks if one in _JOINERS or not is_hidden(one)).strip()


def fitted(words: str, width: float, size: int) -> str:
    """The words, or as many characters as have room before an ellipsis."""
    shown = visible(words)
    if width_of(shown, size) <= width:
        return shown
    ends = range(1, len(shown))
    end = next((end for end in ends if width_of(shown[:end] + "…", size) > width), len(shown))
    return shown[: end - 1].rstrip(" " + _JOINERS) + "…"


def width_of(words: str, size: int) -> float:
    """An estimate, rather too much than too little; without the fonts nobody knows."""
    return size * sum(map(_hundredths, words)) / 100


def _hundredths(character: str) -> int:
    """Of an em; whole, so that what fits together fits in parts."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 125 if character >= "\U0001f000" else 100
    if character in _NARROW:
        return 40
    if unicodedata.bidirectional(character) == "AL":  # joined letters
        return 56
    if character in _WIDE:
        return 100
    return 72 if character.isupper() else 64


def family_of(words: str, language: str) -> str:
    """Font families, the first one named by what is written: kana are Japanese, hangul Korean."""
    blocks = {_block(character) for character in words}
    if "kana" in blocks:
        region = "JP"
    elif "hangul" in blocks:
        region = "KR"
    elif "han" in blocks:
        region = _HAN.get(language, "SC")
    else:
        return _LATIN
    return f"Noto Sans CJK {region}, {_LATIN}"


def _block(character: str) -> str:
    if "\u3040" <= character <= "\u30ff":
        return "kana"
    if "\uac00" <= character <= "\ud7a3" or "\u1100" <= character <= "\u11ff":
        return "hangul"
    if "\u2e80" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff":
        return "han"
    return ""
