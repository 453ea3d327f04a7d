"""What of a text can be seen, and what was meant by a number or a name that was typed.

A prompt is judged by what it shows and otherwise left as it is: joiners, variation selectors, marks
and directions belong to the member's words. A number, a size or a name has one meaning however its
characters look, so there it is the look that goes.

Sources: Unicode Standard Annex #44 (general categories), #15 (NFKC), and the default ignorable
characters of its `DerivedCoreProperties`.
"""

from __future__ import annotations

import re
import unicodedata

# Letters and symbols by category, yet nothing is drawn: Hangul fillers, the braille pattern without
# dots, the musical null notehead, blank hieroglyphs.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159\U00013441\U00013442")
_MARKS = frozenset({"Mn", "Me"})
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_KEYCAP = "\u20e3"
# What steers a terminal, ends a line, or turns the words around it.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def is_hidden(character: str) -> bool:
    """Whether nothing is drawn for it, not even a blank that words need.

    What this Python's Unicode does not know yet counts as hidden, but for the blocks of emoji,
    which grow every year.
    """
    if character.isprintable():  # of no hidden category
        return character in _BLANKS
    category = unicodedata.category(character)
    if category == "Cn":
        return not "\U0001f000" <= character <= "\U0001faff"
    return category in _HIDDEN or character in _BLANKS


def escaped(text: str) -> str:
    """Fit for a line of a log or a terminal, whoever has written it."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def trimmed(text: str) -> str:
    """The text from its first visible character to its last one; empty if nothing can be seen.

    What belongs to the last character stays: its marks, a variation selector, a flag's tags.
    """
    text = text.encode("utf-8", "ignore").decode()  # halves of surrogate pairs cannot be stored
    places = range(len(text))
    start = next((place for place in places if _is_visible(text[place])), len(text))
    end = next((place + 1 for place in reversed(places) if _is_visible(text[place])), start)
    while end < len(text) and _extends(text[end]):
        end += 1
    return text[start:end]


def normalised(text: str) -> str:
    """One line for a parser, in small letters and without anything that cannot be seen.

    Full-width and styled characters become plain ones, digits of any script 0 to 9, any blank one
    blank. A superscript stays: `1024²` is no five-digit number. What is normalised stays as it is.
    """
    plain = unicodedata.normalize("NFC", "".join(map(_normalised, text)))
    # Twice, since small letters may have marks that the large one had not.
    return " ".join(unicodedata.normalize("NFC", plain.casefold()).split())


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return not (category in _SPACES or category in _MARKS or is_hidden(character))


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in _MARKS
        or character in _JOINERS
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _normalised(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character.isspace() or category in _SPACES or character in _BLANKS:
        return " "
    if is_hidden(character) or "\ufe00" <= character <= "\ufe0f" or character == _KEYCAP:
        return ""
    return character if category == "No" else unicodedata.normalize("NFKC", character)
