"""All that `/usage` and `zeuxis usage` may ask for. It writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.features.usage import rows
from bot.features.usage.export import csv_file
from bot.features.usage.records import UsageOf, UsageReport, UsageSubject
from bot.features.usage.rules import counted, days_of, hours_of
from bot.policy.quotas import span_of_days
from bot.policy.rows import load_policy
from bot.policy.rules import UsageReaders
from bot.queue import ledger, quota_use
from bot.refusals import Level, UsageNotShown

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.usage.records import UsageRow
    from bot.policy.quotas import QuotaState
    from bot.policy.rows import Asking
    from bot.policy.rules import Policy
    from bot.queue.ledger import UsageView
    from bot.queue.records import TenantId, UserId
    from bot.runtime.clock import Clock


SHOWN_DAYS = 30
MOST_ROWS = 50_000  # of a file: about 5 MB
# Whose limits are shown. What the account may spend is the operator's affair, and what a member
# uses elsewhere that member's.
_GAUGES = {
    UsageSubject.MEMBER: frozenset(Level) - {Level.ACCOUNT},
    UsageSubject.SERVER: frozenset({Level.GUILD}),
    UsageSubject.TOP: frozenset[Level](),
}
_OF_ANOTHER = frozenset({Level.ROLE, Level.MEMBER})


class Reader(Struct, frozen=True, kw_only=True):
    """Whoever asks, and whether they may manage this very guild at this moment."""

    user_id: UserId
    is_staff: bool


class UsageFound(Struct, frozen=True, kw_only=True):
    """A report without names, the limits that bind there, and of oneself the sums of all time."""

    report: UsageReport
    limits: tuple[QuotaState, ...]
    sums: UsageView | None = None


class UsageService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def mine(self, asking: Asking, name: str) -> UsageFound:
        """Of whoever asks. Raises StorageError."""
        return await self._database.read(_mine, asking, name, now_us=self._clock.now_us())

    async def member(self, asking: Asking, reader: Reader, name: str) -> UsageFound:
        """Of the member that `asking` names. Raises UsageNotShown, StorageError."""
        return await self._database.read(
            _found, asking, reader, UsageSubject.MEMBER, name, now_us=self._clock.now_us()
        )

    async def server(self, asking: Asking, reader: Reader) -> UsageFound:
        """Of the whole guild. Raises UsageNotShown, StorageError."""
        return await self._database.read(
            _found, asking, reader, UsageSubject.SERVER, "", now_us=self._clock.now_us()
        )

    async def top(self, asking: Asking, reader: Reader) -> UsageFound:
        """Its members by their pictures. Raises UsageNotShown, StorageError."""
        return await self._database.read(
            _found, asking, reader, UsageSubject.TOP, "", now_us=self._clock.now_us()
        )

    async def export(self, asking: Asking, reader: Reader) -> bytes:
        """The guild's last 30 days as a file. Raises UsageNotShown, StorageError."""
        found = await self._database.read(_exported, asking, reader, now_us=self._clock.now_us())
        return csv_file(found)


def check_reader(policy: Policy, reader: Reader) -> None:
    """Raises UsageNotShown unless they are staff or the guild shows its usage to everyone."""
    if not reader.is_staff and policy.usage_readers is not UsageReaders.EVERYONE:
        raise UsageNotShown


def report_of(
    tx: Transaction,
    of: UsageOf,
    subject: UsageSubject,
    zone: ZoneInfo,
    *,
    name: str = "",
    days: int = SHOWN_DAYS,
    now_us: int,
) -> UsageReport:
    """Days and hours are those of the zone."""
    span = span_of_days(days, zone, now_us)
    sums = () if subject is UsageSubject.TOP else rows.entry_sums(tx, of, span)
    is_of_many = subject is not UsageSubject.MEMBER
    last_day = datetime.fromtimestamp(now_us // 1_000_000, zone).date()
    return UsageReport(
        subject=subject,
        name=name,
        first_day=last_day - timedelta(days=days - 1),
        last_day=last_day,
        zone=str(zone),
        days=days_of(sums, zone),
        pictures_by_hour=hours_of(sums, zone),
        top=rows.member_sums(tx, of, span) if is_of_many else (),
        outcomes=counted(sums),
    )


def _mine(tx: Transaction, asking: Asking, name: str, *, now_us: int) -> UsageFound:
    policy = load_policy(tx, asking)
    tenant_id: TenantId = asking.guild_id or asking.user_id  # type: ignore[assignment] # an id
    of = UsageOf(guild_id=tenant_id, user_id=asking.user_id)
    user_id: UserId = asking.user_id  # type: ignore[assignment] # likewise
    return UsageFound(
        report=report_of(tx, of, UsageSubject.MEMBER, policy.zone, name=name, now_us=now_us),
        limits=_limits(tx, policy, asking, _GAUGES[UsageSubject.MEMBER], now_us),
        sums=ledger.usage_view(tx, tenant_id, user_id, zone=policy.zone, now_us=now_us),
    )


def _found(
    tx: Transaction,
    asking: Asking,
    reader: Reader,
    subject: UsageSubject,
    name: str,
    *,
    now_us: int,
) -> UsageFound:
    policy = load_policy(tx, asking)
    is_of_one = subject is UsageSubject.MEMBER
    if not is_of_one or asking.user_id != reader.user_id:
        check_reader(policy, reader)
    of = UsageOf(guild_id=asking.guild_id, user_id=asking.user_id if is_of_one else None)
    levels = _OF_ANOTHER if is_of_one else _GAUGES[subject]
    return UsageFound(
        report=report_of(tx, of, subject, policy.zone, name=name, now_us=now_us),
        limits=_limits(tx, policy, asking, levels, now_us),
    )


def _limits(
    tx: Transaction, policy: Policy, asking: Asking, levels: frozenset[Level], now_us: int
) -> tuple[QuotaState, ...]:
    states = quota_use.states_of(tx, policy, asking, now_us=now_us)
    return tuple(one for one in states if one.limit.level in levels)


def _exported(
    tx: Transaction, asking: Asking, reader: Reader, *, now_us: int
) -> tuple[UsageRow, ...]:
    policy = load_policy(tx, asking)
    check_reader(policy, reader)
    span = span_of_days(SHOWN_DAYS, policy.zone, now_us)
    return rows.usage_rows(tx, UsageOf(guild_id=asking.guild_id), span, limit=MOST_ROWS)
