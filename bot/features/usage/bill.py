"""The provider's bill, read from a file and held against the ledger. Pure.

Nobody documents the columns of a bill, and consoles change them; so they are found by name, among
the names that bills bear, and a file without what is needed is refused with the names it has.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from bot.errors import BillUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo


# Compared without case, blanks, signs and what stands in brackets: "Payable Amount (USD)".
_NAMES = {
    "id": ("requestid", "reqid", "traceid"),
    "time": (
        *("time", "date", "day", "timestamp", "datetime", "billingdate", "billdate", "usagetime"),
        *("usagedate", "consumetime", "consumptiontime", "calltime", "starttime", "usagestarttime"),
        *("createdat", "endedat"),
    ),
    "count": (
        "count",
        "quantity",
        "images",
        "pictures",
        "imagecount",
        "usage",
        "calls",
        "amountused",
    ),
    "amount": (
        *("amount", "cost", "costusd", "amountusd", "price", "fee", "charge", "total", "usd"),
        *("payableamount", "pretaxamount", "pretaxgrossamount", "amountdue", "totalcost"),
    ),
}
_DELIMITERS = ",;\t"
_MICROS = 1_000_000
_SHORTEST_STAMP = 9  # digits: less is no time in seconds


class BillLine(Struct, frozen=True, kw_only=True):
    """What the provider charges; the day is that of the zone in which the bill counts."""

    day: date | None
    request_id: str
    pictures: int
    micros: int


class OwnCharge(Struct, frozen=True, kw_only=True):
    """What the ledger has of a call that was, or may have been, billed."""

    day: date
    request_id: str  # empty if the answer did not tell it, or in a total of folded jobs
    job_id: int | None
    pictures: int
    micros: int
    is_uncertain: bool = False


class Sums(NamedTuple):
    """Of one day, one request, or all."""

    pictures: int = 0
    micros: int = 0

    def plus(self, pictures: int, micros: int) -> Sums:
        return Sums(self.pictures + pictures, self.micros + micros)


class Difference(Struct, frozen=True, kw_only=True):
    """A request or a day in which the two do not agree."""

    key: str
    bill: Sums
    ours: Sums
    note: str = ""


class Reconciled(Struct, frozen=True, kw_only=True):
    """Both sides, and where they differ."""

    by: str  # 'request' or 'day'
    bill: Sums
    ours: Sums
    differences: tuple[Difference, ...]


def bill_of(content: bytes, zone: ZoneInfo) -> tuple[BillLine, ...]:
    """Reads a file of comma-separated values, whose first line names the columns.

    Raises:
        BillUnreadable: says which column is missing, or which line makes no sense.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BillUnreadable("expected UTF-8: save the bill as CSV UTF-8") from error
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BillUnreadable(f"this is no CSV: {error}") from error
    if not rows:
        raise BillUnreadable("the file is empty")
    places = _places(rows[0])
    lines = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            lines.append(_line(row, places, zone, number))
    return tuple(lines)


