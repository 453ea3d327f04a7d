"""What the staff decide about reports: once, with all that follows, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.features.moderation.rows.decisions import approve, decide_report, reject, removal_of
from bot.policy.standing import StandingKind, holds
from bot.queue import postings
from bot.queue.cases import CaseKind, Decision, open_case
from bot.queue.forget import forget_member
from bot.queue.jobs import select_job
from bot.queue.records import ChannelId, JobState, PictureState, TenantId, UserId
from bot.records import replace
from bot.refusals import BlockedHere, ReportDecided
from bot.staff_refusals import AlreadyDecided, UnknownCase
from tests.queue.staffed import (
    ADA,
    BEN,
    MODERATOR,
    OTHER_MODERATOR,
    case_of_reports,
    decide,
    end,
    logged,
    noticed,
    outbox_due,
    picture_of,
    report,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.queue.cases import Case
    from bot.queue.records import Job
    from tests.queue.world import World

MEMBER = UserId(1)
REMOVING = (Decision.REMOVED, Decision.WARNED, Decision.TIMED_OUT, Decision.BLOCKED)


@pytest.fixture
def job(world: World) -> Job:
    """A picture that two members have reported."""
    hanging = shown(world)
    report(world, hanging, ADA)
    report(world, hanging, BEN)
    return hanging


@pytest.mark.parametrize("decision", REMOVING)
def test_a_removed_picture_is_deleted_and_its_words_forgotten(
    world: World, job: Job, decision: Decision
) -> None:
    case = decide(world, case_of_reports(world, job), decision)
    now = select_job(world.tx, job.id)
    assert now.is_deleted
    assert now.request.prompt == ""
    assert outbox_due(world) == [job.id], "delivery takes it out of Discord"
    assert removal_of(world.tx, job.id) == case
    assert logged(world)[-1] == decision.value


def test_a_dismissed_picture_stays(world: World, job: Job) -> None:
    decide(world, case_of_reports(world, job), Decision.DISMISSED)
    assert picture_of(world, job).state is PictureState.SHOWN
    assert removal_of(world.tx, job.id) is None
    assert outbox_due(world) == []


@pytest.mark.parametrize(
    ("decision", "member"),
    [
        (Decision.REMOVED, None),
        (Decision.DISMISSED, None),
        (Decision.WARNED, "warned"),
        (Decision.TIMED_OUT, "warned"),
        (Decision.BLOCKED, "blocked"),
    ],
)
def test_reporters_learn_the_outcome_and_the_member_what_hits_them(
    world: World, job: Job, decision: Decision, member: str | None
) -> None:
    decide(world, case_of_reports(world, job), decision)
    hit = [] if member is None else [(MEMBER, member)]
    assert noticed(world) == [*hit, (ADA, "reported"), (BEN, "reported")]


@pytest.mark.parametrize("tells_member", [True, False])
def test_a_blocked_member_reads_the_reason_if_they_are_told(
    world: World, job: Job, tells_member: bool
) -> None:
    """At each refusal of what they ask for."""
    decision = end(world, Decision.BLOCKED, reason="spam")
    decided = replace(decision, tells_member=tells_member)
    world.run(decide_report, case_of_reports(world, job).id, decided)
    block = holds(world.tx, StandingKind.BLOCKED, 1, MEMBER, now_us=world.now_us)
    assert block is not None
    assert block.reason == ("spam" if tells_member else "")


def test_of_two_moderators_the_first_counts(world: World, job: Job) -> None:
    case = case_of_reports(world, job)
    decide(world, case, Decision.DISMISSED, MODERATOR)
    with pytest.raises(AlreadyDecided) as refused:
        decide(world, case, Decision.BLOCKED, OTHER_MODERATOR)
    assert (refused.value.decision, refused.value.by) == ("dismissed", MODERATOR)
    assert picture_of(world, job).state is PictureState.SHOWN
    assert holds(world.tx, StandingKind.BLOCKED, 1, MEMBER, now_us=world.now_us) is None
    assert logged(world).count("blocked") == 0


def test_a_picture_that_its_member_has_deleted_meanwhile_can_still_be_decided(
    world: World, job: Job
) -> None:
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    decide(world, case_of_reports(world, job), Decision.WARNED)
    assert select_job(world.tx, job.id).is_deleted
    assert (MEMBER, "warned") in noticed(world)


def test_nothing_is_to_be_shown_again_of_what_was_deleted_meanwhile(world: World, job: Job) -> None:
    """Its message is gone."""
    world.tx.execute("UPDATE picture SET hidden_at_us = 1")
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    world.run(postings.mark_notified, job.id, now_us=world.now_us)
    assert outbox_due(world) == []
    decide(world, case_of_reports(world, job), Decision.DISMISSED)
    assert select_job(world.tx, job.id).is_deleted
    assert outbox_due(world) == []


def test_a_member_who_was_forgotten_is_told_nothing(world: World, job: Job) -> None:
    case = case_of_reports(world, job)
    world.run(forget_member, MEMBER, now_us=world.now_us)
    with pytest.raises(AlreadyDecided):
        decide(world, case, Decision.WARNED)
    assert noticed(world) == []


def test_a_reporter_who_was_forgotten_is_told_nothing(world: World, job: Job) -> None:
    world.run(forget_member, ADA, now_us=world.now_us)
    decide(world, case_of_reports(world, job), Decision.DISMISSED)
    assert noticed(world) == [(BEN, "reported")]


def test_what_a_blocked_member_has_waiting_is_cancelled_and_not_charged(
    world: World, job: Job
) -> None:
    """In that guild; a call that is out goes on, and others' pictures wait on."""
    world.submit(1, 1)
    running = world.sent()
    waiting = world.submit(1, 1).job
    others, elsewhere = world.submit(1, 2).job, world.submit(2, 1).job
    decide(world, case_of_reports(world, job), Decision.BLOCKED)
    ended = select_job(world.tx, waiting.id)
    assert ended.state is JobState.CANCELLED
    assert ended.failure is not None
    assert ended.failure.kind == "MemberBlocked"
    assert waiting.id not in world.owed()
    assert waiting.id in outbox_due(world), "its member is told"
    assert select_job(world.tx, running.id).state is JobState.RUNNING
    assert select_job(world.tx, others.id).state is JobState.QUEUED
    assert select_job(world.tx, elsewhere.id).state is JobState.QUEUED
    assert world.differences() == []


