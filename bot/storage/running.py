"""A running job as its worker's lease names it: what every end of an attempt begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.fairness import Charge
from bot.domain.ids import GuildId, JobId, UserId
from bot.errors import LeaseLost, UnknownJob
from bot.storage.rows import JOB, job_of

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.storage.books import Counters
    from bot.storage.transaction import Transaction

_COLUMNS = (
    "id, guild_id, user_id, cost, guild_charge, member_charge, rewrite, sent_at_us,"
    " cancel_requested"
)


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of the row that the counters need."""

    id: JobId
    guild_id: GuildId
    user_id: UserId
    charge: Charge
    rewrite: bool
    sent_at_us: int | None
    cancel_requested: bool

    def free_slot(self, counters: Counters) -> None:
        counters.free_slot(self.guild_id, self.user_id)

    def recharge(self, counters: Counters, actual_cost: int) -> None:
        counters.correct(self.guild_id, self.user_id, self.charge, actual_cost)


def running(tx: Transaction, job_id: JobId, lease_token: str) -> Running:
    """Raises LeaseLost if the job does not run, or runs under another lease."""
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM job WHERE id = ? AND state = 'running' AND lease_token = ?",
        (job_id, lease_token),
    ).fetchone()
    if row is None:
        raise LeaseLost(f"job {job_id} is no longer leased to this worker")
    return _running_of(row)


def expired(tx: Transaction, *, now_us: int, besides: str = "") -> list[Running]:
    """Whatever runs under a lease that nobody has renewed, but for those of one worker."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM job WHERE state = 'running' AND lease_until_us <= ?"
        " AND lease_token != ? ORDER BY id",
        (now_us, besides),
    )
    return [_running_of(row) for row in rows.fetchall()]


def all_running(tx: Transaction) -> list[Running]:
    """Whatever runs, under any lease."""
    rows = tx.execute(f"SELECT {_COLUMNS} FROM job WHERE state = 'running' ORDER BY id")
    return [_running_of(row) for row in rows.fetchall()]


def update(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> Job:
    """Changes the columns and returns the job as it is then. Raises UnknownJob."""
    row = tx.execute(
        f"UPDATE job SET {assignments} WHERE id = ? RETURNING {JOB}", (*values, job_id)
    ).fetchone()
    if row is None:
        raise UnknownJob
    return job_of(row)


def _running_of(row: tuple[int, ...]) -> Running:
    job_id, guild_id, user_id, cost, guild_charge, member_charge, rewrite, sent, cancel = row
    return Running(
        JobId(job_id),
        GuildId(guild_id),
        UserId(user_id),
        Charge(cost, guild_charge, member_charge),
        bool(rewrite),
        sent,
        bool(cancel),
    )
