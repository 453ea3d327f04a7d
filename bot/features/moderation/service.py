"""What the staff see of cases, and what they decide.

Everything it acknowledges is on disk. `StorageError` means that nothing was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, assert_never

import structlog
from msgspec import Struct

from bot.features.moderation.rows import decisions
from bot.features.moderation.rows.appeals import decide_appeal
from bot.features.moderation.rows.case_views import held_file_of, page_of_cases, view_case
from bot.features.moderation.rules import (
    LONGEST_TIME_OUT_US,
    OWN,
    USUAL_TIME_OUT_US,
    check_may_decide,
    may_see,
    sees_all,
)
from bot.policy.rows import Asking, load_policy
from bot.queue.cases import CaseEnd, CaseKind, Decision, check_open, select_case
from bot.queue.records import LINK_LIVES_US, GuildId, TenantId
from bot.records import Redacted
from bot.staff_refusals import AlreadyDecided, OwnCase, UnknownCase
from bot.visible import trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.moderation.rows.case_views import CasePage, CaseView
    from bot.features.moderation.rules import Moderator, Ruling
    from bot.queue.cases import Case
    from bot.queue.records import ChannelId, JobId, MessageId, UserId
    from bot.runtime.clock import Clock, Wakeups

log = structlog.get_logger("bot.moderation")


class DecidedTogether(Struct, frozen=True, kw_only=True):
    """What has become of cases that were chosen from a list."""

    decided: int = 0
    by_others: int = 0  # had been decided already
    not_theirs: int = 0  # unknown to them, or about themselves


class CasePicture(Redacted, frozen=True, kw_only=True):
    """By a link, or as a file."""

    redacted = ("link", "content")

    link: str | None = None
    name: str = ""
    content: bytes | None = None


class PicturesInMessages(Protocol):
    """What Discord has."""

    async def link_at(
        self, channel_id: ChannelId, message_id: MessageId, job_id: JobId
    ) -> str | None:
        """Of the job's picture in that message; None if it does not come in time."""
        ...


class Discipline(Protocol):
    """What Discord itself can do to a member."""

    async def time_out(
        self, guild_id: GuildId, user_id: UserId, *, until_at_us: int, reason: str
    ) -> None:
        """Raises TimeOutRefused."""
        ...


