"""Members learn what became of reports, appeals and warnings: once, alone, also after a crash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.notices import MOST_ATTEMPTS, POLL_S, NoticeSender
from bot.errors import StorageUnavailable
from bot.features.moderation.rows.decisions import decide_report
from bot.features.moderation.rows.notices import (
    NoticeKind,
    begin_notice,
    due_notices,
    end_notice,
    put_notice,
)
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue.cases import CaseEnd, CaseKind, Decision, decide, open_case
from bot.queue.forget import forget_member
from bot.queue.records import ChannelId, TenantId, UserId
from tests.delivery.scene import turns, until
from tests.delivery.scripted import DIRECT, answer
from tests.running import running

if TYPE_CHECKING:
    from bot.queue.cases import Case
    from tests.delivery.scene import Scene

ADA, MEMBER = UserId(501), UserId(1)
DIRECTS_CLOSED = 50007


@dataclass(slots=True, kw_only=True)
class Mail:
    """Who sends, and what has come."""

    scene: Scene
    sender: NoticeSender

    async def case(
        self,
        kind: CaseKind = CaseKind.REPORT,
        decision: Decision = Decision.REMOVED,
        *,
        about: str = "job:404",
        reason: str = "",
    ) -> Case:
        """One that is decided."""
        database, now_us = self.scene.database, self.scene.clock.now_us()
        case = await database.write(
            open_case,
            kind,
            tenant_id=TenantId(1),
            channel_id=ChannelId(10),
            user_id=MEMBER,
            about=about,
            now_us=now_us,
        )
        end = CaseEnd(decision=decision, by=UserId(900), at_us=now_us, reason=reason)
        if kind is CaseKind.REVIEW:
            pass  # open
        elif kind is CaseKind.APPEAL:
            await database.write(
                lambda tx: tx.execute(
                    "UPDATE case_file SET decision = ?, decided_by = 900,"
                    " decided_at_us = ?, reason = ? WHERE id = ?",
                    (decision, now_us, reason, case.id),
                )
            )
        else:
            await database.write(decide_report, case.id, end)
        await database.write(lambda tx: tx.execute("DELETE FROM notice"))
        return case

    async def put(self, case: Case, user_id: UserId, kind: NoticeKind) -> None:
        await self.scene.database.write(
            put_notice, user_id, case.id, kind, now_us=self.scene.clock.now_us()
        )

    def said_to(self, user_id: UserId) -> list[str]:
        return [one.text for one in self.scene.discord.in_channel(DIRECT + user_id)]

    async def due(self) -> int:
        found = await self.scene.database.read(due_notices, now_us=1 << 62, limit=99)
        return len(found)


@pytest.fixture
def mail(scene: Scene) -> Mail:
    sender = NoticeSender(scene.common, posts=scene.discord)
    return Mail(scene=scene, sender=sender)


async def test_a_reporter_learns_the_outcome_once(mail: Mail) -> None:
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    await mail.sender.drain()
    (said,) = mail.said_to(ADA)
    assert "Thank you for your report" in said
    assert "removed it" in said
    assert await mail.due() == 0


@pytest.mark.parametrize(
    ("kind", "decision", "about", "notice", "words"),
    [
        (CaseKind.REPORT, Decision.DISMISSED, "job:404", NoticeKind.REPORTED, "let it stay"),
        (CaseKind.REPORT, Decision.WARNED, "job:404", NoticeKind.WARNED, "This is a warning."),
        (CaseKind.REPORT, Decision.TIMED_OUT, "job:404", NoticeKind.WARNED, "timed you out"),
        (CaseKind.REPORT, Decision.BLOCKED, "job:404", NoticeKind.BLOCKED, "no longer let you ask"),
        (CaseKind.APPEAL, Decision.DENIED, "refusal:7", NoticeKind.APPEALED, "stays as it was"),
        (CaseKind.APPEAL, Decision.GRANTED, "refusal:7", NoticeKind.APPEALED, "the same words"),
        (CaseKind.APPEAL, Decision.GRANTED, "job:7", NoticeKind.APPEALED, "on its way"),
        (CaseKind.APPEAL, Decision.GRANTED, "block:1:1:5", NoticeKind.APPEALED, "pictures again"),
    ],
)
async def test_each_is_told_in_its_own_words(
    mail: Mail, kind: CaseKind, decision: Decision, about: str, notice: NoticeKind, words: str
) -> None:
    """With what the staff say, but to reporters: what befalls others is not theirs to know."""
    case = await mail.case(kind, decision, about=about, reason="no cats")
    await mail.put(case, MEMBER, notice)
    await mail.sender.drain()
    (said,) = mail.said_to(MEMBER)
    assert words in said
    assert ("They say: no cats" in said) is (notice is not NoticeKind.REPORTED)
    assert f"case {case.id}" in said


async def test_why_a_picture_is_not_shown_is_told_to_its_member(mail: Mail) -> None:
    case = await mail.case(CaseKind.REVIEW)
    end = CaseEnd(decision=Decision.REJECTED, by=UserId(900), at_us=5, reason="no cats")
    await mail.scene.database.write(decide, case.id, end)
    await mail.put(case, MEMBER, NoticeKind.REJECTED)
    await mail.sender.drain()
    (said,) = mail.said_to(MEMBER)
    assert "do not want it shown" in said
    assert "They say: no cats" in said


async def test_what_is_not_to_be_told_is_not(mail: Mail) -> None:
    """The warning is; why stays with the staff."""
    case = await mail.case(decision=Decision.WARNED, reason="no cats")
    await mail.scene.database.write(lambda tx: tx.execute("UPDATE case_file SET tells_member = 0"))
    await mail.put(case, MEMBER, NoticeKind.WARNED)
    await mail.sender.drain()
    (said,) = mail.said_to(MEMBER)
    assert "This is a warning." in said
    assert "no cats" not in said


async def test_a_block_tells_when_it_ends(mail: Mail) -> None:
    case = await mail.case(decision=Decision.BLOCKED)
    standing = PersonStanding(
        tenant_id=1,
        user_id=MEMBER,
        kind=StandingKind.BLOCKED,
        until_at_us=mail.scene.clock.now_us() + 10**9,
        set_by=900,
        set_at_us=2,
    )
    await mail.scene.database.write(put_standing, standing)
    await mail.put(case, MEMBER, NoticeKind.BLOCKED)
    await mail.sender.drain()
    assert "That ends <t:" in mail.said_to(MEMBER)[0]


async def test_who_takes_no_direct_messages_is_told_nothing(mail: Mail) -> None:
    """And nobody tries again."""
    mail.scene.discord.refuse("send", answer(403, DIRECTS_CLOSED))
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    assert await mail.due() == 0
    assert mail.said_to(ADA) == []


async def test_an_outage_delays_it_with_growing_waits(mail: Mail) -> None:
    discord = mail.scene.discord
    discord.refuse("open", answer(503), times=2)
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    await mail.sender.drain()
    assert discord.asked.count("open") == 1, "it rests"
    mail.scene.clock.advance(3600)
    await mail.sender.drain()
    mail.scene.clock.advance(3600)
    await mail.sender.drain()
    assert len(mail.said_to(ADA)) == 1
    assert await mail.due() == 0


async def test_two_members_are_told_at_once_and_no_more(mail: Mail) -> None:
    """The limit of the bot's requests is there for pictures."""
    case = await mail.case()
    for user_id in range(510, 515):
        await mail.put(case, UserId(user_id), NoticeKind.REPORTED)
    mail.scene.discord.hang("open")
    async with running(mail.sender.run()):
        await until(lambda: mail.scene.discord.asked.count("open") == 2)
        for _ in range(9):  # whoever else had begun would have asked the database by then
            await mail.due()
        assert mail.scene.discord.asked.count("open") == 2


