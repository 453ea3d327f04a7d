"""Every hand of a picture, by everybody, where it is not in an ordinary channel of a guild."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.test_hands import (
    FORBIDDEN,
    MODERATOR,
    NEW_PICTURES,
    REQUESTER,
    STRANGER,
    Hands,
    told,
)
from tests.journeys.test_imagine import hand
from tests.journeys.test_places import (
    Where,
    between_two,
    direct,
    foreign_guild,
    forum_post,
    group,
    made,
    rows,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from tests.journeys.stage import Stage

    Place = Callable[[Stage], Awaitable[Where]]
    Rows = Sequence[tuple[Place, int]]


async def announcements(stage: Stage) -> Where:
    """A channel of its own: Discord grants each an edit a second."""
    channel = await made(stage, name="announcements", type=5)
    return Where(stage.control.guild["id"], str(channel["id"]))


async def voice_chat(stage: Stage) -> Where:
    channel = await made(stage, name="voice", type=2)
    return Where(stage.control.guild["id"], str(channel["id"]))


# Who presses where; the requester has asked for each picture. Outside of guilds nobody moderates,
# and in the direct conversation with the bot there is nobody else.
IN_GUILDS: Rows = [
    (place, member)
    for place in (announcements, forum_post, voice_chat)
    for member in (REQUESTER, STRANGER, MODERATOR)
]
OUTSIDE: Rows = [
    (direct, REQUESTER),
    *((place, REQUESTER) for place in (between_two, group, foreign_guild)),
    *((place, STRANGER) for place in (between_two, group, foreign_guild)),
]


@pytest.fixture
async def stage(stage_with: Callable[..., Any]) -> AsyncIterator[Stage]:
    """Everybody may ask everywhere."""
    async with stage_with(bot=False) as opened:
        opened.environment["OUTSIDE_GUILDS"] = "any"
        await opened.start_bot()
        yield opened


class HandsThere(Hands):
    """Of one picture in such a place, used by one member."""

    def __init__(self, stage: Stage, picture: dict[str, Any], where: Where, member: int) -> None:
        super().__init__(stage, picture)
        self.where = where
        self.member = member
        self.is_stranger = member == STRANGER

    async def press(self, verb: str, member: int, message: Any = None, **act: Any) -> Any:
        message = message or self.picture
        there = self.where._replace(channel=message["channel_id"])
        pressed = {"message_id": message["id"], **hand(message, verb), **act}
        return await there.act(self.stage, "component", member, **pressed)

    async def fill(self, verb: str, member: int, filled: dict[str, str]) -> Any:
        opened = await self.press(verb, member)
        if not opened.get("modal"):
            return opened
        there = self.where._replace(channel=self.picture["channel_id"])
        custom_id = f"zeuxis:2:{verb}:{self.job}"
        return await there.act(self.stage, "modal", member, custom_id=custom_id, fields=filled)

    async def play(self) -> None:
        """Each hand once. The picture goes with the last, by whoever may."""
        assert "You keep this picture" in await self.said("keep")
        assert "```\na cat\n```" in await self.said("prompt")
        assert "generation" not in await self.said("lineage"), "it is the first"
        assert (FORBIDDEN in await self.said("alt")) == self.is_stranger
        await self.said("report")
        await asyncio.gather(*map(self.paint, NEW_PICTURES))
        about = f"WHERE job_id = {self.job}"
        said = None if self.is_stranger else f"a cat, said by {self.member}"
        assert rows(self.stage, f"SELECT alt_text FROM picture {about}") == [(said,)]
        assert rows(self.stage, f"SELECT words FROM report {about}") == [("look",)]
        await self.delete()

    async def said(self, verb: str) -> str:
        return told(await self.use(verb, self.member))

    async def paint(self, verb: str) -> None:
        seen = await self.use(verb, self.member)
        assert len(shown(seen)) == 1, (verb, told(seen))

    async def delete(self) -> None:
        if self.is_stranger:
            assert FORBIDDEN in told(await self.press("delete", STRANGER))
            assert self.hangs()
        await self.press("delete", REQUESTER if self.is_stranger else self.member)
        assert not self.hangs()

    def hangs(self) -> bool:
        left = self.stage.sandbox.state.messages.get(self.picture["channel_id"], {})
        return self.picture["id"] in left


async def painted(stage: Stage, place: Place, member: int) -> HandsThere:
    where = await place(stage)
    (picture,) = shown(await where.imagine(stage, "a cat", seed=7, rewrite="on"))
    return HandsThere(stage, picture, where, member)


@pytest.mark.parametrize("table", [IN_GUILDS, OUTSIDE], ids=["in guilds", "outside"])
async def test_every_hand_works_in_every_kind_of_place_for_whoever_is_there(
    stage: Stage, table: Rows
) -> None:
    """Of pictures that another process has posted, which was killed since."""
    pictures = await asyncio.gather(*(painted(stage, *row) for row in table))
    await stage.kill_bot()
    await stage.start_bot()
    ends = await asyncio.gather(*(one.play() for one in pictures), return_exceptions=True)
    failed = [
        f"{place.__name__} by {member}: {end!r}"
        for (place, member), end in zip(table, ends, strict=True)
        if end is not None
    ]
    assert not failed, "\n".join(failed)
    assert stage.ledger()["billed"] == len(table) * (1 + len(NEW_PICTURES))
