"""What is shown around a picture, counted: all of it within Discord's limits, in every language.

The longest words of each card are found in the tests beside this one; here are all of them at once,
so that what they say can be counted. Commands are counted in tests/cogs/test_setup.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.features.defaults import DefaultsView
from bot.features.imagine.drafts import Batch
from bot.queue.records import ChannelId, JobId, MessageId
from bot.records import replace
from bot.texts import Texts
from bot.texts.default_cards import defaults_card, negative_form, size_form
from bot.texts.draft_cards import batch_card, dropped_card, prompt_form, rewritten_card
from bot.texts.gallery_cards import gallery_card
from bot.texts.history_cards import history_card, reposted_card
from bot.texts.lineage_cards import lineage_card
from bot.texts.picture_cards import status_card
from bot.texts.result_cards import Note, result_card
from bot.texts.settings_forms import settings_form
from bot.texts.settings_panel import panel_card
from bot.texts.style_cards import kept_card, removed_card, style_form, styles_card, written_fields
from tests.texts.catalogues import messages_of_code
from tests.texts.lineages import a_family
from tests.texts.records import (
    DELIVERED,
    EVERY_STATE,
    LOCALES,
    PLACE,
    check_form,
    check_message,
    components_of,
)
from tests.texts.test_default_cards import FULL, HERE, LONGEST, PRESS
from tests.texts.test_draft_cards import OPTIONS, a_draft
from tests.texts.test_hand_cards import ODD, a_job, cards, forms
from tests.texts.test_history_cards import fullest_page
from tests.texts.test_settings_cards import all_pages, full_panel
from tests.texts.test_settings_cards import forms as controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord import ui

SAID = ("content", "label", "placeholder", "description", "title")
JOB = a_job(ODD, ODD, ODD * 3, ODD)


def all_cards(texts: Texts) -> Iterator[ui.LayoutView]:
    yield from cards(JOB, texts).values()
    yield result_card(JOB, "attachment://a.png", ODD, texts, notes=list(Note))
    yield from (status_card(job, PLACE, texts) for job in EVERY_STATE)
    four = [replace(DELIVERED, id=JobId(n), number=n, count=4) for n in range(1, 5)]
    yield gallery_card(four, texts, {job.id: "attachment://a.png" for job in four}, place=PLACE)
    yield history_card(fullest_page(), texts)
    yield history_card(fullest_page(), texts, in_guild=False)
    yield reposted_card(None, ChannelId(2**62), MessageId(2**62), texts)
    draft = a_draft(ODD, 4)
    yield rewritten_card(draft, OPTIONS, texts)
    yield batch_card(Batch(draft=draft, requests=(JOB.request,) * 16, micros=10**9), texts)
    yield dropped_card(texts)
    view = DefaultsView(default=FULL, here=HERE, place=HERE, pings=True)
    yield defaults_card(view, OPTIONS.offer, texts)
    yield styles_card([LONGEST] * 50, 1, texts)
    yield kept_card(LONGEST, LONGEST, OPTIONS.offer, texts)
    yield removed_card(LONGEST, texts)
    yield lineage_card(a_family((ODD, ODD)), texts, has_panel=True)
    yield from (panel_card(full_panel(page, whose), texts) for page, whose in all_pages())


def all_forms(texts: Texts) -> Iterator[ui.Modal]:
    yield from forms(JOB, texts).values()
    yield prompt_form(a_draft(ODD), texts)
    yield size_form(ODD[:60], texts)
    view = DefaultsView(default=FULL, here=HERE, place=HERE, pings=True)
    yield negative_form(view, OPTIONS.offer, texts)
    yield style_form(PRESS, written_fields(LONGEST), OPTIONS.offer, texts)
    for page, whose in all_pages():
        panel = full_panel(page, whose)
        yield from (settings_form(panel, one, texts, {}) for one in controls(page, whose))


def said_in(part: Any) -> int:
    """How many texts."""
    if isinstance(part, list):
        return sum(map(said_in, part))
    if not isinstance(part, dict):
        return 0
    own = sum(isinstance(part.get(name), str) for name in SAID)
    return own + sum(map(said_in, part.values()))


@pytest.mark.parametrize("locale", LOCALES)
def test_all_cards_and_forms_are_ones_that_discord_takes(locale: str) -> None:
    """And how many there are."""
    shown, asked, texts = 0, 0, Texts(locale)
    said = 0
    for card in all_cards(texts):
        check_message(card)
        shown, said = shown + 1, said + said_in(components_of(card))
    for form in all_forms(texts):
        check_form(form)
        asked, said = asked + 1, said + said_in(dict(form.to_dict()))
    known = len(messages_of_code())
    print(f"{locale}: {shown} cards and {asked} forms say {said} texts; {known} are known")
