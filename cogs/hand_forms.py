"""The forms of a picture's hands: opened by a button or the menu, and taken when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog

from bot.features.imagine.records import TypedEdit, TypedRequest
from bot.features.imagine.remaking import edited, with_rewritten_prompt
from bot.policy.rules import Rewriting
from bot.queue.authority import Act
from bot.queue.records import JobId
from bot.queue.reports import ReportReason
from bot.refusals import PromptTooLong, Refusal, UnknownJob
from bot.texts.forms import Form
from bot.texts.hand_cards import (
    alt_form,
    correction_card,
    described_card,
    edit_form,
    report_form,
    reported_card,
    typed_of,
)
from bot.texts.notice_cards import button_against
from bot.texts.refusals import refusal_text
from cogs.answers import in_time, open_form, promptly, send_ephemeral, show
from cogs.origin import asking_in, build_asker, build_origin, guild_id_of, role_ids, user_of
from cogs.reading import named_fields, texts_of
from cogs.submission import submit_and_show

if TYPE_CHECKING:
    from bot.features.hands import HandsService
    from bot.features.imagine.drafts import DraftService
    from bot.features.imagine.records import Receipt
    from bot.features.imagine.service import Service
    from bot.queue.records import Job
    from cogs.drafts import Drafts

log = structlog.get_logger("cogs.hand_forms")


class HandForms:
    """Edit, alternative text, report."""

    def __init__(
        self, *, service: Service, hands: HandsService, kept: DraftService, drafts: Drafts
    ) -> None:
        self._service = service
        self._hands = hands
        self._kept = kept
        self._drafts = drafts

    # Edit

    async def open_edit(self, interaction: discord.Interaction, job_id: JobId) -> None:
        async def form() -> Form:
            job = await self._to_paint(interaction, job_id)
            return await self._edit_form(interaction, job_id, typed_of(job))

        await open_form(interaction, form())

    async def correct(self, interaction: discord.Interaction, draft_id: JobId) -> None:
        """Once more, with what was typed before."""

        async def form() -> Form:
            draft = await self._kept.draft(draft_id, user_of(interaction))
            if draft.parent_id is None:
                raise UnknownJob
            return await self._edit_form(interaction, draft.parent_id, _as_typed(draft.typed))

        await open_form(interaction, form())

    async def use_rewritten(self, interaction: discord.Interaction, job_id: JobId) -> None:
        """At once; one that is too long for a prompt is put into the form, to be shortened."""
        job = await in_time(interaction, self._to_paint(interaction, job_id))
        remake = with_rewritten_prompt(self._service.offer)
        try:
            remake(job)
        except PromptTooLong:
            rewritten = job.picture.shown_prompt if job.picture else ""
            typed = _with_prompt(typed_of(job), rewritten)
            await open_form(interaction, self._edit_form(interaction, job_id, typed))
            return
        submission = self._service.remade(
            job_id,
            build_origin(interaction, parent_id=job_id),
            asker=build_asker(interaction),
            remake=remake,
            role_ids=role_ids(interaction),
        )
        await submit_and_show(interaction, self._service, submission)

    async def _to_paint(self, interaction: discord.Interaction, job_id: JobId) -> Job:
        """Whoever may not have it painted here is told before they fill in a form."""
        job = await self._service.to_paint(job_id, build_asker(interaction))
        build_origin(interaction)
        return job

    async def _edit_form(
        self, interaction: discord.Interaction, parent_id: JobId, typed: TypedEdit
    ) -> Form:
        rewritings = await self._service.rewritings(
            asking_in(interaction), can_ask=self._kept.has_rewriter
        )
        texts = texts_of(interaction)
        return edit_form(parent_id, typed, self._service.offer, texts, rewritings=rewritings)

    async def take_edit(self, interaction: discord.Interaction, parent_id: JobId) -> None:
        """A job of whoever typed it; what is refused comes back with what was typed."""
        filled = named_fields(interaction)
        typed = TypedEdit(
            prompt=filled.get("prompt", ""),
            negative=filled.get("negative", ""),
            size=filled.get("size", ""),
            seed=filled.get("seed", ""),
            rewriting=filled.get("rewriting", ""),
        )
        try:
            await self._begin(interaction, parent_id, typed)
        except Refusal as refusal:
            log.info("edit refused", interaction=interaction.id, reason=type(refusal).__name__)
            await self._give_back(interaction, parent_id, typed, refusal)

    async def _begin(
        self, interaction: discord.Interaction, parent_id: JobId, typed: TypedEdit
    ) -> None:
        if typed.rewriting == Rewriting.ASK:
            await promptly(interaction, self._to_paint(interaction, parent_id), private=True)
            edited(typed, self._service.offer, new_seed=0)  # what makes no sense is said before
            await self._drafts.ask(interaction, _as_request(typed), parent_id=parent_id)
            return
        submission = self._edited(interaction, parent_id, typed)
        await submit_and_show(interaction, self._service, submission)

    async def _edited(
        self, interaction: discord.Interaction, parent_id: JobId, typed: TypedEdit
    ) -> Receipt:
        request = edited(typed, self._service.offer, new_seed=self._service.new_seed())
        return await self._service.remade(
            parent_id,
            build_origin(interaction, parent_id=parent_id),
            asker=build_asker(interaction),
            remake=lambda _: request,
            role_ids=role_ids(interaction),
        )

    async def _give_back(
        self, interaction: discord.Interaction, parent_id: JobId, typed: TypedEdit, refusal: Refusal
    ) -> None:
        texts = texts_of(interaction)
        reason = refusal_text(refusal, texts)
        origin = build_origin(interaction, parent_id=parent_id)
        keeping = self._kept.keep_typed(_as_request(typed), origin)
        draft = await promptly(interaction, keeping, private=True)
        appeal = button_against(refusal, texts)
        card = correction_card(reason, typed, draft.id, texts, appeal=appeal)
        await send_ephemeral(interaction, card)

    # Alternative text

    async def open_alt(self, interaction: discord.Interaction, job_id: JobId) -> None:
        async def form() -> Form:
            job = await self._hands.look(job_id, build_asker(interaction), Act.DESCRIBE)
            tells_words = await self._hands.tells_words(job)
            return alt_form(job, texts_of(interaction), tells_words=tells_words)

        await open_form(interaction, form())

    async def take_alt(self, interaction: discord.Interaction, job_id: JobId) -> None:
        text = named_fields(interaction).get("alt", "")
        work = self._hands.describe(
            job_id, build_asker(interaction), text, role_ids=role_ids(interaction)
        )
        is_shown = await promptly(interaction, work, private=True)
        card = described_card(texts_of(interaction), is_shown=is_shown)
        await show(interaction, card, private=True)

    # Reports

    async def open_report(self, interaction: discord.Interaction, job_id: JobId) -> None:
        async def form() -> Form:
            job = await self._hands.look_to_report(job_id, build_asker(interaction))
            return report_form(job, texts_of(interaction))

        await open_form(interaction, form())

    async def take_report(self, interaction: discord.Interaction, job_id: JobId) -> None:
        filled = named_fields(interaction)
        reason = filled.get("reason", "")
        known = ReportReason(reason) if reason in {*ReportReason} else ReportReason.OTHER
        words = filled.get("words", "")
        work = self._hands.report(job_id, build_asker(interaction), known, words)
        is_heard = await promptly(interaction, work, private=True)
        has_staff = guild_id_of(interaction) is not None
        card = reported_card(texts_of(interaction), is_heard=is_heard, has_staff=has_staff)
        await show(interaction, card, private=True)


def _as_request(typed: TypedEdit) -> TypedRequest:
    is_known = typed.rewriting in {*Rewriting}
    return TypedRequest(
        prompt=typed.prompt,
        negative=typed.negative,
        size=typed.size,
        seed=typed.seed,
        rewriting=Rewriting(typed.rewriting) if is_known else Rewriting.OFF,
    )


def _as_typed(request: TypedRequest) -> TypedEdit:
    return TypedEdit(
        prompt=request.prompt,
        negative=request.negative,
        size=request.size,
        seed=request.seed,
        rewriting=request.rewriting,
    )


def _with_prompt(typed: TypedEdit, prompt: str) -> TypedEdit:
    return TypedEdit(prompt=prompt, negative=typed.negative, size=typed.size, seed=typed.seed)
