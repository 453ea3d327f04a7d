"""What members tell of a picture waits in rows until the staff know of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.policy.standing import PersonStanding, StandingKind, drop_standing, put_standing
from bot.queue import reports
from bot.queue.cases import Decision, case_told, delay_case, due_cases
from bot.queue.jobs import select_job
from bot.queue.postings import settle_shown
from bot.queue.records import Job, JobId, PictureState, UserId
from bot.queue.reports import MOST_SHOWN, ReportOutcome, ReportReason
from tests.queue.staffed import (
    ADA,
    BEN,
    CEM,
    case_of_reports,
    decide,
    logged,
    outbox_due,
    picture_of,
    report,
    set_value,
    shown,
)
from tests.queue.world import World, open_file


def tell(world: World, job: Job, user: int, *, at_us: int = 1) -> ReportOutcome:
    return world.run(
        reports.report,
        job.id,
        UserId(user),
        ReportReason.OTHER,
        f"words of {user}",
        now_us=at_us,
    )


@pytest.fixture
def job(world: World) -> Job:
    world.submit()
    return world.drawn()


def untold(world: World) -> tuple[JobId | None, ...]:
    """Of which there is something to tell the staff."""
    return tuple(case.job_id for case in due_cases(world.tx, now_us=world.now_us, limit=9))


def test_each_member_tells_once_of_a_picture(world: World, job: Job) -> None:
    assert tell(world, job, 1) is ReportOutcome.TAKEN
    assert tell(world, job, 1, at_us=2) is ReportOutcome.KNOWN
    assert tell(world, job, 2, at_us=3) is ReportOutcome.TAKEN
    found = reports.reports_of(world.tx, job.id)
    assert found.count == 2
    assert [(one.user_id, one.words) for one in found.newest] == [
        (2, "words of 2"),
        (1, "words of 1"),
    ]


def test_what_the_staff_know_is_not_told_again(world: World, job: Job) -> None:
    """What came meanwhile is: to the same case."""
    tell(world, job, 1, at_us=10)
    (case,) = due_cases(world.tx, now_us=world.now_us, limit=9)
    tell(world, job, 2, at_us=20)
    world.run(case_told, case.id, due_at_us=case.due_at_us)
    assert untold(world) == (job.id,)
    (same,) = due_cases(world.tx, now_us=world.now_us, limit=9)
    assert same.id == case.id
    world.run(case_told, same.id, due_at_us=same.due_at_us)
    assert untold(world) == ()


def test_the_longest_waiting_is_told_first(world: World, job: Job) -> None:
    world.submit()
    other = world.drawn()
    tell(world, job, 1, at_us=9)
    tell(world, other, 1, at_us=5)
    assert untold(world) == (other.id, job.id)


def test_of_many_reports_the_newest_are_shown(world: World, job: Job) -> None:
    for user in range(1, MOST_SHOWN + 5):
        tell(world, job, user, at_us=user)
    found = reports.reports_of(world.tx, job.id)
    assert found.count == MOST_SHOWN + 4
    assert [one.user_id for one in found.newest][:2] == [MOST_SHOWN + 4, MOST_SHOWN + 3]
    assert len(found.newest) == MOST_SHOWN


def test_who_is_not_heard_is_thanked_and_nothing_is_told(world: World, job: Job) -> None:
    ignore(world, 1)
    assert tell(world, job, 1) is ReportOutcome.UNHEARD
    assert tell(world, job, 1) is ReportOutcome.UNHEARD
    assert untold(world) == ()
    assert world.count("report") == 0


def ignore(world: World, user: int) -> None:
    """By the staff of the guild."""
    standing = PersonStanding(
        tenant_id=1, user_id=user, kind=StandingKind.UNHEARD, set_by=7, set_at_us=1
    )
    world.run(put_standing, standing)


# ------------------------------------------------------------------------------------------------
# Hidden until the staff have looked.


def test_so_many_reports_hide_a_picture(world: World) -> None:
    """In the transaction of the last of them; once."""
    job = shown(world)
    set_value(world, "hides_after_reports", 2)
    report(world, job, ADA)
    assert picture_of(world, job).hidden_at_us is None
    report(world, job, BEN)
    hidden_at_us = picture_of(world, job).hidden_at_us
    assert hidden_at_us == world.now_us
    assert outbox_due(world) == [job.id], "delivery takes it out of its message"
    world.pass_time(1)
    report(world, job, CEM)
    assert picture_of(world, job).hidden_at_us == hidden_at_us
    assert logged(world).count("hidden") == 1


def test_whoever_is_not_heard_hides_nothing(world: World) -> None:
    """Neither by a report of now, nor by one of before."""
    job = shown(world)
    set_value(world, "hides_after_reports", 2)
    report(world, job, ADA)
    ignore(world, ADA)
    report(world, job, BEN)
    assert picture_of(world, job).hidden_at_us is None
    report(world, job, CEM)
    assert picture_of(world, job).hidden_at_us is not None


def test_without_the_setting_reports_hide_nothing(world: World) -> None:
    job = shown(world)
    for user in range(1, 20):
        report(world, job, UserId(user))
    assert picture_of(world, job).hidden_at_us is None


@pytest.mark.parametrize(
    ("decision", "state", "is_due"),
    [
        (Decision.DISMISSED, PictureState.SHOWN, True),
        (Decision.REMOVED, PictureState.DELETED, True),
    ],
)
def test_what_the_staff_decide_ends_the_hiding(
    world: World, decision: Decision, state: PictureState, *, is_due: bool
) -> None:
    job = shown(world)
    set_value(world, "hides_after_reports", 1)
    report(world, job)
    world.tx.execute("UPDATE outbox SET attempts = 3")
    world.run(settle_shown, job.id, hidden_at_us=picture_of(world, job).hidden_at_us)
    assert outbox_due(world) == []
    assert select_job(world.tx, job.id).message.attempts == 0
    decide(world, case_of_reports(world, job), decision)
    assert picture_of(world, job).state is state
    assert outbox_due(world) == [job.id] * is_due


def test_what_has_changed_while_a_message_was_edited_is_due_still(world: World) -> None:
    job = shown(world)
    set_value(world, "hides_after_reports", 1)
    report(world, job)
    world.run(settle_shown, job.id, hidden_at_us=None)
    assert outbox_due(world) == [job.id]


def test_tries_of_a_card_are_counted_until_it_says_all(world: World) -> None:
    """Each waits longer than the one before."""
    job = shown(world)
    report(world, job)
    for tries in (1, 2):
        case_id = case_of_reports(world, job).id
        world.run(delay_case, case_id, not_before_us=world.now_us)
        assert case_of_reports(world, job).attempts == tries
    world.run(case_told, case_id, due_at_us=world.now_us)
    assert case_of_reports(world, job).attempts == 0


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    threshold=st.integers(0, 4),
    acts=st.lists(st.tuples(st.sampled_from("rui"), st.integers(1, 5)), max_size=14),
)
def test_a_picture_hides_by_as_many_as_are_heard(
    tmp_path_factory: pytest.TempPathFactory, threshold: int, acts: list[tuple[str, int]]
) -> None:
    """Whoever reports, is ignored or heard again, in whatever order: against a model."""
    world = World(open_file(tmp_path_factory.mktemp("hiding") / "a.db"))
    try:
        job = shown(world)
        set_value(world, "hides_after_reports", threshold)
        reported: set[int] = set()
        unheard: set[int] = set()
        is_hidden = False
        for act, user in acts:
            if act == "u":
                ignore(world, user)
                unheard.add(user)
            elif act == "i":
                world.run(drop_standing, StandingKind.UNHEARD, 1, user)
                unheard.discard(user)
            elif user not in unheard and user not in reported:
                reported.add(user)
                is_hidden = is_hidden or 0 < threshold <= len(reported - unheard)
                report(world, job, UserId(user))
            else:
                report(world, job, UserId(user))
            assert (picture_of(world, job).hidden_at_us is not None) == is_hidden
    finally:
        world.tx.close()


def test_settings_that_cannot_be_read_hide_nothing(world: World) -> None:
    """The report is taken all the same."""
    job = shown(world)
    set_value(world, "hides_after_reports", 1)
    world.tx.execute("UPDATE policy SET value = 'x' WHERE name = 'hides_after_reports'")
    assert report(world, job) is ReportOutcome.TAKEN
    assert picture_of(world, job).hidden_at_us is None
