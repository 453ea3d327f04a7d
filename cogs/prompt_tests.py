"""`/moderation test`: staff see what would become of a prompt."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.features.moderation.prompt_test import PromptTestService
from bot.queue.records import ChannelId, Origin, RoleId, UserId
from bot.texts import described
from bot.texts.prompt_test_cards import prompt_test_card
from cogs.answers import promptly, show
from cogs.origin import check_staff, joined_at_us, origin_of, role_ids_of
from cogs.reading import texts_of


class PromptTests:
    """Asks as if somebody had asked somewhere; stores nothing."""

    def __init__(self, group: app_commands.Group, *, service: PromptTestService) -> None:
        self._service = service
        said = described("What would become of a prompt, and by which rule")
        group.command(name="test", description=said)(self.test)

    @app_commands.describe(
        prompt=described("What somebody would ask for; nothing is painted"),
        member=described("As if this member asked"),
        role=described("As if whoever asks had this role as well"),
        channel=described("As if it was asked in this channel"),
    )
    async def test(
        self,
        interaction: discord.Interaction,
        prompt: Range[str, 1, 4000],
        member: discord.Member | None = None,
        role: discord.Role | None = None,
        channel: app_commands.AppCommandChannel | None = None,
    ) -> None:
        """Without a member, as a plain one: who has this role and no other, here for long."""
        check_staff(interaction)
        roles = role_ids_of(member) if member is not None else ()
        roles = (*roles, RoleId(role.id)) if role is not None else roles
        origin = _elsewhere(_of_member(origin_of(interaction), member), channel)
        texts = texts_of(interaction)
        testing = self._service.test(prompt, origin, roles)
        test = await promptly(interaction, testing, private=True)
        whose = [
            *([f"<@{member.id}>"] if member else []),
            *([f"<@&{role.id}>"] if role else []),
            f"<#{origin.channel_id}>",
        ]
        await show(interaction, prompt_test_card(prompt, test, whose, texts), private=True)


def _of_member(origin: Origin, member: discord.Member | None) -> Origin:
    if member is None:
        return replace(origin, user_id=UserId(0), joined_at_us=None)
    return replace(origin, user_id=UserId(member.id), joined_at_us=joined_at_us(member))


def _elsewhere(origin: Origin, channel: app_commands.AppCommandChannel | None) -> Origin:
    if channel is None:
        return origin
    return replace(
        origin,
        channel_id=ChannelId(channel.id),
        parent_channel_id=None,
        is_restricted=bool(channel.nsfw),
    )
