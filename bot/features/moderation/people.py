"""What the staff set for members: who is blocked, trusted or not heard; and members' appeals.

Everything it acknowledges is on disk. `StorageError` means that nothing was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from bot.features.moderation.rows.appeals import AppealKind, check_appeal, open_appeal, told_reason
from bot.features.moderation.rows.people import person_of, set_standing, take_back_standing
from bot.features.moderation.rules import OWN, sees_all
from bot.features.moderation.service import staff_channel_of
from bot.policy.changes import Author
from bot.policy.rules import OPERATORS_OWN
from bot.policy.standing import PersonStanding, StandingKind, all_standings, holds
from bot.queue.cases import select_case
from bot.queue.records import GuildId, TenantId, UserId
from bot.queue.reports import has_reported
from bot.staff_refusals import NotModerator, UnknownCase
from bot.visible import trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.moderation.rows.people import Person
    from bot.features.moderation.rules import Moderator
    from bot.queue.cases import Case
    from bot.runtime.clock import Clock, Wakeups

log = structlog.get_logger("bot.people")


class PersonSeen(Struct, frozen=True, kw_only=True):
    """A member, and whether whoever looks may set anything for them."""

    person: Person
    may_set: bool


class PeopleService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def ignore_reporters(
        self, case_id: int, moderator: Moderator, user_ids: Sequence[UserId]
    ) -> int:
        """What they report goes nowhere from now on. Returns of how many that was not so before.

        Raises:
            UnknownCase, NotModerator: nothing was changed.
        """
        return await self._database.write(
            _ignore_reporters, case_id, moderator, user_ids, now_us=self._clock.now_us()
        )

    # Members

    async def person(self, moderator: Moderator, user_id: UserId) -> PersonSeen:
        """As much as they may see where they ask.

        Raises:
            NotModerator.
        """
        now_us = self._clock.now_us()
        return await self._database.read(_person, moderator, user_id, now_us=now_us)

    async def check_may_set(self, moderator: Moderator) -> None:
        """Before a form is opened. Raises NotModerator."""
        await self._database.read(_check_may_set, moderator)

    async def set_person(
        self,
        moderator: Moderator,
        user_id: UserId,
        kind: StandingKind,
        *,
        lasts_us: int | None = None,
        reason: str = "",
    ) -> int:
        """In their guild, from now on. Returns how many waiting pictures were cancelled.

        Raises:
            NotModerator: nothing was changed.
        """
        cancelled = await self._database.write(
            _set_person,
            moderator,
            user_id,
            kind,
            lasts_us=lasts_us,
            reason=trimmed(reason),
            now_us=self._clock.now_us(),
        )
        self._wakeups.result.set()
        log.info("standing set", guild=moderator.guild_id, kind=kind)
        return cancelled

    async def unset_person(self, moderator: Moderator, user_id: UserId, kind: StandingKind) -> bool:
        """Whether it held. Raises NotModerator: nothing was changed."""
        taken_back = await self._database.write(
            _unset_person, moderator, user_id, kind, now_us=self._clock.now_us()
        )
        log.info("standing taken back", guild=moderator.guild_id, kind=kind)
        return taken_back

    # Everywhere, by the operator

    async def set_everywhere(
        self,
        user_id: UserId,
        kind: StandingKind,
        author: Author,
        *,
        lasts_us: int | None = None,
        reason: str = "",
    ) -> int:
        """Returns how many waiting pictures were cancelled."""
        standing = _standing_of(
            OPERATORS_OWN, user_id, kind, lasts_us, trimmed(reason), 0, self._clock.now_us()
        )
        cancelled = await self._database.write(set_standing, standing, author)
        self._wakeups.result.set()
        return cancelled

    async def unset_everywhere(self, user_id: UserId, kind: StandingKind, author: Author) -> bool:
        """Whether it held."""
        return await self._database.write(
            take_back_standing,
            kind,
            OPERATORS_OWN,
            user_id,
            author,
            now_us=self._clock.now_us(),
        )

    async def everywhere(self) -> tuple[PersonStanding, ...]:
        """All that the operator has set. Raises StorageError."""
        now_us = self._clock.now_us()
        return await self._database.read(all_standings, OPERATORS_OWN, now_us=now_us)

    # Appeals

    async def check_appeal(
        self, against: AppealKind, number: int, user_id: UserId, guild_id: GuildId
    ) -> str:
        """Before a form is opened. Returns what the staff have told them alone, if anything.

        Raises:
            AppealRefused.
        """
        return await self._database.read(
            _check_appeal, against, number, user_id, guild_id, now_us=self._clock.now_us()
        )

    async def appeal(
        self, against: AppealKind, number: int, user_id: UserId, guild_id: GuildId, words: str
    ) -> Case:
        """A case for the staff. Raises AppealRefused: nothing was changed."""
        case = await self._database.write(
            open_appeal,
            against,
            number,
            user_id=user_id,
            tenant_id=TenantId(guild_id),
            words=trimmed(words),
            now_us=self._clock.now_us(),
        )
        self._wakeups.result.set()
        log.info("appealed", case=case.id, guild=guild_id, against=against)
        return case


def _standing_of(
    tenant_id: int,
    user_id: UserId,
    kind: StandingKind,
    lasts_us: int | None,
    reason: str,
    by: int,
    now_us: int,
) -> PersonStanding:
    """Args: lasts_us: None: until it is taken back."""
    return PersonStanding(
        tenant_id=tenant_id,
        user_id=user_id,
        kind=kind,
        until_at_us=None if lasts_us is None else now_us + lasts_us,
        reason=reason,
        set_by=by,
        set_at_us=now_us,
    )


def _check_appeal(
    tx: Transaction,
    against: AppealKind,
    number: int,
    user_id: UserId,
    guild_id: GuildId,
    *,
    now_us: int,
) -> str:
    tenant_id = TenantId(guild_id)
    check_appeal(tx, against, number, user_id=user_id, tenant_id=tenant_id, now_us=now_us)
    return told_reason(tx, against, number)


def _ignore_reporters(
    tx: Transaction,
    case_id: int,
    moderator: Moderator,
    user_ids: Sequence[UserId],
    *,
    now_us: int,
) -> int:
    """Of those who have reported the case's picture; a card names no others."""
    guild_id = _check_may_set(tx, moderator)
    case = select_case(tx, case_id)
    if case.tenant_id != guild_id:
        raise UnknownCase
    job_id, unheard = case.job_id, StandingKind.UNHEARD
    ignored = [
        one
        for one in user_ids
        if job_id is not None
        and has_reported(tx, job_id, one)
        and holds(tx, unheard, guild_id, one, now_us=now_us) is None
    ]
    for user_id in ignored:
        _set_person(tx, moderator, user_id, unheard, lasts_us=None, reason="", now_us=now_us)
    return len(ignored)


