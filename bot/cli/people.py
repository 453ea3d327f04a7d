"""`zeuxis people`: whom the operator blocks or trusts in all guilds, and who is blocked where.

It works on the database beside the running bot: what is set here holds from the next request on,
and is in the audit log.
"""

from __future__ import annotations

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
from bot.visible import escaped, trimmed

if TYPE_CHECKING:
    from bot.cli import Terminal


async def set_person(
    terminal: Terminal, *, person: int, kind: str, lasts: str = "", reason: str = ""
) -> int:
    """In all guilds. What the person has waiting is cancelled if they are blocked.

    Raises:
        DurationNotUnderstood: nothing was changed.
    """
    lasts_us, now_us = lasts_us_of(lasts), terminal.clock.now_us()
    standing = PersonStanding(
        tenant_id=OPERATORS_OWN,
        user_id=person,
        kind=StandingKind(kind),
        until_at_us=None if lasts_us is None else now_us + lasts_us,
        reason=trimmed(reason),
        set_by=0,
        set_at_us=now_us,
    )
    async with Database.beside(terminal.database_url) as database:
        cancelled = await database.write(set_standing, standing, OPERATOR)
    said = f"{person} is {kind} in all guilds{_until(standing)}"
    terminal.say(f"{said}, {cancelled} waiting pictures cancelled" if cancelled else said)
    return 0


async def unset_person(terminal: Terminal, *, person: int, kind: str) -> int:
    """What a guild's staff have set stays."""
    standing, now_us = StandingKind(kind), terminal.clock.now_us()
    async with Database.beside(terminal.database_url) as database:
        was_set = await database.write(
            take_back_standing, standing, OPERATORS_OWN, person, OPERATOR, now_us=now_us
        )
    no_more = f"is {kind} no more" if was_set else f"was not {kind} in all guilds"
    terminal.say(f"{person} {no_more}")
    return 0


async def show_people(terminal: Terminal, *, guild: int = OPERATORS_OWN, json: bool = False) -> int:
    """What the operator has set, or a guild's staff."""
    async with Database.look(terminal.database_url) as database:
        found = await database.read(all_standings, guild, now_us=terminal.clock.now_us())
    if json:
        terminal.say_json(to_builtins(found))
        return 0
    if not found:
        terminal.say("nothing is set for anybody")
        return 0
    rows = [(str(one.user_id), one.kind, _until(one).strip() or "–") for one in found]
    reasons = ("REASON", *(escaped(one.reason) for one in found))
    lines = table([("PERSON", "IS", "UNTIL"), *rows])
    for line, reason in zip(lines, reasons, strict=True):
        terminal.say(f"{line}  {reason}".rstrip())
    return 0


def _until(standing: PersonStanding) -> str:
    if standing.until_at_us is None:
        return ""
    when = datetime.fromtimestamp(standing.until_at_us / 1e6, UTC)
    return f" until {when:%Y-%m-%d %H:%M} UTC"
