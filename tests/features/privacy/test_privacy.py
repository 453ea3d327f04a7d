"""What is kept of a member is told them, and leaves no byte when they want it gone."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.db.sqlite import Database
from bot.features.moderation.rows.appeals import AppealKind, open_appeal
from bot.features.moderation.rows.notices import NoticeKind, put_notice
from bot.features.moderation.rows.people import set_standing
from bot.features.privacy import rows
from bot.features.privacy.service import PrivacyService, Terms
from bot.features.styles import keep_style
from bot.moderation.word_rule_rows import kept_rules, put_rule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.audit import AuditAction, note_action
from bot.policy.audit_check import verify
from bot.policy.changes import Author, Change, audit_entries, change_policy, undo_last
from bot.policy.defaults import PersonDefault
from bot.policy.rows import save_default, set_policy, styles_of
from bot.policy.rules import Key, Scope, quota_name
from bot.policy.standing import PersonStanding, StandingKind
from bot.policy.styles import Style
from bot.providers.zimage import OFFER
from bot.queue import shown
from bot.queue.jobs import insert_picture
from bot.queue.postings import (
    MembersDay,
    record_day_thread,
    record_result_message,
    record_status_message,
)
from bot.queue.records import (
    Address,
    ChannelId,
    GuildId,
    JobId,
    MessageId,
    PictureState,
    TenantId,
    UserId,
)
from bot.queue.refusals import record_refusal
from bot.queue.reports import ReportReason, report
from bot.refusals import ForgottenToday, Level, Period, Unit
from bot.staff_refusals import NothingToUndo
from tests.clock import ManualClock
from tests.queue.world import a_price, a_request, an_origin, an_outcome, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from bot.db import Transaction

ADA, BEN = UserId(1323802878834334937), UserId(1323802878834334938)
GUILD = 132380287435480725
PROMPT = "a walrus reading Kierkegaard"
OWN_LIMIT = Key(Scope.MEMBER, ADA, "member_pictures_per_day", GUILD)
COOLDOWN = Key(Scope.GUILD, GUILD, "cooldown_s", GUILD)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as opened:
        yield opened


class TakenAway:
    """What is to be taken out of Discord."""

    def __init__(self) -> None:
        self.messages: list[Address] = []

    async def take_away(self, messages: Sequence[Address]) -> None:
        self.messages += messages


@pytest.fixture
def taken() -> TakenAway:
    return TakenAway()


@pytest.fixture
def service(database: Database, taken: TakenAway) -> PrivacyService:
    return PrivacyService(database=database, clock=ManualClock(), terms=Terms(), messages=taken)


async def a_life(database: Database) -> None:
    """Requests, limits set for the member, settings that the member has changed."""
    for user in (ADA, BEN):
        for _ in range(40):
            await database.write(
                queue.submit,
                a_request(prompt=PROMPT if user == ADA else "a cat"),
                an_origin(GUILD, user),
                price=a_price,
                now_us=ManualClock().now_us(),
            )
    staff = Author(actor=str(ADA), source="discord")
    for key, value in ((COOLDOWN, 0), (COOLDOWN, 1), (OWN_LIMIT, 50)):
        change = Change(key=key, value=value)
        await database.write(change_policy, [change], staff, OFFER, now_us=1)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def forms(user_id: int) -> tuple[bytes, ...]:
    """How a number stands in a file: as text, and as SQLite stores it."""
    return str(user_id).encode(), struct.pack(">q", user_id)


async def test_after_delete_no_byte_of_the_member_is_in_any_file(
    database: Database, service: PrivacyService, tmp_path: Path
) -> None:
    """Neither number nor words, in rows, indexes, free pages and the write-ahead log."""
    await a_life(database)
    before = everything(tmp_path)
    assert all(one in before for one in (*forms(ADA), PROMPT.encode()))
    with capture_logs() as logs:
        await service.forget(ADA)
    after = everything(tmp_path)
    assert not any(one in after for one in (*forms(ADA), PROMPT.encode()))
    assert all(one in after for one in forms(BEN)[1:])
    assert str(ADA) not in str(logs)


async def test_forgetting_twice_does_nothing_more(
    database: Database, service: PrivacyService
) -> None:
    await a_life(database)
    for _ in range(2):
        await database.write(rows.forget, ADA, now_us=ManualClock().now_us())
    _, content = await service.export(BEN, limit_bytes=10**9)
    assert len(json.loads(content)["requests"]) == 40


async def test_messages_that_tell_of_what_waits_are_taken_away(
    database: Database, service: PrivacyService, taken: TakenAway
) -> None:
    """No row knows them any more: they would say for ever that it waits, and offer Cancel."""
    await a_life(database)
    await database.write(record_status_message, JobId(1), ChannelId(10), MessageId(101))
    await service.forget(BEN)
    assert taken.messages == []
    await service.forget(ADA)
    assert taken.messages == [Address(channel_id=ChannelId(10), message_id=MessageId(101))]


async def test_whoever_was_forgotten_is_not_forgotten_again_for_a_day(
    database: Database, taken: TakenAway
) -> None:
    """Else they would draw up to their limit, delete, and draw as much again, for ever."""
    clock = ManualClock()
    service = PrivacyService(database=database, clock=clock, terms=Terms(), messages=taken)
    await a_life(database)
    await service.forget(ADA)
    await service.forget(BEN)
    began_us = clock.now_us()
    await a_life(database)
    clock.advance(86_399)
    with pytest.raises(ForgottenToday) as refused:
        await service.forget(ADA)
    assert refused.value.until_at_us == began_us + 86_400_000_000
    assert len((await database.read(rows.kept_of, ADA))["requests"]) == 40
    clock.advance(1)
    await service.forget(ADA)
    assert (await database.read(rows.kept_of, ADA))["requests"] == []


async def test_what_the_member_has_set_stays_by_user_0_and_can_be_taken_back(
    database: Database, service: PrivacyService
) -> None:
    """But not what was set for the member alone."""
    await a_life(database)
    await service.forget(ADA)
    entries = await database.read(audit_entries, GUILD)
    assert {one.actor for one in entries} == {"0"}
    assert entries[0].key.scope_id == 0
    ben = Author(actor=str(BEN), source="discord")
    (undone,) = await database.write(undo_last, GUILD, ben, OFFER, now_us=2)
    assert (undone.key, undone.became) == (COOLDOWN, "0")
    await database.write(undo_last, GUILD, ben, OFFER, now_us=3)
    with pytest.raises(NothingToUndo):
        await database.write(undo_last, GUILD, ben, OFFER, now_us=4)


async def test_the_export_has_all_that_names_the_member_and_no_credential(
    database: Database, service: PrivacyService
) -> None:
    await a_life(database)
    name, content = await service.export(ADA, limit_bytes=10**9)
    found = json.loads(content)
    assert name == "zeuxis.json"
    assert found["user_id"] == str(ADA)
    assert {one["prompt"] for one in found["requests"]} == {PROMPT}
    assert len(found["requests"]) == len(found["ledger"]) == 40
    assert len(found["settings_you_changed"]) == 3
    assert [one["value"] for one in found["limits_set_for_you"]] == ["50"]
    assert found["turns"][0]["waiting"] == 40
    assert not any("token" in key or "link" in key for key in found["requests"][0])


async def test_every_table_that_names_the_member_is_in_the_export(
    database: Database, service: PrivacyService
) -> None:
    """Counters of limits and the day's thread, too."""
    for level in (Level.MEMBER, Level.PERSON):
        key = Key(Scope.OPERATOR, 0, quota_name(level, Unit.PICTURES, Period.DAY))
        await database.write(set_policy, key, 90, by="x", now_us=1)
    await a_life(database)
    day = MembersDay(ChannelId(10), ADA, 0)
    await database.write(record_day_thread, JobId(1), day, ChannelId(99))
    await database.write(lambda tx: tx.execute("INSERT INTO person VALUES (?, 1)", (ADA,)))
    await database.write(rows_of_hands)
    _, content = await service.export(ADA, limit_bytes=10**9)
    found = {name: len(rows) for name, rows in json.loads(content).items() if type(rows) is list}
    assert found["used_in_servers"] == found["used_over_all_servers"] == 1
    assert found["threads_of_days"] == found["turns_over_all_servers"] == 1
    assert found["kept_pictures"] == found["reports"] == found["looks_of_pictures"] == 1