def test_a_block_ends_by_itself(world: World, job: Job) -> None:
    case = case_of_reports(world, job)
    until = world.now_us + 60_000_000
    world.run(decide_report, case.id, end(world, Decision.BLOCKED), until_at_us=until)
    with pytest.raises(BlockedHere) as refused:
        world.submit()
    assert refused.value.until_at_us == until
    assert refused.value.appeal_to == 1
    world.pass_time(61)
    assert world.submit().is_new


def test_a_report_after_the_decision_says_the_outcome(world: World, job: Job) -> None:
    """Also to whoever has reported it before; and opens nothing."""
    decide(world, case_of_reports(world, job), Decision.DISMISSED)
    for who in (ADA, UserId(777)):
        with pytest.raises(ReportDecided) as told:
            report(world, job, who)
        assert told.value.decision == "dismissed"
    assert world.count("report") == 2
    assert world.count("case_file") == 1


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        (CaseKind.REPORT, Decision.GRANTED),
        (CaseKind.REPORT, Decision.APPROVED),
        (CaseKind.REFUSALS, Decision.REMOVED),
        (CaseKind.REVIEW, Decision.DISMISSED),
        (CaseKind.APPEAL, Decision.BLOCKED),
    ],
)
def test_a_case_ends_as_its_kind_can(world: World, kind: CaseKind, decision: Decision) -> None:
    case = world.run(
        open_case,
        kind,
        tenant_id=TenantId(1),
        channel_id=ChannelId(10),
        user_id=MEMBER,
        about="something",
        now_us=world.now_us,
    )
    with pytest.raises(UnknownCase):
        decide(world, case, decision)


@pytest.mark.parametrize("verb", [approve, reject])
def test_a_picture_that_was_reported_is_neither_let_through_nor_held_back(
    world: World, job: Job, verb: Callable[..., Case]
) -> None:
    """It hangs."""
    with pytest.raises(UnknownCase):
        world.run(verb, case_of_reports(world, job).id, by=MODERATOR, now_us=world.now_us)
    assert case_of_reports(world, job).is_open
    assert logged(world) == ["reported", "reported"]


def test_a_refused_member_can_be_blocked_though_there_is_no_picture(world: World) -> None:
    case = world.run(
        open_case,
        CaseKind.REFUSALS,
        tenant_id=TenantId(1),
        channel_id=ChannelId(10),
        user_id=MEMBER,
        about="refusals:1:1:7",
        now_us=world.now_us,
    )
    decide(world, case, Decision.BLOCKED)
    assert noticed(world) == [(MEMBER, "blocked")]
    with pytest.raises(BlockedHere):
        world.submit()