def _person(tx: Transaction, moderator: Moderator, user_id: UserId, *, now_us: int) -> PersonSeen:
    may_set = sees_all(moderator, staff_channel_of(tx, moderator))
    if moderator.guild_id is None or not (may_set or moderator.may_moderate):
        raise NotModerator
    place_id = None if may_set else moderator.root_channel_id
    tenant_id = TenantId(moderator.guild_id)
    person = person_of(tx, tenant_id, user_id, channel_id=place_id, now_us=now_us)
    return PersonSeen(person=person, may_set=may_set)


def _check_may_set(tx: Transaction, moderator: Moderator) -> int:
    """What is set for a member holds in the whole guild. Returns its id. Raises NotModerator."""
    if moderator.guild_id is None or not sees_all(moderator, staff_channel_of(tx, moderator)):
        raise NotModerator
    return moderator.guild_id


def _set_person(
    tx: Transaction,
    moderator: Moderator,
    user_id: UserId,
    kind: StandingKind,
    *,
    lasts_us: int | None,
    reason: str,
    now_us: int,
) -> int:
    guild_id = _check_may_set(tx, moderator)
    by = moderator.user_id
    standing = _standing_of(guild_id, user_id, kind, lasts_us, reason, by, now_us)
    details = OWN if user_id == by else ""
    return set_standing(tx, standing, _author(moderator), details=details)


def _unset_person(
    tx: Transaction, moderator: Moderator, user_id: UserId, kind: StandingKind, *, now_us: int
) -> bool:
    guild_id = _check_may_set(tx, moderator)
    return take_back_standing(tx, kind, guild_id, user_id, _author(moderator), now_us=now_us)


def _author(moderator: Moderator) -> Author:
    return Author(actor=str(moderator.user_id), source="discord")
