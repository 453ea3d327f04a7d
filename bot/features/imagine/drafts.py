"""Drafts: a prompt rewritten and shown before anything is drawn, several prompts to be confirmed,
what was mistyped to be mended. Everything that it acknowledges is on disk."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, assert_never

import structlog
from msgspec import Struct

from bot.errors import (
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    ProviderError,
    StorageError,
)
from bot.features.imagine import rows
from bot.features.imagine.permutations import permutations_of
from bot.records import replace
from bot.refusals import (
    NoRewriter,
    RewritingEnd,
    RewritingFailed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bot.db.sqlite import Database
    from bot.features.imagine.records import Draft, TypedRequest
    from bot.features.imagine.service import Service
    from bot.providers import Pricing
    from bot.providers.image import ImageRequest
    from bot.providers.rewriter import Rewriter
    from bot.queue.records import JobId, Origin, RoleId, UserId
    from bot.queue.submit import Submitted
    from bot.runtime.clock import Clock

log = structlog.get_logger("bot.drafts")


class Choice(StrEnum):
    """Which prompt of a draft is to be drawn."""

    REWRITTEN = "rewritten"
    TYPED = "typed"  # with all its alternatives


class Batch(Struct, frozen=True, kw_only=True):
    """Several prompts that wait for a word."""

    draft: Draft
    requests: tuple[ImageRequest, ...]
    micros: int  # what they would cost at this moment


class DraftService:
    """One for the process."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        service: Service,
        price: Pricing,
        rewriter: Rewriter | None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._service = service
        self._price = price
        self._rewriter = rewriter

    @property
    def has_rewriter(self) -> bool:
        """Whether a member may ask to read the rewritten prompt first."""
        return self._rewriter is not None

    async def ask(
        self,
        typed: TypedRequest,
        origin: Origin,
        *,
        largest_batch: int,
        role_ids: Collection[RoleId] = (),
    ) -> Draft:
        """Has the prompt rewritten; nothing is drawn. The draft is on disk before the call leaves.

        Raises:
            NoRewriter: nobody does, or there are several prompts.
            RewritingFailed: it came to nothing, perhaps for money.
            Refusal: as the pictures would be refused, or by a limit of money; nothing was spent.
        """
        if self._rewriter is None:
            raise NoRewriter
        if permutations_of(typed.prompt).count > 1:
            raise NoRewriter(has_several=True)
        requests = self._service.requests(typed, largest_batch=largest_batch)
        await self._service.check_words(requests, origin, role_ids)
        draft = await self._database.write(
            rows.begin_rewriting,
            replace(typed, prompt=requests[0].prompt),
            requests,
            origin,
            prompt_limit=self._service.offer.prompt_limit,
            price=self._price,
            role_ids=role_ids,
            now_us=self._clock.now_us(),
        )
        return await self._rewritten(draft, self._rewriter)

    async def _rewritten(self, draft: Draft, rewriter: Rewriter) -> Draft:
        """One call. A draft that stays in writing is ended by the next start."""
        try:
            done = await rewriter.rewrite(draft.typed.prompt)
        except ProviderError as error:
            log.warning(
                "prompt not rewritten", draft=draft.id, model=rewriter.name, error=str(error)
            )
            failed = _failure_of(error)
            await self._record_failure(draft, failed)
            raise failed from error
        try:
            recorded = await self._database.write(
                rows.record_rewriting,
                draft.id,
                done.prompt,
                input_tokens=done.input_tokens,
                output_tokens=done.output_tokens,
                now_us=self._clock.now_us(),
            )
        except StorageError as error:
            log.error("rewriting not recorded", draft=draft.id, error=str(error))  # noqa: TRY400 - says all
            raise RewritingFailed(RewritingEnd.LOST, may_cost=True) from error
        log.info(
            "prompt rewritten",
            draft=draft.id,
            model=rewriter.name,
            provider_request=done.request_id,
            cost_micros=recorded.cost_micros,
            duration_us=done.duration_us,
        )
        return replace(recorded, nearly_used_up=draft.nearly_used_up)

    async def _record_failure(self, draft: Draft, failed: RewritingFailed) -> None:
        """Raises StorageError, unless what may have been charged is to be said first."""
        try:
            await self._database.write(
                rows.fail_rewriting,
                draft.id,
                is_uncertain=failed.may_cost,
                now_us=self._clock.now_us(),
            )
        except StorageError as error:
            if not failed.may_cost:
                raise
            log.error("rewriting not recorded", draft=draft.id, error=str(error))  # noqa: TRY400 - says all

    async def keep_batch(
        self,
        typed: TypedRequest,
        origin: Origin,
        *,
        largest_batch: int,
        role_ids: Collection[RoleId] = (),
    ) -> Batch:
        """Keeps several prompts until their member has confirmed them. Costs nothing.

        Raises:
            Refusal: as the pictures would be refused.
        """
        requests = self._service.requests(typed, largest_batch=largest_batch)
        await self._service.check_words(requests, origin, role_ids)
        draft, micros = await self._database.write(
            rows.keep_batch,
            typed,
            requests,
            origin,
            price=self._price,
            role_ids=role_ids,
            now_us=self._clock.now_us(),
        )
        return Batch(draft=draft, requests=requests, micros=micros)

    async def keep_typed(self, typed: TypedRequest, origin: Origin) -> Draft:
        """Keeps what was mistyped, however wrong it is, for a form to be filled with again."""
        return await self._database.write(rows.keep, typed, origin, now_us=self._clock.now_us())

    async def typed(self, draft_id: JobId, user_id: UserId) -> TypedRequest:
        """What its member has typed. Raises DraftClosed."""
        return (await self._database.read(rows.open_draft, draft_id, user_id)).typed

    async def draft(self, draft_id: JobId, user_id: UserId) -> Draft:
        """One's own that is open. Raises DraftClosed."""
        return await self._database.read(rows.open_draft, draft_id, user_id)

    async def chosen(
        self, draft_id: JobId, user_id: UserId, choice: Choice, *, largest_batch: int
    ) -> tuple[ImageRequest, ...]:
        """What is to be submitted of a draft, with `using` as the verb.

        Raises:
            DraftClosed, and as `Service.requests`.
        """
        draft = await self.draft(draft_id, user_id)
        match choice:
            case Choice.TYPED if draft.rewritten is None:
                return self._service.requests(draft.typed, largest_batch=largest_batch)
            case Choice.TYPED:  # its braces were read before it was rewritten
                return self._service.painted([draft.typed.prompt], draft.typed)
            case Choice.REWRITTEN:
                prompt = draft.rewritten or draft.typed.prompt
                return self._service.painted([prompt], draft.typed)
            case _:
                assert_never(choice)

    @staticmethod
    def using(draft_id: JobId) -> Callable[..., Submitted]:
        """Submits and uses the draft up, in one transaction: it is used once, or not at all."""
        return partial(rows.use, draft_id=draft_id)

    async def change(self, draft_id: JobId, user_id: UserId, prompt: str) -> Draft:
        """The rewritten prompt as its member would have it.

        Raises:
            DraftClosed, PromptEmpty, PromptTooLong: it is as it was.
        """
        draft = await self.draft(draft_id, user_id)
        (request,) = self._service.painted([prompt], replace(draft.typed, count=1))
        return await self._database.write(rows.change_rewritten, draft_id, user_id, request.prompt)

    async def drop(self, draft_id: JobId, user_id: UserId) -> None:
        """Raises DraftClosed."""
        await self._database.write(rows.drop, draft_id, user_id)


def _failure_of(error: ProviderError) -> RewritingFailed:
    match error:
        case ContentRefused():
            # Withheld from an answer that says it went well, it was written, and so is billed.
            return RewritingFailed(RewritingEnd.REFUSED, may_cost=error.status == 200)
        case AnswerLost() | AnswerUnreadable():
            return RewritingFailed(RewritingEnd.LOST, may_cost=True)
        case _:
            return RewritingFailed(RewritingEnd.FAILED)