async def test_what_a_moderator_has_done_and_what_was_done_to_them_is_exported(
    database: Database, service: PrivacyService
) -> None:
    """Acts apart from settings; and afterwards neither, with a log that holds."""
    await a_life(database)
    for actor, about in ((ADA, BEN), (BEN, ADA)):
        await database.write(
            note_action,
            AuditAction.BLOCKED,
            tenant_id=GUILD,
            actor=str(actor),
            source="discord",
            user_id=about,
            details="Slurs" if about == ADA else "",
            now_us=1,
        )
    found = await database.read(rows.kept_of, ADA)
    assert len(found["settings_you_changed"]) == 3
    (acted,) = found["log_of_what_you_did"]
    (suffered,) = found["log_about_you"]
    assert suffered["action"] == "blocked"
    assert "Slurs" not in json.dumps(found)
    assert (acted["action"], acted["about_user_id"]) == ("blocked", BEN)
    await service.forget(ADA)
    found = await database.read(rows.kept_of, ADA)
    assert found["log_of_what_you_did"] == found["settings_you_changed"] == []
    assert (await database.read(verify)).findings == []


def rows_of_hands(tx: Transaction) -> None:
    """A picture that both keep and have told of."""
    insert_picture(tx, JobId(1), an_outcome(), PictureState.SHOWN, cost_micros=1, now_us=1)
    record_result_message(tx, JobId(1), ChannelId(10), MessageId(11))
    for user in (ADA, BEN):
        shown.keep(tx, JobId(1), user, now_us=1)
        report(tx, JobId(1), user, ReportReason.OTHER, "words", now_us=1)


