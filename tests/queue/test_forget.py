"""Members and guilds are forgotten: nothing names them, the sums and the queue stay right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.features.moderation.rows.decisions import approve, reject
from bot.features.privacy import rows as privacy
from bot.features.usage.records import UsageOf, UsageSubject
from bot.features.usage.service import report_of
from bot.policy.audit import AuditAction, note_action
from bot.policy.audit_check import verify
from bot.policy.rows import set_policy
from bot.policy.rules import UTC, Key, Review, Scope
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue import forget as forgetting
from bot.queue import ledger, postings, quota_use, reports, shown, views
from bot.queue.cancel import delete_by
from bot.queue.jobs import select_job
from bot.queue.records import (
    NOBODY,
    ChannelId,
    GuildId,
    JobState,
    MessageId,
    PictureState,
    TenantId,
    UserId,
)
from bot.queue.refusals import record_refusal
from bot.queue.reports import ReportReason
from bot.queue.review import hold_for_staff
from bot.queue.shown import likenesses_of, record_likeness
from bot.records import replace
from bot.refusals import Level
from tests.queue.test_quota_use import ledger_sum, limit, used
from tests.queue.world import LOST, a_price, a_request, an_origin, an_outcome

if TYPE_CHECKING:
    from tests.queue.world import World

ADA, BEN = UserId(1323802878834334937), UserId(1323802878834334938)


def forget(world: World, user_id: UserId) -> int:
    """In settings and log as well."""
    return world.run(privacy.forget, user_id, now_us=world.now_us)


def forget_ada(world: World) -> int:
    return forget(world, ADA)


def naming(world: World, some_id: int) -> list[str]:
    """Tables and columns in which a number stands."""
    found = []
    for (table,) in world.tx.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ).fetchall():
        rows = world.tx.execute(f"SELECT * FROM {table}")
        columns = [one[0] for one in rows.description]
        for row in rows:
            found += [
                f"{table}.{column}"
                for column, value in zip(columns, row, strict=True)
                if value == some_id or value == str(some_id)
            ]
    return found


def a_life(world: World) -> None:
    """Drawn, shown, waiting and running, in two guilds and alone; limits that count them."""
    limit(world, Level.MEMBER, 50)
    limit(world, Level.PERSON, 50)
    for guild in (901, 902):
        world.submit(guild, ADA)
        job = world.drawn()
        world.run(postings.record_result_message, job.id, job.origin.channel_id, 77)
        world.run(postings.mark_delivered, job.id, now_us=world.now_us)
        for user in (ADA, BEN):
            world.run(shown.keep, job.id, user, now_us=1)
            how = {"now_us": 1}
            world.run(reports.report, job.id, user, ReportReason.OTHER, "words", **how)
        world.submit(guild, BEN)
    world.tx.execute("INSERT INTO day_thread VALUES (10, ?, 0, 99)", (ADA,))
    world.open_outside()
    alone = replace(an_origin(user=ADA), guild_id=None)
    world.run(queue.submit, a_request(), alone, price=a_price, now_us=world.now_us)


def test_no_row_names_a_member_who_was_forgotten(world: World) -> None:
    a_life(world)
    world.submit(901, ADA)
    while (running := world.sent()).origin.user_id != ADA:
        pass
    world.submit(902, ADA)
    before = ledger_sum(world)
    (waiting,) = world.tx.execute(
        "SELECT count(*) FROM job WHERE user_id = ? AND state = 'queued'", (ADA,)
    ).fetchone()
    assert forget_ada(world) == 1 + waiting
    assert naming(world, ADA) == []
    assert select_job(world.tx, running.id).request.prompt == ""
    assert ledger_sum(world)[0] == before[0] - waiting
    assert naming(world, BEN) != []


def moderated_as(world: World, member: UserId, moderator: UserId) -> None:
    """Refused, held, approved, rejected, deleted, blocked, trusted and unheard."""
    now_us = world.now_us
    world.run(record_refusal, a_request(), an_origin(901, member), rules=("Slurs",), now_us=now_us)
    key = Key(Scope.GUILD, 901, "review", 901)
    world.run(set_policy, key, Review.ALWAYS, by=str(moderator), now_us=now_us)
    for decides in (approve, reject):
        world.submit(901, member)
        job = world.drawn()
        how = {"reasons": ("always",), "is_spoiler": False, "now_us": now_us}
        case = world.run(hold_for_staff, job.id, **how)
        assert case is not None
        world.run(decides, case.id, by=moderator, now_us=now_us)
    world.run(delete_by, job.id, moderator, now_us=now_us)
    for kind in StandingKind:
        standing = PersonStanding(
            tenant_id=901,
            user_id=member,
            kind=kind,
            reason="spam",
            set_by=moderator,
            set_at_us=now_us,
        )
        world.run(put_standing, standing)
    world.run(
        note_action,
        AuditAction.BLOCKED,
        tenant_id=901,
        actor=str(moderator),
        source="discord",
        user_id=member,
        now_us=now_us,
    )


def test_no_row_names_a_member_whom_staff_have_moderated_but_for_a_block(world: World) -> None:
    """A block would else be a way around itself; it stays by the member's number alone."""
    moderated_as(world, ADA, BEN)
    forget(world, ADA)
    assert naming(world, ADA) == ["standing.user_id"] * 2
    left = "SELECT kind, reason, set_by FROM standing ORDER BY kind"
    assert world.tx.execute(left).fetchall() == [("blocked", "", BEN), ("unheard", "", BEN)]
    assert naming(world, BEN) != []
    assert verify(world.tx).findings == []


