"""The queue in plain text, for a terminal and in English: operators read logs and settings too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.fairness import ONE_SHARE

if TYPE_CHECKING:
    from bot.domain.explanation import Ahead, Explanation, Share
    from bot.domain.job import Job
    from bot.domain.views import Place
    from bot.storage.account import AccountState
    from bot.storage.overview import GuildRow, Overview

_HEADINGS = ("GUILD", "WEIGHT", "LEAD", "WAITING", "READY", "RUNNING", "CAP", "OLDEST", "")


def queue_lines(found: Overview, *, now_us: int) -> list[str]:
    """Account first, then one line for each guild; LEAD as `GuildRow` explains it."""
    lines = _account_lines(found.account, now_us)
    if not found.guilds:
        return [*lines, "", "no guild has anything in the queue"]
    lines += ["", *_table([_HEADINGS, *(_guild_cells(row, now_us) for row in found.guilds)])]
    if found.more_guilds:
        lines.append(f"… and {found.more_guilds} more guilds")
    return lines


def job_lines(found: Explanation, *, now_us: int) -> list[str]:
    """Why it is where it is, or how it ended."""
    job = found.job
    lines = [
        f"job {job.id}: {job.state}{_where(found.place)}",
        f"  asked     {_span(now_us - job.created_at_us)} ago, attempts so far: {job.attempts}",
        f"  guild     {job.origin.guild_id}: {_share(found.guild)}",
        f"  member    {job.origin.user_id}: {_share(found.member)} over all guilds",
    ]
    if found.place is not None:
        lines.append(f"  before it {_ahead(found.ahead)}")
        lines.append(f"  held by   {', '.join(found.holds) or 'nothing but its turn'}")
    if job.not_before_us is not None:
        lines.append(f"  backoff   {_until(job.not_before_us, now_us, past='over')}")
    return lines + _failure_lines(job)


def _account_lines(account: AccountState, now_us: int) -> list[str]:
    pace, breaker = account.pace, account.breaker
    refused = "" if pace.refused_mps is None else f", refused {pace.refused_mps / 1000:g}"
    outage = "none"
    if breaker.outage is not None:
        since_us = breaker.since_us or now_us
        outage = (
            f"{breaker.outage} for {_span(now_us - since_us)},"
            f" next try {_until(breaker.probe_at_us or 0, now_us, past='at once')}"
        )
    return [
        (
            f"pace      {pace.rate_mps / 1000:g} of {pace.ceiling_mps / 1000:g} calls per second"
            f" (proved {pace.proved_mps / 1000:g}{refused}), guard {pace.guard_us / 1000:g} ms"
        ),
        f"pause     {_until(pace.paused_until_us, now_us, past='none')}",
        f"outage    {outage}",
        f"calls out {account.running} of {account.max_running}",
        (
            f"jobs      {account.ready} ready, {account.delayed} in a backoff,"
            f" {account.undelivered} to be delivered"
        ),
    ]


def _guild_cells(row: GuildRow, now_us: int) -> tuple[str, ...]:
    return (
        str(row.guild_id),
        f"{row.weight / ONE_SHARE:g}",
        f"{row.lead:.1f}",
        str(row.waiting),
        str(row.ready),
        str(row.running),
        str(row.cap),
        "–" if row.oldest_at_us is None else _span(now_us - row.oldest_at_us),
        "paused" if row.is_paused else "",
    )


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _where(place: Place | None) -> str:
    if place is None:
        return ""
    if place.outage is not None:
        return f", place {place.position}, no wait is known during the outage"
    return f", place {place.position}, picture expected in {_span(round(place.expected_s * 1e6))}"


def _share(share: Share) -> str:
    return (
        f"weight {share.weight / ONE_SHARE:g}, {share.lead:.1f} such pictures ahead of the"
        f" turn, {share.running} of {share.cap} running"
    )


def _ahead(ahead: Ahead) -> str:
    return (
        f"{ahead.own} of the member, {ahead.of_members} of other members"
        f" ({ahead.members_waiting} wait), {ahead.of_guilds} of other guilds"
        f" ({ahead.guilds_waiting} wait)"
    )


def _failure_lines(job: Job) -> list[str]:
    failure = job.failure
    if failure is None:
        return []
    told = f"code {failure.code}, request id {failure.provider_request_id}"
    return [f"  failure   {failure.kind} {failure.detail}".rstrip() + f" ({told})"]


def _until(at_us: int, now_us: int, *, past: str) -> str:
    if at_us <= now_us:
        return past
    when = datetime.fromtimestamp(at_us / 1e6, UTC)
    return f"until {when:%Y-%m-%d %H:%M:%S} UTC, in {_span(at_us - now_us)}"


def _span(length_us: int) -> str:
    """`12 s`, `3 min`, `2.5 h`."""
    seconds = max(0.0, length_us / 1e6)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
