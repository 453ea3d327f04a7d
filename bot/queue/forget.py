"""Members and guilds are forgotten: their words and numbers go, the sums stay, under nobody.

What waits is withdrawn. A call that is out cannot be called back: it is drawn and paid, as nobody's
job, and shown to nobody. What Discord shows already stays there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue import ledger, picture_words
from bot.queue.counters import Counters
from bot.queue.finish import end
from bot.queue.jobs import change_picture, select_jobs
from bot.queue.records import (
    NOBODY,
    JobId,
    JobState,
    PictureState,
    TenantId,
    UserId,
    tenant_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.queue.records import Address, GuildId, Job


NO_TENANT = TenantId(0)  # in the place of a person who asked outside of guilds
_LEDGER = ("entries", *ledger.SUMS)


def told_of(tx: Transaction, user_id: UserId) -> tuple[Address, ...]:
    """The messages that tell of a member's requests which are at no end, unless a picture hangs on
    them."""
    jobs = select_jobs(
        tx,
        "job.user_id = ? AND (job.state IN ('queued', 'running')"
        " OR picture.state IN ('held', 'due', 'undeliverable')) AND NOT EXISTS"
        " (SELECT 1 FROM job AS other JOIN picture AS hung ON hung.job_id = other.id"
        " WHERE other.request_id = job.request_id AND hung.message_id = message.message_id)"
        " ORDER BY job.id",
        user_id,
    )
    found = [job.address for job in jobs]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def forget_member(tx: Transaction, user_id: UserId, *, now_us: int) -> int:
    """In all guilds and outside of them. Returns how many jobs were still open.

    It walks through all jobs there are, several times: a fifth of a second for 200,000. The words
    of each of the member's pictures are taken out of the search: seconds for tens of thousands.
    """
    found = _OpenJobs(tx, "user_id = ?", (user_id,))
    own = tenant_of(None, user_id)
    alone = _tenant_alone(tx, user_id)
    _leave_the_queue(tx, found, alone)
    tx.execute("DELETE FROM member WHERE user_id = ?", (user_id,))
    tx.execute("DELETE FROM person WHERE user_id = ?", (user_id,))
    if alone is not None:
        tx.execute("DELETE FROM tenant WHERE id = ?", (alone,))
    _withdraw(tx, found, now_us)
    _drop_drafts(tx, "user_id = ?", user_id, now_us)
    for table in ("day_thread", "keep", "report", "refusal", "notice"):
        tx.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))
    _forget_cases(tx, "user_id = ?", user_id, now_us)
    tx.execute("UPDATE case_file SET decided_by = 0 WHERE decided_by = ?", (user_id,))
    tx.execute("UPDATE case_file SET tenant_id = ? WHERE tenant_id = ?", (NO_TENANT, own))
    picture_words.forget(tx, _with_picture(tx, user_id))
    _wipe(tx, "user_id = ?", user_id, now_us)
    tx.execute("UPDATE job SET tenant_id = ? WHERE tenant_id = ?", (NO_TENANT, alone))
    tx.execute(  # a direct message's number is as good as the person's
        "UPDATE ledger SET tenant_id = ?, channel_id = 0 WHERE tenant_id = ?", (NO_TENANT, own)
    )
    for table in ("job", "ledger"):
        tx.execute(f"UPDATE {table} SET user_id = ? WHERE user_id = ?", (NOBODY, user_id))
    _unname_days(tx, "user_id = ?", user_id, own)
    tx.execute(
        "DELETE FROM quota_use WHERE user_id = ? OR kind = 'person' AND id = ? OR kind = 'guild'"
        " AND id = ?",
        (user_id, user_id, own),
    )
    return found.open


def _tenant_alone(tx: Transaction, user_id: UserId) -> TenantId | None:
    """Of a person who was queued outside of guilds: that tenant bears the person's number. Who only
    had prompts rewritten there is in the ledger by it, and has none."""
    row = tx.execute(
        "SELECT tenant_id FROM job JOIN request ON request.id = job.request_id"
        " WHERE job.user_id = ? AND request.guild_id IS NULL LIMIT 1",
        (user_id,),
    ).fetchone()
    return None if row is None else TenantId(row[0])


def forget_guild(tx: Transaction, guild_id: GuildId, *, now_us: int) -> int:
    """The bot has left it: its members, words and numbers. Sums stay under the guild's number."""
    found = _OpenJobs(tx, "tenant_id = ?", (guild_id,))
    members = tx.execute(  # also who only had prompts rewritten
        "SELECT DISTINCT user_id FROM ledger WHERE tenant_id = ?", (guild_id,)
    ).fetchall()
    tx.execute("DELETE FROM guild WHERE id = ?", (guild_id,))
    _leave_the_queue(tx, found, None)
    tx.execute("DELETE FROM member WHERE tenant_id = ? AND user_id <> ?", (guild_id, NOBODY))
    _withdraw(tx, found, now_us)
    _drop_drafts(tx, "tenant_id = ?", guild_id, now_us)
    picture_words.forget_tenant(tx, tenant_of(guild_id, NOBODY))
    tx.execute("DELETE FROM refusal WHERE tenant_id = ?", (guild_id,))
    tx.execute(
        "DELETE FROM notice WHERE case_id IN (SELECT id FROM case_file WHERE tenant_id = ?)",
        (guild_id,),
    )
    tx.execute("DELETE FROM case_file WHERE tenant_id = ?", (guild_id,))
    _wipe(tx, "tenant_id = ?", guild_id, now_us)
    tx.execute("UPDATE job SET user_id = ? WHERE tenant_id = ?", (NOBODY, guild_id))
    tx.execute("UPDATE ledger SET user_id = ? WHERE tenant_id = ?", (NOBODY, guild_id))
    tx.execute("DELETE FROM quota_use WHERE kind IN ('guild', 'member') AND id = ?", (guild_id,))
    # What they drew here is nobody's now; the ledger has the rest of it.
    tx.executemany("DELETE FROM quota_use WHERE kind = 'person' AND id = ?", members)
    _unname_days(tx, "tenant_id = ?", guild_id)
    return found.open


