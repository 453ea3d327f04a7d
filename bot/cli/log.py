"""`zeuxis log`: what operator, staff and rules have done, in all guilds.

It reads beside the running bot. Whether the log was worked on by hand, `zeuxis doctor` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.cli import table, value_text
from bot.db.sqlite import Database
from bot.features.log.export import log_csv, log_facts
from bot.features.log.rows import LogFilter, log_entries
from bot.features.usage.export import iso_time
from bot.policy.audit_check import ChainFault, heads
from bot.policy.rules import OPERATORS_OWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.cli import Say, Terminal
    from bot.features.log.rows import LogEntry
    from bot.policy.audit_check import ChainFinding, ChainHead


DAY_US = 86_400_000_000
MOST_SHOWN = 50  # entries
MOST_WRITTEN = 1_000_000  # in a file
MOST_FINDINGS = 20


async def show_log(
    terminal: Terminal,
    *,
    operator: bool = False,
    guild: int | None = None,
    action: str | None = None,
    by: str | None = None,
    member: int | None = None,
    days: int | None = None,
    json: bool = False,
    csv: bool = False,
) -> int:
    """A table has the newest entries, the last one last."""
    wanted = LogFilter(
        tenant_id=OPERATORS_OWN if operator else guild,
        action=action,
        actor=by,
        user_id=member,
        since_us=0 if days is None else terminal.clock.now_us() - days * DAY_US,
    )
    limit = MOST_WRITTEN if csv or json else MOST_SHOWN + 1
    async with Database.look(terminal.database_url) as database:
        entries = await database.read(log_entries, wanted, limit=limit)
    if csv:
        terminal.say(log_csv(entries).decode("utf-8-sig").removesuffix("\r\n"))
    elif json:
        terminal.say_json([log_facts(one) for one in entries])
    else:
        _say_entries(entries, terminal.say)
    return 0


async def show_heads(terminal: Terminal) -> int:
    """To be noted where whoever can write the database cannot: a log that was written anew has
    another chain at the same number."""
    async with Database.look(terminal.database_url) as database:
        found = await database.read(heads)
    for one in found:
        terminal.say(head_text(one))
    if not found:
        terminal.say("nothing was entered yet")
    return 0


def _say_entries(entries: Sequence[LogEntry], say: Say) -> None:
    if not entries:
        say("there is no such entry")
        return
    if len(entries) > MOST_SHOWN:
        say(f"the newest {MOST_SHOWN}; --csv and --json give all")
    headings = ("TIME", "LOG", "NUMBER", "ACTION", "BY", "ABOUT", "JOB", "CASE")
    shown = entries[:MOST_SHOWN][::-1]
    lines = table([headings, *map(_cells, shown)])
    for line, details in zip(lines, ("", *map(_details, shown)), strict=True):
        say(f"{line}  {details}".rstrip())


def _cells(entry: LogEntry) -> tuple[str, ...]:
    return (
        iso_time(entry.at_us).removesuffix("+00:00"),
        "operator" if entry.tenant_id == OPERATORS_OWN else str(entry.tenant_id),
        _number(entry.number),
        entry.action,
        entry.actor,
        _number(entry.user_id),
        _number(entry.job_id),
        _number(entry.case_id),
    )


def _number(number: int | None) -> str:
    return "–" if number is None else str(number)


def _details(entry: LogEntry) -> str:
    about = f"{entry.scope} {entry.scope_id} {entry.name}".replace(" 0 ", " ").strip()
    changed = (entry.was, entry.became) != (None, None)
    values = f"{value_text(entry.was)} → {value_text(entry.became)}" if changed else ""
    return " ".join("  ".join(filter(None, (about, values, entry.details))).split())


# ------------------------------------------------------------------------------------------------
# What the doctor says of it


def head_text(head: ChainHead) -> str:
    return f"{_log_of(head.tenant_id)} ends at {head.number} with {head.chain.hex()}"


def finding_lines(findings: Sequence[ChainFinding]) -> list[str]:
    """A sentence for each of the first."""
    lines = [f"{_log_of(one.tenant_id)}: {_finding(one)}" for one in findings[:MOST_FINDINGS]]
    more = len(findings) - len(lines)
    return [*lines, f"and {more} more"] if more else lines


def _log_of(tenant_id: int) -> str:
    return "the operator's log" if tenant_id == OPERATORS_OWN else f"the log of guild {tenant_id}"


_WHO = {"actor": "who did it", "user": "whom it is about", "whose": "for whom it was set"}


def _finding(found: ChainFinding) -> str:
    number = found.number
    span = f"entry {number}" if found.last == number else f"entries {number} to {found.last}"
    who = _WHO.get(found.name, "")
    match found.fault:
        case ChainFault.CHANGED:
            return f"entry {number} does not seal the one before it: one of the two was changed"
        case ChainFault.NAME_CHANGED:
            return f"in entry {number}, {who} was changed"
        case ChainFault.NAME_TAKEN:
            return f"in entry {number}, {who} was taken out, and no entry says that it was deleted"
        case ChainFault.NAME_RESTORED:
            return f"in entry {number}, {who} should have been deleted with a member's data"
        case ChainFault.MISSING:
            return f"{span} was taken out" if found.last == number else f"{span} were taken out"
        case ChainFault.CUT:
            return f"the end was cut off: {span} by its head, and not there"
        case ChainFault.ADDED:
            return f"{span} was put in by hand, or the head was set back"
        case ChainFault.HEAD_CHANGED:
            return "its head is not that of its last entry: it was changed or taken out"
        case _:
            assert_never(found.fault)
