"""Appeals: the button under a refusal, its form, and the words that come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import AppealBar, AppealRefused
from bot.queue.records import UserId
from bot.texts.appeal_cards import (
    APPEAL_PATTERN,
    FIELD,
    AppealForm,
    appeal_pressed,
    appealed_card,
)
from cogs.answers import errors_answered, in_time, promptly, send_form, show
from cogs.origin import guild_id_of
from cogs.reading import named_fields, texts_of

if TYPE_CHECKING:
    import re

    from bot.features.moderation.people import PeopleService
    from bot.queue.records import GuildId
    from bot.texts.appeal_cards import AppealPress


class Appeals:
    """For whoever was refused, rejected or blocked."""

    def __init__(self, *, people: PeopleService) -> None:
        self._people = people

    async def press(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """Whoever may not appeal is told before they fill in a form."""
        press = appeal_pressed(match)
        user_id, guild_id = UserId(interaction.user.id), _guild_id(interaction)
        checking = self._people.check_appeal(press.kind, press.number, user_id, guild_id)
        reason = await in_time(interaction, checking)
        form = AppealForm(press.kind, press.number, texts_of(interaction), reason=reason)
        await send_form(interaction, form)

    async def take_form(self, interaction: discord.Interaction) -> None:
        """Of all that come back, those of appeals."""
        match = APPEAL_PATTERN.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
        if match is None:
            return
        async with errors_answered(interaction):
            await self._appeal(interaction, appeal_pressed(match))

    async def _appeal(self, interaction: discord.Interaction, press: AppealPress) -> None:
        appealing = self._people.appeal(
            press.kind,
            press.number,
            UserId(interaction.user.id),
            _guild_id(interaction),
            named_fields(interaction).get(FIELD, ""),
        )
        await promptly(interaction, appealing, private=True)
        await show(interaction, appealed_card(texts_of(interaction)), private=True)


def _guild_id(interaction: discord.Interaction) -> GuildId:
    """Raises AppealRefused: elsewhere there is nobody who would hear it."""
    guild_id = guild_id_of(interaction)
    if guild_id is None:
        raise AppealRefused(AppealBar.GONE)
    return guild_id
