"""What hands answer and ask: within Discord's limits, whatever was written, in every language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.imagine.records import SizeChoice, TypedEdit
from bot.policy.rules import Rewriting
from bot.providers.zimage import OFFER
from bot.queue.records import JobId
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import Card, Colour, Verb
from bot.texts.hand_cards import (
    alt_form,
    correction_card,
    deleted_text,
    described_card,
    edit_form,
    kept_card,
    prompt_card,
    prompt_file,
    reason_label,
    report_form,
    reported_card,
    sizes_card,
    typed_of,
)
from bot.texts.history_cards import repost_row
from bot.texts.result_cards import picked_card, picture_choice, which_card
from tests.texts.records import (
    DELIVERED,
    LOCALES,
    REQUEST,
    SHOWN,
    buttons_in,
    check_form,
    check_message,
    menus_in,
    texts_in,
)

if TYPE_CHECKING:
    from discord import ui

    from bot.queue.records import Job

ENGLISH = Texts("en-US")
MENTIONS = "@everyone <@1> <@&2> <#3> https://evil.example [a](b) ||x|| ```code``` `"
HIDDEN = "\u202egnirts\u202c \u200b\u200d\ufeff שלום עולם"
ODD = f"{MENTIONS}{HIDDEN}\U0001f600\U0001f600\n# head\n-# x"
EMOJI = "\U0001f600" * 4000
WORDS = st.text(max_size=900) | st.sampled_from([ODD, EMOJI, "`" * 900, "||" * 400, "\\" * 800])


def a_job(prompt: str, negative: str = "", shown: str = "", reasoning: str = "") -> Job:
    picture = replace(SHOWN, shown_prompt=shown, reasoning=reasoning, alt_text=None)
    request = replace(REQUEST, prompt=prompt, negative=negative)
    return replace(DELIVERED, request=request, picture=picture)


def cards(job: Job, texts: Texts) -> dict[str, ui.LayoutView]:
    """All that a picture's hands answer."""
    prompt, request = job.request.prompt, job.request
    sizes = [SizeChoice(one=one, micros=30_000) for one in OFFER.recommended]
    typed = TypedEdit(prompt=prompt, negative=request.negative, size=prompt, seed=prompt)
    return {
        "prompt": prompt_card(job, texts),
        "sizes": sizes_card(job, sizes, texts),
        "no sizes": sizes_card(job, [], texts),
        "correction": correction_card("why", typed, JobId(2**62), texts),
        "kept": kept_card(texts, is_kept=True),
        "unkept": kept_card(texts, is_kept=False),
        "described": described_card(texts, is_shown=False),
        "reported": reported_card(texts, is_heard=True),
        "unheard": reported_card(texts, is_heard=False),
        "outside": reported_card(texts, is_heard=False, has_staff=False),
        "picked": picked_card(job, texts, is_kept=True, also=[repost_row(job.id, texts)]),
        "which": which_card([job] * 4, Verb.REPORT, texts),
        "gallery": Card(Colour.DONE, picture_choice([job] * 4, texts)),
    }


