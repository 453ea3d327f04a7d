"""Who came from whom, as rows have it. Both walks end in a circle, and at a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.features.lineage.rules import LineagePlace, family_of
from bot.queue.jobs import JOB, JOBS, job_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.db import Transaction
    from bot.features.lineage.rules import Family
    from bot.queue.records import ChannelId, GuildId, InteractionId, Job, JobId, TenantId, UserId


MOST_KIN = 5000  # of a family, those nearest to its first picture, and as many above one
MOST_OFFERED = 100  # of a member's pictures, among which what is typed is sought
FAR_ENOUGH = 100  # generations that a line of words counts

_KIN = (
    "job.id, request.parent_id, request.interaction_id, request.guild_id, request.channel_id,"
    " request.parent_channel_id, request.user_id, request.is_restricted"
)
_ASKED = "job JOIN request ON request.id = job.request_id"
# Of the asked job upwards; a job and its parent stand in it once, which ends a circle.
_ABOVE = (
    f"WITH RECURSIVE line (id, parent_id) AS (SELECT job.id, request.parent_id FROM {_ASKED}"
    " WHERE job.id = ? UNION SELECT job.id, request.parent_id FROM line"
    " JOIN job ON job.id = line.parent_id JOIN request ON request.id = job.request_id)"
)


class Kin(Struct, frozen=True):
    """A job with what tells whence it came, and who may know of it."""

    job_id: JobId
    parent_id: JobId | None
    interaction_id: InteractionId
    guild_id: GuildId | None
    channel_id: ChannelId
    parent_channel_id: ChannelId | None
    user_id: UserId
    is_restricted: int

    @property
    def root_channel_id(self) -> ChannelId:
        """As in `Origin`."""
        return self.parent_channel_id or self.channel_id


def family(tx: Transaction, job_id: JobId, is_known: Callable[[Kin], bool]) -> Family:
    """Of this job as far as it is known, without a break, upwards and down again.

    Raises KeyError if there is no such job.
    """
    line = _line(tx, job_id)
    first = _first_known(line, job_id, is_known)
    known = {one.job_id: one for one in _below(tx, first) if is_known(one)}
    at: Kin | None = line[job_id]
    while at is not None and at.job_id not in known:  # beyond the bound
        known[at.job_id] = at
        at = None if at is first else line[at.parent_id or at.job_id]
    return family_of(job_id, {one.job_id: one.parent_id for one in known.values()})


def _line(tx: Transaction, job_id: JobId) -> dict[JobId, Kin]:
    rows = tx.execute(
        f"{_ABOVE} SELECT {_KIN} FROM (SELECT id FROM line LIMIT ?) AS near"
        " JOIN job ON job.id = near.id JOIN request ON request.id = job.request_id",
        (job_id, MOST_KIN),
    )
    return {one.job_id: one for one in (Kin(*row) for row in rows)}


def _first_known(line: dict[JobId, Kin], job_id: JobId, is_known: Callable[[Kin], bool]) -> Kin:
    first, seen = line[job_id], {job_id}
    while first.parent_id is not None and first.parent_id not in seen:
        parent = line.get(first.parent_id)
        if parent is None or not is_known(parent):
            break
        first = parent
        seen.add(first.job_id)
    return first


def _below(tx: Transaction, first: Kin) -> list[Kin]:
    """It with its siblings, and all that came from them, nearest first."""
    if first.parent_id is None:
        begins, value = "request.id = (SELECT request_id FROM job WHERE id = ?)", first.job_id
    else:
        begins, value = "request.parent_id = ?", first.parent_id
    rows = tx.execute(
        f"WITH RECURSIVE family (id) AS (SELECT job.id FROM {_ASKED} WHERE {begins}"
        " UNION SELECT job.id FROM family JOIN request ON request.parent_id = family.id"
        " JOIN job ON job.request_id = request.id)"
        f" SELECT {_KIN} FROM (SELECT id FROM family LIMIT ?) AS near"
        " JOIN job ON job.id = near.id JOIN request ON request.id = job.request_id",
        (value, MOST_KIN),
    )
    return [Kin(*row) for row in rows]


def jobs_of(tx: Transaction, ids: Sequence[JobId]) -> dict[JobId, Job]:
    """Those that there are."""
    marks = ", ".join("?" * len(ids))
    rows = tx.execute(f"SELECT {JOB} FROM {JOBS} WHERE job.id IN ({marks})", tuple(ids))
    return {job.id: job for job in map(job_of, rows)}


def newest_of(tx: Transaction, tenant_id: TenantId, user_id: UserId) -> tuple[Job, ...]:
    """The member's pictures that hang in Discord, by what they paid for last."""
    rows = tx.execute(
        f"SELECT {JOB} FROM {JOBS} WHERE picture.state = 'shown' AND job.id IN"
        " (SELECT job_id FROM (SELECT job_id FROM ledger WHERE user_id = ? AND tenant_id = ?"
        " AND entry = 'settled' ORDER BY reserved_at_us DESC LIMIT ?) AS newest)"
        " ORDER BY job.id DESC",
        (user_id, tenant_id, MOST_OFFERED),
    )
    return tuple(map(job_of, rows))


def lineage_place(tx: Transaction, job: Job) -> LineagePlace:
    """Cheap: a walk of at most a hundred generations upwards."""
    parent_id = job.origin.parent_id
    if parent_id is None:
        return LineagePlace(generation=1)
    (generation,) = tx.execute(
        f"{_ABOVE} SELECT count(*) FROM (SELECT id FROM line LIMIT ?) AS near",
        (job.id, FAR_ENOUGH),
    ).fetchone()
    parent = jobs_of(tx, (parent_id,)).get(parent_id)
    return LineagePlace(
        generation=generation,
        is_at_least=generation == FAR_ENOUGH,
        parent=None if parent is None else parent.request,
    )