def test_no_row_names_a_moderator_who_was_forgotten(world: World) -> None:
    """What they have decided stays decided, by nobody."""
    moderated_as(world, ADA, BEN)
    forget(world, BEN)
    assert naming(world, BEN) == []
    assert "case_file.user_id" in naming(world, ADA)
    decided = "SELECT DISTINCT decided_by FROM case_file WHERE decision IS NOT NULL"
    assert world.tx.execute(decided).fetchall() == [(0,)]
    assert verify(world.tx).findings == []


def test_a_guild_that_was_forgotten_leaves_no_row_of_its_staff_s(world: World) -> None:
    moderated_as(world, ADA, BEN)
    world.tx.execute("INSERT INTO guild (id, joined_at_us, left_at_us) VALUES (901, 0, 5)")
    assert world.run(privacy.forget_left, GuildId(901), before_us=5, now_us=world.now_us) == 0
    assert naming(world, ADA) == naming(world, BEN) == []
    tables = ("case_file", "standing", "refusal", "notice", "audit", "audit_head", "word_rule")
    for table in tables:
        assert world.tx.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_what_waits_is_withdrawn_and_said_to_nobody(world: World) -> None:
    job = world.submit(1, ADA).job
    forget_ada(world)
    found = select_job(world.tx, job.id)
    assert (found.state, found.origin.user_id) == (JobState.CANCELLED, NOBODY)
    assert ledger_sum(world) == (0, 0)
    assert postings.deliverable(world.tx, now_us=world.now_us, limit=9) == ()
    assert views.queue_view(world.tx, TenantId(1), ADA, now_us=world.now_us).mine == ()


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_call_that_is_out_ends_paid_wordless_and_unposted(
    world: World, *, is_alone: bool
) -> None:
    """Its slot is freed as nobody's, and what it cost is in the sums."""
    origin = an_origin(1, ADA)
    if is_alone:
        world.open_outside()
        origin = replace(origin, guild_id=None)
    world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    job = world.sent()
    forget_ada(world)
    assert world.differences() == []
    outcome = replace(an_outcome(), shown_prompt="a rewritten cat", reasoning="since cats")
    world.run(queue.complete, job.id, world.token, outcome, price=a_price, now_us=world.now_us)
    found = select_job(world.tx, job.id)
    assert found.picture is not None
    assert (found.state, found.picture.state) == (JobState.CANCELLED, PictureState.WITHHELD)
    assert (found.picture.link, found.picture.shown_prompt, found.picture.reasoning) == (
        None,
        "",
        "",
    )
    assert ledger_sum(world) == (1, 15_000)
    assert postings.deliverable(world.tx, now_us=world.now_us, limit=9) == ()
    assert naming(world, ADA) == []