async def test_an_endless_outage_ends_it(mail: Mail) -> None:
    mail.scene.discord.refuse("open", answer(503))
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    for _ in range(MOST_ATTEMPTS):
        assert await mail.due() == 1
        await mail.sender.drain()
        mail.scene.clock.advance(86_400)
    assert await mail.due() == 0


async def test_a_lost_answer_tells_nobody_twice(mail: Mail) -> None:
    """The message came; also when Discord has forgotten its nonce."""
    mail.scene.discord.refuse("send", answer(502), is_done=True, times=1)
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    mail.scene.discord.forget_nonces()
    mail.scene.clock.advance(3600)
    await mail.sender.drain()
    assert len(mail.said_to(ADA)) == 1
    assert await mail.due() == 0


async def test_a_crash_before_its_row_was_written_tells_nobody_twice(mail: Mail) -> None:
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    (row,) = await mail.scene.database.read(due_notices, now_us=1 << 62, limit=9)
    await mail.scene.database.write(begin_notice, row.id, not_before_us=mail.scene.clock.now_us())
    await mail.sender._send(row)  # and the process ends here
    mail.scene.discord.forget_nonces()
    await mail.sender.drain()
    assert len(mail.said_to(ADA)) == 1


async def test_the_same_member_may_be_told_two_things_of_a_case(mail: Mail) -> None:
    """Whoever reports their own picture."""
    case = await mail.case(decision=Decision.WARNED)
    for kind in (NoticeKind.WARNED, NoticeKind.REPORTED):
        await mail.put(case, MEMBER, kind)
        await mail.put(case, MEMBER, kind)
    await mail.sender.drain()
    assert len(mail.said_to(MEMBER)) == 2


