"""The picture is posted with all that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.image import Size
from bot.queue.records import JobId, PictureState
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT, Card, Colour, Verb
from bot.texts.picture_cards import ALT_TEXT_LIMIT, thread_name
from bot.texts.result_cards import (
    Note,
    alt_text,
    picked_card,
    picture_choice,
    result_card,
    result_marks,
    which_card,
)
from tests.texts.records import (
    DELIVERED,
    LOCALES,
    REQUEST,
    SHOWN,
    buttons_in,
    check_message,
    components_of,
    menus_in,
    texts_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.queue.records import Job

ENGLISH = Texts("en-US")
MARKUP = "*_`~" * 200


def card_of(job: Job = DELIVERED, texts: Texts = ENGLISH, *, notes: Iterable[Note] = ()) -> Card:
    image = "attachment://zeuxis-17.png"
    return result_card(job, image, alt_text(job, texts), texts, notes=notes)


def test_picture_carries_alt_text() -> None:
    """Screen readers say what was asked for."""
    box = components_of(card_of())[0]
    gallery = next(one for one in box["components"] if one["type"] == 12)
    assert gallery["items"][0]["media"]["url"] == "attachment://zeuxis-17.png"
    assert gallery["items"][0]["description"] == "AI-generated picture: a sitting orange cat, 水彩"


def test_alt_text_is_without_the_members_words_if_they_want_it_so() -> None:
    """It says what it is, and no more."""
    assert alt_text(DELIVERED, ENGLISH, tells_words=False) == "AI-generated picture"


def test_both_prompts_stand_one_above_the_other() -> None:
    """What was asked first, what was painted after it, each with its label."""
    said = texts_in(card_of())
    assert (
        "**Prompt**\n> a sitting orange cat, 水彩\n"
        "**Rewritten by Z-Image**\n> A watercolour of an orange cat" in said
    )


@pytest.mark.parametrize(
    "job",
    [
        replace(DELIVERED, request=replace(REQUEST, rewrite=False)),
        replace(DELIVERED, picture=replace(SHOWN, shown_prompt=REQUEST.prompt)),
    ],
)
def test_prompt_that_was_not_rewritten_stands_alone(job: Job) -> None:
    """Saying the same twice helps nobody."""
    assert "Rewritten" not in texts_in(card_of(job))


def test_what_was_left_out_is_shown_when_it_was_given() -> None:
    """Otherwise nobody could paint it again."""
    job = replace(DELIVERED, request=replace(REQUEST, negative="dogs"))
    assert "**Left out**\n> dogs" in texts_in(card_of(job))
    assert "Left out" not in texts_in(card_of())


def test_foot_says_size_seed_time_and_that_it_is_made_by_ai() -> None:
    """The size is the one that was really painted."""
    job = replace(DELIVERED, picture=replace(SHOWN, size=Size(832, 1248)))
    said = texts_in(card_of(job))
    assert "-# <@41> · 832 × 1248 · seed 7 · painted in 4.2 s" in said
    assert said.endswith("-# AI-generated · Z-Image · job 17")


def test_hands_stand_in_a_row_with_a_menu_below() -> None:
    """None of them says cancel: a posted picture is no work in progress."""
    assert buttons_in(card_of()) == {
        "Reroll": "zeuxis:2:reroll:17",
        "Edit": "zeuxis:2:edit:17",
        "Resize": "zeuxis:2:resize:17",
        "Use the rewritten prompt": "zeuxis:2:rewritten:17",
        "Keep": "zeuxis:2:keep:17",
    }
    (menu,) = menus_in(card_of())
    assert menu.custom_id == "zeuxis:2:more:17"
    assert [(one.label, one.value) for one in menu.options] == [
        ("Same seed again", "again"),
        ("Show prompt", "prompt"),
        ("Lineage", "lineage"),
        ("Alternative text", "alt"),
        ("Report", "report"),
        ("Delete", "delete"),
    ]


def test_without_a_rewritten_prompt_there_is_none_to_use() -> None:
    """Neither was it asked for, nor does it say anything else."""
    plain = replace(DELIVERED, request=replace(REQUEST, rewrite=False))
    same = replace(DELIVERED, picture=replace(SHOWN, shown_prompt=REQUEST.prompt))
    for job in (plain, same, replace(DELIVERED, picture=replace(SHOWN, shown_prompt=""))):
        assert "Use the rewritten prompt" not in buttons_in(card_of(job))


def test_a_posted_picture_is_found_by_the_marks_of_every_version() -> None:
    """By its menu, and as it was posted before, by its button."""
    marks = result_marks(DELIVERED)
    ids = {getattr(one, "custom_id", None) for one in card_of().walk_children()}
    assert ids & marks == {"zeuxis:2:more:17"}
    assert {"zeuxis:2:delete:17", "zeuxis:delete:17"} < marks


def test_cost_and_place_in_the_family_stand_in_the_small_print() -> None:
    """The cost as it was billed; of old pictures it may not be known any more."""
    job = replace(DELIVERED, picture=replace(SHOWN, cost_micros=15_000))
    assert "seed 7 · $0.015 · painted in 4.2 s" in texts_in(card_of(job))
    card = result_card(job, "attachment://a.png", "", ENGLISH, lineage="generation 3: new seed")
    assert texts_in(card).endswith("job 17 · generation 3: new seed")


def test_alternative_text_of_its_member_goes_before_the_prompt() -> None:
    described = replace(DELIVERED, picture=replace(SHOWN, alt_text="a cat\nby a window"))
    assert alt_text(described, ENGLISH) == "a cat by a window"


def test_choice_of_a_gallery_tells_pictures_apart() -> None:
    """Four at most, each by its number and words; the value is the job's number."""
    jobs = [
        replace(
            DELIVERED, id=JobId(17 + n), number=n + 1, count=4, request=replace(REQUEST, seed=n)
        )
        for n in range(4)
    ]
    (menu,) = menus_in(Card(Colour.DONE, picture_choice(jobs, ENGLISH)))
    assert menu.custom_id == "zeuxis:2:pick:17"
    assert [one.value for one in menu.options] == ["17", "18", "19", "20"]
    assert menu.options[2].label == "3 · a sitting orange cat, 水彩"
    picked = picked_card(jobs[2], ENGLISH, is_kept=True)
    assert buttons_in(picked)["No longer keep"] == "zeuxis:2:keep:19"
    assert "**3/4**" in texts_in(picked)
    alone = picked_card(replace(jobs[0], count=1), ENGLISH, is_kept=False)
    assert "1/1" not in texts_in(alone), "there is nothing to count"


