"""What a member is told in private of a picture that hangs nowhere."""

from __future__ import annotations

import pytest

from bot.queue.failures import CLOSED, NO_PLACE, POST_REFUSED
from bot.queue.records import Failure, PictureState
from bot.records import replace
from bot.texts import Texts
from bot.texts.picture_cards import unposted_card
from tests.texts.records import (
    DRAWN,
    LINK,
    LOCALES,
    PICTURE,
    REQUEST,
    buttons_in,
    components_of,
    texts_in,
)

UNPOSTED = replace(
    DRAWN,
    picture=replace(PICTURE, state=PictureState.UNDELIVERABLE),
    failure=Failure(kind=NO_PLACE, detail=CLOSED),
)


def test_the_link_and_how_long_it_lives() -> None:
    """With what it cost; nothing can be painted there, so there is no other button."""
    card = unposted_card(UNPOSTED, Texts("en-US"))
    assert buttons_in(card) == {"Open the picture": LINK}
    said = texts_in(card)
    for words in (
        "Painted, but not posted",
        "can no longer post",
        "charged once",
        "<t:1800086460:R>",
    ):
        assert words in said


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", [NO_PLACE, POST_REFUSED])
def test_it_fits_into_one_message(locale: str, kind: str) -> None:
    """In every language, whatever the prompt."""
    shouting = replace(
        UNPOSTED, request=replace(REQUEST, prompt="*_`~" * 200), failure=Failure(kind=kind)
    )
    card = unposted_card(shouting, Texts(locale))
    assert card.content_length() <= 4000
    assert components_of(card)
