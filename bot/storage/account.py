"""The account that all guilds share: its settings, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain import fairness, rate_search
from bot.errors import Outage
from bot.storage.books import Counters
from bot.storage.gate import load_account, save_breaker, save_pace

if TYPE_CHECKING:
    from bot.domain.breaker import Breaker
    from bot.domain.ids import GuildId
    from bot.domain.limits import Limits
    from bot.domain.pace import Pace
    from bot.storage.transaction import Transaction

MENDED_BY_SETTINGS = frozenset({Outage.KEY, Outage.ACCESS, Outage.UNREACHABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What an operator wants to know at a glance."""

    ready: int  # jobs that wait and are due
    delayed: int  # jobs in a backoff
    guilds_waiting: int
    running: int
    max_running: int
    undelivered: int  # the outbox
    pace: Pace
    breaker: Breaker


def configure(tx: Transaction, *, requests_per_second: float, limits: Limits, now_us: int) -> None:
    """Puts the operator's settings in force; call it at start. What was learned is kept."""
    counters = Counters(tx)
    account = counters.account
    account.max_running = limits.running
    if account.running_per_person != limits.running_per_person:
        account.running_per_person = limits.running_per_person
        counters.block_everybody_anew()
    counters.save()
    _check_soon(tx, account.breaker, now_us)
    set_ceiling(tx, requests_per_second=requests_per_second, now_us=now_us)


def set_ceiling(tx: Transaction, *, requests_per_second: float, now_us: int) -> None:
    """The setting, or what the provider's quota endpoint told."""
    ceiling_mps = max(rate_search.LOWEST_MPS, round(requests_per_second * 1000))
    save_pace(tx, rate_search.set_ceiling(load_account(tx).pace, ceiling_mps, now_us))


def _check_soon(tx: Transaction, breaker: Breaker, now_us: int) -> None:
    """What a setting may have mended is asked at the start, not when the next probe is due."""
    if breaker.outage in MENDED_BY_SETTINGS and not breaker.is_checked:
        save_breaker(tx, replace(breaker, probe_at_us=now_us))


def pause_guild(tx: Transaction, guild_id: GuildId, *, is_paused: bool) -> None:
    """Stops or resumes a guild's claims; what runs, runs on, and what waits keeps waiting."""
    counters = Counters(tx)
    fairness.set_paused(counters.account.clock, counters.guild(guild_id), is_paused=is_paused)
    counters.save()


def account_state(tx: Transaction) -> AccountState:
    account = load_account(tx)
    return AccountState(
        ready=account.ready,
        delayed=_count(tx, "job WHERE state = 'queued' AND is_due = 0"),
        guilds_waiting=_count(tx, "guild WHERE ready_members > 0 AND is_paused = 0"),
        running=account.running,
        max_running=account.max_running,
        undelivered=_count(tx, "job WHERE deliver_at_us IS NOT NULL"),
        pace=account.pace,
        breaker=account.breaker,
    )


def _count(tx: Transaction, source: str) -> int:
    (count,) = tx.execute(f"SELECT count(*) FROM {source}").fetchone()
    return int(count)
