"""`zeuxis queue`: how the queue stands, why a job is where it is, and the few things to turn.

It works on the database beside the running bot, which notices what is turned within two seconds.
Looking changes nothing, not even the schema: the bot that runs may be of another version.
Prompts are members' own and are not shown.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot.errors import UnknownJob
from bot.operator_tables import job_lines, queue_lines
from bot.storage import account, explaining
from bot.storage.overview import overview, probe_now, waiting_of
from bot.storage.sqlite import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.domain.explanation import Explanation
    from bot.domain.ids import GuildId, JobId
    from bot.settings import Settings

    Say = Callable[[str], None]

MOST_GUILDS = 50


async def show_queue(settings: Settings, clock: Clock, say: Say, *, as_json: bool) -> int:
    """Account, guilds in the order of their turns."""
    async with Database.look(settings.database_url) as database:
        found = await database.read(overview, most_guilds=MOST_GUILDS)
    if as_json:
        say(json.dumps(asdict(found), indent=2))
        return 0
    for line in queue_lines(found, now_us=clock.now_us()):
        say(line)
    return 0


async def show_job(
    settings: Settings, clock: Clock, say: Say, job_id: JobId, *, as_json: bool
) -> int:
    """Why it is where it is, or how it ended."""
    now_us = clock.now_us()
    async with Database.look(settings.database_url) as database:
        try:
            found = await database.read(explaining.explain, job_id, now_us=now_us)
        except UnknownJob:
            say(f"there is no job {job_id}")
            return 1
    if as_json:
        say(json.dumps(_job_facts(found), indent=2))
        return 0
    for line in job_lines(found, now_us=now_us):
        say(line)
    return 0


async def set_paused(settings: Settings, say: Say, guild_id: GuildId, *, is_paused: bool) -> int:
    """Stops or resumes a guild's claims."""
    async with Database.beside(settings.database_url) as database:
        waiting = await database.read(waiting_of, guild_id)
        await database.write(account.pause_guild, guild_id, is_paused=is_paused)
    verb = "paused" if is_paused else "resumed"
    note = "it has never asked for anything" if waiting is None else f"{waiting} of its jobs wait"
    say(f"guild {guild_id} {verb}: {note}")
    return 0


async def probe(settings: Settings, clock: Clock, say: Say) -> int:
    """After an outage was mended, nobody needs to wait for the next probe."""
    async with Database.beside(settings.database_url) as database:
        outage = await database.write(probe_now, now_us=clock.now_us())
    if outage is None:
        say("there is no outage, nothing to probe")
        return 0
    say(f"outage {outage}: the provider is asked now, then a job tries")
    return 0


def _job_facts(found: Explanation) -> dict[str, Any]:
    """Without the prompt, the token and the link."""
    job = found.job
    return {
        "job": {
            "id": job.id,
            "state": job.state,
            "guild_id": job.origin.guild_id,
            "user_id": job.origin.user_id,
            "channel_id": job.origin.channel_id,
            "priority": job.priority,
            "attempts": job.attempts,
            "created_at_us": job.created_at_us,
            "not_before_us": job.not_before_us,
            "sent_at_us": job.sent_at_us,
            "finished_at_us": job.finished_at_us,
            "delivered_at_us": job.delivered_at_us,
            "failure": asdict(job.failure) if job.failure else None,
        },
        "place": asdict(found.place) if found.place else None,
        "ahead": asdict(found.ahead),
        "guild": asdict(found.guild),
        "member": asdict(found.member),
        "account": asdict(found.account),
        "holds": list(found.holds),
    }
