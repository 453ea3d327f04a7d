"""`/moderation member`: one member, with their cases and what is set for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.features.moderation.durations import lasts_us_of
from bot.policy.standing import StandingKind
from bot.queue.records import UserId
from bot.texts import described
from bot.texts.people_cards import (
    PERSON_PATTERN,
    PersonVerb,
    block_form,
    person_card,
    person_pressed,
    set_text,
)
from cogs.answers import change, errors_answered, in_time, promptly, send_form, show
from cogs.origin import moderator_of
from cogs.reading import named_fields, texts_of

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from bot.features.moderation.people import PeopleService
    from bot.texts.cards import Card
    from bot.texts.people_cards import PersonPress

_BLOCKING = frozenset({PersonVerb.BLOCK, PersonVerb.MUTE})
_SETS: Mapping[PersonVerb, StandingKind] = {
    PersonVerb.BLOCK: StandingKind.BLOCKED,
    PersonVerb.MUTE: StandingKind.BLOCKED,
    PersonVerb.TRUST: StandingKind.TRUSTED,
    PersonVerb.IGNORE: StandingKind.UNHEARD,
}
_TAKES_BACK: Mapping[PersonVerb, StandingKind] = {
    PersonVerb.UNBLOCK: StandingKind.BLOCKED,
    PersonVerb.UNTRUST: StandingKind.TRUSTED,
    PersonVerb.HEAR: StandingKind.UNHEARD,
}


class MemberDesk:
    """For the staff's eyes alone."""

    def __init__(self, group: app_commands.Group, *, people: PeopleService) -> None:
        self._people = people
        said = described("One member: cases, refusals, and what is set for them")
        group.command(name="member", description=said)(self.member)

    @app_commands.describe(user=described("Whom it is about"))
    async def member(self, interaction: discord.Interaction, user: discord.User) -> None:
        card = await promptly(interaction, self._card(interaction, UserId(user.id)), private=True)
        await show(interaction, card, private=True)

    async def press(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """A button of the card."""
        press = person_pressed(match)
        if press.verb not in _BLOCKING:
            doing = self._do(interaction, press, {})
            await change(interaction, await promptly(interaction, doing, thinking=False))
            return
        looking = self._people.check_may_set(moderator_of(interaction))
        await in_time(interaction, looking)
        await send_form(interaction, block_form(press, texts_of(interaction)))

    async def take_form(self, interaction: discord.Interaction) -> None:
        """Of all that come back, those that a member's card has opened."""
        match = PERSON_PATTERN.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
        if match is None:
            return
        async with errors_answered(interaction):
            doing = self._do(interaction, person_pressed(match), named_fields(interaction))
            await change(interaction, await promptly(interaction, doing, thinking=False))

    async def _do(
        self, interaction: discord.Interaction, press: PersonPress, filled: Mapping[str, str]
    ) -> Card:
        moderator, user_id = moderator_of(interaction), UserId(press.user_id)
        texts = texts_of(interaction)
        if press.verb in _TAKES_BACK:
            await self._people.unset_person(moderator, user_id, _TAKES_BACK[press.verb])
            return await self._card(interaction, user_id, said=texts.say("It is noted down."))
        cancelled = await self._people.set_person(
            moderator,
            user_id,
            _SETS[press.verb],
            lasts_us=lasts_us_of(filled.get("lasts", "")),
            reason=filled.get("reason", ""),
        )
        return await self._card(interaction, user_id, said=set_text(cancelled, texts))

    async def _card(
        self, interaction: discord.Interaction, user_id: UserId, *, said: str = ""
    ) -> Card:
        seen = await self._people.person(moderator_of(interaction), user_id)
        return person_card(seen, texts_of(interaction), said=said)