def forms(job: Job, texts: Texts) -> dict[str, ui.Modal]:
    typed = replace(typed_of(job), size=job.request.prompt, seed=job.request.prompt)
    return {
        "edit": edit_form(JobId(2**62), typed, OFFER, texts, rewritings=tuple(Rewriting)),
        "alt": alt_form(job, texts),
        "report": report_form(job, texts),
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_every_card_and_form_is_one_that_discord_takes(locale: str) -> None:
    """The longest words in every language."""
    texts = Texts(locale)
    for prompt in (ODD, EMOJI, "*_`~|" * 800):
        job = a_job(prompt, prompt[:500], prompt * 3, prompt * 5)
        for card in cards(job, texts).values():
            check_message(card)
        for form in forms(job, texts).values():
            check_form(form)
    assert deleted_text(texts)


@given(prompt=WORDS, negative=WORDS, shown=WORDS, reasoning=WORDS)
def test_any_words_keep_to_the_limits_and_mention_nobody(
    prompt: str, negative: str, shown: str, reasoning: str
) -> None:
    """Outside of code blocks nothing is left of what Discord would read."""
    job = a_job(prompt, negative, shown, reasoning)
    for card in cards(job, ENGLISH).values():
        check_message(card)
        said = texts_in(card)
        assert said.count("```") % 2 == 0, "a block that was begun is ended"
        outside = re.sub(r"\\.", "", "".join(said.split("```")[::2]))
        for mark in ("<@1>", "<@&2>", "<#3>", "@everyone", "https://", "](b)"):
            assert mark not in outside
    for form in forms(job, ENGLISH).values():
        check_form(form)


@given(text=WORDS)
def test_what_stands_in_a_code_block_is_what_was_typed(text: str) -> None:
    """Of a text that fits, but for what would end the block; and the file has the rest."""
    job = a_job(text)
    block = texts_in(prompt_card(job, ENGLISH)).partition("```\n")[2].partition("\n```")[0]
    if "```" not in text and len(text) <= 1000 and "\n```" not in f"{text}\n":
        assert block == text
        assert prompt_file(job) == ""
    else:
        assert prompt_file(job) == text


def test_the_reasoning_is_folded_and_shown_only_here() -> None:
    job = a_job("a cat", shown="a red cat", reasoning="cats are | often red")
    said = texts_in(prompt_card(job, ENGLISH))
    assert "**Why so**\n||cats are \\| often red||" in said
    assert "**Rewritten by Z-Image**\n```\na red cat\n```" in said


def test_an_edit_begins_with_what_was_asked() -> None:
    """Five fields, as many as a form may have."""
    job = a_job("a cat", "dogs")
    fields = {one["component"]["custom_id"]: one["component"] for one in _sent(forms_edit(job))}
    assert [*fields] == ["prompt", "negative", "size", "seed", "rewriting"]
    assert fields["prompt"]["value"] == "a cat"
    assert fields["negative"]["value"] == "dogs"
    assert fields["size"]["value"] == "1024*1024"
    assert fields["seed"]["value"] == "7"
    chosen = [one["value"] for one in fields["rewriting"]["options"] if one.get("default")]
    assert chosen == ["on"]


def forms_edit(job: Job) -> ui.Modal:
    return edit_form(job.id, typed_of(job), OFFER, ENGLISH)


def _sent(form: ui.Modal) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = list(form.to_dict()["components"])
    return sent


def test_where_nothing_is_rewritten_or_left_out_nobody_is_asked() -> None:
    offer = replace(OFFER, negative_limit=None)
    form = edit_form(JobId(1), typed_of(DELIVERED), offer, ENGLISH, rewritings=(Rewriting.OFF,))
    assert [one["component"]["custom_id"] for one in _sent(form)] == ["prompt", "size", "seed"]


def test_sizes_are_told_with_what_they_cost() -> None:
    (menu,) = menus_in(cards(DELIVERED, ENGLISH)["sizes"])
    assert menu.custom_id == "zeuxis:2:size:17"
    assert len(menu.options) == 25
    assert all(one.label.endswith("· $0.03") for one in menu.options)


def test_a_refused_edit_leads_back_to_its_draft() -> None:
    card = correction_card("why", typed_of(DELIVERED), JobId(99), ENGLISH)
    assert buttons_in(card) == {"Correct it": f"zeuxis:2:{Verb.CORRECT}:99"}


def test_of_a_refused_edit_without_any_words_none_are_quoted() -> None:
    empty = replace(typed_of(DELIVERED), prompt=" \u200b")
    assert texts_in(correction_card("why", empty, JobId(99), ENGLISH)) == "why"


def test_outside_of_guilds_a_report_asks_nothing_in_the_name_of_a_staff() -> None:
    """There is none."""
    alone = replace(DELIVERED, origin=replace(DELIVERED.origin, guild_id=None))
    asked = [str(report_form(job, ENGLISH).to_dict()) for job in (DELIVERED, alone)]
    assert ["What the staff should know" in one for one in asked] == [True, False]


def test_a_reason_of_another_version_stands_as_it_is() -> None:
    """Rows may be newer than the code that reads them."""
    assert reason_label("of_tomorrow", ENGLISH) == "of_tomorrow"