class ModerationService:
    """One for the process."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        wakeups: Wakeups,
        pictures: PicturesInMessages,
        discipline: Discipline,
    ) -> None:
        self._pictures = pictures
        self._discipline = discipline
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def view(self, case_id: int, moderator: Moderator) -> CaseView:
        """Raises UnknownCase."""
        return await self._database.read(_view, case_id, moderator)

    async def to_decide(
        self, case_id: int, moderator: Moderator, decision: Decision | None = None
    ) -> CaseView:
        """The same, open and theirs to decide so: before a form is opened.

        Raises:
            UnknownCase, OwnCase, NotModerator, TimeOutRefused, AlreadyDecided.
        """
        return await self._database.read(_to_decide, case_id, moderator, decision)

    async def picture(self, view: CaseView) -> CasePicture | None:
        """What a case is about, for whoever may view it: as the card or the place has it, as it is
        kept here, or by the provider's link while that lives. None if it is gone, or does not come
        in time."""
        job = view.job
        if job is None or job.picture is None or job.is_deleted:
            return None
        for channel_id, message_id in _messages(view):
            link = await self._pictures.link_at(channel_id, message_id, job.id)
            if link is not None:
                return CasePicture(link=link)
        held = await self._database.read(held_file_of, job.id)
        if held is not None:
            name, content = held
            return CasePicture(name=name, content=content)
        lives = self._clock.now_us() < job.picture.drawn_at_us + LINK_LIVES_US
        return CasePicture(link=job.picture.link) if job.picture.link and lives else None

    async def decide(self, case_id: int, moderator: Moderator, ruling: Ruling) -> Case:
        """As a case of its kind may end. A time-out is Discord's first: if that refuses, the case
        is open as before.

        Raises:
            UnknownCase, OwnCase, NotModerator, TimeOutRefused, AlreadyDecided: nothing was changed.
        """
        if ruling.decision is Decision.TIMED_OUT:
            await self._time_out(case_id, moderator, ruling)
        case = await self._database.write(
            _decide, case_id, moderator, ruling, now_us=self._clock.now_us()
        )
        self._wakeups.result.set()
        log.info(
            "case decided",
            case=case_id,
            guild=case.tenant_id,
            by="moderator",
            decision=ruling.decision,
        )
        return case

    async def _time_out(self, case_id: int, moderator: Moderator, ruling: Ruling) -> None:
        case = await self._database.read(_to_time_out, case_id, moderator)
        lasts_us = min(ruling.lasts_us or USUAL_TIME_OUT_US, LONGEST_TIME_OUT_US)
        await self._discipline.time_out(
            GuildId(case.tenant_id),
            case.user_id,
            until_at_us=self._clock.now_us() + lasts_us,
            reason=f"case {case.id}, by {moderator.user_id}: {ruling.reason}",
        )

    async def decide_together(
        self, case_ids: Iterable[int], moderator: Moderator, ruling: Ruling
    ) -> DecidedTogether:
        """Each by itself: what others have decided meanwhile stays.

        Raises:
            StorageError: those before are decided.
        """
        decided = by_others = not_theirs = 0
        for case_id in case_ids:
            try:
                await self.decide(case_id, moderator, ruling)
                decided += 1
            except AlreadyDecided:
                by_others += 1
            except (UnknownCase, OwnCase):
                not_theirs += 1
        return DecidedTogether(decided=decided, by_others=by_others, not_theirs=not_theirs)

    async def queue(
        self, moderator: Moderator, *, place_id: ChannelId | None, page: int = 0
    ) -> CasePage:
        """Open cases, the oldest first.

        Args:
            place_id: of this place alone; None: all that they may see.

        Raises:
            UnknownCase: they may not see any there.
        """
        return await self._database.read(_queue, moderator, place_id, page)

    async def sees_all(self, moderator: Moderator) -> bool:
        """Whether they see the cases of the whole guild here. Raises StorageError."""
        return await self._database.read(_sees_all, moderator)


def _messages(view: CaseView) -> Iterator[tuple[ChannelId, MessageId]]:
    """Where the picture hangs, for its members or for the staff."""
    picture = view.job and view.job.picture
    cases = filter(None, (view.case, view.rejected))
    cards = [(one.card_channel_id, one.card_message_id) for one in cases]
    shown = [(picture.channel_id, picture.message_id)] if picture else []
    for channel_id, message_id in (*shown, *cards):
        if channel_id is not None and message_id is not None:
            yield channel_id, message_id


def staff_channel_of(tx: Transaction, moderator: Moderator) -> int:
    """In their guild; 0 if the staff have named none."""
    return load_policy(tx, Asking(moderator.guild_id)).staff_channel


def _sees_all(tx: Transaction, moderator: Moderator) -> bool:
    return sees_all(moderator, staff_channel_of(tx, moderator))


def _view(tx: Transaction, case_id: int, moderator: Moderator) -> CaseView:
    if not may_see(moderator, select_case(tx, case_id), staff_channel_of(tx, moderator)):
        raise UnknownCase
    return view_case(tx, case_id)


def _to_decide(
    tx: Transaction, case_id: int, moderator: Moderator, decision: Decision | None
) -> CaseView:
    case = select_case(tx, case_id)
    check_may_decide(moderator, case, staff_channel_of(tx, moderator), decision)
    check_open(case)
    return view_case(tx, case_id)


def _to_time_out(tx: Transaction, case_id: int, moderator: Moderator) -> Case:
    """Authority first: what became of a case is none of others' business."""
    case, decision = select_case(tx, case_id), Decision.TIMED_OUT
    check_may_decide(moderator, case, staff_channel_of(tx, moderator), decision)
    return decisions.open_for(tx, case_id, decision)


def _decide(
    tx: Transaction, case_id: int, moderator: Moderator, ruling: Ruling, *, now_us: int
) -> Case:
    """Likewise."""
    case = select_case(tx, case_id)
    is_own = check_may_decide(moderator, case, staff_channel_of(tx, moderator), ruling.decision)
    details = OWN if is_own else ""
    end = CaseEnd(
        decision=ruling.decision,
        by=moderator.user_id,
        at_us=now_us,
        reason=trimmed(ruling.reason),
        note=trimmed(ruling.note),
        tells_member=ruling.tells_member,
    )
    match case.kind:
        case CaseKind.REVIEW:
            return _decide_review(tx, case_id, end, details)
        case CaseKind.APPEAL:
            return decide_appeal(tx, case_id, end, details=details)
        case CaseKind.REPORT | CaseKind.REFUSALS:
            until_at_us = None if ruling.lasts_us is None else now_us + ruling.lasts_us
            return decisions.decide_report(
                tx, case_id, end, until_at_us=until_at_us, details=details
            )
        case _:
            assert_never(case.kind)


def _decide_review(tx: Transaction, case_id: int, end: CaseEnd, details: str) -> Case:
    match end.decision:
        case Decision.REJECTED:
            return decisions.reject(
                tx,
                case_id,
                by=end.by,
                reason=end.reason,
                note=end.note,
                tells_member=end.tells_member,
                details=details,
                now_us=end.at_us,
            )
        case Decision.APPROVED | Decision.TRUSTED:
            trusts = end.decision is Decision.TRUSTED
            return decisions.approve(
                tx, case_id, by=end.by, trusts=trusts, details=details, now_us=end.at_us
            )
        case _:
            raise UnknownCase


def _queue(
    tx: Transaction, moderator: Moderator, place_id: ChannelId | None, page: int
) -> CasePage:
    if moderator.guild_id is None:
        raise UnknownCase
    is_here = place_id in {moderator.channel_id, moderator.root_channel_id}
    if not (_sees_all(tx, moderator) or (moderator.may_moderate and is_here)):
        raise UnknownCase
    return page_of_cases(tx, TenantId(moderator.guild_id), channel_id=place_id, page=page)
