"""What would become of a prompt: `/moderation test`. Nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.moderation.word_rules import Part, RuleOutcome, is_refused
from bot.policy.rows import load_policy
from bot.policy.rules import Review
from bot.policy.standing import StandingKind, first_of, standings
from bot.queue.submit import asking_of, review_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.moderation.word_check import WordCheck
    from bot.moderation.word_rules import Match, Verdict
    from bot.policy.rules import CheckedBy
    from bot.queue.records import Origin, RoleId
    from bot.runtime.clock import Clock


class PromptTest(Struct, frozen=True, kw_only=True):
    """What would be found for one member in one place, and what would follow.

    Attributes:
        exempt: what rules would find that leave this member or this channel out.
        review: of this member's pictures there.
        picture_check: what looks at the picture besides.
        is_restricted: the place is age-restricted.
    """

    verdict: Verdict
    exempt: tuple[Match, ...]
    review: Review
    picture_check: CheckedBy
    is_blocked: bool
    is_trusted: bool
    is_restricted: bool

    @property
    def is_refused(self) -> bool:
        return is_refused(self.verdict, is_restricted=self.is_restricted)

    @property
    def is_held(self) -> bool:
        """Whether the staff would see the picture first, by what is known before it is drawn."""
        is_flagged = self.review is Review.FLAGGED and bool(self.verdict.matches)
        return (
            RuleOutcome.HOLD in self.verdict.outcomes or self.review is Review.ALWAYS or is_flagged
        )


class PromptTestService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, words: WordCheck) -> None:
        self._database = database
        self._clock = clock
        self._words = words

    async def test(self, text: str, origin: Origin, role_ids: Collection[RoleId]) -> PromptTest:
        """As if whom and where the origin names had asked for this. Raises StorageError."""
        parts = {Part.PROMPT: text}
        everything = await self._words.check(origin.tenant_id, parts)
        verdict = await self._words.check(
            origin.tenant_id,
            parts,
            role_ids=role_ids,
            channel_ids=(origin.channel_id, origin.root_channel_id),
        )
        review, picture_check, is_blocked, is_trusted = await self._database.read(
            _standing_of, origin, role_ids, now_us=self._clock.now_us()
        )
        return PromptTest(
            verdict=verdict,
            exempt=tuple(one for one in everything.matches if one not in verdict.matches),
            review=review,
            picture_check=picture_check,
            is_blocked=is_blocked,
            is_trusted=is_trusted,
            is_restricted=origin.is_restricted,
        )


def _standing_of(
    tx: Transaction, origin: Origin, role_ids: Collection[RoleId], *, now_us: int
) -> tuple[Review, CheckedBy, bool, bool]:
    policy = load_policy(tx, asking_of(origin, role_ids))
    known = standings(tx, origin.tenant_id, origin.user_id, now_us=now_us)
    blocked, trusted = (
        first_of(kind, known) is not None for kind in (StandingKind.BLOCKED, StandingKind.TRUSTED)
    )
    review = review_of(policy, origin, known, now_us=now_us)
    return review, policy.picture_check, blocked, trusted
