"""Styles: what may be kept, what becomes of a prompt, and how one is found again."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import PolicyUnreadable
from bot.policy.styles import (
    HOLE,
    LEAST_LEFT,
    NAME_LIMIT,
    Style,
    applied,
    check_style,
    matching,
    name_key,
    nearest_names,
    style_key,
    style_of,
    style_read,
    style_row,
    style_written,
)
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import PromptEmpty, StyledTooLong
from bot.staff_refusals import StyleFault, StyleRefused
from bot.visible import normalised, trimmed

NOIR = Style(name="Noir", prompt="black and white, {prompt}, film grain", size=Size(1280, 720))
INK = Style(name="Ink & Wash", prompt="{prompt}, ink on rice paper", negative="colours")
PIXEL = Style(name="Pixel", prompt="{prompt} as pixel art")
STYLES = (PIXEL, NOIR, INK)
TEXTS = st.text(max_size=120)


def kept(style: Style) -> bool:
    try:
        check_style(style, OFFER)
    except StyleRefused:
        return False
    return True


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": ""}, StyleFault.NAMELESS),
        ({"name": "\u200b"}, StyleFault.NAMELESS),
        ({"name": "x" * (NAME_LIMIT + 1)}, StyleFault.LONG_NAME),
        ({"name": "\ufdfa" * 3}, StyleFault.LONG_NAME),  # 18 characters each in its plain form
        ({"prompt": "black and white"}, StyleFault.NO_PLACE),
        ({"prompt": "{prompt} and {prompt}"}, StyleFault.NO_PLACE),
        ({"prompt": "{Prompt}"}, StyleFault.NO_PLACE),
        ({"prompt": HOLE + "x" * (OFFER.prompt_limit - LEAST_LEFT + 1)}, StyleFault.LONG),
        ({"negative": "x" * 501}, StyleFault.LONG_NEGATIVE),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(changed: dict[str, str], fault: StyleFault) -> None:
    """One fault at a time."""
    with pytest.raises(StyleRefused) as refused:
        check_style(replace(NOIR, **changed), OFFER)  # type: ignore[arg-type] # texts of these
    assert refused.value.fault is fault


def test_what_is_just_within_its_limits_is_kept() -> None:
    """The longest name, and a text that leaves the least."""
    share = OFFER.prompt_limit - LEAST_LEFT
    assert kept(Style(name="x" * NAME_LIMIT, prompt=HOLE + "x" * share, negative="x" * 500))


def test_a_provider_that_leaves_nothing_out_takes_no_negative() -> None:
    """Rather than dropping it later."""
    with pytest.raises(StyleRefused):
        check_style(INK, replace(OFFER, negative_limit=None))


@pytest.mark.slow
@given(name=TEXTS, before=TEXTS, after=TEXTS, words=TEXTS, negative=TEXTS)
def test_whatever_is_kept_leaves_the_member_their_words(
    name: str, before: str, after: str, words: str, negative: str
) -> None:
    """Unchanged, also braces; two hundred characters always fit."""
    style = style_of(name=name, prompt=f"{before}{HOLE}{after}", size=None, negative=negative)
    assume(kept(style))
    words = trimmed(words)
    assume(words)
    prompt = applied(style, words, OFFER)
    assert words in prompt
    assert len(prompt) == style.share + len(words)
    assert applied(style, "x" * LEAST_LEFT, OFFER)


@given(name=TEXTS, negative=TEXTS, size=st.sampled_from([None, Size(512, 768)]))
def test_a_style_is_read_back_as_it_was_written(
    name: str, negative: str, size: Size | None
) -> None:
    """From the log, and from a file of settings."""
    style = style_of(name=name, prompt="a {prompt}", size=size, negative=negative)
    assert style_read(style_written(style)) == style


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "7", '{"name": "x"}', "[" * 100_000),
        '{"name": "x", "prompt": 7, "negative": ""}',
        '{"name": "x", "prompt": "{prompt}", "negative": "", "size": "wide"}',
        '{"name": "x", "prompt": "{prompt}", "negative": "", "size": [1]}',
    ],
)
def test_what_is_no_style_is_not_read(text: str) -> None:
    """A file may hold anything."""
    with pytest.raises(PolicyUnreadable):
        style_read(text)


def test_the_members_braces_are_their_own() -> None:
    """Nothing is put into them."""
    assert applied(PIXEL, "a {prompt} in {a|b}", OFFER) == "a {prompt} in {a|b} as pixel art"


def test_a_prompt_over_the_limit_names_the_styles_share() -> None:
    """So that whoever reads it knows why fewer characters are theirs."""
    with pytest.raises(StyledTooLong) as refused:
        applied(NOIR, "x" * OFFER.prompt_limit, OFFER)
    error = refused.value
    assert (error.share, error.limit) == (NOIR.share, OFFER.prompt_limit)
    assert error.characters == OFFER.prompt_limit + NOIR.share


@pytest.mark.parametrize("words", ["", " ", "\u200b"])
def test_a_style_alone_is_no_prompt(words: str) -> None:
    """The member must say what to paint."""
    with pytest.raises(PromptEmpty):
        applied(NOIR, words, OFFER)


@pytest.mark.parametrize("look", ["noir", "NOIR", " No\u200bir ", "Ｎｏｉｒ", "𝐍𝐨𝐢𝐫"])
def test_names_that_look_alike_are_one(look: str) -> None:
    """However they were typed."""
    assert name_key(look) == NOIR.name_key


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [INK, NOIR, PIXEL]),
        ("no", [NOIR]),
        ("PIX", [PIXEL]),
        ("rice ink", [INK]),
        ("i", [INK, NOIR, PIXEL]),
        ("oil", []),
    ],
)
def test_styles_are_found_by_what_is_typed_of_them(typed: str, found: list[Style]) -> None:
    """In their names first, then in their texts; whatever the letters' case."""
    assert matching(STYLES, typed) == found


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Nior", ("Noir",)),
        ("pixl", ("Pixel",)),
        ("wash", ("Ink & Wash",)),
        ("zzz", ("Ink & Wash", "Noir", "Pixel")),
    ],
)
def test_the_nearest_names_are_offered(typed: str, near: tuple[str, ...]) -> None:
    """Of nothing like it the first ones, so that nobody is left without any."""
    assert nearest_names(STYLES, typed) == near
    assert nearest_names((), typed) == ()


@given(st.text(max_size=40))
def test_a_row_of_a_style_is_told_from_other_settings(name: str) -> None:
    """By its name alone."""
    key = normalised(name)
    assert style_key(style_row(5, key).name) == key
    assert style_key("default_size") is None