class _OpenJobs:
    """Those that wait and those that run, as found."""

    def __init__(self, tx: Transaction, where: str, key: Sequence[int]) -> None:
        self.waiting = [
            row
            for is_due in (1, 0)  # by index, not through all jobs
            for row in tx.execute(
                "SELECT id, tenant_id, user_id, is_due, cost FROM job WHERE state = 'queued'"
                f" AND is_due = {is_due} AND {where}",
                key,
            ).fetchall()
        ]
        self.running = tx.execute(
            f"SELECT tenant_id, user_id, id FROM job WHERE state = 'running' AND {where}", key
        ).fetchall()

    @property
    def open(self) -> int:
        return len(self.waiting) + len(self.running)


def _leave_the_queue(tx: Transaction, found: _OpenJobs, alone: TenantId | None) -> None:
    """What waits is uncounted, what runs is counted as nobody's."""
    counters = Counters(tx)
    if alone is not None:
        counters.tenant(alone)  # is deleted after its member, and so has to be written before
    for _, tenant_id, user_id, is_due, cost in found.waiting:
        counters.leave(tenant_id, user_id, cost, is_due=bool(is_due))
    for tenant_id, user_id, _ in found.running:
        heir = NO_TENANT if tenant_id == alone else tenant_id
        counters.hand_over(tenant_id, user_id, heir, NOBODY)
    counters.save()


def _withdraw(tx: Transaction, found: _OpenJobs, now_us: int) -> None:
    for job_id, *_ in found.waiting:
        ledger.release(tx, job_id, JobState.CANCELLED, now_us=now_us)
        end(tx, job_id, JobState.CANCELLED, now_us=now_us)
    running: list[JobId] = [job_id for *_, job_id in found.running]
    tx.executemany("UPDATE job SET cancel_requested = 1 WHERE id = ?", [(one,) for one in running])


def _drop_drafts(tx: Transaction, whose: str, some_id: int, now_us: int) -> None:
    """A call that is out is not heard any more: nobody knows whether it is billed."""
    writing = tx.execute(
        f"SELECT id FROM draft WHERE state = 'writing' AND {whose}", (some_id,)
    ).fetchall()
    for (draft_id,) in writing:
        ledger.mark_uncertain(tx, draft_id, now_us=now_us)
    tx.execute(f"DELETE FROM draft WHERE {whose}", (some_id,))