def test_a_call_that_is_out_and_fails_is_over(world: World) -> None:
    """It is not tried again."""
    world.submit(1, ADA)
    job = world.sent()
    forget_ada(world)
    again = world.run(
        queue.retry,
        job.id,
        world.token,
        not_before_us=world.now_us,
        throttled=False,
        now_us=world.now_us,
    )
    assert again.state is JobState.CANCELLED
    assert ledger_sum(world) == (0, 0)


def test_a_call_that_is_out_and_lost_stays_reserved_as_nobody_s(world: World) -> None:
    """Perhaps it is billed, so it counts for the guild; the member begins anew."""
    for level in (Level.GUILD, Level.MEMBER, Level.PERSON):
        limit(world, level, 5)
    world.submit(1, ADA)
    job = world.sent()
    forget_ada(world)
    world.run(queue.mark_uncertain, job.id, world.token, LOST, now_us=world.now_us)
    assert ledger_sum(world) == (1, 15_000)
    again = select_job(world.tx, world.submit(1, ADA).job.id)
    assert used(world, again) == [2, 1, 1]
    assert quota_use.differences(world.tx) == ()


def test_a_picture_that_hangs_nowhere_yet_is_not_posted(world: World) -> None:
    world.submit(1, ADA)
    job = world.drawn()
    forget_ada(world)
    assert postings.deliverable(world.tx, now_us=world.now_us, limit=9) == ()
    assert select_job(world.tx, job.id).is_deleted


@pytest.mark.parametrize("whose", ["member", "guild", "person"])
def test_how_a_picture_looks_is_forgotten_with_it(world: World, whose: str) -> None:
    """Also outside of guilds, where its tenant is the person."""
    world.open_outside()
    guild_id = None if whose == "person" else GuildId(1)
    origin = replace(an_origin(1, ADA), guild_id=guild_id)
    world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    job = world.drawn()
    world.run(postings.record_result_message, job.id, ChannelId(70), MessageId(71))
    world.run(record_likeness, job.id, 5)
    assert likenesses_of(world.tx, job.origin.tenant_id) == [5]
    if whose == "guild":
        world.run(queue.forget_guild, GuildId(1), now_us=world.now_us)
    else:
        forget_ada(world)
    assert world.count("likeness") == 0
    world.run(record_likeness, job.id, 5)
    assert world.count("likeness") == 0, "whoever looked meanwhile brings it not back"


def test_what_discord_answers_after_a_member_was_forgotten_is_not_noted(world: World) -> None:
    """A post is on its way while the member presses the button."""
    world.submit(1, ADA)
    job = world.drawn()
    forget_ada(world)
    channel_id, day = ChannelId(70), postings.MembersDay(ChannelId(70), ADA, 0)
    world.run(postings.record_status_message, job.id, channel_id, MessageId(71))
    world.run(postings.record_answer, job.id, channel_id, MessageId(72))
    world.run(postings.record_thread, job.id, ChannelId(73))
    world.run(postings.record_day_thread, job.id, day, ChannelId(74))
    world.run(postings.record_result_message, job.id, channel_id, MessageId(75))
    now_us = world.now_us
    world.run(postings.delay, job.id, not_before_us=now_us, now_us=now_us, is_offered=True)
    assert [one for number in (*range(70, 76), ADA) for one in naming(world, number)] == []
    assert postings.deliverable(world.tx, now_us=world.now_us, limit=9) == ()


def test_messages_that_tell_of_no_end_are_found_before(world: World) -> None:
    """Those of requests that wait, are painted, held or find no place; none with a picture on it,
    as in a thread."""
    for place in range(1, 8):
        job = world.submit(1, ADA).job
        world.run(postings.record_status_message, job.id, ChannelId(10), MessageId(place))
    hung, held, homeless, lost, beside = (world.drawn() for _ in range(5))
    world.run(postings.record_result_message, hung.id, ChannelId(10), MessageId(1))
    world.run(postings.record_result_message, beside.id, ChannelId(11), MessageId(99))
    how = {"reasons": ("always",), "is_spoiler": False, "now_us": world.now_us}
    world.run(hold_for_staff, held.id, **how)
    world.run(postings.mark_undeliverable, homeless.id, LOST, now_us=world.now_us)
    world.run(postings.fail_picture, lost.id, LOST, now_us=world.now_us)
    world.sent()
    assert [one.message_id for one in forgetting.told_of(world.tx, ADA)] == [2, 3, 5, 6, 7]


