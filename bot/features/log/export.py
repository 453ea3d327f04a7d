"""The audit log as a file, for spreadsheets and for programs.

Staff have typed what stands in it, names of rules and texts of styles: a cell that a spreadsheet
would read as a formula begins with an apostrophe. Ids of members are written as Discord mentions
them, since spreadsheets round numbers of 18 digits.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from bot.features.usage.export import iso_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.features.log.rows import LogEntry


COLUMNS = (
    "number",  # among the guild's; empty in an entry from before there was a chain
    "at",  # ISO 8601, UTC
    "guild",
    "action",
    "by",  # <@id>, operator or rule
    "source",
    "about",  # <@id>
    "job",
    "case",
    "scope",
    "scope_id",
    "name",
    "was",
    "became",
    "details",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def log_csv(entries: Iterable[LogEntry]) -> bytes:
    """With a byte-order mark, by which spreadsheets know UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(one) for one in _cells(entry)] for entry in entries)
    return file.getvalue().encode("utf-8-sig")


def _cells(entry: LogEntry) -> tuple[object, ...]:
    return (
        *(entry.number, iso_time(entry.at_us), f"'{entry.tenant_id}", entry.action),
        *(mention(entry.actor), entry.source, mention(entry.user_id), entry.job_id, entry.case_id),
        *(entry.scope, f"'{entry.scope_id}" if entry.scope_id else "", entry.name),
        *(entry.was, entry.became, entry.details),
    )


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def mention(who: str | int | None) -> str:
    """Of a member; others as they stand, and nobody's as nothing."""
    text = "" if who is None else str(who)
    return f"<@{text}>" if text.isdecimal() and text != "0" else text


def log_json(entries: Iterable[LogEntry]) -> bytes:
    """Ids as text, as Discord's own; `chain` tells whether an entry still is what it was."""
    return json.dumps([log_facts(one) for one in entries], ensure_ascii=False, indent=1).encode()


def log_facts(entry: LogEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": iso_time(entry.at_us),
        "guild_id": str(entry.tenant_id),
        "action": entry.action,
        "by": entry.actor,
        "source": entry.source,
        "about": None if entry.user_id is None else str(entry.user_id),
        "job_id": entry.job_id,
        "case_id": entry.case_id,
        "scope": entry.scope,
        "scope_id": str(entry.scope_id),
        "name": entry.name,
        "was": entry.was,
        "became": entry.became,
        "details": entry.details,
        "chain": None if entry.chain is None else entry.chain.hex(),
    }
