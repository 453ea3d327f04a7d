"""What is asked before a picture is queued, and the buttons of it. They work after any restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

import discord
import structlog

from bot.features.imagine.drafts import Choice, DraftService
from bot.features.imagine.records import TypedRequest
from bot.features.imagine.service import Service
from bot.policy.rules import Rewriting
from bot.queue.submit import asking_of
from bot.refusals import PromptTooLong
from bot.texts.draft_cards import (
    PROMPT_FIELD,
    DraftPress,
    DraftVerb,
    batch_card,
    dropped_card,
    prompt_form,
    rewritten_card,
    too_long_card,
    used_card,
)
from bot.texts.forms import Form
from bot.texts.refusals import refusal_text
from cogs.answers import change, change_private, open_form, promptly, send_ephemeral, show
from cogs.origin import asking_in, build_asker, build_origin, role_ids, user_of
from cogs.reading import named_fields, texts_of
from cogs.routes import Route
from cogs.submission import submit_and_show, warn

if TYPE_CHECKING:
    from bot.features.imagine.drafts import Batch
    from bot.features.imagine.records import Draft, Options, Receipt
    from bot.queue.records import JobId

log = structlog.get_logger("cogs.drafts")


class Drafts:
    """Asks a member before anything is painted, and does what they answer."""

    def __init__(self, *, service: Service, drafts: DraftService) -> None:
        self._service = service
        self._drafts = drafts

    async def ask(
        self,
        interaction: discord.Interaction,
        typed: TypedRequest,
        *,
        parent_id: JobId | None = None,
    ) -> None:
        """Shows the member alone their prompt, rewritten; a parent is the job that it changes."""

        async def asked() -> tuple[Draft, Options]:
            origin = build_origin(interaction, parent_id=parent_id)
            roles = role_ids(interaction)
            options = await self._service.options(asking_of(origin, roles))
            draft = await self._drafts.ask(
                typed, origin, largest_batch=options.largest_batch, role_ids=roles
            )
            return draft, options

        draft, options = await promptly(interaction, asked(), private=True)
        card = rewritten_card(draft, options, texts_of(interaction))
        if await show(interaction, card, private=True) is not None:
            await warn(interaction, draft.nearly_used_up)

    async def confirm(self, interaction: discord.Interaction, typed: TypedRequest) -> None:
        """Shows the member alone which pictures that would be."""

        async def kept() -> Batch:
            origin, roles = build_origin(interaction), role_ids(interaction)
            options = await self._service.options(asking_of(origin, roles))
            return await self._drafts.keep_batch(
                typed, origin, largest_batch=options.largest_batch, role_ids=roles
            )

        batch = await promptly(interaction, kept(), private=True)
        await show(interaction, batch_card(batch, texts_of(interaction)), private=True)

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(DraftPress, self.press, self.press),)

    async def press(self, interaction: discord.Interaction, press: DraftPress) -> None:
        """A button of a draft, or its form that was filled in."""
        match press.verb:
            case DraftVerb.USE:
                await self._paint(interaction, press.draft_id, Choice.REWRITTEN)
            case DraftVerb.OWN | DraftVerb.PAINT:
                await self._paint(interaction, press.draft_id, Choice.TYPED)
            case DraftVerb.EDIT | DraftVerb.AGAIN:
                await open_form(interaction, self._form(interaction, press))
            case DraftVerb.SAVE:
                await self._save(interaction, press.draft_id)
            case DraftVerb.DROP:
                work = self._drafts.drop(press.draft_id, user_of(interaction))
                await promptly(interaction, work, thinking=False)
                await change(interaction, dropped_card(texts_of(interaction)))
            case _:
                assert_never(press.verb)

    async def _paint(
        self, interaction: discord.Interaction, draft_id: JobId, choice: Choice
    ) -> None:
        """The press becomes the request; its answer is the status message, for everybody."""

        async def submission() -> Receipt:
            origin, roles = build_origin(interaction), role_ids(interaction)
            draft = await self._drafts.draft(draft_id, origin.user_id)
            if draft.parent_id is not None:
                await self._service.check_place(draft.parent_id, build_asker(interaction))
            options = await self._service.options(asking_of(origin, roles))
            first, *more = await self._drafts.chosen(
                draft_id, origin.user_id, choice, largest_batch=options.largest_batch
            )
            return await self._service.submit(
                first,
                origin,
                role_ids=roles,
                more=more,
                verb=self._drafts.using(draft_id),
            )

        await submit_and_show(interaction, self._service, submission())
        await change_private(interaction, used_card(texts_of(interaction)))

    async def _form(self, interaction: discord.Interaction, press: DraftPress) -> Form:
        user_id = user_of(interaction)
        draft = await self._drafts.draft(press.draft_id, user_id)
        if press.typed_id is None:
            return prompt_form(draft, texts_of(interaction))
        typed = await self._drafts.typed(press.typed_id, user_id)
        return prompt_form(draft, texts_of(interaction), typed.prompt)

    async def _save(self, interaction: discord.Interaction, draft_id: JobId) -> None:
        """What is too long comes back with what was typed."""
        prompt = named_fields(interaction).get(PROMPT_FIELD, "")

        async def saved() -> tuple[Draft, Options]:
            draft = await self._drafts.change(draft_id, user_of(interaction), prompt)
            return draft, await self._service.options(asking_in(interaction))

        try:
            draft, options = await promptly(interaction, saved(), thinking=False)
        except PromptTooLong as refusal:
            log.info("edit refused", interaction=interaction.id, reason=type(refusal).__name__)
            await self._give_back(interaction, draft_id, prompt, refusal)
            return
        await change(interaction, rewritten_card(draft, options, texts_of(interaction)))

    async def _give_back(
        self, interaction: discord.Interaction, draft_id: JobId, prompt: str, refusal: PromptTooLong
    ) -> None:
        texts, typed = texts_of(interaction), TypedRequest(prompt=prompt, rewriting=Rewriting.ASK)
        keeping = self._drafts.keep_typed(typed, build_origin(interaction))
        kept = await promptly(interaction, keeping, thinking=False)
        card = too_long_card(refusal_text(refusal, texts), draft_id, kept, texts)
        await send_ephemeral(interaction, card)