def test_the_sums_stay_as_nobody_s(world: World) -> None:
    """In the guild's report under user 0, and in days that were folded."""
    for user in (ADA, BEN):
        world.submit(1, user)
        world.drawn()
    world.run(ledger.fold, before_us=world.now_us + 1)
    for user in (ADA, BEN):
        world.submit(1, user)
        world.drawn()
    forget_ada(world)
    world.run(queue.forget_member, BEN, now_us=world.now_us)
    report = report_of(world.tx, UsageOf(guild_id=1), UsageSubject.SERVER, UTC, now_us=world.now_us)
    assert [(one.user_id, one.pictures, one.cost_micros) for one in report.top] == [(0, 4, 60_000)]
    assert naming(world, ADA) == naming(world, BEN) == []


def test_a_limit_of_the_guild_goes_on_counting_what_was_forgotten(world: World) -> None:
    limit(world, Level.GUILD, 5)
    world.submit(1, ADA)
    world.drawn()
    forget_ada(world)
    world.submit(1, BEN)
    used: tuple[Any, ...] = world.tx.execute(
        "SELECT pictures FROM quota_use WHERE kind = 'guild'"
    ).fetchone()
    assert used == (2,)
    assert quota_use.differences(world.tx) == ()


def test_a_guild_is_forgotten_with_its_members_and_words(world: World) -> None:
    """Others are not; what the guild has cost stays under its number."""
    for guild in (1, 2):
        world.submit(guild, ADA)
        world.drawn()
    world.submit(1, ADA)
    world.tx.execute("INSERT INTO guild (id, joined_at_us, left_at_us) VALUES (1, 0, ?)", (5,))
    assert forgetting.gone_guilds(world.tx, before_us=4) == ()
    assert forgetting.gone_guilds(world.tx, before_us=5) == (1,)
    assert world.run(queue.forget_guild, GuildId(1), now_us=world.now_us) == 1
    assert world.tx.execute("SELECT count(*) FROM guild").fetchone() == (0,)
    prompts = (
        "SELECT guild_id, prompt FROM request JOIN job ON request.id = job.request_id"
        " ORDER BY job.id"
    )
    assert world.tx.execute(prompts).fetchall() == [(1, ""), (2, "a cat"), (1, "")]
    whose = "SELECT tenant_id, user_id, sum(cost_micros) FROM ledger GROUP BY 1, 2"
    assert world.tx.execute(whose).fetchall() == [(1, 0, 15_000), (2, ADA, 15_000)]
    assert world.tx.execute("SELECT tenant_id FROM member").fetchall() == [(2,)]


def test_a_guild_that_is_forgotten_leaves_no_counter_that_differs(world: World) -> None:
    """What its members drew there is nobody's, so it counts for none of them any more."""
    limit(world, Level.PERSON, 50)
    for guild in (1, 2):
        world.submit(guild, ADA)
        world.drawn()
    world.submit(1, ADA)
    running = world.sent()
    world.run(queue.forget_guild, GuildId(1), now_us=world.now_us)
    assert quota_use.differences(world.tx) == ()
    world.run(
        queue.complete,
        running.id,
        world.token,
        an_outcome(),
        price=a_price,
        now_us=world.now_us,
    )
    world.submit(2, ADA)
    assert quota_use.differences(world.tx) == ()
    used = "SELECT pictures FROM quota_use WHERE kind = 'person' AND id = ?"
    assert world.tx.execute(used, (ADA,)).fetchall() == [(2,)]


def test_a_channel_of_one_person_alone_stands_in_no_entry_once_they_are_forgotten(
    world: World,
) -> None:
    """A direct message's number names its person."""
    world.open_outside()
    origin = replace(an_origin(user=ADA), guild_id=None, channel_id=ChannelId(654_321))
    world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    assert "ledger.channel_id" in naming(world, 654_321)
    forget_ada(world)
    assert naming(world, 654_321) == []


