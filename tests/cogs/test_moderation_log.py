"""/moderation log: who sees which acts, in words, page by page, and as a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.features.log.rows import LogFilter
from bot.features.log.service import LogService
from bot.features.moderation.rules import Moderator
from bot.policy.audit import AuditAction, forget_named, note_action
from bot.policy.changes import Author, Change, change_policy
from bot.policy.rules import Key, Scope
from bot.providers.zimage import OFFER
from bot.queue.cases import CaseKind, open_case
from bot.queue.records import ChannelId, GuildId, TenantId, UserId
from bot.records import replace
from bot.staff_refusals import NotModerator
from tests.cogs.moderator import MEMBER, MODERATOR, OWNER
from tests.cogs.playing import is_private, parts, words

if TYPE_CHECKING:
    from bot.db import Transaction
    from tests.cogs.playing import Scene

LOCAL = 1  # a member who moderates one channel
MANAGE_MESSAGES = 1 << 13


@dataclass
class Reader:
    """Somebody before the log."""

    scene: Scene
    member: int = OWNER

    @property
    def guild_id(self) -> int:
        return int(self.scene.control.guild["id"])

    def user_id(self, member: int) -> int:
        return int(self.scene.control.member(member))

    async def act(self, action: AuditAction, **others: Any) -> None:
        await self.scene.service.database.write(
            note_action,
            action,
            **{
                "tenant_id": self.guild_id,
                "actor": str(self.user_id(MODERATOR)),
                "source": "discord",
                "user_id": self.user_id(MEMBER),
                "now_us": 1,
                **others,
            },
        )

    async def set_cooldown(self, value: int = 60) -> None:
        key = Key(Scope.GUILD, self.guild_id, "cooldown_s", self.guild_id)
        author = Author(actor=str(self.user_id(OWNER)), source="discord")
        await self.scene.service.database.write(
            change_policy, [Change(key=key, value=value)], author, OFFER, now_us=1
        )

    async def a_case_in(self, channel: str) -> int:
        def opened(tx: Transaction) -> int:
            case = open_case(
                tx,
                CaseKind.REPORT,
                tenant_id=TenantId(self.guild_id),
                channel_id=ChannelId(int(self.scene.control.channel(channel))),
                user_id=UserId(self.user_id(MEMBER)),
                about=f"test:{channel}",
                now_us=1,
            )
            return case.id

        return await self.scene.service.database.write(opened)

    async def open(self, channel: str = "pictures", **options: Any) -> dict[str, Any]:
        seen = await self.scene.command(
            "moderation log", member=self.member, channel=channel, options=options
        )
        (message,) = seen["messages"]
        assert is_private(message)
        return dict(message)

    async def turn(self, message: dict[str, Any], label: str) -> dict[str, Any]:
        (custom_id,) = [one["custom_id"] for one in parts(message) if one.get("label") == label]
        started = await self.scene.control.act(
            "component",
            member=self.member,
            channel=message["channel_id"],
            message_id=message["id"],
            custom_id=custom_id,
        )
        await self.scene.acknowledged(started)
        (turned,) = (await self.scene.seen(started))["messages"]
        return dict(turned)

    async def moderate(self, channel: str) -> None:
        """There alone, from now on."""
        allowed = {"type": 1, "deny": "0", "allow": str(MANAGE_MESSAGES)}
        answer = await self.scene.control.call(
            "PATCH",
            f"/channels/{self.scene.control.channel(channel)}",
            {"overwrites": [{"id": self.scene.control.member(self.member), **allowed}]},
        )
        assert answer.status == 200, answer.body


@pytest.fixture
def owner(scene: Scene) -> Reader:
    return Reader(scene)


async def test_acts_and_settings_are_told_in_words_the_newest_first(owner: Reader) -> None:
    await owner.set_cooldown()
    await owner.act(AuditAction.REMOVED, case_id=17, job_id=16)
    await owner.act(AuditAction.HELD, actor="rule", details="Slurs")
    lines = [one for one in words(await owner.open()).splitlines() if one.startswith("- ")]
    mira, member = owner.user_id(MODERATOR), owner.user_id(MEMBER)
    assert [line.partition(":R> ")[2] for line in lines] == [
        f"**Held for the staff** · a rule or a setting → <@{member}> · Slurs",
        f"**Picture removed** · <@{mira}> → <@{member}> · picture 16 · case 17",
        f"<@{owner.user_id(OWNER)}>: Break after a picture: – → **60 s**",
    ]


async def test_a_log_is_leafed_through_and_stays_what_was_wanted(owner: Reader) -> None:
    for number in range(1, 31):
        await owner.act(AuditAction.REMOVED, case_id=number)
        await owner.act(AuditAction.WARNED, case_id=number)
    message = await owner.open(action="removed")
    seen: list[str] = []
    for label in ("Older", "Older", "Newest"):
        seen += [one for one in words(message).splitlines() if one.startswith("- ")]
        message = await owner.turn(message, label)
    cases = [int(line.rpartition(" ")[2]) for line in seen]
    assert cases == list(range(30, 0, -1))
    assert all("Picture removed" in line for line in seen)
    assert words(message).count("case") == 12


async def test_entries_are_found_by_who_did_it_and_whom_it_is_about(owner: Reader) -> None:
    await owner.act(AuditAction.REMOVED)
    await owner.act(AuditAction.BLOCKED, actor=str(owner.user_id(OWNER)), user_id=9)
    for options, found in (
        ({"by": str(owner.user_id(OWNER))}, "Member blocked from painting"),
        ({"member": str(owner.user_id(MEMBER))}, "Picture removed"),
        ({"action": "trusted"}, "There is no such entry."),
        ({"days": 1}, "There is no such entry."),  # these are of 1970
    ):
        said = words(await owner.open(**options))
        assert found in said
        assert said.count("**") <= 2


async def test_the_log_is_sent_as_a_file(owner: Reader) -> None:
    await owner.act(AuditAction.REMOVED, details="=cmd()")
    for form in ("csv", "json"):
        message = await owner.open(file=form)
        (sent,) = message["attachments"]
        assert sent["filename"] == f"log-{owner.guild_id}.{form}"
        async with aiohttp.ClientSession() as session, session.get(sent["url"]) as answer:
            content = (await answer.read()).decode("utf-8-sig")
        found = list(csv.DictReader(io.StringIO(content))) if form == "csv" else json.loads(content)
        assert [one["action"] for one in found] == ["removed"]
        assert found[0]["details"] == ("'=cmd()" if form == "csv" else "=cmd()")


async def test_who_moderates_one_place_reads_of_that_place_alone(scene: Scene) -> None:
    local = Reader(scene, LOCAL)
    await local.moderate("pictures")
    here, elsewhere = await local.a_case_in("pictures"), await local.a_case_in("general")
    await local.set_cooldown()
    await local.act(AuditAction.REMOVED, case_id=here)
    await local.act(AuditAction.WARNED, case_id=elsewhere)
    said = words(await local.open())
    assert f"case {here}" in said
    assert "What is about this place alone." in said
    assert "member warned" not in said
    assert "Break after a picture" not in said


async def test_a_plain_member_reads_nothing(owner: Reader) -> None:
    """Even if the server shows them the command."""
    service = owner.scene.service
    log = LogService(database=service.database, clock=service.clock, offer=OFFER)
    member = Moderator(
        user_id=UserId(owner.user_id(MEMBER)),
        guild_id=GuildId(owner.guild_id),
        channel_id=ChannelId(1),
        root_channel_id=ChannelId(1),
        may_moderate=False,
        manages_server=False,
    )
    for refused in (member, replace(member, guild_id=None, manages_server=True)):
        with pytest.raises(NotModerator):
            await log.page(refused, LogFilter())
        with pytest.raises(NotModerator):
            await log.export(refused, LogFilter(), "csv")


async def test_another_guild_s_log_is_nobody_s_business(owner: Reader) -> None:
    await owner.act(AuditAction.REMOVED, tenant_id=owner.guild_id + 1)
    assert "There is no such entry." in words(await owner.open())


async def test_a_member_who_was_forgotten_is_told_as_such(owner: Reader) -> None:
    await owner.act(AuditAction.REMOVED)
    member = UserId(owner.user_id(MEMBER))
    await owner.scene.service.database.write(forget_named, member, now_us=2)
    said = words(await owner.open())
    assert "A member has had their data deleted" in said
    assert "members who deleted their data" in said
    assert str(member) not in said
