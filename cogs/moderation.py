"""`/moderation`: the group, the list of cases that wait, the log, and prompts that are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.features.log.rows import LogFilter
from bot.features.moderation.prompt_test import PromptTestService
from bot.policy.audit import AuditAction
from bot.queue.records import ChannelId, Origin, RoleId, UserId
from bot.records import replace
from bot.texts import ENGLISH, Texts, described
from bot.texts.cards import Card
from bot.texts.case_controls import CaseVerb, ListPress, ListVerb, rejection_form, ruling_of
from bot.texts.case_lists import list_card, together_text
from bot.texts.log_cards import LogTurn, action_text, acts_card, log_file_text
from bot.texts.word_rule_cards import prompt_test_card
from cogs.answers import (
    answer_unknown_button,
    change_to,
    in_time,
    promptly,
    send_form,
    show,
    show_alone,
    show_file,
)
from cogs.origin import check_staff, in_guilds, joined_at_us, moderator_of, origin_of, role_ids_of
from cogs.reading import chosen_ids, guild_texts, named_fields, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.log.service import LogService
    from bot.features.moderation.rules import Ruling
    from bot.features.moderation.service import ModerationService
    from cogs.cases import Cases

OF_THE_OPERATOR = (AuditAction.PAUSED, AuditAction.RESUMED)  # never in a guild's log


def moderation_group() -> app_commands.Group:
    """Without commands: each part of moderation adds its own, as `ModerationDesk` does."""
    return in_guilds(
        app_commands.Group(
            name="moderation",
            description=described("For this server's staff: what waits, who may do what"),
            default_permissions=discord.Permissions(manage_messages=True),
        )
    )


def _named(action: AuditAction) -> app_commands.locale_str:
    """As its entries are headed, in each language."""
    return app_commands.locale_str(action_text(action, Texts(ENGLISH)))


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
            app_commands.Choice(name=described("server"), value="server"),
            app_commands.Choice(name=described("here"), value="here"),
        ]
    )
    async def queue(self, interaction: discord.Interaction, where: str = "server") -> None:
        """Whoever moderates this place alone sees what is about it."""

        async def card() -> Card:
            moderator = moderator_of(interaction)
            is_all = where == "server" and await self._moderation.sees_all(moderator)
            place_id = 0 if is_all else moderator.root_channel_id
            return await self._list(interaction, place_id, 0)

        await show_alone(interaction, card())

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(ListPress, self.press, self.take_form),)

    async def press(self, interaction: discord.Interaction, press: ListPress) -> None:
        """A control of the list."""
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

    async def take_form(self, interaction: discord.Interaction, press: ListPress) -> None:
        """The one that rejects what is marked."""
        filled = named_fields(interaction)
        rejected = ruling_of(CaseVerb.REJECT, filled, guild_texts(interaction))
        await self._decide_marked(interaction, press, rejected)

    async def _turn(
        self, interaction: discord.Interaction, press: ListPress, *, marked: Sequence[int] = ()
    ) -> None:
        await change_to(
            interaction, self._list(interaction, press.place_id, press.page, marked=marked)
        )

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
            deciding = self._moderation.decide_together(
                marked_in(interaction.message), moderator_of(interaction), ruling
            )
            said = together_text(await deciding, texts_of(interaction))
            return await self._list(interaction, press.place_id, press.page, said=said)

        await change_to(interaction, decided())

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


class ModerationLog:
    """What staff and rules have done, for staff alone; and as a file."""

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
            app_commands.Choice(name=_named(one), value=one.value)
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
        await show_alone(interaction, self._card(interaction, wanted, None))

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(LogTurn, self.turn),)

    async def turn(self, interaction: discord.Interaction, turn: LogTurn) -> None:
        await change_to(interaction, self._card(interaction, turn.wanted, turn.before or None))

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
        said, name = log_file_text(texts_of(interaction)), f"log-{interaction.guild_id}.{form}"
        await show_file(interaction, said, name, content)


class PromptTests:
    """Staff see what would become of a prompt; nothing is stored."""

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
