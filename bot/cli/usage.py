"""`zeuxis usage`: what was drawn and what it cost, and whether the provider's bill agrees."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.cli import table
from bot.db.sqlite import Database
from bot.errors import BillUnreadable
from bot.features.usage import rows
from bot.features.usage.bill import OwnCharge, bill_of, day_of, reconciled
from bot.features.usage.export import csv_file
from bot.features.usage.records import UsageOf, UsageSubject
from bot.features.usage.rules import counts_of, ranked, rewriting_micros, totals
from bot.features.usage.service import report_of
from bot.policy.quotas import Span, span_of_days
from bot.policy.rows import Asking, load_policy
from bot.providers.image import dollars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.cli import Say, Terminal
    from bot.features.usage.bill import BillLine, Difference, Reconciled, Sums
    from bot.features.usage.records import UsageReport


UTC = ZoneInfo("UTC")
MOST_SHOWN = 10  # members
MOST_WRITTEN = 1_000_000  # lines of a file
MOST_DIFFERENCES = 50
MOST_BILL_BYTES = 64 << 20  # of a line for each request, some 500,000 of them


async def show_usage(
    terminal: Terminal,
    *,
    guild: int | None = None,
    member: int | None = None,
    days: int = 30,
    json: bool = False,
    csv: bool = False,
) -> int:
    """Days are the guild's, or the operator's."""
    of, now_us = UsageOf(guild_id=guild, user_id=member), terminal.clock.now_us()
    async with Database.look(terminal.database_url) as database:
        zone = (await database.read(load_policy, Asking(guild))).zone
        if csv:
            span = span_of_days(days, zone, now_us)
            found = await database.read(rows.usage_rows, of, span, limit=MOST_WRITTEN)
            terminal.say(csv_file(found).decode().removesuffix("\r\n"))
            return 0
        subject = UsageSubject.SERVER if member is None else UsageSubject.MEMBER
        report = await database.read(report_of, of, subject, zone, days=days, now_us=now_us)
    if json:
        terminal.say_json(_facts(report))
    else:
        _say_report(report, terminal.say)
    return 0


def _say_report(report: UsageReport, say: Say) -> None:
    headings = ("DAY", "PICTURES", "REWRITTEN", "COST", "REWRITING", "REFUSED", "FAILED")
    cells = [
        (
            one.day.isoformat(),
            str(one.pictures),
            str(one.rewritten),
            dollars(one.cost_micros),
            dollars(one.rewriting_micros),
            str(one.refused),
            str(one.failed),
        )
        for one in report.days
    ]
    pictures, rewritten, cost_micros = totals(report)
    rewriting = dollars(rewriting_micros(report))
    cells.append(("all", str(pictures), str(rewritten), dollars(cost_micros), rewriting, "", ""))
    for line in table([headings, *cells]):
        say(line)
    if report.top:
        shown, others = ranked(report.top, MOST_SHOWN)
        members = [(str(one.user_id), str(one.pictures), dollars(one.cost_micros)) for one in shown]
        if others.members:
            rest = (f"{others.members} others", str(others.pictures), dollars(others.cost_micros))
            members.append(rest)
        say("")
        for line in table([("MEMBER", "PICTURES", "COST"), *members]):
            say(line)


def _facts(report: UsageReport) -> dict[str, Any]:
    pictures, rewritten, cost_micros = totals(report)
    return {
        "first_day": report.first_day.isoformat(),
        "last_day": report.last_day.isoformat(),
        "zone": report.zone,
        "pictures": pictures,
        "rewritten": rewritten,
        "cost_micros": cost_micros,
        "rewriting_micros": rewriting_micros(report),  # of the cost
        "outcomes": {str(name): count for name, count in counts_of(report.outcomes).items()},
        "pictures_by_hour": list(report.pictures_by_hour),
        "days": [
            {
                "day": one.day.isoformat(),
                "pictures": one.pictures,
                "rewritten": one.rewritten,
                "cost_micros": one.cost_micros,
                "rewriting_micros": one.rewriting_micros,
                "refused": one.refused,
                "failed": one.failed,
            }
            for one in report.days
        ],
        "members": [
            {"user_id": one.user_id, "pictures": one.pictures, "cost_micros": one.cost_micros}
            for one in ranked(report.top, len(report.top))[0]
        ],
    }


# ------------------------------------------------------------------------------------------------
# The provider's bill.


async def reconcile(terminal: Terminal, *, file: str, zone: ZoneInfo = UTC) -> int:
    """Returns 1 if the two differ.

    Raises:
        BillUnreadable.
    """
    bill = bill_of(_content(file), zone)
    async with Database.look(terminal.database_url) as database:
        found = await database.read(rows.charges, _span_of(bill, zone))
    ours = [
        OwnCharge(
            day=day_of(one.at_us, zone),
            request_id=one.request_id,
            job_id=one.job_id,
            pictures=one.pictures,
            micros=one.micros,
            is_uncertain=bool(one.is_uncertain),
        )
        for one in found
    ]
    result = reconciled(bill, ours)
    _say_result(result, terminal.say)
    return 1 if result.differences else 0


def _content(file: str) -> bytes:
    try:
        path = Path(file).expanduser()
        if path.exists() and not path.is_file():  # a pipe may never end
            raise BillUnreadable(f"cannot read {file}: it is no file")
        if path.stat().st_size > MOST_BILL_BYTES:
            raise BillUnreadable(f"{file} has more than {MOST_BILL_BYTES >> 20} MiB: is it a bill?")
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BillUnreadable(f"cannot read {file}: {why}") from error


def _span_of(bill: Sequence[BillLine], zone: ZoneInfo) -> Span:
    """The days of the bill; all there are, if it tells none."""
    days = [one.day for one in bill if one.day is not None]
    if not days:
        return Span(0, 2**62)
    first = datetime.combine(min(days), time(), zone)
    last = datetime.combine(max(days), time(), zone)
    after = last if last.date() == date.max else last + timedelta(days=1)
    return Span(round(first.timestamp()) * 1_000_000, round(after.timestamp()) * 1_000_000)


def _say_result(result: Reconciled, say: Say) -> None:
    titles = {
        (True, False): "the bill has it and we do not",
        (False, True): "we have it and the bill does not",
        (True, True): "the two differ",
    }
    for sides, title in titles.items():
        found = [
            one
            for one in result.differences
            if (bool(one.bill.pictures), bool(one.ours.pictures)) == sides
        ]
        if found:
            _say_differences(f"{title} ({len(found)}):", result.by, found, say)
    say(f"bill  {_sums(result.bill)}")
    say(f"ours  {_sums(result.ours)}")
    micros = result.bill.micros - result.ours.micros
    sign = "-" if micros < 0 else ""
    say(f"bill minus ours  {sign}{dollars(abs(micros))}, compared by {result.by}")


def _say_differences(title: str, by: str, found: Sequence[Difference], say: Say) -> None:
    say(title)
    cells = [
        (one.key, _sums(one.bill), _sums(one.ours), one.note) for one in found[:MOST_DIFFERENCES]
    ]
    for line in table([(by.upper(), "BILL", "OURS", "NOTE"), *cells]):
        say(line.rstrip())
    if len(found) > MOST_DIFFERENCES:
        say(f"and {len(found) - MOST_DIFFERENCES} more")
    say("")


def _sums(sums: Sums) -> str:
    return f"{sums.pictures} for {dollars(sums.micros)}"
