"""What staff press on cases: at once, or by a form; who comes second learns who was first.

Rights are those that Discord sends with each press: cards hang longer than rights last.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord

from bot.queue.records import UserId
from bot.texts.cards import Card
from bot.texts.case_cards import KIND_VERBS, case_card
from bot.texts.case_controls import DECISIONS, CasePress, CaseVerb, case_form, ruling_of
from bot.texts.case_lists import decided_notice, ignored_notice
from bot.texts.staff_refusals import decision_text
from cogs.answers import answer_unknown_button, change_to, in_time, promptly, send_form, show
from cogs.origin import moderator_of
from cogs.reading import chosen_ids, guild_texts, is_on_private, named_fields, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.features.moderation.people import PeopleService
    from bot.features.moderation.rows.case_views import CaseView
    from bot.features.moderation.service import CasePicture, ModerationService
    from bot.queue.cases import Case


class Cases:
    """Presses and forms of cases."""

    def __init__(self, *, moderation: ModerationService, people: PeopleService) -> None:
        self._moderation = moderation
        self._people = people

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(CasePress, self.press, self.take_form),)

    async def press(self, interaction: discord.Interaction, press: CasePress) -> None:
        if press.verb is CaseVerb.SHOW:
            await self.open(interaction, press.case_id)
        elif press.verb is CaseVerb.IGNORE:
            await self._ignore(interaction, press.case_id)
        elif (form := case_form(press.verb, press.case_id, texts_of(interaction))) is not None:
            moderator, decision = moderator_of(interaction), DECISIONS[press.verb]
            looking = self._moderation.to_decide(press.case_id, moderator, decision)
            view = await in_time(interaction, looking)
            if press.verb in KIND_VERBS[view.case.kind]:
                await send_form(interaction, form)
            else:
                await answer_unknown_button(interaction)
        else:
            await self._decide(interaction, press.verb, press.case_id, {})

    async def take_form(self, interaction: discord.Interaction, press: CasePress) -> None:
        await self._decide(interaction, press.verb, press.case_id, named_fields(interaction))

    async def _decide(
        self,
        interaction: discord.Interaction,
        verb: CaseVerb,
        case_id: int,
        filled: Mapping[str, str],
    ) -> None:
        is_private = is_on_private(interaction)
        ruling = ruling_of(verb, filled, guild_texts(interaction))
        deciding = self._moderation.decide(case_id, moderator_of(interaction), ruling)
        case = await promptly(interaction, deciding, private=True, thinking=not is_private)
        if is_private:
            await change_to(interaction, self._card(interaction, case))
        else:
            said = decision_text(case.end.decision, texts_of(interaction)) if case.end else ""
            await show(interaction, decided_notice(said, texts_of(interaction)), private=True)

    async def _ignore(self, interaction: discord.Interaction, case_id: int) -> None:
        user_ids = [UserId(one) for one in chosen_ids(interaction)]
        ignoring = self._people.ignore_reporters(case_id, moderator_of(interaction), user_ids)
        count = await promptly(interaction, ignoring, private=True)
        await show(interaction, ignored_notice(count, texts_of(interaction)), private=True)

    # Seen by whoever asks alone

    async def open(self, interaction: discord.Interaction, case_id: int) -> None:
        """All of a case, with its picture where that can be had."""

        async def seen() -> tuple[CaseView, CasePicture | None]:
            view = await self._moderation.view(case_id, moderator_of(interaction))
            return view, await self._moderation.picture(view)

        view, picture = await promptly(interaction, seen(), private=True)
        image, files = None, []
        if picture is not None:
            image = picture.link
            if picture.content is not None:
                image = f"attachment://{picture.name}"
                file = discord.File(io.BytesIO(picture.content), picture.name, spoiler=False)
                files.append(file)
        card = case_card(view, texts_of(interaction), image=image)
        await show(interaction, card, private=True, files=files)

    async def _card(self, interaction: discord.Interaction, case: Case) -> Card:
        """After it was decided."""
        view = await self._moderation.view(case.id, moderator_of(interaction))
        return case_card(view, texts_of(interaction), image=None)
