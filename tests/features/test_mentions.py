"""No id reaches a model, a thread's title or a screen reader."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.features.imagine.rules import Mentioned, named

NAMES = {
    (Mentioned.USER, 1): "Ada",
    (Mentioned.USER, 2): "<@3> @everyone",
    (Mentioned.USER, 3): "\u200b\u3164",
    (Mentioned.ROLE, 4): "Moderator",
    (Mentioned.CHANNEL, 5): "studio",
}
RAW = re.compile(r"<(@[!&]?|#|/[^<>:]+:|a?:\w+:|t:-?)\d{1,20}(:\w)?>", re.ASCII)


def words(text: str) -> str:
    return named(text, lambda kind, some_id: NAMES.get((kind, some_id)))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("<@1> rides a horse", "Ada rides a horse"),
        ("<@!1>, king", "Ada, king"),
        ("<@99> and <@!98>", "someone and someone"),
        ("<@&4>", "Moderator"),
        ("all <@&99>", "all people"),
        ("<#5> at night", "studio at night"),
        ("<#99>", "a channel"),
        ("<:pepe_happy:1>", "pepe happy"),
        ("<a:party_parrot:123456789012345678> dances", "party parrot dances"),
        ("<:a:1><:b:2>x<:c:3>", "a b x c"),
        ("</imagine:17>", "imagine"),
        ("</queue why:17>", "queue why"),
        ("<t:1700000000>", "14 November 2023"),
        ("<t:1700000000:R>", "14 November 2023"),
        ("<t:1700000000:t>", "22:13"),
        ("<t:99999999999999999999:F>", "a date"),
        ("<id:linked-roles:12>", "linked roles"),
        ("<@2>", "3 everyone"),
        ("<@3>", "someone"),
        ("<@<:1:5>>", "Ada"),
        ("a < b > c, <3, :smile: @everyone", "a < b > c, <3, :smile: @everyone"),
        ("水<@1>彩", "水 Ada 彩"),
    ],
)
def test_what_discord_shows_as_a_name_is_that_name(typed: str, meant: str) -> None:
    """By what the interaction tells; else a plain word. The rest stays as it is."""
    assert words(typed) == meant


@given(st.text(alphabet="<@!&#:/at1 5_>") | st.text())
@example("<<@1>@<@1>1>")
def test_no_mark_is_left(text: str) -> None:
    """However they are put into each other."""
    assert not RAW.search(words(text))


@given(st.text(alphabet=st.characters(exclude_characters="<")))
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    """Nothing else is rewritten."""
    assert words(text) == text