def _forget_cases(tx: Transaction, whose: str, some_id: int, now_us: int) -> None:
    """Those about them name nobody from now on, and what was open is at an end. Their cards are due
    to say so, and to show nothing any more."""
    tx.execute(
        "UPDATE case_file SET decision = 'withdrawn', decided_by = 0, decided_at_us = ?"
        f" WHERE {whose} AND decision IS NULL",
        (now_us, some_id),
    )
    tx.execute(
        f"UPDATE case_file SET user_id = {NOBODY}, words = '', reasons = '', reason = '',"
        f" note = '', due_at_us = ? WHERE {whose}",
        (now_us, some_id),
    )


def _with_picture(tx: Transaction, user_id: UserId) -> tuple[Job, ...]:
    """A member's jobs that may be found by their words."""
    return select_jobs(tx, "job.user_id = ? AND picture.state <> 'deleted'", user_id)


def _wipe(tx: Transaction, whose: str, some_id: int, now_us: int) -> None:
    """What requests, pictures and messages say; the provider's number of a picture stays, by which
    its bill is checked. `whose` is a condition on jobs."""
    jobs = f"SELECT id FROM job WHERE {whose}"
    requests = f"SELECT request_id FROM job WHERE {whose}"
    tx.execute(
        f"UPDATE request SET user_id = {NOBODY}, interaction_id = -id, interaction_token = NULL,"
        " interaction_expires_at_us = 0, channel_id = 0, parent_channel_id = NULL,"
        f" negative = '', locale = 'en-US', guild_locale = 'en-US' WHERE id IN ({requests})",
        (some_id,),
    )
    # of others, about these
    for table in ("keep", "report", "repost", "screening", "held_file", "likeness"):
        tx.execute(f"DELETE FROM {table} WHERE job_id IN ({jobs})", (some_id,))
    pictures = tx.execute(f"SELECT job_id FROM picture WHERE job_id IN ({jobs})", (some_id,))
    for (job_id,) in pictures.fetchall():
        change_picture(tx, job_id, PictureState.DELETED, "deleted_at_us = ?", now_us)
    tx.execute(
        "UPDATE picture SET link = NULL, offered_at_us = NULL, shown_prompt = '', reasoning = '',"
        " alt_text = NULL, channel_id = NULL, message_id = NULL, failure_detail = NULL"
        f" WHERE job_id IN ({jobs})",
        (some_id,),
    )
    tx.execute(
        "UPDATE message SET channel_id = NULL, message_id = NULL, thread_id = NULL"
        f" WHERE request_id IN ({requests})",
        (some_id,),
    )
    tx.execute(f"UPDATE outbox SET due_at_us = NULL WHERE job_id IN ({jobs})", (some_id,))
    tx.execute(f"UPDATE job SET prompt = '' WHERE {whose} AND prompt <> ''", (some_id,))
    tx.execute(
        f"UPDATE job SET failure_detail = '' WHERE {whose} AND failure_detail <> ''", (some_id,)
    )


def _unname_days(tx: Transaction, whose: str, some_id: int, alone: TenantId | None = None) -> None:
    """Adds folded days to nobody's."""
    sums = ", ".join(f"sum({name})" for name in _LEDGER)
    added = ", ".join(f"{name} = ledger_day.{name} + excluded.{name}" for name in _LEDGER)
    tx.execute(
        f"INSERT INTO ledger_day (day, tenant_id, user_id, entry, outcome, {', '.join(_LEDGER)})"
        f" SELECT day, tenant_id, {NOBODY}, entry, outcome, {sums} FROM ("
        f"SELECT day, CASE WHEN tenant_id = ? THEN {NO_TENANT} ELSE tenant_id END AS tenant_id,"
        f" entry, outcome, {', '.join(_LEDGER)} FROM ledger_day"
        f" WHERE {whose} AND user_id <> {NOBODY}) AS named"
        " WHERE true GROUP BY day, tenant_id, entry, outcome"
        " ON CONFLICT (tenant_id, user_id, day, entry, outcome)"
        f" DO UPDATE SET {added}",
        (alone, some_id),
    )
    tx.execute(f"DELETE FROM ledger_day WHERE {whose} AND user_id <> {NOBODY}", (some_id,))


def gone_guilds(tx: Transaction, *, before_us: int) -> tuple[int, ...]:
    """Which the bot had left by then."""
    rows = tx.execute("SELECT id FROM guild WHERE left_at_us <= ?", (before_us,))
    return tuple(row[0] for row in rows)
