"""The panel of `/defaults` and the cards of styles: within Discord's limits in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.features.defaults import DefaultsView
from bot.policy.defaults import NO_DEFAULT, PersonDefault, Resolved, Unapplied
from bot.policy.rules import Rewriting
from bot.policy.styles import KEY_LIMIT, NAME_LIMIT, Style
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.staff_refusals import StyleFault
from bot.texts import Texts
from bot.texts.default_cards import (
    defaults_card,
    negative_form,
    refused_size_items,
    size_form,
)
from bot.texts.style_cards import (
    FIELDS,
    StylePress,
    StyleVerb,
    kept_card,
    refused_form_card,
    removed_card,
    style_choices,
    style_fault_text,
    style_form,
    styles_card,
    written_fields,
)
from tests.texts.records import LOCALES, components_of

if TYPE_CHECKING:
    from bot.texts.cards import Card
    from bot.texts.forms import Form

TEXT_LIMIT, COMPONENT_LIMIT = 4000, 40  # Discord's, of one message
LABEL_LIMIT, DESCRIPTION_LIMIT, TITLE_LIMIT, ID_LIMIT, OPTION_LIMIT = 45, 100, 45, 100, 100
UGLY = "*_`<@1>"
FULL = PersonDefault(
    size=Size(1008, 1504),
    rewriting=Rewriting.ASK,
    negative=(UGLY * 99)[:500],
    pings=True,
    alt_words=False,
)
HERE = Resolved(
    prompt="",
    size=Size(2048, 2048),
    rewriting=Rewriting.OFF,
    negative="",
    largest_batch=4,
    unapplied=(Unapplied.SIZE, Unapplied.REWRITING),
)
LONGEST = Style(
    name=(UGLY * 9)[:NAME_LIMIT],
    prompt="{prompt}" + ("*`_~" * 200)[:600],
    size=Size(1280, 720),
    negative=("*`_~" * 200)[:500],
)
PRESS = StylePress(verb=StyleVerb.FORM, seen=10**14, was="x" * KEY_LIMIT)


def parts(payload: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for one in payload:
        nested = [*one.get("components", ()), one.get("accessory"), one.get("component")]
        found += [one, *parts([each for each in nested if each])]
    return found


def check_card(card: Card) -> None:
    found = parts(components_of(card))
    assert len(found) <= COMPONENT_LIMIT
    assert sum(len(one.get("content", "")) for one in found) <= TEXT_LIMIT
    for one in found:
        assert len(one.get("custom_id", "")) <= ID_LIMIT
        options = one.get("options", [])
        assert len(options) <= 25
        assert all(len(each["label"]) <= OPTION_LIMIT for each in options)
        assert len({each["value"] for each in options}) == len(options)
        assert len([each for each in options if each.get("default")]) <= 1


def check_form(form: Form) -> None:
    payload = form.to_dict()
    assert len(payload["title"]) <= TITLE_LIMIT
    assert len(payload["custom_id"]) <= ID_LIMIT
    assert 1 <= len(payload["components"]) <= 5
    for one in parts(payload["components"]):
        if one["type"] == 18:
            assert len(one["label"]) <= LABEL_LIMIT
            assert len(one.get("description") or "") <= DESCRIPTION_LIMIT
        if "value" in one:
            assert len(one["value"]) <= one["max_length"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("default", [NO_DEFAULT, FULL, PersonDefault(size=Size(720, 1680))])
def test_the_panel_of_defaults_is_within_discords_limits(
    locale: str, default: PersonDefault
) -> None:
    """With the longest values there are, and a refusal above it."""
    texts, view = Texts(locale), DefaultsView(default=default, here=HERE, place=HERE, pings=True)
    check_card(defaults_card(view, OFFER, texts))
    said = refused_size_items("x" * 300, UGLY * 8, texts)
    check_card(defaults_card(view, OFFER, texts, said))
    check_form(size_form("1024*1024", texts))
    check_form(negative_form(view, OFFER, texts))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_cards_of_styles_are_within_discords_limits(locale: str) -> None:
    """With the longest names and texts that can be kept."""
    texts = Texts(locale)
    for page in (0, 4, 7):
        check_card(styles_card([LONGEST] * 50, page, texts))
    check_card(styles_card([], 0, texts))
    check_card(kept_card(LONGEST, None, OFFER, texts))
    check_card(kept_card(LONGEST, LONGEST, OFFER, texts))
    check_card(removed_card(LONGEST, texts))
    filled = written_fields(LONGEST)
    assert set(filled) == set(FIELDS)
    check_form(style_form(PRESS, filled, OFFER, texts))
    check_form(style_form(StylePress(verb=StyleVerb.FORM, seen=0), {}, OFFER, texts))
    for fault in StyleFault:
        check_card(refused_form_card(style_fault_text(fault, texts), PRESS, filled, texts))


def test_choices_are_within_discords_limits() -> None:
    """A name is its value, whatever the text is."""
    (choice, *others) = style_choices([LONGEST] * 50)
    assert len(others) == 24
    assert len(choice.name) <= OPTION_LIMIT
    assert choice.value == LONGEST.name
