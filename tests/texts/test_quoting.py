"""A member's words are shown and have no power."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.texts import escaped, plain, quoted

MENTIONS = re.compile(r"@(everyone|here)|<(@[!&]?|#|/\w+:|a?:\w+:|t:|id:)[\w:]*>")
BARE_MARKUP = re.compile(r"(?<!\\)(?:\\\\)*[`*_~|<>\[\]@]")
TROUBLE = "<@123> @everyone @here [a](https://b.c) ```x``` **b** ||s|| \u202e\u2066\u200b\n# 1. `"

words = st.text() | st.text(alphabet=TROUBLE + "aé水 \\👩\u200d🚀\u0301") | st.just(TROUBLE)


@given(text=words, limit=st.integers(8, 300))
@example(text="\\" * 40, limit=9)
@example(text="@everyone" * 9, limit=30)
def test_quoted_text_is_one_quoted_line_within_its_limit(text: str, limit: int) -> None:
    """The quote cannot be left by a new line, and no message grows over Discord's limit."""
    shown = quoted(text, limit)
    assert shown.startswith("> ")
    assert len(shown.splitlines()) == 1
    assert len(shown) <= limit


@given(text=words, limit=st.integers(8, 300))
@example(text="<@1> <@&2> <#3> </imagine:4> <a:b:5> <t:6:R> @everyone", limit=300)
def test_quoted_text_mentions_nobody(text: str, limit: int) -> None:
    """Neither a client nor a server that ignores backslashes finds a mention."""
    assert not MENTIONS.search(quoted(text, limit))


@given(text=words, limit=st.integers(8, 300))
def test_every_markup_character_is_escaped(text: str, limit: int) -> None:
    """No bold, no spoiler, no code and no masked link can begin, wherever the text is cut."""
    assert not BARE_MARKUP.search(escaped(text, limit))


@given(text=words)
def test_nothing_invisible_but_joiners_remains(text: str) -> None:
    """Nobody turns a line around, hides a word in it or smuggles tags."""
    seen = re.sub("[\u200c\u200d\U0001f000-\U0001faff]", "", plain(text, 5000))
    assert not set(map(unicodedata.category, seen)) & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(text=st.text(alphabet=st.characters(categories=["L", "N", "Po", "Zs"]), max_size=200))
def test_visible_text_is_shown_whole(text: str) -> None:
    """Without its backslashes, a quote reads as what the member wrote, blanks aside."""
    shown = re.sub(r"\\(.)", r"\1", escaped(text, 1000)).replace("@\u200b", "@")
    assert shown == plain(text, 1000)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a sitting orange cat, 水彩", "a sitting orange cat, 水彩"),
        ("sci-fi city (8k), rim-light: soft!", "sci-fi city (8k), rim-light: soft!"),
        ("# huge", r"\# huge"),
        ("- one", r"\- one"),
        ("-# small print", r"\-# small print"),
        ("12. chapter", r"12\. chapter"),
        ("12 monkeys.", "12 monkeys."),
        ("> AI-generated", r"\> AI-generated"),
        ("snake_case **bold**", r"snake\_case \*\*bold\*\*"),
        ("see https://evil.example", r"see https\://evil.example"),
        ("[click](https://evil.example)", r"\[click\](https\://evil.example)"),
        ("two\n\n lines\u2028three", "two lines three"),
        ("ab\u202ecd\u2066ef\u200b", "abcdef"),
        ("flag\U000e0067\U000e007f", "flag"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("e" + "\u0301" * 40 + "!", "e" + "\u0301" * 4 + "!"),
        ("\u3164\u115f\u2800", ""),
        ("🫨", "🫨"),  # newer than the Unicode of an older Python
    ],
)
def test_known_tricks_are_shown_as_plain_words(text: str, shown: str) -> None:
    """Ordinary prompts stay as they are; each trick turns into the characters it consists of."""
    assert escaped(text, 1000) == shown


def test_a_cut_text_ends_with_an_ellipsis_and_never_with_half_an_escape() -> None:
    """The ellipsis counts into the limit."""
    assert escaped("a" * 20, 10) == "a" * 9 + "…"
    assert escaped("*" * 20, 10) == r"\*" * 4 + "…"
    assert plain("word " * 4, 11) == "word word…"