async def test_what_another_version_wrote_is_passed_over(mail: Mail) -> None:
    case = await mail.case()
    await mail.put(case, ADA, NoticeKind.REPORTED)
    await mail.scene.database.write(lambda tx: tx.execute("UPDATE notice SET kind = 'sung'"))
    await mail.sender.drain()
    assert mail.said_to(ADA) == []
    assert await mail.due() == 0


async def test_a_member_who_was_forgotten_meanwhile_is_told_nothing(mail: Mail) -> None:
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    (row,) = await mail.scene.database.read(due_notices, now_us=1 << 62, limit=9)
    await mail.scene.database.write(forget_member, ADA, now_us=5)
    assert not await mail.scene.database.write(begin_notice, row.id, not_before_us=1)
    await mail.scene.database.write(end_notice, row.id)
    await mail.sender.drain()
    assert mail.said_to(ADA) == []


async def test_it_is_said_in_the_guilds_language(mail: Mail) -> None:
    key = Key(Scope.GUILD, 1, "language", 1)
    await mail.scene.database.write(set_policy, key, "de", by="7", now_us=1)
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    (said,) = mail.said_to(ADA)
    assert "Thank you" not in said


async def test_of_a_members_own_picture_it_is_said_in_theirs(mail: Mail) -> None:
    """Others who follow it read the guild's."""
    job = await mail.scene.drawn(locale="fr", guild_locale="de")
    case = await mail.case(decision=Decision.WARNED)
    await mail.scene.database.write(
        lambda tx: tx.execute("UPDATE case_file SET job_id = ?", (job.id,))
    )
    await mail.put(case, MEMBER, NoticeKind.WARNED)
    await mail.put(case, ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    assert "avertissement" in mail.said_to(MEMBER)[0]
    assert "Danke" in mail.said_to(ADA)[0]


async def test_settings_that_cannot_be_read_keep_nobody_from_being_told(mail: Mail) -> None:
    await mail.scene.database.write(
        lambda tx: tx.execute(
            "INSERT INTO policy (scope, scope_id, tenant_id, name, value, version, changed_by,"
            " changed_at_us) VALUES ('guild', 1, 1, 'language', 'x!', 1, '7', 1)"
        )
    )
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    await mail.sender.drain()
    assert len(mail.said_to(ADA)) == 1


async def test_a_slip_of_ours_delays_that_one_alone(mail: Mail) -> None:
    """It would end the bot, and again after each start."""
    mail.scene.discord.refuse("send", ZeroDivisionError(), times=1)
    case = await mail.case()
    await mail.put(case, ADA, NoticeKind.REPORTED)
    await mail.put(case, MEMBER, NoticeKind.WARNED)
    await mail.sender.drain()
    assert len(mail.said_to(ADA)) + len(mail.said_to(MEMBER)) == 1
    mail.scene.clock.advance(3600)
    await mail.sender.drain()
    assert len(mail.said_to(ADA)) == len(mail.said_to(MEMBER)) == 1
    assert await mail.due() == 0


async def test_a_database_that_is_away_delays_it(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look finds what is due."""
    await mail.put(await mail.case(), ADA, NoticeKind.REPORTED)
    sound, looks = mail.scene.database.read, []

    async def look(*args: Any, **given: Any) -> Any:
        looks.append(1)
        if len(looks) == 1:
            raise StorageUnavailable("full")
        return await sound(*args, **given)

    monkeypatch.setattr(mail.scene.database, "read", look)
    async with running(mail.sender.run()):
        await until(lambda: len(looks) == 1)
        while not mail.said_to(ADA):
            mail.scene.clock.advance(POLL_S)
            await turns()
