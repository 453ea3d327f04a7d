"""`zeuxis queue`: how the queue stands, why a job is where it is, and the few things to turn.

It works on the database beside the running bot, which notices what is turned within two seconds.
Looking changes nothing, not even the schema: the bot that runs may be of another version.
Prompts are members' own and are not shown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bot.cli import table
from bot.db.sqlite import Database
from bot.policy.rules import ONE_SHARE
from bot.queue import controls, views
from bot.queue.controls import overview, probe_now, waiting_of
from bot.queue.records import TenantId
from bot.refusals import UnknownJob

if TYPE_CHECKING:
    from bot.cli import Terminal
    from bot.queue.account import Account
    from bot.queue.controls import Overview, TenantRow
    from bot.queue.places import Ahead, Explanation, Place, Share
    from bot.queue.records import GuildId, Job, JobId


MOST_GUILDS = 50


async def queue(terminal: Terminal, *, job: JobId | None = None, json: bool = False) -> int:
    """Of one job alone, if it is named."""
    if job is not None:
        return await show_job(terminal, job, json=json)
    return await show_queue(terminal, json=json)


async def show_queue(terminal: Terminal, *, json: bool = False) -> int:
    """Accounts, guilds in the order of their turns."""
    async with Database.look(terminal.database_url) as database:
        found = await database.read(overview, most_tenants=MOST_GUILDS)
    if json:
        terminal.say_json(to_builtins(found))
        return 0
    for line in queue_lines(found, now_us=terminal.clock.now_us()):
        terminal.say(line)
    return 0


async def show_job(terminal: Terminal, job_id: JobId, *, json: bool = False) -> int:
    """Why it is where it is, or how it ended."""
    now_us = terminal.clock.now_us()
    async with Database.look(terminal.database_url) as database:
        try:
            found = await database.read(views.explain, job_id, now_us=now_us)
        except UnknownJob:
            terminal.say(f"there is no job {job_id}")
            return 1
    if json:
        terminal.say_json(to_builtins(_job_facts(found)))
        return 0
    for line in job_lines(found, now_us=now_us):
        terminal.say(line)
    return 0


async def set_paused(terminal: Terminal, *, guild: GuildId, is_paused: bool) -> int:
    """Stops or resumes a guild's claims."""
    tenant_id, now_us = TenantId(guild), terminal.clock.now_us()
    async with Database.beside(terminal.database_url) as database:
        waiting = await database.read(waiting_of, tenant_id)
        await database.write(
            controls.pause_by_operator, tenant_id, is_paused=is_paused, now_us=now_us
        )
    verb = "paused" if is_paused else "resumed"
    note = "it has never asked for anything" if waiting is None else f"{waiting} of its jobs wait"
    terminal.say(f"guild {guild} {verb}: {note}")
    return 0


async def probe(terminal: Terminal) -> int:
    """After an outage was mended, nobody needs to wait for the next probe."""
    async with Database.beside(terminal.database_url) as database:
        outages = await database.write(probe_now, now_us=terminal.clock.now_us())
    if not outages:
        terminal.say("there is no outage, nothing to probe")
    for account, outage in outages.items():
        terminal.say(
            f"outage {outage} of account {account}: the provider is asked now, then a job tries"
        )
    return 0


def _job_facts(found: Explanation) -> dict[str, Any]:
    """Without the prompt, the token and the link."""
    job = found.job
    return {
        "job": {
            "id": job.id,
            "state": job.state,
            "picture": job.picture.state if job.picture else None,
            "guild_id": job.origin.guild_id,
            "user_id": job.origin.user_id,
            "channel_id": job.origin.channel_id,
            "priority": job.priority,
            "attempts": job.attempts,
            "drawn_by": job.account,
            "created_at_us": job.created_at_us,
            "not_before_us": job.not_before_us,
            "sent_at_us": job.sent_at_us,
            "finished_at_us": job.finished_at_us,
            "told_at_us": job.message.told_at_us,
            "failure": job.failure,
        },
        "place": found.place,
        "ahead": found.ahead,
        "guild": found.tenant,
        "member": found.member,
        "account": found.account,
        "holds": found.holds,
    }


# ------------------------------------------------------------------------------------------------
# The queue in plain text, for a terminal and in English: operators read logs and settings too.


_HEADINGS = ("GUILD", "WEIGHT", "LEAD", "WAITING", "READY", "RUNNING", "CAP", "OLDEST", "")


def queue_lines(found: Overview, *, now_us: int) -> list[str]:
    """Accounts first, then one line for each guild; LEAD as `TenantRow` explains it."""
    lines = []
    for one in found.accounts:
        lines += [f"account   {one.name}"] if len(found.accounts) > 1 else []
        lines += _account_lines(one, now_us)
    lines.append(
        f"jobs      {found.ready} ready, {found.delayed} in a backoff,"
        f" {found.undelivered} to be delivered"
    )
    if not found.tenants:
        return [*lines, "", "no guild has anything in the queue"]
    lines += ["", *table([_HEADINGS, *(_guild_cells(row, now_us) for row in found.tenants)])]
    if found.more_tenants:
        lines.append(f"… and {found.more_tenants} more guilds")
    return lines


def job_lines(found: Explanation, *, now_us: int) -> list[str]:
    """Why it is where it is, or how it ended."""
    job = found.job
    lines = [
        f"job {job.id}: {_state(job)}{_where(found.place)}",
        f"  asked     {_span(now_us - job.created_at_us)} ago, attempts so far: {job.attempts}",
        f"  guild     {job.origin.guild_id}: {_share(found.tenant)}",
        f"  member    {job.origin.user_id}: {_share(found.member)} over all guilds",
    ]
    if found.place is not None:
        lines.append(f"  before it {_ahead(found.ahead)}")
        lines.append(f"  held by   {', '.join(found.holds) or 'nothing but its turn'}")
    if job.not_before_us is not None:
        lines.append(f"  backoff   {_until(job.not_before_us, now_us, past='over')}")
    return lines + _failure_lines(job)


def _account_lines(account: Account, now_us: int) -> list[str]:
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
    ]


def _guild_cells(row: TenantRow, now_us: int) -> tuple[str, ...]:
    return (
        str(row.tenant_id),
        f"{row.weight / ONE_SHARE:g}",
        f"{row.lead:.1f}",
        str(row.waiting),
        str(row.ready),
        str(row.running),
        str(row.cap),
        "–" if row.oldest_at_us is None else _span(now_us - row.oldest_at_us),
        "paused" if row.is_paused else "",
    )


def _state(job: Job) -> str:
    return job.state if job.picture is None else f"{job.state}, picture {job.picture.state}"


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
        f" ({ahead.members_waiting} wait), {ahead.of_tenants} of other guilds"
        f" ({ahead.tenants_waiting} wait)"
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
