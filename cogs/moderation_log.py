"""`/moderation log`: what staff and rules have done, for staff alone; and as a file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.features.log.rows import LogFilter
from bot.policy.audit import AuditAction
from bot.texts import described
from bot.texts.cards import Colour, file_card
from bot.texts.log_cards import acts_card, log_file_text, wanted_of
from cogs.answers import change, promptly, show
from cogs.origin import moderator_of
from cogs.reading import texts_of

if TYPE_CHECKING:
    import re

    from bot.features.log.service import LogService
    from bot.texts.cards import Card

OF_THE_OPERATOR = (AuditAction.PAUSED, AuditAction.RESUMED)  # never in a guild's log


class ModerationLog:
    """One for the process."""

    def __init__(self, group: app_commands.Group, *, log: LogService) -> None:
        self._log = log
        said = described("What staff and rules have done, and when")
        group.command(name="log", description=said)(self.show_log)

    @app_commands.describe(
        action=described("Nothing but this"),
        by=described("By this moderator"),
        member=described("About this member"),
        days=described("Of so many days"),
        file=described("All of it as a file, for spreadsheets or for programs"),
    )
    @app_commands.choices(
        action=[
            app_commands.Choice(name=one.value, value=one.value)
            for one in AuditAction
            if one not in OF_THE_OPERATOR
        ],
        file=[app_commands.Choice(name=one, value=one) for one in ("csv", "json")],
    )
    async def show_log(
        self,
        interaction: discord.Interaction,
        action: str | None = None,
        by: discord.User | None = None,
        member: discord.User | None = None,
        days: Range[int, 1, 3660] | None = None,
        file: str | None = None,
    ) -> None:
        wanted = LogFilter(
            action=action,
            actor=None if by is None else str(by.id),
            user_id=None if member is None else member.id,
            since_us=0 if days is None else self._log.days_ago_us(days),
        )
        if file is not None:
            await self._send_file(interaction, wanted, file)
            return
        card = await promptly(interaction, self._card(interaction, wanted, None), private=True)
        await show(interaction, card, private=True)

    async def turn(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """Of `LOG_PAGE_PATTERN`."""
        before, wanted = wanted_of(match)
        looking = self._card(interaction, wanted, before)
        await change(interaction, await promptly(interaction, looking, thinking=False))

    async def _card(
        self, interaction: discord.Interaction, wanted: LogFilter, before: int | None
    ) -> Card:
        page = await self._log.page(moderator_of(interaction), wanted, before=before)
        texts = texts_of(interaction)
        return acts_card(page, wanted, self._log.offer, texts, is_newest=before is None)

    async def _send_file(
        self, interaction: discord.Interaction, wanted: LogFilter, form: str
    ) -> None:
        asked = self._log.export(moderator_of(interaction), wanted, form)
        content = await promptly(interaction, asked, private=True)
        sent = discord.File(BytesIO(content), f"log-{interaction.guild_id}.{form}")
        card = file_card(log_file_text(texts_of(interaction)), sent.filename, Colour.NEUTRAL)
        await show(interaction, card, files=[sent], private=True)
