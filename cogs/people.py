"""`/moderation member`: one member, with what is set for them; and the appeals of members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.features.moderation.rules import lasts_us_of
from bot.policy.standing import StandingKind
from bot.queue.records import UserId
from bot.staff_refusals import AppealBar, AppealRefused
from bot.texts import described
from bot.texts.cards import Card
from bot.texts.notice_cards import FIELD, AppealPress, appeal_form, appealed_card
from bot.texts.people_cards import PersonPress, PersonVerb, block_form, person_card, set_text
from cogs.answers import change_to, in_time, promptly, send_form, show, show_alone
from cogs.origin import guild_id_of, moderator_of, user_of
from cogs.reading import named_fields, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.features.moderation.people import PeopleService
    from bot.queue.records import GuildId

_BLOCKING = frozenset({PersonVerb.BLOCK, PersonVerb.MUTE})
# What each sets or takes back, and which of both.
ACTS: Mapping[PersonVerb, tuple[StandingKind, bool]] = {
    PersonVerb.BLOCK: (StandingKind.BLOCKED, True),
    PersonVerb.MUTE: (StandingKind.BLOCKED, True),
    PersonVerb.UNBLOCK: (StandingKind.BLOCKED, False),
    PersonVerb.TRUST: (StandingKind.TRUSTED, True),
    PersonVerb.UNTRUST: (StandingKind.TRUSTED, False),
    PersonVerb.IGNORE: (StandingKind.UNHEARD, True),
    PersonVerb.HEAR: (StandingKind.UNHEARD, False),
}


class MemberDesk:
    """For the staff's eyes alone."""

    def __init__(self, group: app_commands.Group, *, people: PeopleService) -> None:
        self._people = people
        said = described("One member: cases, refusals, and what is set for them")
        group.command(name="member", description=said)(self.member)

    @app_commands.describe(user=described("Whom it is about"))
    async def member(self, interaction: discord.Interaction, user: discord.User) -> None:
        await show_alone(interaction, self._card(interaction, UserId(user.id)))

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(PersonPress, self.press, self.take_form),)

    async def press(self, interaction: discord.Interaction, press: PersonPress) -> None:
        """A button of the card."""
        if press.verb not in _BLOCKING:
            await change_to(interaction, self._do(interaction, press, {}))
            return
        looking = self._people.check_may_set(moderator_of(interaction))
        await in_time(interaction, looking)
        await send_form(interaction, block_form(press, texts_of(interaction)))

    async def take_form(self, interaction: discord.Interaction, press: PersonPress) -> None:
        await change_to(interaction, self._do(interaction, press, named_fields(interaction)))

    async def _do(
        self, interaction: discord.Interaction, press: PersonPress, filled: Mapping[str, str]
    ) -> Card:
        moderator, user_id = moderator_of(interaction), UserId(press.user_id)
        texts = texts_of(interaction)
        kind, is_set = ACTS[press.verb]
        if not is_set:
            await self._people.unset_person(moderator, user_id, kind)
            return await self._card(interaction, user_id, said=texts.say("It is noted down."))
        cancelled = await self._people.set_person(
            moderator,
            user_id,
            kind,
            lasts_us=lasts_us_of(filled.get("lasts", "")),
            reason=filled.get("reason", ""),
        )
        return await self._card(interaction, user_id, said=set_text(cancelled, texts))

    async def _card(
        self, interaction: discord.Interaction, user_id: UserId, *, said: str = ""
    ) -> Card:
        seen = await self._people.person(moderator_of(interaction), user_id)
        return person_card(seen, texts_of(interaction), said=said)


class Appeals:
    """The button under a refusal, its form, and the words that come back: for whoever was refused,
    rejected or blocked."""

    def __init__(self, *, people: PeopleService) -> None:
        self._people = people

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(AppealPress, self.press, self.take_form),)

    async def press(self, interaction: discord.Interaction, press: AppealPress) -> None:
        """Whoever may not appeal is told before they fill in a form."""
        user_id, guild_id = user_of(interaction), _guild_id(interaction)
        checking = self._people.check_appeal(press.kind, press.number, user_id, guild_id)
        reason = await in_time(interaction, checking)
        form = appeal_form(press, texts_of(interaction), reason=reason)
        await send_form(interaction, form)

    async def take_form(self, interaction: discord.Interaction, press: AppealPress) -> None:
        appealing = self._people.appeal(
            press.kind,
            press.number,
            user_of(interaction),
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
