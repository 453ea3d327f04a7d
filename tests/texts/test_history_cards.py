"""Pages of pictures fit into one message, and their buttons carry all of the search."""

from __future__ import annotations

from datetime import date

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from bot.features.history.rules import (
    ON_A_PAGE,
    WORDS_LIMIT,
    Found,
    HistoryPage,
    Reach,
    Search,
    Turn,
    words_to_carry,
)
from bot.features.provenance.rules import Evidence, Traced
from bot.queue.records import ChannelId, JobId, MessageId, PictureState, Surface
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.history_cards import HistoryTurn, history_card, provenance_card, repost_row
from bot.texts.result_cards import picked_card
from tests.texts.records import (
    DRAWN,
    LOCALES,
    PICTURE,
    REQUEST,
    buttons_in,
    components_of,
    texts_in,
)

ID_LIMIT = 100  # Discord's
HUNG = replace(
    PICTURE,
    state=PictureState.SHOWN,
    channel_id=ChannelId(2**63 - 1),
    message_id=MessageId(2**63 - 1),
)
SHOWN = replace(DRAWN, picture=HUNG)
ENGLISH = Texts("en-US")
SEARCHES = st.builds(
    Search,
    words=st.text(max_size=120).map(words_to_carry),
    whose=st.sampled_from(Reach),
    kept=st.booleans(),
    first_day=st.none() | st.dates(),
    last_day=st.none() | st.dates(),
)
TURNS = st.builds(Turn, beyond=st.integers(1, 2**63 - 1), newest_first=st.booleans())


def test_the_longest_id_of_a_button_is_one_that_discord_takes() -> None:
    """Every word there is room for, the last job and the last days."""
    search = replace(fullest_page().search, words=words_to_carry("w" * 120))
    turn = Turn(beyond=JobId(2**63 - 1), newest_first=True)
    assert len(str(HistoryTurn(search=search, turn=turn))) == ID_LIMIT


@given(st.integers(0, 9_999_999), st.integers(0, 9_999_999))
def test_an_id_that_nobody_made_breaks_nothing(first: int, last: int) -> None:
    read = HistoryTurn.read(f"zeuxis:2:history:o1:s-:{first}:{last}:")
    assert read is not None
    search = read.search
    assert search.first_day is None or search.first_day.toordinal() == first


def fullest_page() -> HistoryPage:
    """With prompts that are all markup, and a search of everything."""
    shouting = replace(SHOWN, request=replace(REQUEST, prompt="*_`~" * 200))
    found = tuple(
        Found(
            job=replace(shouting, id=JobId(10**18 + number)),
            is_kept=True,
            link="https://cdn.discordapp.com/attachments/1/2/zeuxis-1.png?ex=1&is=2&hm=3",
        )
        for number in range(ON_A_PAGE)
    )
    search = Search(
        words="w" * WORDS_LIMIT,
        whose=Reach.SERVER,
        kept=True,
        first_day=date.max,
        last_day=date.max,
    )
    return HistoryPage(search=search, found=found, has_newer=True, has_older=True)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_fullest_page_fits_into_one_message_in_every_language(locale: str) -> None:
    card = history_card(fullest_page(), Texts(locale))
    assert card.content_length() <= TEXT_LIMIT
    assert len(list(card.walk_children())) <= 40
    assert components_of(card)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_longest_picture_fits_into_one_message_in_every_language(locale: str) -> None:
    request = replace(REQUEST, prompt="*_`~" * 200, negative="*_`~" * 125, rewrite=True)
    picture = replace(HUNG, shown_prompt="*_`~" * 900)
    job, texts = replace(SHOWN, request=request, picture=picture), Texts(locale)
    card = picked_card(job, texts, is_kept=True, also=[repost_row(job.id, texts)])
    assert card.content_length() <= TEXT_LIMIT
    assert components_of(card)


def test_kept_is_said_by_a_word_and_without_a_link_words_alone_are_shown() -> None:
    kept, other = (Found(job=SHOWN, is_kept=one) for one in (True, False))
    page = HistoryPage(search=Search(), found=(kept,))
    card = history_card(page, ENGLISH)
    assert "kept" in texts_in(card)
    assert "kept" not in texts_in(history_card(replace(page, found=(other,)), ENGLISH))
    assert not [one for one in card.walk_children() if "Thumbnail" in type(one).__name__]


@pytest.mark.parametrize("surface", Surface)
def test_what_an_own_install_has_posted_has_no_link_to_its_message(surface: Surface) -> None:
    """It may hang in a server, and nobody keeps in which one: a link would lead nowhere."""
    outside = replace(SHOWN.origin, guild_id=None, surface=surface)
    job = replace(SHOWN, origin=outside)
    page = HistoryPage(search=Search(), found=(Found(job=job, is_kept=False),))
    traced = Traced(job=job, evidence=Evidence.MARKED)
    for card in history_card(page, ENGLISH), provenance_card([traced], "z-image", ENGLISH):
        is_linked = "/channels/@me/" in texts_in(card)
        assert is_linked == (surface is not Surface.INTERACTION)


def test_a_page_of_all_there_is_has_no_buttons_to_turn_it() -> None:
    page = HistoryPage(search=Search(), found=(Found(job=SHOWN, is_kept=False),))
    assert buttons_in(history_card(page, ENGLISH)) == {}
    assert {*buttons_in(history_card(replace(page, has_older=True), ENGLISH))} == {"Newer", "Older"}


def test_outside_of_guilds_nothing_is_said_of_a_server() -> None:
    """All that is found there is one's own."""
    page = HistoryPage(search=Search(), found=(Found(job=SHOWN, is_kept=False),))
    said = texts_in(history_card(page, ENGLISH, in_guild=False))
    assert "### 🖼️ Your pictures" in said
    assert "server" not in said
    kept = replace(page, search=Search(kept=True))
    assert "-# kept by you" in texts_in(history_card(kept, ENGLISH, in_guild=False))


def test_what_hangs_behind_a_spoiler_is_behind_one_here() -> None:
    page = fullest_page()
    hung = replace(HUNG, is_spoiler=True)
    first = replace(page.found[0], job=replace(page.found[0].job, picture=hung))
    card = history_card(replace(page, found=(first, *page.found[1:])), ENGLISH)
    found = [one for one in card.walk_children() if isinstance(one, ui.Thumbnail)]
    assert [one.spoiler for one in found][:2] == [True, False]
