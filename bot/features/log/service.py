"""What the staff of a guild may read of its audit log.

Who manages the server reads all of it; who may decide every case, all but settings and word rules;
who moderates one place, what was done about that place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.features.log.export import log_csv, log_json
from bot.features.log.rows import log_entries
from bot.features.moderation.rules import sees_all
from bot.policy.rows import Asking, load_policy
from bot.records import replace
from bot.staff_refusals import NotModerator

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.log.rows import LogEntry, LogFilter
    from bot.features.moderation.rules import Moderator
    from bot.providers.image import Offer
    from bot.runtime.clock import Clock

DAY_US = 86_400_000_000
ENTRIES_A_PAGE = 12
MOST_EXPORTED = 20_000  # some megabytes


class LogPage(Struct, frozen=True, kw_only=True):
    """Some entries, the newest first.

    Attributes:
        has_more: there are older ones.
        is_of_place: nothing but acts about the place in which it was asked for.
    """

    entries: tuple[LogEntry, ...]
    has_more: bool
    is_of_place: bool


class LogService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, offer: Offer) -> None:
        self._database = database
        self._clock = clock
        self.offer = offer

    async def page(
        self, moderator: Moderator, wanted: LogFilter, *, before: int | None = None
    ) -> LogPage:
        """`before` is the last id of the page before. Raises NotModerator, StorageError."""
        return await self._database.read(_page, moderator, wanted, before=before)

    def days_ago_us(self, days: int) -> int:
        return self._clock.now_us() - days * DAY_US

    async def export(self, moderator: Moderator, wanted: LogFilter, form: str) -> bytes:
        """The newest entries as a file; `form` is 'csv' or 'json'. Raises likewise."""
        return await self._database.read(_file, moderator, wanted, form)


def _page(
    tx: Transaction, moderator: Moderator, wanted: LogFilter, *, before: int | None
) -> LogPage:
    seen = _within_rights(tx, moderator, wanted)
    found = log_entries(tx, seen, before=before, limit=ENTRIES_A_PAGE + 1)
    return LogPage(
        entries=found[:ENTRIES_A_PAGE],
        has_more=len(found) > ENTRIES_A_PAGE,
        is_of_place=seen.place_id is not None,
    )


def _file(tx: Transaction, moderator: Moderator, wanted: LogFilter, form: str) -> bytes:
    """Written in the reader's thread."""
    found = log_entries(tx, _within_rights(tx, moderator, wanted), limit=MOST_EXPORTED)
    return log_csv(found) if form == "csv" else log_json(found)


def _within_rights(tx: Transaction, moderator: Moderator, wanted: LogFilter) -> LogFilter:
    """Raises NotModerator."""
    if moderator.guild_id is None:
        raise NotModerator
    seen = replace(wanted, tenant_id=moderator.guild_id)
    if moderator.manages_server:
        return seen
    if sees_all(moderator, load_policy(tx, Asking(moderator.guild_id)).staff_channel):
        return replace(seen, acts_alone=True)
    if moderator.may_moderate:
        return replace(seen, acts_alone=True, place_id=moderator.root_channel_id)
    raise NotModerator
