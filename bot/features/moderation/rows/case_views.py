"""A case with all that the staff are to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.standing import StandingKind, holds
from bot.queue.cases import CaseKind, find_case, select_case, select_cases
from bot.queue.jobs import select_job
from bot.queue.refusals import find_refusal
from bot.queue.reports import reports_of
from bot.refusals import UnknownJob

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.policy.standing import PersonStanding
    from bot.queue.cases import Case
    from bot.queue.records import ChannelId, Job, JobId, TenantId
    from bot.queue.refusals import RefusedRequest
    from bot.queue.reports import Reports


class CaseView(Struct, frozen=True, kw_only=True):
    """At one moment."""

    case: Case
    job: Job | None = None  # whose picture it is about
    reports: Reports | None = None
    refused: RefusedRequest | None = None  # what an appeal is about: this
    rejected: Case | None = None  # or the review that ended so
    block: PersonStanding | None = None  # or this, perhaps over meanwhile
    place: int | None = None  # among the guild's open cases of its kind, 1 is the oldest


def view_case(tx: Transaction, case_id: int) -> CaseView:
    """Raises UnknownCase."""
    case = select_case(tx, case_id)
    reports = rejected = None
    if case.kind is CaseKind.REPORT and case.job_id is not None:
        reports = reports_of(tx, case.job_id)
    if case.kind is CaseKind.APPEAL:
        rejected = find_case(tx, CaseKind.REVIEW, case.about)
    return CaseView(
        case=case,
        job=_job_of(tx, case),
        reports=reports,
        refused=_refused(tx, case),
        rejected=rejected,
        block=_block(tx, case),
        place=place_of_case(tx, case) if case.is_open else None,
    )


def held_file_of(tx: Transaction, job_id: JobId) -> tuple[str, bytes] | None:
    """Name and content of a held picture that no channel of the staff has."""
    row = tx.execute("SELECT name, bytes FROM held_file WHERE job_id = ?", (job_id,)).fetchone()
    return None if row is None else (row[0], row[1])


class CaseLine(Struct, frozen=True, kw_only=True):
    """A case among others."""

    case: Case
    prompt: str = ""  # of the picture, or of what was refused


class CasePage(Struct, frozen=True, kw_only=True):
    """Open cases, the oldest first.

    Attributes:
        count: on all pages.
    """

    lines: tuple[CaseLine, ...]
    page: int
    pages: int
    count: int


CASES_ON_A_PAGE = 10


def page_of_cases(
    tx: Transaction, tenant_id: TenantId, *, channel_id: ChannelId | None, page: int
) -> CasePage:
    """The last page if there are not so many any more.

    Args:
        channel_id: of this place alone.
    """
    count = count_open(tx, tenant_id, channel_id=channel_id)
    pages = max(1, -(-count // CASES_ON_A_PAGE))
    page = min(page, pages - 1)
    skip = page * CASES_ON_A_PAGE
    found = open_cases(tx, tenant_id, channel_id=channel_id, limit=CASES_ON_A_PAGE, skip=skip)
    lines = tuple(CaseLine(case=case, prompt=_prompt_of(tx, case)) for case in found)
    return CasePage(lines=lines, page=page, pages=pages, count=count)


def _prompt_of(tx: Transaction, case: Case) -> str:
    job = _job_of(tx, case)
    if job is not None:
        return job.request.prompt
    refused = _refused(tx, case)
    return "" if refused is None else refused.prompt


def _job_of(tx: Transaction, case: Case) -> Job | None:
    if case.job_id is None:
        return None
    try:
        return select_job(tx, case.job_id)
    except UnknownJob:
        return None


def _refused(tx: Transaction, case: Case) -> RefusedRequest | None:
    what, _, number = case.about.partition(":")
    return find_refusal(tx, int(number)) if what == "refusal" else None


def _block(tx: Transaction, case: Case) -> PersonStanding | None:
    """The very one: another one may have come in its place since."""
    what, _, rest = case.about.partition(":")
    if what != "block":
        return None
    since = int(rest.rpartition(":")[2])
    block = holds(tx, StandingKind.BLOCKED, case.tenant_id, case.user_id, now_us=case.opened_at_us)
    return block if block is not None and block.set_at_us == since else None


def open_cases(
    tx: Transaction,
    tenant_id: TenantId,
    *,
    channel_id: ChannelId | None = None,
    limit: int,
    skip: int = 0,
) -> tuple[Case, ...]:
    """That wait for the staff, the oldest first; of one place if it is named."""
    where, key = in_place(channel_id)
    return select_cases(
        tx,
        f"tenant_id = ? AND decision IS NULL{where} ORDER BY opened_at_us, id LIMIT ? OFFSET ?",
        *(tenant_id, *key, limit, skip),
    )


def count_open(tx: Transaction, tenant_id: TenantId, *, channel_id: ChannelId | None = None) -> int:
    """How many wait for the staff; of one place if it is named."""
    where, key = in_place(channel_id)
    (count,) = tx.execute(
        f"SELECT count(*) FROM case_file WHERE tenant_id = ? AND decision IS NULL{where}",
        (tenant_id, *key),
    ).fetchone()
    return int(count)


def in_place(channel_id: ChannelId | None) -> tuple[str, tuple[int, ...]]:
    """A further condition on rows of a place, and its value; none of all places."""
    return ("", ()) if channel_id is None else (" AND channel_id = ?", (channel_id,))


def place_of_case(tx: Transaction, case: Case) -> int:
    """Among the guild's open cases of its kind: 1 is the oldest."""
    (before,) = tx.execute(
        "SELECT count(*) FROM case_file WHERE tenant_id = ? AND decision IS NULL AND kind = ?"
        " AND (opened_at_us, id) < (?, ?)",
        (case.tenant_id, case.kind, case.opened_at_us, case.id),
    ).fetchone()
    return int(before) + 1
