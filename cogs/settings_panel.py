"""The panel of `/settings`: presses on its controls, and the forms that they open.

Whoever presses must be staff at that very moment: panels stay open longer than rights last.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import structlog
from discord import ui

from bot.features.settings.forms import form_read, typed
from bot.features.settings.rules import For, Whose, unit_of, whose_is
from bot.policy.changes import Change
from bot.policy.rows import Asking
from bot.policy.rules import zones_by_name
from bot.queue.records import GuildId
from bot.records import replace
from bot.staff_refusals import SettingChanged, SettingRefused
from bot.texts.cards import Card
from bot.texts.forms import Form, typed_before
from bot.texts.settings_forms import (
    Panel,
    PanelPress,
    PanelVerb,
    changed_text,
    chosen_value,
    refused_items,
    refused_text,
    settings_form,
    whose_of,
)
from bot.texts.settings_pages import Control, ControlKind, Page, page_named
from bot.texts.settings_panel import panel_card
from cogs.answers import UNREACHABLE, answer_unknown_button, change, open_form, promptly, show
from cogs.origin import author_of, build_asker, check_staff, guild_of
from cogs.reading import chosen_values, filled_fields, is_on_private, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.features.settings.service import SettingsService, SettingsView

    Items = Sequence[ui.Item[Card]]

_FOR_CARDS = ("view_channel", "send_messages", "attach_files")

log = structlog.get_logger("cogs.settings_panel")


class Panels:
    """Shows pages and changes what is set by them; remembers nothing."""

    def __init__(self, *, settings: SettingsService) -> None:
        self._service = settings

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(PanelPress, self.press, self.press),)

    async def open(self, interaction: discord.Interaction, page: Page) -> None:
        """A panel of its own, for whoever asks alone."""
        panel = await promptly(interaction, self._panel(interaction, page, Whose()), private=True)
        await show(interaction, panel_card(panel, texts_of(interaction)), private=True)

    async def press(self, interaction: discord.Interaction, press: PanelPress) -> None:
        """Any control of the panel, or a form that was filled in."""
        check_staff(interaction)
        page = page_named(press.page)
        if page is None:
            await answer_unknown_button(interaction)
        elif not is_on_private(interaction):  # a button that opens the panel
            await self.open(interaction, page)
        else:
            await self._press(interaction, page, press)

    async def _press(self, interaction: discord.Interaction, page: Page, press: PanelPress) -> None:
        values = chosen_values(interaction)
        match press.verb:
            case PanelVerb.PAGE:
                turned = page_named(values[0]) if values else None
                await self._show(interaction, turned or page, Whose())
            case PanelVerb.WHOSE:
                whose = whose_of(values[0]) if values else None
                await self._show(interaction, page, whose or Whose())
            case PanelVerb.PICK:
                picked = int(values[0]) if values else 0
                await self._show(interaction, page, replace(press.whose, id=picked))
            case PanelVerb.DROP:
                await self._drop(interaction, page, press)
            case _:
                await self._control(interaction, page, press, values)

    async def _control(
        self,
        interaction: discord.Interaction,
        page: Page,
        press: PanelPress,
        values: Sequence[str],
    ) -> None:
        control = next((one for one in page.controls if one.name == press.control), None)
        if control is None:
            await answer_unknown_button(interaction)
        elif press.verb is PanelVerb.FORM:
            await self._take_form(interaction, page, control, press)
        elif press.verb in (PanelVerb.OPEN, PanelVerb.AGAIN):
            await open_form(interaction, self._form(interaction, page, control, press))
        else:
            changes = _changes(control, press, values, guild_of(interaction))
            await self._change(interaction, page, press, changes)

    async def _change(
        self,
        interaction: discord.Interaction,
        page: Page,
        press: PanelPress,
        changes: Sequence[Change],
    ) -> None:
        said = ""
        try:
            await self._save(interaction, press, changes)
        except SettingChanged as error:
            said = changed_text(error, self._service.offer, texts_of(interaction))
        except SettingRefused as error:
            said = refused_text(error, "", texts_of(interaction))
        await self._show(interaction, page, press.whose, [ui.TextDisplay(said)] if said else ())

    async def _save(
        self, interaction: discord.Interaction, press: PanelPress, changes: Sequence[Change]
    ) -> None:
        """Raises SettingChanged, SettingRefused, StorageError."""
        saving = self._service.change(changes, author_of(interaction), seen=press.seen)
        await promptly(interaction, saving, thinking=False)

    async def _drop(self, interaction: discord.Interaction, page: Page, press: PanelPress) -> None:
        """Looks anew what is deleted: somebody may have changed the rule since."""
        looking = self._panel(interaction, page, press.whose)
        panel = await promptly(interaction, looking, thinking=False)
        await self._change(interaction, page, press, _without_gone(panel, press.control))

    # Forms

    async def _form(
        self, interaction: discord.Interaction, page: Page, control: Control, press: PanelPress
    ) -> Form:
        panel = await self._panel(interaction, page, press.whose)
        held: dict[str, str] = {}
        if press.verb is PanelVerb.AGAIN and interaction.message is not None:
            held = typed_before(interaction.message, control.names(press.whose))
            # What was set since stands in no field of it, so it has not been seen either.
            panel = replace(panel, view=replace(panel.view, seen=press.seen))
        return settings_form(panel, control, texts_of(interaction), held)

    async def _take_form(
        self, interaction: discord.Interaction, page: Page, control: Control, press: PanelPress
    ) -> None:
        """All of it or nothing; what is wrong comes back with what was typed."""
        if control.name == "time_zone":
            await asyncio.to_thread(zones_by_name)  # which reads hundreds of files, once
        texts, filled = texts_of(interaction), filled_fields(interaction)
        changes, wrong = self._read(guild_of(interaction), control, press.whose, filled)
        said: Items = ()
        if not wrong:
            try:
                await self._save(interaction, press, changes)
            except SettingChanged as error:
                said = [ui.TextDisplay(changed_text(error, self._service.offer, texts))]
            except SettingRefused as error:
                wrong.append(error)
        looking = self._panel(interaction, page, press.whose)
        panel = await promptly(interaction, looking, thinking=False)
        if wrong:
            said = refused_items(panel, control, wrong, filled, texts)
        await change(interaction, panel_card(panel, texts, said))

    def _read(
        self, guild_id: int, control: Control, whose: Whose, filled: Mapping[str, str]
    ) -> tuple[list[Change], list[SettingRefused]]:
        """What was typed, field by field, and what of it is no value."""
        changes: list[Change] = []
        wrong: list[SettingRefused] = []
        for name in control.names(whose):
            key = whose.key(name, guild_id)
            try:
                changes.append(form_read(key, filled.get(name, ""), self._service.offer))
            except SettingRefused as error:
                wrong.append(error)
        return changes, wrong

    # What is shown

    async def _show(
        self, interaction: discord.Interaction, page: Page, whose: Whose, said: Items = ()
    ) -> None:
        panel = await promptly(interaction, self._panel(interaction, page, whose), thinking=False)
        await change(interaction, panel_card(panel, texts_of(interaction), said))

    async def _panel(self, interaction: discord.Interaction, page: Page, whose: Whose) -> Panel:
        if whose.who not in page.whose:
            whose = Whose()
        channel_id = build_asker(interaction).root_channel_id
        view = await self._service.view(_asking(guild_of(interaction), channel_id, whose))
        return Panel(
            page=page,
            whose=whose,
            guild_id=guild_of(interaction),
            channel_id=channel_id,
            view=view,
            offer=self._service.offer,
            gone=await _gone(interaction, page, view),
            lacking=await _lacking(interaction, page, view),
            checks=self._service.checks,
        )


def _asking(guild_id: GuildId, channel_id: int, whose: Whose) -> Asking:
    match whose.who:
        case For.CHANNEL:
            return Asking(guild_id, whose.id)
        case For.ROLE:
            return Asking(guild_id, channel_id, role_ids=(whose.id,))
        case For.MEMBER:
            return Asking(guild_id, channel_id, whose.id)
        case _:
            return Asking(guild_id, channel_id)


def _changes(
    control: Control, press: PanelPress, values: Sequence[str], guild_id: int
) -> list[Change]:
    """What a switch, a select or the end of a value sets.

    Raises:
        SettingRefused: it is no value for that.
    """
    if press.verb is PanelVerb.RESET:
        names = control.names(press.whose)
        return [Change(key=press.whose.key(name, guild_id), value=None) for name in names]
    key = press.whose.key(control.name, guild_id)
    if press.verb in (PanelVerb.ON, PanelVerb.OFF):
        return [Change(key=key, value=press.verb is PanelVerb.ON)]
    if control.kind in (ControlKind.CHANNELS, ControlKind.ROLES):
        ids = tuple(int(one) for one in values)
        return [Change(key=key, value=ids or None)]
    return [typed(key, chosen_value(values[0] if values else ""))]


def _without_gone(panel: Panel, control: str) -> list[Change]:
    """The rules without what Discord knows no more."""
    if control not in ("channels", "roles"):
        keys = [one for one in panel.view.own if unit_of(one.name)]
        return [Change(key=one, value=None) for one in keys if whose_is(one).id in panel.gone]
    policy = panel.view.policy
    ids = policy.channels if control == "channels" else policy.roles
    kept = tuple(one for one in ids if one not in panel.gone)
    return [Change(key=panel.whose.key(control, panel.guild_id), value=kept or None)]


async def _gone(interaction: discord.Interaction, page: Page, view: SettingsView) -> frozenset[int]:
    """Roles and channels in the page's rules that Discord knows no more; it is asked if need be."""
    roles: set[int] = set()
    channels: set[int] = set()
    if any(one.kind is ControlKind.CHANNELS for one in page.controls):
        channels |= set(view.policy.channels)
        roles |= set(view.policy.roles)
    if any(one.kind is ControlKind.CHANNEL for one in page.controls):
        channels |= {view.policy.staff_channel} - {0}
    if any(one.unit for one in page.controls):
        whose = [whose_is(key) for key in view.own if unit_of(key.name)]
        roles |= {one.id for one in whose if one.who is For.ROLE}
        channels |= {one.id for one in whose if one.who is For.CHANNEL}
    guild_id, http = guild_of(interaction), interaction.client.http
    try:
        if roles:
            roles -= _ids(await http.get_roles(guild_id))
        if channels:
            channels -= _ids(await http.get_all_guild_channels(guild_id))
    except UNREACHABLE as error:
        log.info("roles and channels not known", guild=guild_id, error=type(error).__name__)
        return frozenset()
    return frozenset(roles | channels)


async def _lacking(
    interaction: discord.Interaction, page: Page, view: SettingsView
) -> tuple[str, ...]:
    """What the bot may not do in the staff's channel; nothing, if that cannot be known now."""
    channel_id, client = view.policy.staff_channel, interaction.client
    is_asked = any(one.kind is ControlKind.CHANNEL for one in page.controls)
    if not is_asked or not channel_id or client.user is None:
        return ()
    try:
        guild = await client.fetch_guild(guild_of(interaction), with_counts=False)
        itself = await guild.fetch_member(client.user.id)
        found = await guild.fetch_channel(channel_id)
    except UNREACHABLE as error:
        if isinstance(error, discord.Forbidden):
            return ("view_channel",)
        log.info("staff's channel not looked at", error=type(error).__name__)
        return ()
    except discord.InvalidData:
        return ()
    granted = found.permissions_for(itself)
    return tuple(one for one in _FOR_CARDS if not getattr(granted, one))


def _ids(found: Collection[Any]) -> set[int]:
    return {int(one["id"]) for one in found}
