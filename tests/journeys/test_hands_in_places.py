"""Every hand of a picture where it is not in a channel of a guild that the bot is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.test_hands import NEW_PICTURES, Hands, told
from tests.journeys.test_imagine import hand
from tests.journeys.test_places import (
    Where,
    announcements,
    between_two,
    direct,
    foreign_guild,
    forum_post,
    group,
    rows,
    shown,
    voice_chat,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.journeys.stage import Stage

KINDS = [announcements, forum_post, voice_chat, direct, between_two, group, foreign_guild]


@pytest.fixture
async def stage(stage_with: Callable[..., Any]) -> AsyncIterator[Stage]:
    """Everybody may ask everywhere."""
    async with stage_with(bot=False) as made:
        made.environment["OUTSIDE_GUILDS"] = "any"
        await made.start_bot()
        yield made


class HandsThere(Hands):
    """Of one picture in such a place."""

    def __init__(self, stage: Stage, picture: dict[str, Any], where: Where) -> None:
        super().__init__(stage, picture)
        self.where = where

    async def press(self, verb: str, member: int, message: Any = None, **act: Any) -> Any:
        message = message or self.picture
        there = self.where._replace(channel=message["channel_id"])
        pressed = {"message_id": message["id"], **hand(message, verb), **act}
        return await there.act(self.stage, "component", member, **pressed)

    async def fill(self, verb: str, member: int, filled: dict[str, str]) -> Any:
        opened = await self.press(verb, member)
        assert opened.get("modal"), told(opened)
        there = self.where._replace(channel=self.picture["channel_id"])
        custom_id = f"zeuxis:2:{verb}:{self.job}"
        return await there.act(self.stage, "modal", member, custom_id=custom_id, fields=filled)


@pytest.mark.parametrize("place", KINDS)
async def test_every_hand_works_in_every_kind_of_place(
    stage: Stage, place: Callable[[Stage], Awaitable[Where]]
) -> None:
    """By whoever asked for the picture; also after the bot was killed and started again."""
    where = await place(stage)
    (picture,) = shown(await where.imagine(stage, "a cat", seed=7, rewrite="on"))
    hands = HandsThere(stage, picture, where)
    for verb in NEW_PICTURES:
        seen = await hands.use(verb, 0)
        assert len(shown(seen)) == 1, (verb, told(seen))
    await stage.kill_bot()
    await stage.start_bot()
    assert "You keep this picture" in told(await hands.use("keep", 0))
    assert "```\na cat\n```" in told(await hands.use("prompt", 0))
    assert "generation" not in told(await hands.use("lineage", 0)), "it is the first"
    await hands.use("alt", 0)
    alternative = f"SELECT alt_text FROM picture WHERE job_id = {hands.job}"
    assert rows(stage, alternative) == [("a cat, said by 0",)]
    await hands.use("report", 0)
    assert rows(stage, "SELECT job_id, words FROM report") == [(int(hands.job), "look")]
    await hands.press("delete", 0)
    left = stage.sandbox.state.messages.get(picture["channel_id"], {})
    assert picture["id"] not in left
    assert stage.ledger()["billed"] == 1 + len(NEW_PICTURES)
