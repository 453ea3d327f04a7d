"""/moderation member: what staff see of one member, and set for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.policy.standing import StandingKind, standings
from bot.queue.records import ChannelId, GuildId, UserId
from bot.queue.refusals import record_refusal
from bot.records import replace
from tests.cogs.desk import Desk
from tests.cogs.moderator import MEMBER, MODERATOR, OWNER
from tests.cogs.playing import is_private, parts, words
from tests.queue.world import a_request, an_origin

if TYPE_CHECKING:
    from bot.policy.standing import PersonStanding
    from tests.cogs.playing import Scene

LOCAL = 1  # a member who moderates one channel
MANAGE_MESSAGES = 1 << 13


class PersonDesk(Desk):
    """Somebody before the card of a member."""

    def __init__(self, scene: Scene, member: int = MODERATOR) -> None:
        super().__init__(scene, member)
        self.user_id = int(scene.control.member(MEMBER))

    async def open(self, channel: str = "pictures") -> str:
        await self.call("moderation member", channel=channel, user=str(self.user_id))
        assert is_private(self.message)
        return self.said

    async def use(self, verb: str) -> None:
        await self.press(self.id_of(verb))

    async def fill(self, verb: str, **fields: str) -> str:
        await self.use(verb)
        assert self.form
        await self.submit(**fields)
        return self.said

    def id_of(self, verb: str) -> str:
        return f"zeuxis:2:person:{verb}:{self.user_id}"

    def verbs(self) -> list[str]:
        ids = [one.get("custom_id") or "" for one in parts(self.message)]
        return [one.split(":")[3] for one in ids if one]

    async def held(self) -> tuple[PersonStanding, ...]:
        now_us = self.scene.service.clock.now_us()
        return await self.scene.service.database.read(
            standings, self.guild, self.user_id, now_us=now_us
        )

    async def allow_managing_messages(self, channel: str) -> None:
        """There alone."""
        user_id = self.scene.control.member(self.member)
        allowed = {"id": user_id, "type": 1, "deny": "0", "allow": str(MANAGE_MESSAGES)}
        answer = await self.scene.control.call(
            "PATCH",
            f"/channels/{self.scene.control.channel(channel)}",
            {"overwrites": [allowed]},
        )
        assert answer.status == 200, answer.body

    async def name_staff_channel(self, name: str) -> None:
        key = Key(Scope.GUILD, self.guild, "staff_channel", self.guild)
        channel_id = int(self.scene.control.channel(name))
        await self.scene.service.database.write(set_policy, key, channel_id, by="7", now_us=1)


@pytest.fixture
def desk(scene: Scene) -> PersonDesk:
    """Whoever manages the server."""
    return PersonDesk(scene, OWNER)


async def test_staff_see_and_set_what_holds_for_a_member(desk: PersonDesk) -> None:
    said = await desk.open()
    assert f"<@{desk.user_id}>" in said
    assert "Nothing is set for them." in said
    assert "No cases." in said
    assert desk.verbs() == ["block", "mute", "trust", "ignore"]
    for verb, kind, back in (
        ("trust", StandingKind.TRUSTED, "untrust"),
        ("ignore", StandingKind.UNHEARD, "hear"),
    ):
        await desk.use(verb)
        assert [one.kind for one in await desk.held()] == [kind]
        assert back in desk.verbs()
        await desk.use(back)
        assert await desk.held() == ()


async def test_a_member_is_blocked_with_a_reason_and_unblocked(desk: PersonDesk) -> None:
    waiting = await desk.scene.imagine("a cat", member=MEMBER)
    await desk.open()
    said = await desk.fill("block", reason="spam")
    assert "1 picture of theirs that waited was cancelled." in said
    assert "Blocked from painting" in said
    (standing,) = await desk.held()
    assert (standing.reason, standing.until_at_us) == ("spam", None)
    refused = await desk.scene.command("imagine", member=MEMBER, options={"prompt": "a cat"})
    told = words(refused["messages"][0])
    assert "This server's staff do not let you ask for pictures. They say: spam" in told
    assert waiting
    await desk.open()
    assert desk.verbs()[0] == "unblock"
    await desk.use("unblock")
    assert await desk.held() == ()
    assert await desk.scene.imagine("a cat", member=MEMBER)


async def test_a_block_for_a_time_ends_by_itself(desk: PersonDesk) -> None:
    await desk.open()
    said = await desk.fill("mute", lasts="7 d", reason="")
    assert "ends <t:" in said
    (standing,) = await desk.held()
    assert standing.until_at_us == standing.set_at_us + 7 * 86_400 * 10**6


@pytest.mark.parametrize("typed", ["soon", "0d", "-3h", "999999w"])
async def test_a_time_that_makes_no_sense_sets_nothing(desk: PersonDesk, typed: str) -> None:
    await desk.open()
    assert "I do not understand" in await desk.fill("mute", lasts=typed, reason="")
    assert await desk.held() == ()


async def test_a_moderator_of_a_place_sees_that_place_and_sets_nothing(
    desk: PersonDesk, scene: Scene
) -> None:
    """What is set holds in the whole server."""
    origin = replace(
        an_origin(1, desk.user_id), guild_id=GuildId(desk.guild), channel_id=ChannelId(7)
    )
    await scene.service.database.write(
        record_refusal,
        a_request(),
        origin,
        rules=("insults",),
        now_us=scene.service.clock.now_us(),
    )
    assert "insults 1" in await desk.open()
    local = PersonDesk(scene, LOCAL)
    await local.allow_managing_messages("pictures")
    said = await local.open()
    assert "Cases and refusals of this channel alone." in said
    assert "insults" not in said
    assert local.verbs() == []


async def test_in_the_staffs_channel_moderators_set_what_holds_everywhere(scene: Scene) -> None:
    desk = PersonDesk(scene, LOCAL)
    await desk.allow_managing_messages("pictures")
    await desk.name_staff_channel("pictures")
    await desk.open()
    await desk.use("trust")
    (standing,) = await desk.held()
    assert standing.set_by == UserId(int(scene.control.member(LOCAL)))
