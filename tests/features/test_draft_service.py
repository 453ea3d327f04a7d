"""What is rewritten or kept for its member, by the rules that hold for the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.db.sqlite import Database
from bot.features.imagine.drafts import Choice, DraftService
from bot.features.imagine.records import TypedRequest
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Rewriting, Scope
from bot.providers.rewriter import RewrittenPrompt
from bot.providers.zimage import price
from bot.queue.records import RoleId, UserId
from bot.records import replace
from bot.refusals import RoleNotAllowed
from tests.clock import ManualClock
from tests.features.test_service import a_service
from tests.queue.world import START_US, an_origin, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GUILD, KEEPER = 1, RoleId(5)
TYPED = TypedRequest(prompt="a cat", rewriting=Rewriting.ASK)


class Rewriter:
    """Adds a word."""

    name = "qwen-flash"

    async def rewrite(self, prompt: str, **_: Any) -> RewrittenPrompt:
        return RewrittenPrompt(
            prompt=f"{prompt}, red",
            input_tokens=300,
            output_tokens=200,
            duration_us=1,
            request_id="one",
        )


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[DraftService]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        key = Key(Scope.GUILD, GUILD, "roles", GUILD)
        await database.write(set_policy, key, (KEEPER,), by="staff", now_us=1)
        yield DraftService(
            database=database,
            clock=ManualClock(START_US),
            service=a_service(database),
            price=price,
            rewriter=Rewriter(),
        )


@pytest.mark.parametrize("way", ["ask", "keep_batch"])
async def test_roles_that_a_picture_wants_are_wanted_for_what_comes_before_it(
    service: DraftService, way: str
) -> None:
    origin = an_origin(GUILD)
    with pytest.raises(RoleNotAllowed):
        await getattr(service, way)(TYPED, origin, largest_batch=4)
    done = await getattr(service, way)(TYPED, origin, largest_batch=4, role_ids=[KEEPER])
    assert (done if way == "ask" else done.draft).typed == TYPED


async def test_what_is_rewritten_for_several_pictures_is_changed_for_all(
    service: DraftService,
) -> None:
    typed = replace(TYPED, count=3)
    draft = await service.ask(typed, an_origin(GUILD), largest_batch=4, role_ids=[KEEPER])
    assert draft.rewritten == "a cat, red"
    me = UserId(1)
    assert (await service.change(draft.id, me, " a dog, red ")).rewritten == "a dog, red"
    chosen = await service.chosen(draft.id, me, Choice.REWRITTEN, largest_batch=4)
    assert [one.prompt for one in chosen] == ["a dog, red"] * 3
