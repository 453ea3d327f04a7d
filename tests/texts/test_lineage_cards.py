"""A family as a panel, as words, and as a line under a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from discord import ui

from bot.drawing.resvg import Drawings, rendered
from bot.drawing.svg import COLOURS, Ink, Theme
from bot.features.lineage.rules import Alteration, LineagePlace
from bot.pictures.formats import read_head
from bot.providers.image import ImageRequest, Size
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT, Card
from bot.texts.lineage_cards import (
    MOST_PIXELS,
    alteration_texts,
    lineage_alt_text,
    lineage_card,
    lineage_chart,
    lineage_place_text,
)
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from tests.texts.lineages import A_FOX, a_family, a_job, found_of, of_size, thumbnails_of
from tests.texts.records import LOCALES

if TYPE_CHECKING:
    from bot.features.lineage.service import FamilyFound

ENGLISH = Texts("en-US")
SVG = "{http://www.w3.org/2000/svg}"
ALL = ImageRequest(prompt="b", size=Size(1536, 864), seed=9, rewrite=True, negative="c")
SCRIPTS = (
    "ثعلب أحمر في الثلج",
    "夕暮れの雪原に立つ赤い狐",
    "🦊" * 40,
    "x" * 800,
    "</text><script/>&",
)


def words_of(card: Card) -> str:
    return "\n".join(one.content for one in card.walk_children() if isinstance(one, ui.TextDisplay))


def written(svg: str) -> list[str]:
    found = ET.fromstring(svg).iter(f"{SVG}text")
    return [(one.text or "").strip("\u2068\u2069") for one in found]


# ------------------------------------------------------------------------------------------------
# What was changed.


def test_each_change_has_its_words() -> None:
    assert alteration_texts(A_FOX, ALL, ENGLISH) == (
        "other words",
        "other things left out",
        "1024 × 1024 → 1536 × 864",
        "rewriting on",
        "new seed",
    )
    assert alteration_texts(ALL, replace(ALL, rewrite=False, negative=""), ENGLISH) == (
        "nothing left out",
        "rewriting off",
    )
    assert alteration_texts(A_FOX, A_FOX, ENGLISH) == ("the same again",)


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_each_change_has_words_of_its_own_in_every_language(locale: str) -> None:
    said = alteration_texts(A_FOX, ALL, Texts(locale))
    english = alteration_texts(A_FOX, ALL, ENGLISH)
    assert len(set(said)) == len(Alteration)
    assert [one for one in said if one in english] == ["1024 × 1024 → 1536 × 864"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (LineagePlace(generation=1), ""),
        (LineagePlace(generation=3, parent=A_FOX), "generation 3: new seed"),
        (LineagePlace(generation=2, parent=ALL), "generation 2: other words"),
        (LineagePlace(generation=100, is_at_least=True, parent=A_FOX), "generation 100+: new seed"),
        (LineagePlace(generation=2), "generation 2"),
    ],
)
def test_a_line_under_a_picture_tells_its_place(place: LineagePlace, said: str) -> None:
    """Nothing of a picture that came from no other."""
    after = replace(A_FOX, seed=2) if place.parent is not ALL else replace(ALL, prompt="d")
    assert lineage_place_text(place, after, ENGLISH) == said


# ------------------------------------------------------------------------------------------------
# The panel.


def test_the_panel_tells_places_changes_and_what_is_missing() -> None:
    said = written(lineage_chart(a_family(), {}, ENGLISH).svg)
    for words in ("6 pictures", "1", "1.1", "▶ 1.2", "1.2.1", "1.3", "new seed", "other words",
                  "→ 1536 × 864", "deleted", "being painted", "a red fox"):  # fmt: skip
        assert words in said
    assert [one for one in said if "▶" in one] == ["▶ 1.2"]


def test_a_thumbnail_stands_in_the_place_of_words() -> None:
    found = a_family()
    chart = lineage_chart(found, thumbnails_of(found), ENGLISH)
    images = list(ET.fromstring(chart.svg).iter(f"{SVG}image"))
    assert len(images) == 4
    assert all(one.get("href", "").startswith("data:image/png;base64,") for one in images)
    assert "a red fox" not in written(chart.svg)
    sides = {(float(one.get("width", 0)), float(one.get("height", 0))) for one in images}
    assert sides == {(168.0, 168.0), (168.0, 94.5)}


@pytest.mark.parametrize("theme", Theme)
def test_either_theme_has_its_own_ground(theme: Theme) -> None:
    svg = lineage_chart(a_family(), {}, ENGLISH, theme).svg
    assert f'fill="{COLOURS[theme][Ink.PANEL]}"' in svg


def test_a_large_family_is_counted() -> None:
    found = of_size(200)
    said = written(lineage_chart(found, {}, ENGLISH).svg)
    assert f"{len(found.nodes)} of 200 pictures" in said
    assert "between" in said
    assert any(one.startswith("+ ") and one.endswith(" more") for one in said)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 6, 40, 200])
def test_a_family_of_any_size_is_a_picture_of_bounded_size(count: int) -> None:
    found = of_size(count)
    chart = lineage_chart(found, thumbnails_of(found), ENGLISH)
    (png,) = rendered(Drawings((chart.svg,), chart.zoom))
    head = read_head(png)
    assert head is not None
    assert head.size.area_px <= MOST_PIXELS * 1.01
    assert len(png) < 2_000_000


@pytest.mark.parametrize("prompt", SCRIPTS)
@pytest.mark.parametrize("locale", LOCALES)
def test_any_prompt_is_text_alone_and_drawn(prompt: str, locale: str) -> None:
    chart = lineage_chart(a_family((prompt, prompt[::-1])), {}, Texts(locale))
    assert {one.tag for one in ET.fromstring(chart.svg).iter()} <= {
        SVG + tag for tag in ("svg", "defs", "rect", "line", "text")
    }
    assert rendered(Drawings((chart.svg,), 0.3))


def test_the_bytes_of_a_thumbnail_stay_in_its_address() -> None:
    found = a_family()
    (job_id, small), *_ = thumbnails_of(found).items()
    evil = {job_id: replace(small, content=b'"/><script>' * 9)}
    drawing = ET.fromstring(lineage_chart(found, evil, ENGLISH).svg)
    assert SVG + "script" not in {one.tag for one in drawing.iter()}


# ------------------------------------------------------------------------------------------------
# The same in words, and the card.


def test_the_alternative_text_tells_the_tree() -> None:
    assert lineage_alt_text(a_family(), ENGLISH) == (
        "Lineage, 6 pictures; 1: a fox in the snow; 1.1: new seed; 1.2 (this one): other words,"
        " other things left out, new seed; 1.2.1: → 1536 × 864; 1.2.2: rewriting on, new seed,"
        " being painted; 1.3: the same again, deleted"
    )


def test_the_card_links_the_nearest_relatives() -> None:
    said = words_of(lineage_card(a_family(), ENGLISH, has_panel=True))
    assert "Came from: [1](https://discord.com/channels/11/31/5001)" in said
    assert "Came from it: [1.2.1](https://discord.com/channels/11/31/5005)" in said
    assert "Beside it: [1.1](https://discord.com/channels/11/31/5002)" in said
    assert "job 3" in said


def test_without_a_panel_the_tree_stands_in_lines() -> None:
    said = words_of(lineage_card(a_family(), ENGLISH, has_panel=False))
    assert "· 1\\.2 (this one): other words" in said
    assert "· · 1\\.2.2: rewriting on, new seed, being painted" in said
    assert "[1](https://" in said


def test_a_lone_picture_says_how_it_may_have_children() -> None:
    found = found_of({1: None}, 1, {1: a_job(1, A_FOX)})
    assert "Nothing has come from this picture yet." in words_of(
        lineage_card(found, ENGLISH, has_panel=True)
    )


def long_family() -> FamilyFound:
    """As long as names of places and changes come, with prompts that are markup."""
    parents: dict[int, int | None] = {1: None}
    parents.update({one: max(1, one - 7) for one in range(2, 41)})
    jobs = {
        one: a_job(one, replace(ALL if one % 2 else A_FOX, prompt="*`_" * 200 + str(one), seed=one))
        for one in parents
    }
    return found_of(parents, 20, jobs)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("has_panel", [True, False])
def test_everything_is_within_discord_s_limits(locale: str, has_panel: bool) -> None:
    texts = Texts(locale)
    for found in (long_family(), of_size(200), of_size(40), a_family(("*_`[" * 200, "@here" * 99))):
        card = lineage_card(found, texts, has_panel=has_panel)
        assert card.content_length() <= TEXT_LIMIT
        assert card.total_children_count <= 40
        assert len(lineage_alt_text(found, texts)) <= ALT_TEXT_LIMIT
        assert words_of(card).count("](https://") <= 10


def test_words_of_a_hidden_picture_are_not_told() -> None:
    """Nor that there is one: members see none."""
    shown = a_job(1, replace(A_FOX, prompt="a fox in a hat"))
    assert shown.picture is not None
    hidden = replace(shown, picture=replace(shown.picture, hidden_at_us=1))
    found = found_of({1: None, 2: 1}, 2, {1: hidden, 2: a_job(2, A_FOX)})
    assert "hat" not in words_of(lineage_card(found, ENGLISH, has_panel=False))
    assert "hat" not in "".join(written(lineage_chart(found, {}, ENGLISH).svg))
