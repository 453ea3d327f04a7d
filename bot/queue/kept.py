"""Pictures that members want to find again, whoever asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import JobId, UserId


def keep(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> None:
    """A repeat changes nothing, nor is there anything to keep before a picture is drawn."""
    tx.execute(
        "INSERT INTO keep (user_id, job_id, kept_at_us)"
        " SELECT ?, job_id, ? FROM picture WHERE job_id = ?"
        " ON CONFLICT (user_id, job_id) DO NOTHING",
        (user_id, now_us, job_id),
    )


def unkeep(tx: Transaction, job_id: JobId, user_id: UserId) -> bool:
    """Whether it was kept."""
    gone = tx.execute("DELETE FROM keep WHERE user_id = ? AND job_id = ?", (user_id, job_id))
    return gone.rowcount > 0


def is_kept(tx: Transaction, job_id: JobId, user_id: UserId) -> bool:
    row = tx.execute(
        "SELECT 1 FROM keep WHERE user_id = ? AND job_id = ?", (user_id, job_id)
    ).fetchone()
    return row is not None


def toggle_kept(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> bool:
    """Whether it is kept from now on."""
    if unkeep(tx, job_id, user_id):
        return False
    keep(tx, job_id, user_id, now_us=now_us)
    return True
