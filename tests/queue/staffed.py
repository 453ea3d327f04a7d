"""Reports, appeals and decisions on a world: what the tests of the staff's decisions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.features.moderation.rows.decisions import decide_report
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue import postings, reports
from bot.queue.cases import CaseEnd, CaseKind, Decision, about_job, find_case
from bot.queue.jobs import select_job
from bot.queue.records import UserId
from bot.queue.reports import ReportReason

if TYPE_CHECKING:
    from bot.queue.cases import Case
    from bot.queue.records import Job, JobId, Picture
    from bot.queue.reports import ReportOutcome
    from tests.queue.world import World

ADA, BEN, CEM = UserId(501), UserId(502), UserId(503)
MODERATOR, OTHER_MODERATOR = UserId(900), UserId(901)


def shown(world: World) -> Job:
    """A picture that hangs, of member 1 in guild 1."""
    world.submit()
    job = world.drawn()
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    return select_job(world.tx, job.id)


def report(world: World, job: Job, by: UserId = ADA) -> ReportOutcome:
    return world.run(reports.report, job.id, by, ReportReason.OTHER, "look", now_us=world.now_us)


def case_of_reports(world: World, job: Job) -> Case:
    case = find_case(world.tx, CaseKind.REPORT, about_job(job.id))
    assert case is not None
    return case


def end(world: World, decision: Decision, by: UserId = MODERATOR, *, reason: str = "") -> CaseEnd:
    return CaseEnd(decision=decision, by=by, at_us=world.now_us, reason=reason)


def decide(world: World, case: Case, decision: Decision, by: UserId = MODERATOR) -> Case:
    return world.run(decide_report, case.id, end(world, decision, by))


def picture_of(world: World, job: Job | JobId) -> Picture:
    picture = select_job(world.tx, job if isinstance(job, int) else job.id).picture
    assert picture is not None
    return picture


def set_value(world: World, name: str, value: int) -> None:
    """By the staff of guild 1."""
    world.run(set_policy, Key(Scope.GUILD, 1, name, 1), value, by="7", now_us=world.now_us)


def noticed(world: World) -> list[tuple[int, str]]:
    """Who is to be told alone, and of what kind."""
    rows = world.tx.execute("SELECT user_id, kind FROM notice ORDER BY id")
    return [(user_id, kind) for user_id, kind in rows]


def logged(world: World) -> list[str]:
    """What was done, in the order of the log."""
    rows = world.tx.execute("SELECT action FROM audit WHERE action <> 'set' ORDER BY id")
    return [action for (action,) in rows]


def outbox_due(world: World) -> list[int]:
    rows = world.tx.execute("SELECT job_id FROM outbox WHERE due_at_us IS NOT NULL")
    return [job_id for (job_id,) in rows]
