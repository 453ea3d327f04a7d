"""What is searched for, as a button can carry it, and the days that people type."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.queue.words import folded
from bot.refusals import DayNotUnderstood
from bot.visible import normalised

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.queue.records import Job, JobId

ON_A_PAGE = 5
# Sixteen-bit units of a search's words, so that the id of a button holds all of it: Discord grants
# 100 characters.
WORDS_LIMIT = 43
_AGO = re.compile(r"([0-9]{1,4}) ?d(?:ays?)?(?: ago)?")


class Reach(StrEnum):
    """Reach pictures are searched. The values stand in the ids of buttons."""

    MINE = "m"  # one's own, of the whole guild
    SERVER = "s"  # besides, everybody's of the place in which it is asked


class Search(Struct, frozen=True, kw_only=True):
    """What a member wants to find."""

    words: str = ""
    whose: Reach = Reach.SERVER
    kept: bool = False
    first_day: date | None = None
    last_day: date | None = None


class Turn(Struct, frozen=True, kw_only=True):
    """From a page to the next one: the job beyond which it begins, and the way."""

    beyond: JobId
    newest_first: bool


class Found(Struct, frozen=True, kw_only=True):
    """A picture of a page."""

    job: Job
    is_kept: bool
    link: str | None = None  # to its file, for a day


class HistoryPage(Struct, frozen=True, kw_only=True):
    """The newest first, and whether there are others on either side."""

    search: Search
    found: tuple[Found, ...]
    has_newer: bool = False
    has_older: bool = False


def words_to_carry(typed: str) -> str:
    """The beginning of what was typed that a button has room for; it is what is searched for."""
    words = folded(typed)
    while len(words.encode("utf-16-le", "replace")) > 2 * WORDS_LIMIT:
        words = words[:-1]
    return words.rstrip()


def day_of(typed: str, today: date) -> date:
    """`2026-11-30`, `today`, `yesterday`, or `7d` for a week ago.

    Raises:
        DayNotUnderstood.
    """
    text = normalised(typed)
    ago = {"today": 0, "yesterday": 1}.get(text)
    found = _AGO.fullmatch(text)
    try:
        if found is not None:
            ago = int(found[1])
        return date.fromisoformat(text) if ago is None else today - timedelta(days=ago)
    except (ValueError, OverflowError):
        raise DayNotUnderstood(typed) from None


def today_in(zone: ZoneInfo, now_us: int) -> date:
    return datetime.fromtimestamp(now_us // 1_000_000, zone).date()


def begins_at_us(day: date, zone: ZoneInfo) -> int:
    """Midnight there."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1e6)


def ends_at_us(day: date, zone: ZoneInfo) -> int:
    """The midnight after it."""
    return begins_at_us(day + timedelta(days=1), zone) if day < date.max else 1 << 62