def test_what_was_reported_outside_of_guilds_names_nobody_once_they_are_forgotten(
    world: World,
) -> None:
    """There the person's number stands where the guild's would, in cases and log as well."""
    world.open_outside()
    origin = replace(an_origin(user=ADA), guild_id=None)
    world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    job, how = world.drawn(), {"now_us": world.now_us}
    world.run(reports.report, job.id, BEN, ReportReason.OTHER, "words", **how)
    assert {"case_file.tenant_id", "audit.tenant_id"} <= {*naming(world, ADA)}
    forget_ada(world)
    assert naming(world, ADA) == []
    forget(world, BEN)
    assert naming(world, BEN) == []
    assert verify(world.tx).findings == []


# ------------------------------------------------------------------------------------------------
# The ledger: folding, and the check.


def test_folding_keeps_every_sum_and_leaves_what_is_open(world: World) -> None:
    world.submit(1, ADA)
    world.drawn()
    world.submit(1, ADA)
    world.pass_time(100 * 86_400)
    world.submit(1, BEN)
    both = (
        "SELECT sum(pictures), sum(reserved_micros + cost_micros), sum(count) FROM ("
        "SELECT pictures, reserved_micros, cost_micros, 1 AS count FROM ledger"
        " UNION ALL SELECT pictures, reserved_micros, cost_micros, entries FROM ledger_day)"
    )
    before = world.tx.execute(both).fetchone()
    world.run(ledger.fold, before_us=world.now_us)
    assert world.run(ledger.fold, before_us=world.now_us) == 0
    assert world.tx.execute(both).fetchone() == before
    assert world.tx.execute("SELECT entry FROM ledger").fetchall() == [("reserved",)] * 2
    view = ledger.usage_view(world.tx, TenantId(1), ADA, now_us=world.now_us)
    assert (view.all_time.images, view.month.images) == (1, 0)
    drawn = world.drawn()
    before_us = drawn.created_at_us + 1
    assert world.run(ledger.fold, before_us=before_us) == 1


def test_a_crash_while_folding_leaves_every_job_in_one_of_the_two(world: World) -> None:
    world.submit(1, ADA)
    world.drawn()
    world.tx.execute(
        "CREATE TRIGGER crash BEFORE DELETE ON ledger BEGIN SELECT raise(ABORT, 'x'); END"
    )
    with pytest.raises(Exception, match="x"):
        world.run(ledger.fold, before_us=world.now_us + 1)
    world.tx.execute("DROP TRIGGER crash")
    assert world.tx.execute("SELECT count(*) FROM ledger_day").fetchone() == (0,)
    assert world.tx.execute("SELECT count(*) FROM ledger").fetchone() == (2,)


def test_a_counter_that_somebody_edited_is_found_and_counted_anew(world: World) -> None:
    limit(world, Level.GUILD, 5)
    limit(world, Level.MEMBER, 5)
    world.submit(1, ADA)
    assert quota_use.differences(world.tx) == ()
    world.tx.execute("UPDATE quota_use SET pictures = 4 WHERE kind = 'guild'")
    (wrong,) = quota_use.differences(world.tx)
    assert wrong.subject.kind == "guild"
    world.run(quota_use.forget, [wrong])
    world.submit(1, BEN)
    assert quota_use.differences(world.tx) == ()
    used = world.tx.execute("SELECT pictures FROM quota_use WHERE kind = 'guild'").fetchone()
    assert used == (2,)


def test_spans_that_are_over_are_forgotten(world: World) -> None:
    limit(world, Level.GUILD, 5)
    world.submit(1, ADA)
    world.run(quota_use.forget_ended, before_us=world.now_us)
    assert world.tx.execute("SELECT count(*) FROM quota_use").fetchone() == (1,)
    world.pass_time(2 * 86_400)
    world.run(quota_use.forget_ended, before_us=world.now_us)
    assert world.tx.execute("SELECT count(*) FROM quota_use").fetchone() == (0,)
