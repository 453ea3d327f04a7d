"""What is asked before a picture is queued fits a message and shows the member's words as typed."""

from __future__ import annotations

import re

import pytest
from discord import ui

from bot.features.drafts.records import Draft, DraftState, TypedRequest
from bot.features.drafts.service import Batch
from bot.features.imagine.records import Options
from bot.policy.rules import Rewriting
from bot.providers.image import ImageRequest, Size
from bot.providers.zimage import OFFER
from bot.queue.records import ChannelId, JobId, TenantId, UserId
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT, Card
from bot.texts.draft_cards import (
    batch_card,
    prompt_form,
    rewritten_card,
)
from tests.texts.records import LOCALES

HOSTILE = [
    "a cat",
    "*" * 800,
    "@everyone <@1> ||x|| https://a.example [a](b) " * 16,
    "😀" * 800,
    "\u202eabc\u200b\u0301" * 160,
    "`\n# x\n> y" * 80,
]
OPTIONS = Options(
    offer=OFFER,
    default_size=Size(1024, 1024),
    rewrite_by_default=True,
    largest_batch=16,
    plain_micros=15_000,
    rewritten_micros=30_000,
)


def a_draft(prompt: str, count: int = 1) -> Draft:
    return Draft(
        id=JobId(17),
        state=DraftState.OPEN,
        tenant_id=TenantId(1),
        channel_id=ChannelId(1),
        user_id=UserId(1),
        created_at_us=0,
        parent_id=None,
        typed=TypedRequest(prompt=prompt, rewriting=Rewriting.ASK, count=count),
        rewritten=prompt,
        cost_micros=95,
    )


def words(card: Card) -> str:
    return "\n".join(one.content for one in card.walk_children() if isinstance(one, ui.TextDisplay))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("prompt", HOSTILE)
def test_every_card_fits_whatever_the_words(locale: str, prompt: str) -> None:
    """In every language; no word of the member's becomes a mention or a link."""
    texts = Texts(locale)
    prompt = prompt[:800]
    request = ImageRequest(prompt=prompt, size=Size(1024, 1024), seed=1, rewrite=False)
    batch = Batch(draft=a_draft(prompt), requests=(request,) * 16, micros=240_000)
    for card in (rewritten_card(a_draft(prompt), OPTIONS, texts), batch_card(batch, texts)):
        assert card.content_length() <= TEXT_LIMIT
        assert "@everyone" not in words(card)
        assert not re.search(r"(?<!\\)\]\(", words(card))
    assert len(prompt_form(a_draft(prompt), texts).title) <= 45


def test_the_price_is_that_of_all_pictures() -> None:
    said = words(rewritten_card(a_draft("a cat", count=3), OPTIONS, Texts("en-US")))
    assert "3 pictures for $0.045" in said
    assert "Rewriting cost $0.000095" in said
