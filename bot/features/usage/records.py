"""What members and staff look at: sums of a span of days, as the rows tell them.

All counts are of pictures, all money is in micro-dollars; what is missing counts as none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import date

    from bot.queue.records import GuildId, UserId


UNLIMITED = -1  # of a gauge's limit; 0 is forbidden


class UsageSubject(StrEnum):
    """Whose pictures are counted."""

    MEMBER = "member"
    SERVER = "server"
    TOP = "top"  # the server's members, those with the most pictures first


class UsagePart(StrEnum):
    """One thing to look at: a chart, or a paragraph where none is drawn."""

    GAUGES = "gauges"
    DAYS = "days"
    HOURS = "hours"
    TOP = "top"
    OUTCOMES = "outcomes"


class DayUsage(Struct, frozen=True, kw_only=True):
    """A day of the report's time zone, or several days that begin with it."""

    day: date
    pictures: int = 0  # drawn
    rewritten: int = 0  # of those drawn, the ones whose prompt was rewritten
    refused: int = 0
    failed: int = 0
    cost_micros: int = 0
    rewriting_micros: int = 0  # of the cost, what prompts cost that were rewritten before


class MemberUsage(Struct, frozen=True, kw_only=True):
    """What one member had drawn in the span."""

    user_id: UserId
    name: str  # as the guild shows it; anything that a member typed, or empty if nobody knows it
    pictures: int
    cost_micros: int


class OthersUsage(Struct, frozen=True, kw_only=True):
    """Members who are too many to be named."""

    members: int
    pictures: int
    cost_micros: int


class UsageOutcome(StrEnum):
    """How a request ended, as far as its cost goes."""

    DRAWN = "drawn"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"  # perhaps billed
    REWRITING = "rewriting"  # of a prompt before anything is drawn, however it ended; no request


class OutcomeCounts(Struct, frozen=True, kw_only=True):
    """How the span's requests ended; those that wait are none of these."""

    drawn: int = 0
    refused: int = 0
    failed: int = 0
    cancelled: int = 0
    uncertain: int = 0


class GaugeUnit(StrEnum):
    """What a budget is counted in."""

    PICTURES = "pictures"
    MONEY = "money"  # micro-dollars


class Gauge(Struct, frozen=True, kw_only=True):
    """A budget, and what of it is used."""

    name: str  # as it is to be shown, in the reader's language
    unit: GaugeUnit
    used: int  # with what is reserved, in the unit
    limit: int  # in the unit; UNLIMITED, or 0 for forbidden
    renews_at_us: int | None = None


class UsageReport(Struct, frozen=True, kw_only=True):
    """A span of days, both ends included."""

    subject: UsageSubject
    name: str  # of the member; of a server nobody tells it, so it is empty
    first_day: date
    last_day: date
    zone: str = "UTC"  # IANA's name; days and hours are counted in it
    days: tuple[DayUsage, ...] = ()  # in any order; a day may be missing
    pictures_by_hour: tuple[int, ...] = ()  # 24 of them, or none
    top: tuple[MemberUsage, ...] = ()  # in any order
    outcomes: OutcomeCounts = OutcomeCounts()
    gauges: tuple[Gauge, ...] = ()


class UsageOf(Struct, frozen=True, kw_only=True):
    """Whose entries of the ledger are meant: all of them, unless something is named."""

    guild_id: int | None = None  # or of a person, for what they asked outside of guilds
    user_id: int | None = None


class EntrySum(Struct, frozen=True, kw_only=True):
    """Ended jobs that were asked for in one quarter of an hour and ended alike.

    Quarters, since every time zone is whole quarters away from UTC.
    """

    at_us: int  # the quarter's beginning; of folded jobs the day's, UTC
    is_folded: bool  # of a day whose hours are not known any more
    outcome: UsageOutcome
    jobs: int
    rewritten: int  # of those drawn
    cost_micros: int


class UsageRow(Struct, frozen=True, kw_only=True):
    """A line of an export: an ended job, or a day's total of jobs that were folded."""

    at_us: int  # when it ended; midnight where it is a total
    job_id: int | None  # None where it is a total
    guild_id: GuildId | None  # None outside of guilds
    user_id: UserId
    outcome: UsageOutcome
    pictures: int
    rewritten: int  # of the pictures
    pixels: int
    cost_micros: int
