"""`/moderation`: the group, and the list of cases that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.queue.records import ChannelId
from bot.texts import described
from bot.texts.case_forms import rejection_form, ruling_of
from bot.texts.case_ids import LIST_PATTERN, CaseVerb, ListVerb, list_pressed
from bot.texts.case_lists import list_card, together_text
from cogs.answers import (
    answer_unknown_button,
    change,
    errors_answered,
    in_time,
    promptly,
    send_form,
    show,
)
from cogs.origin import moderator_of
from cogs.reading import chosen_ids, guild_texts, named_fields, texts_of

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from bot.features.moderation.rules import Ruling
    from bot.features.moderation.service import ModerationService
    from bot.texts.cards import Card
    from bot.texts.case_ids import ListPress
    from cogs.cases import Cases


def moderation_group() -> app_commands.Group:
    """Without commands: each part of moderation adds its own, as `ModerationDesk` does."""
    return app_commands.Group(
        name="moderation",
        description=described("For this server's staff: what waits, who may do what"),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_messages=True),
    )


class ModerationDesk:
    """The list of open cases, one of which is opened, or many decided together."""

    def __init__(
        self, group: app_commands.Group, *, moderation: ModerationService, cases: Cases
    ) -> None:
        self._moderation = moderation
        self._cases = cases
        said = described("Pictures, reports and appeals that wait for the staff")
        group.command(name="queue", description=said)(self.queue)

    @app_commands.describe(where=described("Of the whole server, as far as you may, or of here"))
    @app_commands.choices(
        where=[
            app_commands.Choice(name="server", value="server"),
            app_commands.Choice(name="here", value="here"),
        ]
    )
    async def queue(self, interaction: discord.Interaction, where: str = "server") -> None:
        """Whoever moderates this place alone sees what is about it."""

        async def card() -> Card:
            moderator = moderator_of(interaction)
            is_all = where == "server" and await self._moderation.sees_all(moderator)
            place_id = 0 if is_all else moderator.root_channel_id
            return await self._list(interaction, place_id, 0)

        await show(interaction, await promptly(interaction, card(), private=True), private=True)

    async def press(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """A control of the list."""
        press = list_pressed(match)
        match press.verb:
            case ListVerb.PAGE:
                await self._turn(interaction, press)
            case ListVerb.CHOOSE:
                await self._turn(interaction, press, marked=chosen_ids(interaction))
            case ListVerb.OPEN:
                await self._open(interaction)
            case ListVerb.APPROVE:
                approved = ruling_of(CaseVerb.APPROVE, {}, texts_of(interaction))
                await self._decide_marked(interaction, press, approved)
            case ListVerb.REJECT:
                form = rejection_form(press.place_id, press.page, texts_of(interaction))
                await in_time(interaction, self._list(interaction, press.place_id, press.page))
                await send_form(interaction, form)

    async def take_form(self, interaction: discord.Interaction) -> None:
        """Of all that come back, the one that rejects what is marked."""
        match = LIST_PATTERN.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
        if match is None:
            return
        async with errors_answered(interaction):
            filled = named_fields(interaction)
            rejected = ruling_of(CaseVerb.REJECT, filled, guild_texts(interaction))
            await self._decide_marked(interaction, list_pressed(match), rejected)

    async def _turn(
        self, interaction: discord.Interaction, press: ListPress, *, marked: Sequence[int] = ()
    ) -> None:
        listing = self._list(interaction, press.place_id, press.page, marked=marked)
        await change(interaction, await promptly(interaction, listing, thinking=False))

    async def _open(self, interaction: discord.Interaction) -> None:
        match chosen_ids(interaction):
            case [case_id]:
                await self._cases.open(interaction, case_id)
            case _:
                await answer_unknown_button(interaction)

    async def _decide_marked(
        self, interaction: discord.Interaction, press: ListPress, ruling: Ruling
    ) -> None:
        async def decided() -> Card:
            deciding = self._moderation.decide_reviews(
                marked_in(interaction.message), moderator_of(interaction), ruling
            )
            said = together_text(await deciding, texts_of(interaction))
            return await self._list(interaction, press.place_id, press.page, said=said)

        await change(interaction, await promptly(interaction, decided(), thinking=False))

    async def _list(
        self,
        interaction: discord.Interaction,
        place_id: int,
        page: int,
        *,
        marked: Sequence[int] = (),
        said: str = "",
    ) -> Card:
        found = await self._moderation.queue(
            moderator_of(interaction), place_id=ChannelId(place_id) or None, page=page
        )
        return list_card(found, place_id, texts_of(interaction), marked=marked, said=said)


def marked_in(message: discord.Message | None) -> list[int]:
    """The cases that are marked in a list: what is chosen in its select, as Discord sent it along
    with the press."""
    if message is None:
        return []
    rows = discord.ui.LayoutView.from_message(message).walk_children()
    selects = [one for one in rows if isinstance(one, discord.ui.Select) and one.max_values > 1]
    return [int(option.value) for one in selects for option in one.options if option.default]
