"""Reads why a job is where it is: turns, shares, caps, and what holds the whole account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.explanation import AccountNow, Ahead, Explanation, Hold, Share
from bot.domain.fairness import ONE_SHARE, cost_of
from bot.domain.job import JobState
from bot.storage.books import Counters
from bot.storage.forecast import Forecast, candidate_of
from bot.storage.rows import select_job

if TYPE_CHECKING:
    from bot.domain.fairness import GuildQueue
    from bot.domain.ids import JobId
    from bot.domain.job import Job
    from bot.domain.views import Place
    from bot.storage.gate import Account
    from bot.storage.transaction import Transaction


def explain(tx: Transaction, job_id: JobId, *, now_us: int) -> Explanation:
    """Raises UnknownJob."""
    counters = Counters(tx)
    job = select_job(tx, job_id)
    is_queued = job.state is JobState.QUEUED
    forecast = Forecast(tx, counters, now_us=now_us)
    place = forecast.of_job(job) if is_queued else None
    account = account_now(counters.account, now_us=now_us)
    guild, member = guild_share(counters, job), member_share(counters, job)
    return Explanation(
        job=job,
        place=place,
        ahead=_ahead(forecast, job, place) if place else Ahead(),
        guild=guild,
        member=member,
        account=account,
        holds=_holds(counters, job, account, now_us) if is_queued else (),
    )


def account_now(account: Account, *, now_us: int) -> AccountNow:
    """A pause that is over counts as none."""
    paused_until_us = account.pace.paused_until_us
    return AccountNow(
        rate_per_s=account.pace.rate_mps / 1000,
        ceiling_per_s=account.pace.ceiling_mps / 1000,
        running=account.running,
        max_running=account.max_running,
        outage=account.breaker.outage,
        next_try_at_us=account.breaker.probe_at_us or now_us,
        paused_until_us=paused_until_us if paused_until_us > now_us else 0,
    )


def guild_share(counters: Counters, job: Job) -> Share:
    guild = counters.guild(job.origin.guild_id)
    return Share(
        weight=guild.weight,
        lead=_lead(guild.tag - counters.account.clock.tag, guild.weight, job),
        running=guild.running,
        cap=guild.running_cap,
    )


def member_share(counters: Counters, job: Job) -> Share:
    member = counters.member(job.origin.guild_id, job.origin.user_id)
    guild = counters.guild(job.origin.guild_id)
    return Share(
        weight=member.weight,
        lead=_lead(member.tag - guild.clock, member.weight, job),
        running=counters.running_of(job.origin.user_id),
        cap=counters.account.running_per_person,
    )


def _lead(distance: int, weight: int, job: Job) -> float:
    """A distance of tags in pictures such as the job's."""
    return max(0.0, distance * weight / ONE_SHARE / cost_of(job.request))


def _ahead(forecast: Forecast, job: Job, place: Place) -> Ahead:
    standing = forecast.standing(candidate_of(job))
    return Ahead(
        own=standing.own_ahead,
        of_members=max(0, place.ahead_in_guild - standing.own_ahead),
        of_guilds=max(0, place.position - 1 - place.ahead_in_guild),
        members_waiting=len(standing.members),
        guilds_waiting=len(standing.guilds),
    )


def _holds(counters: Counters, job: Job, now: AccountNow, now_us: int) -> tuple[Hold, ...]:
    guild: GuildQueue = counters.guild(job.origin.guild_id)
    account = counters.account
    running = counters.running_of(job.origin.user_id)
    held = {
        Hold.OUTAGE: now.outage is not None,
        Hold.PAUSE: now.paused_until_us > 0,
        Hold.GUILD_PAUSED: bool(guild.is_paused),
        Hold.BACKOFF: now.outage is None and (job.not_before_us or 0) > now_us,
        Hold.ALL_RUNNING: account.running >= account.max_running,
        Hold.GUILD_CAP: guild.running >= guild.running_cap,
        Hold.PERSON_CAP: running >= account.running_per_person,
    }
    return tuple(hold for hold, is_so in held.items() if is_so)