async def an_own_way(database: Database) -> None:
    """What the member has set for themselves, and a style that they have made as staff."""
    default = PersonDefault(negative="marzipan", pings=True)
    await database.write(save_default, ADA, default)
    style = Style(name="Noir", prompt="noir, {prompt}")
    staff = Author(actor=str(ADA), source="discord")
    await database.write(keep_style, GuildId(GUILD), style, staff, OFFER, now_us=1)


async def test_defaults_and_styles_are_exported(
    database: Database, service: PrivacyService
) -> None:
    """To whoever set or made them, and to nobody else."""
    await an_own_way(database)
    mine, bens = [
        json.loads((await service.export(one, limit_bytes=10**9))[1]) for one in (ADA, BEN)
    ]
    assert [(one["negative"], one["pings"]) for one in mine["defaults"]] == [("marzipan", 1)]
    assert [one["name"] for one in mine["styles_you_changed"]] == ["Noir"]
    assert bens["defaults"] == bens["styles_you_changed"] == []


async def test_after_delete_defaults_are_gone_and_a_style_is_nobodys(
    database: Database, service: PrivacyService, tmp_path: Path
) -> None:
    """The style itself is the guild's and stays."""
    await an_own_way(database)
    assert b"marzipan" in everything(tmp_path)
    await service.forget(ADA)
    after = everything(tmp_path)
    assert not any(one in after for one in (*forms(ADA), b"marzipan"))
    assert [one.name for one in await database.read(styles_of, GUILD)] == ["Noir"]


async def test_a_large_export_is_packed(database: Database, service: PrivacyService) -> None:
    await a_life(database)
    name, content = await service.export(ADA, limit_bytes=1000)
    assert name == "zeuxis.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(json.loads(archive.read("zeuxis.json"))["requests"]) == 40


async def test_of_whom_nothing_is_known_nothing_is_told(service: PrivacyService) -> None:
    _, content = await service.export(ADA, limit_bytes=10**9)
    assert not any(json.loads(content)[name] for name in ("requests", "ledger", "turns"))


async def test_what_staff_decided_about_a_member_is_exported_and_forgotten(
    database: Database, service: PrivacyService
) -> None:
    """A block stays, by their number alone: else deleting were the way around it."""
    await a_life(database)
    await database.write(a_record)
    found = await database.read(rows.kept_of, ADA)
    assert [one["prompt"] for one in found["refused_by_word_rules"]] == [PROMPT]
    assert [one["words"] for one in found["cases_about_you"]] == ["it is harmless"]
    assert [one["kind"] for one in found["told_of_cases"]] == ["appealed"]
    assert [one["reason"] for one in found["what_holds_for_you"]] == ["spam"]
    assert [one["action"] for one in found["log_about_you"]] == ["refused", "blocked", "appealed"]
    others = await database.read(rows.kept_of, BEN)
    assert [one["kind"] for one in others["what_you_set_for_others"]] == ["blocked"]
    await service.forget(ADA)
    left = await database.read(rows.kept_of, ADA)
    for name in ("refused_by_word_rules", "cases_about_you", "told_of_cases", "log_about_you"):
        assert left[name] == []
    assert [one["reason"] for one in left["what_holds_for_you"]] == [""]


def a_record(tx: Transaction) -> None:
    """Refused, blocked, appealed, and told of it."""
    origin, now_us = an_origin(GUILD, ADA), ManualClock().now_us()
    request = a_request(prompt=PROMPT)
    refusal_id = record_refusal(tx, request, origin, rules=("insults",), now_us=now_us)
    block = PersonStanding(
        tenant_id=GUILD,
        user_id=ADA,
        kind=StandingKind.BLOCKED,
        reason="spam",
        set_by=BEN,
        set_at_us=now_us,
    )
    set_standing(tx, block, Author(actor=str(BEN), source="discord"))
    case = open_appeal(
        tx,
        AppealKind.REFUSAL,
        refusal_id,
        user_id=ADA,
        tenant_id=TenantId(GUILD),
        words="it is harmless",
        now_us=now_us,
    )
    put_notice(tx, ADA, case.id, NoticeKind.APPEALED, now_us=now_us)


async def test_word_rules_that_a_member_has_changed_as_staff_stay_and_name_them_no_more(
    database: Database, service: PrivacyService
) -> None:
    rule = WordRule(id=0, name="Sea", outcome=RuleOutcome.REFUSE, words=("walrus",))
    await database.write(put_rule, GUILD, rule, by=ADA, now_us=1)
    (told,) = (await database.read(rows.kept_of, ADA))["word_rules_you_changed"]
    assert told["name"] == "Sea"
    await service.forget(ADA)
    (kept,) = await database.read(kept_rules, GUILD)
    assert (kept.rule.words, kept.changed_by) == (("walrus",), 0)
