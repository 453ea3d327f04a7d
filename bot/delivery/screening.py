"""Looks at drawn pictures that are held, before staff or members do.

    words ─▶ refused by a rule ─────────────────▶ withheld
      └─▶ the picture, where the staff want it ─▶ refused likewise ─▶ withheld
            ├─▶ nothing speaks against it ─▶ due
            └─▶ a rule, a check or the review holds it ─▶ a case for the staff

The words are those that were drawn: the rewritten prompt is known only now, and the staff may have
changed their rules since the request came. A check that gives no answer lets nothing pass: after a
few tries the staff look instead.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, assert_never

import structlog
from msgspec import Struct

from bot.delivery.due_work import DueWork
from bot.delivery.error_kinds import ErrorKind, error_kind
from bot.errors import CheckFailed, PolicyUnreadable, RelayError, Retry, StorageError
from bot.moderation.thresholds import ScoreOutcome, Thresholds
from bot.moderation.word_rules import Part, RuleOutcome, Verdict, is_refused
from bot.policy.rows import load_policy
from bot.policy.rules import CheckedBy, Review
from bot.queue import review
from bot.queue.cases import CaseReason, case_reason
from bot.queue.failures import next_wait_s
from bot.queue.postings import fail_picture
from bot.queue.records import Failure, Job
from bot.queue.refusals import granted_rules
from bot.queue.submit import asking_of
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.db import Transaction
    from bot.delivery.carry import PictureFiles
    from bot.delivery.due_work import Common
    from bot.moderation.word_check import WordCheck
    from bot.policy.rules import Policy
    from bot.providers.picture_check import PictureCheck, PictureScore

AT_ONCE = 4  # each may hold a whole picture
POLL_S = 2.0
LONGEST_TRY_S = 60.0
MOST_TRIES = 4  # of a check that gives no answer

log = structlog.get_logger("bot.delivery")


class Judgement(Struct, frozen=True, kw_only=True):
    """And why, as a case says it."""

    outcome: ScoreOutcome
    reasons: tuple[str, ...] = ()
    is_spoiler: bool = False
    unchecked: Exception | None = None  # why it could not be looked at to the end


def judge(job: Job, policy: Policy, verdict: Verdict, score: PictureScore | None) -> Judgement:
    """What the staff want of a picture with such words that was scored so.

    What refuses counts for more than what holds, and what holds does so whatever the review says.
    """
    found = [case_reason(CaseReason.RULE, one.rule_name) for one in verdict.matches]
    is_spoiler = RuleOutcome.SPOILER in verdict.outcomes
    is_refused_now = is_refused(verdict, is_restricted=job.origin.is_restricted)
    is_suspect = RuleOutcome.HOLD in verdict.outcomes
    scored = ScoreOutcome.PASS if score is None else _thresholds(policy).decide(score.score)
    if score is not None and scored is not ScoreOutcome.PASS:
        percent = f"{score.score:.0%}".rstrip("%")
        found += [case_reason(CaseReason.CHECK, percent), score.category]
        is_suspect = True
        is_refused_now |= scored is ScoreOutcome.REFUSE
    reasons = tuple(dict.fromkeys([*found, *_of_review(job, policy)]))
    if is_refused_now:
        return Judgement(outcome=ScoreOutcome.REFUSE, reasons=reasons)
    is_held = is_suspect or _holds(job.review, is_flagged=bool(found))
    outcome = ScoreOutcome.HOLD if is_held else ScoreOutcome.PASS
    return Judgement(outcome=outcome, reasons=reasons, is_spoiler=is_spoiler)


def _thresholds(policy: Policy) -> Thresholds:
    return Thresholds(
        hold_percent=policy.check_hold_percent, refuse_percent=policy.check_refuse_percent
    )


def _holds(wanted: Review, *, is_flagged: bool) -> bool:
    match wanted:
        case Review.OFF:
            return False
        case Review.FLAGGED:
            return is_flagged
        case Review.ALWAYS:
            return True
        case _:
            assert_never(wanted)


def _of_review(job: Job, policy: Policy) -> tuple[str, ...]:
    """All of a newcomer's pictures wait where not everybody's do."""
    if job.review is not Review.ALWAYS:
        return ()
    is_newcomer = policy.review is not Review.ALWAYS and policy.newcomer_days > 0
    return (case_reason(CaseReason.NEWCOMER if is_newcomer else CaseReason.ALWAYS),)


class Screener(DueWork[Job]):
    """One for the process."""

    def __init__(
        self,
        common: Common,
        *,
        words: WordCheck,
        checks: Mapping[str, PictureCheck],
        files: PictureFiles,
    ) -> None:
        super().__init__("screening", common, at_once=AT_ONCE, poll_s=POLL_S)
        self._words = words
        self._checks = checks
        self._files = files

    async def _find(self) -> Sequence[Job]:
        return await self._database.read(
            review.due_screenings, now_us=self._clock.now_us(), limit=2 * AT_ONCE
        )

    async def _do(self, job: Job, /) -> None:
        try:
            async with asyncio.timeout(LONGEST_TRY_S):
                judgement = await self._judgement(job)
        except PolicyUnreadable as error:
            log.error("picture waits for settings that can be read", job=job.id, detail=str(error))  # noqa: TRY400 - says all
            await self._put_off(job)
            return
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever fails, nothing passes by it
            judgement = _unchecked(Judgement(outcome=ScoreOutcome.HOLD), error)
        if judgement.unchecked is None:
            await self._settle(job, judgement)
        else:
            await self._failed(job, judgement, judgement.unchecked)

    async def _judgement(self, job: Job) -> Judgement:
        asking = asking_of(job.origin, job.role_ids)
        policy = await self._database.read(load_policy, asking)
        verdict = await self._verdict(job)
        judgement = judge(job, policy, verdict, None)
        if judgement.outcome is ScoreOutcome.REFUSE or policy.picture_check is CheckedBy.NOTHING:
            return judgement
        check = self._checks.get(policy.picture_check)
        if check is None:
            log.error("no such check of pictures is set up", job=job.id, check=policy.picture_check)
            return _unchecked(judgement)
        try:
            picture = await self._files.whole(job)
            score = await check.check(picture, prompt=_drawn_prompt(job) or job.request.prompt)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - likewise
            return _unchecked(judgement, error)
        return judge(job, policy, verdict, score)

    async def _verdict(self, job: Job) -> Verdict:
        """Of the words; but for those that the staff have let their member use after all."""
        request, origin = job.request, job.origin
        parts = {Part.PROMPT: request.prompt, Part.NEGATIVE: request.negative}
        verdict = await self._words.check(
            origin.tenant_id,
            {**parts, Part.REWRITTEN: _told_beside(job)},
            role_ids=job.role_ids,
            channel_ids=(origin.channel_id, origin.root_channel_id),
        )
        if not is_refused(verdict, is_restricted=origin.is_restricted):
            return verdict
        granted = await self._database.read(granted_rules, request, origin)
        refusing = {RuleOutcome.REFUSE, RuleOutcome.RESTRICT}
        left = [
            one
            for one in verdict.matches
            if one.part not in parts or one.outcome not in refusing or one.rule_name not in granted
        ]
        return Verdict(matches=tuple(left))

    async def _failed(self, job: Job, judgement: Judgement, error: Exception) -> None:
        """What nobody has any more is lost; else once more, and then the staff look."""
        attempt = await self._database.read(review.screening_attempts, job.id) + 1
        log.warning(
            "picture not looked at",
            job=job.id,
            guild=job.origin.guild_id,
            attempt=attempt,
            error=f"{type(error).__name__}: {error}",
        )
        if isinstance(error, RelayError) and error_kind(error) is ErrorKind.NEVER:
            failure, now_us = Failure(kind=type(error).__name__), self._clock.now_us()
            await self._database.write(fail_picture, job.id, failure, now_us=now_us)
            self._wakeup.set()
        elif attempt < MOST_TRIES and not _is_final(error):
            await self._put_off(job)
        else:
            await self._settle(job, judgement)

    async def _put_off(self, job: Job) -> None:
        attempt = await self._database.read(review.screening_attempts, job.id) + 1
        wait_s = next_wait_s(attempt=attempt, randomness=self._randomness)
        not_before_us = self._clock.now_us() + round(wait_s * 1e6)
        await self._database.write(review.delay_screening, job.id, not_before_us=not_before_us)

    async def _settle(self, job: Job, judgement: Judgement) -> None:
        await self._database.write(_settle, job, judgement, now_us=self._clock.now_us())
        log.info(
            "picture looked at", job=job.id, guild=job.origin.guild_id, outcome=judgement.outcome
        )
        self._wakeup.set()


def _is_final(error: Exception) -> bool:
    """Asked again, the check would give no answer either."""
    return isinstance(error, CheckFailed) and error.retry is Retry.NO


def _unchecked(judgement: Judgement, error: Exception | None = None) -> Judgement:
    reasons = (*judgement.reasons, case_reason(CaseReason.UNCHECKED))
    return replace(judgement, outcome=ScoreOutcome.HOLD, reasons=reasons, unchecked=error)


def _drawn_prompt(job: Job) -> str:
    """What was drawn, if that is something else than was asked."""
    shown = job.picture.shown_prompt if job.picture else ""
    return "" if shown == job.request.prompt else shown


def _told_beside(job: Job) -> str:
    """What was drawn, and why: whoever asks for the prompt reads both."""
    reasoning = job.picture.reasoning if job.picture else ""
    return "\n".join(filter(None, (_drawn_prompt(job), reasoning)))


def _settle(tx: Transaction, job: Job, judgement: Judgement, *, now_us: int) -> None:
    """Nothing if somebody else has looked at it meanwhile, or it is held no more."""
    reasons = judgement.reasons
    match judgement.outcome:
        case ScoreOutcome.PASS:
            review.pass_screening(tx, job.id, is_spoiler=judgement.is_spoiler, now_us=now_us)
        case ScoreOutcome.HOLD:
            review.hold_for_staff(
                tx, job.id, reasons=reasons, is_spoiler=judgement.is_spoiler, now_us=now_us
            )
        case ScoreOutcome.REFUSE:
            review.refuse_screened(tx, job.id, reasons=reasons, now_us=now_us)
        case _:
            assert_never(judgement.outcome)
