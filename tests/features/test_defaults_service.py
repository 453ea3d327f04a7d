"""What a member sets for themselves is kept as they mean it, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.db.sqlite import Database
from bot.features.defaults import DefaultsService
from bot.policy.defaults import PersonDefault
from bot.policy.rows import load_default
from bot.providers.zimage import OFFER
from bot.queue.records import UserId
from bot.records import replace
from bot.refusals import PromptTooLong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ADA = UserId(7)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "zeuxis.db") as opened:
        yield opened


async def test_more_to_leave_out_than_the_provider_takes_is_refused_and_changes_nothing(
    database: Database,
) -> None:
    offer = replace(OFFER, negative_limit=5)
    service = DefaultsService(database=database, offer=offer, can_ask=True)
    await service.change(ADA, pings=True, negative=" birds ")
    with pytest.raises(PromptTooLong) as refused:
        await service.change(ADA, pings=False, negative="people")
    assert (refused.value.characters, refused.value.limit) == (6, 5)
    kept = PersonDefault(pings=True, negative="birds")
    assert await database.read(load_default, ADA) == kept
    await service.change(ADA, negative=" \u200b")
    assert await database.read(load_default, ADA) == replace(kept, negative=None)
