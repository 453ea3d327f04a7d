"""What staff press on cases: at once, or by a form; who comes second learns who was first.

Rights are those that Discord sends with each press: cards hang longer than rights last.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import discord

from bot.features.moderation.rules import Moderator
from bot.queue.records import UserId
from bot.texts import Texts
from bot.texts.case_cards import KIND_VERBS, case_card
from bot.texts.case_controls import DECISIONS, CasePress, CaseVerb, case_form, ruling_of
from bot.texts.case_lists import decided_notice, ignored_notice
from bot.texts.staff_refusals import decision_text
from cogs.answers import (
    answer_unknown_button,
    change,
    errors_answered,
    form_of,
    in_time,
    promptly,
    send_form,
    show,
)
from cogs.origin import build_asker, is_staff, without_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.features.moderation.people import PeopleService
    from bot.features.moderation.rows.case_views import CaseView
    from bot.features.moderation.service import CasePicture, ModerationService
    from bot.queue.cases import Case
    from bot.texts.cards import Card

_NUMBER = re.compile("[1-9][0-9]{0,18}", re.ASCII)


class Cases:
    """Presses and forms of cases."""

    def __init__(self, *, moderation: ModerationService, people: PeopleService) -> None:
        self._moderation = moderation
        self._people = people

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

    async def take_form(self, interaction: discord.Interaction) -> None:
        """Of all that come back, those that a case has opened."""
        press = form_of(CasePress, interaction)
        if press is None:
            return
        async with errors_answered(interaction):
            filled = filled_fields(interaction)
            await self._decide(interaction, press.verb, press.case_id, filled)

    async def _decide(
        self,
        interaction: discord.Interaction,
        verb: CaseVerb,
        case_id: int,
        filled: Mapping[str, str],
    ) -> None:
        is_private = interaction.message is not None and interaction.message.flags.ephemeral
        ruling = ruling_of(verb, filled, guild_texts(interaction))
        deciding = self._moderation.decide(case_id, moderator_of(interaction), ruling)
        case = await promptly(interaction, deciding, private=True, thinking=not is_private)
        if is_private:
            await change(interaction, await self._card(interaction, case))
        else:
            said = decision_text(case.end.decision, texts_of(interaction)) if case.end else ""
            await show(interaction, decided_notice(said, texts_of(interaction)), private=True)

    async def _ignore(self, interaction: discord.Interaction, case_id: int) -> None:
        user_ids = [UserId(one) for one in chosen_numbers(interaction)]
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


def moderator_of(interaction: discord.Interaction) -> Moderator:
    """Whoever presses, with what Discord says that they may do in this very place."""
    asker = build_asker(interaction)
    button = asker.button
    return Moderator(
        user_id=asker.user_id,
        guild_id=asker.guild_id,
        channel_id=asker.channel_id,
        root_channel_id=asker.root_channel_id,
        may_moderate=asker.may_moderate,
        manages_server=is_staff(interaction),
        may_time_out=_may_time_out(interaction.permissions),
        message_id=None if button is None or button.is_private else button.message_id,
    )


def _may_time_out(granted: discord.Permissions) -> bool:
    return granted.moderate_members or granted.administrator


def chosen_numbers(interaction: discord.Interaction) -> list[int]:
    """What was chosen from a select of ids."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [int(one) for one in data.get("values", ()) if _NUMBER.fullmatch(str(one))]


def filled_fields(interaction: discord.Interaction) -> dict[str, str]:
    """What was typed, chosen or ticked in a form, by the field; names in the place of mentions."""
    data: dict[str, Any] = dict(interaction.data or {})
    fields = [one.get("component") or {} for one in data.get("components", ())]
    filled = {str(one.get("custom_id")): one.get("value") for one in fields}
    return {
        name: without_ids("" if value is None else str(value), interaction)
        for name, value in filled.items()
    }


def texts_of(interaction: discord.Interaction) -> Texts:
    return Texts(interaction.locale.value)


def guild_texts(interaction: discord.Interaction) -> Texts:
    """What members are told is in the guild's language: nobody knows theirs."""
    return Texts((interaction.guild_locale or interaction.locale).value)
