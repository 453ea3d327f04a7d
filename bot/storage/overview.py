"""What an operator sees of the queue at a glance, and the few things that they may turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.fairness import ONE_SHARE
from bot.domain.ids import GuildId
from bot.storage.account import account_state
from bot.storage.gate import load_account, save_breaker

if TYPE_CHECKING:
    from bot.errors import Outage
    from bot.storage.account import AccountState
    from bot.storage.transaction import Transaction

ONE_PICTURE = 1024 * 1024  # the cost of an ordinary one without rewriting


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildRow:
    """A guild that has something in the queue, or is paused."""

    guild_id: GuildId
    weight: int  # percent
    lead: float  # pictures of 1024*1024 that it has had beyond the guild whose turn it is
    waiting: int
    ready: int  # of these, those in no backoff
    running: int
    cap: int  # how many may run while others wait
    is_paused: bool
    oldest_at_us: int | None  # when its oldest ready job was submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Of one moment."""

    account: AccountState
    guilds: tuple[GuildRow, ...]  # in the order of their turns, then those without one
    more_guilds: int  # left out


_BUSY = "FROM guild WHERE waiting > 0 OR running > 0 OR is_paused = 1"


def overview(tx: Transaction, *, most_guilds: int) -> Overview:
    """Reads all of one consistent state."""
    clock_tag = load_account(tx).clock.tag
    (busy,) = tx.execute(f"SELECT count(*) {_BUSY}").fetchone()
    rows = tx.execute(
        "SELECT id, weight, tag, waiting, ready, running, running_cap, is_paused,"
        " (SELECT min(created_at_us) FROM job"
        "  WHERE guild_id = guild.id AND state = 'queued' AND is_due = 1)"
        f" {_BUSY} ORDER BY ready_members = 0, is_paused, tag, turn LIMIT ?",
        (most_guilds,),
    ).fetchall()
    return Overview(
        account=account_state(tx),
        guilds=tuple(_guild(row, clock_tag) for row in rows),
        more_guilds=busy - len(rows),
    )


def _guild(row: tuple[int, ...], clock_tag: int) -> GuildRow:
    guild_id, weight, tag, waiting, ready, running, cap, is_paused, oldest_at_us = row
    return GuildRow(
        guild_id=GuildId(guild_id),
        weight=weight,
        lead=max(0.0, (tag - clock_tag) * weight / ONE_SHARE / ONE_PICTURE),
        waiting=waiting,
        ready=ready,
        running=running,
        cap=cap,
        is_paused=bool(is_paused),
        oldest_at_us=oldest_at_us,
    )


def waiting_of(tx: Transaction, guild_id: GuildId) -> int | None:
    """How many jobs of the guild wait; None if it has never asked for anything."""
    row = tx.execute("SELECT waiting FROM guild WHERE id = ?", (guild_id,)).fetchone()
    return None if row is None else int(row[0])


def probe_now(tx: Transaction, *, now_us: int) -> Outage | None:
    """Has the provider asked at once; then a job may try. Returns the outage, if there is one."""
    breaker = load_account(tx).breaker
    if breaker.is_open:
        save_breaker(tx, replace(breaker, probe_at_us=now_us, is_checked=False, trial=None))
    return breaker.outage