def test_whoever_reports_one_of_several_is_asked_which_one() -> None:
    """The menu bears what is done with the one that is chosen."""
    card = which_card([DELIVERED, replace(DELIVERED, id=JobId(18), number=2)], Verb.REPORT, ENGLISH)
    (menu,) = menus_in(card)
    assert menu.custom_id == "zeuxis:2:report:17"
    assert [one.value for one in menu.options] == ["17", "18"]
    assert "Which picture?" in texts_in(card)


def test_a_choice_tells_no_words_that_the_staff_have_not_let_go() -> None:
    """By the menu of a message whoever sees it is asked which of its pictures they mean."""
    picture = DELIVERED.picture
    assert picture is not None
    held = replace(DELIVERED, picture=replace(picture, state=PictureState.HELD))
    (menu,) = menus_in(which_card([held, replace(DELIVERED, number=2)], Verb.PROMPT, ENGLISH))
    assert [one.label for one in menu.options] == ["1", "2 · a sitting orange cat, 水彩"]


def test_what_was_unusual_is_said() -> None:
    """Posted in the channel, made smaller, or shown from another place."""
    said = texts_in(card_of(notes=list(Note)))
    assert "could not open a thread" in said
    assert "made the file smaller" in said
    assert "lasts a day" in said
    assert "1024 × 1024 was asked for" in said
    assert "another type of file" in said
    assert "thread" not in texts_in(card_of())


@pytest.mark.parametrize("locale", LOCALES)
def test_longest_texts_fit_into_one_message(locale: str) -> None:
    """Prompts that are all markup, a rewriting of any length, every note, every language."""
    request = replace(REQUEST, prompt=MARKUP, negative=MARKUP[:500])
    job = replace(
        DELIVERED, request=request, picture=replace(SHOWN, shown_prompt="A [long] story. " * 500)
    )
    card = card_of(job, Texts(locale), notes=list(Note))
    assert card.content_length() <= TEXT_LIMIT
    assert texts_in(card).count("…") == 3
    check_message(card)
    assert len(alt_text(job, Texts(locale))) <= ALT_TEXT_LIMIT


def test_long_rewriting_is_folded() -> None:
    """Its beginning, and where the rest of it is."""
    job = replace(DELIVERED, picture=replace(SHOWN, shown_prompt="word " * 2000))
    said = texts_in(card_of(job))
    assert "wo…\n-# all of it: More → Show prompt" in said
    assert len(said) < 500
    assert "all of it" not in texts_in(card_of())


def test_prompt_of_800_characters_is_shown_whole() -> None:
    """The longest that may be asked for, in ordinary words."""
    prompt = ("an orange cat, " * 54)[:799] + "!"
    assert prompt in texts_in(card_of(replace(DELIVERED, request=replace(REQUEST, prompt=prompt))))


def test_thread_is_named_after_the_prompt() -> None:
    """One line within Discord's limit; never empty."""
    long = replace(DELIVERED, request=replace(REQUEST, prompt="a\ncat\u202e " * 50))
    assert thread_name(DELIVERED) == "a sitting orange cat, 水彩"
    assert thread_name(long).startswith("a cat a cat")
    assert len(thread_name(long)) <= 100
    assert thread_name(replace(DELIVERED, request=replace(REQUEST, prompt="\u200b"))) == "Z-Image"


@given(prompt=st.text(max_size=800), negative=st.text(max_size=500), shown=st.text(max_size=5000))
def test_any_words_make_a_card_that_discord_takes(prompt: str, negative: str, shown: str) -> None:
    """Within its limits and with our own labels at the end, whatever the member wrote."""
    request = replace(REQUEST, prompt=prompt, negative=negative)
    job = replace(DELIVERED, request=request, picture=replace(SHOWN, shown_prompt=shown))
    card = card_of(job)
    assert card.content_length() <= TEXT_LIMIT
    check_message(card)
    assert texts_in(card).splitlines()[-1] == "-# AI-generated · Z-Image · job 17"
    assert 1 <= len(thread_name(job)) <= 100
