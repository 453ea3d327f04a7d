"""Makes bot/moderation/confusables.py.

    python -m tests.moderation.make_confusables confusables.txt

The file is that of Unicode Technical Standard #39, unicode.org/Public/security/. Taken are single
characters that look like one letter of the ASCII; what NFKC and case folding settle anyway, digits
and mere symbols are left out.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parents[2] / "bot" / "moderation" / "confusables.py"
# Alphabets that people write prompts in: there a likeness counts in words of mixed scripts alone.
WRITTEN = (
    *("CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "GEORGIAN", "ETHIOPIC", "DEVANAGARI"),
    *("BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM"),
    *("SINHALA", "THAI", "LAO", "MYANMAR", "TIBETAN", "NKO"),
)
# Identical in nearly every font, also in small letters: these are one letter everywhere.
IDENTICAL = set("аеорсухіјѕһԁԛԝүο")
# Seen in styled texts, and not in Unicode's table as such.
MORE = {
    "a": "ᴀɐⲁ",
    "b": "ʙɓⲃ",
    "c": "ϲ",
    "d": "ᴅɖɗ",
    "e": "ᴇǝəɘⲉ",
    "f": "ꜰɟƒ",
    "g": "ɢƃ",
    "h": "ʜɥ",
    "i": "ᴉıⲓ",
    "j": "ᴊɟ",
    "k": "ᴋʞ",
    "l": "ʟ",
    "m": "ᴍ",
    "n": "ɴ",
    "o": "ᴏ",
    "p": "ᴘ",
    "q": "ꞯ",
    "r": "ʀɹɾ",
    "s": "ꜱ",
    "t": "ᴛʇ",
    "u": "ᴜ",
    "v": "ᴠʌ",
    "w": "ᴡʍ",
    "y": "ʏʎ",
    "z": "ᴢ",
}
MORE_WRITTEN = {
    "a": "αд",
    "b": "вьβ",
    "e": "эεє",
    "f": "ф",
    "h": "н",
    "i": "ι",
    "k": "кκ",
    "m": "м",
    "n": "пиηπ",
    "r": "гяꓤ",
    "t": "тτ",
    "u": "цμυи",
    "v": "ν",
    "w": "шщω",
    "x": "жχ",
    "y": "чγ",
}
TWO = {"ӏ"}  # l or i; bot/moderation/cells.py reads it as either
# Capital and small letter look like different ones: in a word, this one is meant.
ONE_OF_TWO = {"ν": "v", "η": "n", "μ": "u", "υ": "u"}


def main() -> None:
    version, likes = _read(Path(sys.argv[1]))
    same: dict[str, set[str]] = defaultdict(set)
    alike: dict[str, set[str]] = defaultdict(set)
    for source, letter in likes:
        written = unicodedata.name(source, "").startswith(WRITTEN) and source not in IDENTICAL
        (alike if written else same)[letter].add(source)
    for letter, sources in MORE.items():
        same[letter].update(sources)
    for letter, sources in MORE_WRITTEN.items():
        alike[letter].update(sources)
    same["i"] -= TWO
    same["l"] -= TWO
    taken = set().union(*same.values())
    for letter in alike:
        alike[letter] -= taken | TWO | {one for one, meant in ONE_OF_TWO.items() if meant != letter}
    TARGET.write_text(_module(version, same, alike), encoding="utf-8")


def _read(path: Path) -> tuple[str, list[tuple[str, str]]]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    version = next(line.partition("Version: ")[2] for line in lines if "Version: " in line)
    rows = (line.partition("#")[0].split(";") for line in lines)
    pairs = [(_text(row[0]), _text(row[1])) for row in rows if len(row) > 1]
    return version, [
        (source.casefold(), letter.lower())
        for source, letter in pairs
        if _is_letter(source) and len(letter) == 1 and letter.isascii() and letter.isalpha()
    ]


def _is_letter(source: str) -> bool:
    if len(source) != 1 or not unicodedata.category(source).startswith(("L", "So")):
        return False
    folded = unicodedata.normalize("NFKC", source).casefold()
    return len(source.casefold()) == 1 and folded == source.casefold() and not folded.isascii()


def _text(points: str) -> str:
    return "".join(chr(int(point, 16)) for point in points.split())


def _module(version: str, same: dict[str, set[str]], alike: dict[str, set[str]]) -> str:
    return f'''"""Characters that look like a letter of the ASCII, in small letters.

Made by tests/moderation/make_confusables.py from Unicode's confusables.txt {version} (Unicode
Technical Standard #39; © Unicode, Inc., Unicode License v3), with what styled texts add. Do not
edit by hand.
"""

from __future__ import annotations

# The same letter everywhere: identical, or of scripts in which no prompt is written.
SAME = {{
{_lines(same)}}}

# Letters of scripts that prompts are written in: alike in a word of mixed scripts alone.
ALIKE = {{
{_lines(alike)}}}
'''


def _lines(likes: dict[str, set[str]]) -> str:
    return "".join(
        f'    "{letter}": "{"".join(sorted(likes[letter]))}",\n'
        for letter in sorted(likes)
        if likes[letter]
    )


if __name__ == "__main__":
    main()
