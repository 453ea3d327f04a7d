"""`zeuxis people`: whom the operator blocks or trusts in all guilds, and who is blocked where.

It works on the database beside the running bot: what is set here holds from the next request on,
and is in the audit log.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import to_builtins

from bot.cli import table
from bot.cli.policy import OPERATOR
from bot.db.sqlite import Database
from bot.features.moderation.rows.people import set_standing, take_back_standing
from bot.features.moderation.rules import lasts_us_of
from bot.policy.rules import OPERATORS_OWN
from bot.policy.standing import PersonStanding, StandingKind, all_standings
from bot.visible import trimmed

if TYPE_CHECKING:
    from bot.cli import Say
    from bot.runtime.clock import Clock
    from bot.settings import Settings


async def set_person(
    settings: Settings,
    clock: Clock,
    say: Say,
    user_id: int,
    kind: StandingKind,
    *,
    lasts: str = "",
    reason: str = "",
) -> int:
    """In all guilds. What the person has waiting is cancelled if they are blocked.

    Raises:
        DurationNotUnderstood: nothing was changed.
    """
    lasts_us, now_us = lasts_us_of(lasts), clock.now_us()
    standing = PersonStanding(
        tenant_id=OPERATORS_OWN,
        user_id=user_id,
        kind=kind,
        until_at_us=None if lasts_us is None else now_us + lasts_us,
        reason=trimmed(reason),
        set_by=0,
        set_at_us=now_us,
    )
    async with Database.beside(settings.database_url) as database:
        cancelled = await database.write(set_standing, standing, OPERATOR)
    said = f"{user_id} is {kind} in all guilds{_until(standing)}"
    say(f"{said}, {cancelled} waiting pictures cancelled" if cancelled else said)
    return 0


async def unset_person(
    settings: Settings, clock: Clock, say: Say, user_id: int, kind: StandingKind
) -> int:
    """What a guild's staff have set stays."""
    async with Database.beside(settings.database_url) as database:
        was_set = await database.write(
            take_back_standing, kind, OPERATORS_OWN, user_id, OPERATOR, now_us=clock.now_us()
        )
    say(f"{user_id} is {kind} no more" if was_set else f"{user_id} was not {kind} in all guilds")
    return 0


async def show_people(
    settings: Settings, clock: Clock, say: Say, guild_id: int | None, *, as_json: bool
) -> int:
    """What the operator has set, or a guild's staff."""
    async with Database.look(settings.database_url) as database:
        found = await database.read(all_standings, guild_id or OPERATORS_OWN, now_us=clock.now_us())
    if as_json:
        say(json.dumps(to_builtins(found), indent=2))
        return 0
    if not found:
        say("nothing is set for anybody")
        return 0
    rows = [(str(one.user_id), one.kind, _until(one).strip() or "–", one.reason) for one in found]
    for line in table([("PERSON", "IS", "UNTIL", "REASON"), *rows]):
        say(line)
    return 0


def _until(standing: PersonStanding) -> str:
    if standing.until_at_us is None:
        return ""
    when = datetime.fromtimestamp(standing.until_at_us / 1e6, UTC)
    return f" until {when:%Y-%m-%d %H:%M} UTC"