def _places(head: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[^a-z]", "", re.sub(r"\(.*?\)|\[.*?\]", "", one.casefold())) for one in head]
    places: dict[str, int] = {}
    for part, names in _NAMES.items():
        for name in names:
            if name in plain:
                places[part] = plain.index(name)
                break
    shown = ", ".join(repr(one.strip()[:40]) for one in head[:20])
    if "amount" not in places:
        raise BillUnreadable(f"no column with an amount, such as 'Amount' or 'Cost'; found {shown}")
    if "id" not in places and "time" not in places:
        raise BillUnreadable(
            f"no column with a request id or a date, such as 'Request ID' or 'Date'; found {shown}"
        )
    return places


def _line(row: Sequence[str], places: Mapping[str, int], zone: ZoneInfo, number: int) -> BillLine:
    def cell(part: str) -> str:
        place = places.get(part)
        return "" if place is None or place >= len(row) else row[place].strip()

    count = cell("count")
    return BillLine(
        day=_day(cell("time"), zone, number) if "time" in places else None,
        request_id=cell("id"),
        pictures=1 if not count else int(_number(count, "a count", number)),
        micros=int((_number(cell("amount"), "an amount", number) * _MICROS).to_integral_value()),
    )


def _number(text: str, expected: str, number: int) -> Decimal:
    """A comma stands between thousands alone: where it is the decimal sign, 0,015 is not 15."""
    plain = re.sub(r"[$\s\u00a0]|USD", "", text)
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > 10**12:
        raise BillUnreadable(f"line {number}: expected {expected}, got {text[:40]!r}")
    return found


def _day(text: str, zone: ZoneInfo, number: int) -> date:
    """Of a date as it is, of an instant in the zone."""
    try:
        if text.isdecimal() and len(text) >= _SHORTEST_STAMP:
            seconds = int(text) / (1000 if len(text) > 11 else 1)
            return datetime.fromtimestamp(seconds, zone).date()
        if re.fullmatch(r"\d{8}", text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        found = datetime.fromisoformat(text.replace("/", "-").replace(" UTC", "+00:00"))
        return (found if found.tzinfo is None else found.astimezone(zone)).date()
    except (ValueError, OverflowError, OSError) as error:
        raise BillUnreadable(
            f"line {number}: expected a date such as 2026-11-30, got {text[:40]!r}"
        ) from error


def reconciled(bill: Iterable[BillLine], ours: Iterable[OwnCharge]) -> Reconciled:
    """By request if the bill names them all, else by day."""
    bill, ours = tuple(bill), tuple(ours)
    if bill and all(one.request_id for one in bill):
        return _by_request(bill, ours)
    return _by_day(bill, ours)


def _by_request(bill: Sequence[BillLine], ours: Sequence[OwnCharge]) -> Reconciled:
    theirs: dict[str, Sums] = {}
    for line in bill:
        known = theirs.get(line.request_id, Sums())
        theirs[line.request_id] = known.plus(line.pictures, line.micros)
    mine = {_key(one): one for one in ours}
    found = []
    for key in sorted(theirs.keys() | mine.keys()):
        billed, own = theirs.get(key, Sums()), mine.get(key)
        uncertain = own is not None and own.is_uncertain
        if uncertain and key not in theirs:
            continue  # not billed after all
        held = Sums() if own is None else Sums(own.pictures, own.micros)
        if uncertain or billed != held:
            note = "its answer was lost" if uncertain else ""
            found.append(Difference(key=key, bill=billed, ours=held, note=note))
    return _result("request", bill, ours, found)


def _key(own: OwnCharge) -> str:
    """Whatever the bill does not name has a name of ours."""
    if own.job_id is None:
        return f"folded {own.day.isoformat()}"
    return own.request_id or f"job {own.job_id}"


def _by_day(bill: Sequence[BillLine], ours: Sequence[OwnCharge]) -> Reconciled:
    counts: Counter[tuple[date, str]] = Counter()
    for side, lines in (("bill", bill), ("ours", ours)):
        for one in lines:
            if one.day is not None and not getattr(one, "is_uncertain", False):
                counts[one.day, f"{side} count"] += one.pictures
                counts[one.day, f"{side} micros"] += one.micros
    found = []
    for day in sorted({day for day, _ in counts}):
        theirs = Sums(counts[day, "bill count"], counts[day, "bill micros"])
        mine = Sums(counts[day, "ours count"], counts[day, "ours micros"])
        if theirs.micros != mine.micros:
            lost = sum(one.is_uncertain for one in ours if one.day == day)
            note = f"{lost} answers were lost" if lost else ""
            found.append(Difference(key=day.isoformat(), bill=theirs, ours=mine, note=note))
    return _result("day", bill, ours, found)


def _result(
    by: str, bill: Sequence[BillLine], ours: Sequence[OwnCharge], found: Sequence[Difference]
) -> Reconciled:
    settled = [one for one in ours if not one.is_uncertain]
    return Reconciled(
        by=by,
        bill=Sums(sum(one.pictures for one in bill), sum(one.micros for one in bill)),
        ours=Sums(sum(one.pictures for one in settled), sum(one.micros for one in settled)),
        differences=tuple(found),
    )


def day_of(at_us: int, zone: ZoneInfo | None) -> date:
    """Of an instant, in the zone in which the bill counts."""
    return datetime.fromtimestamp(at_us // _MICROS, zone or UTC).date()
