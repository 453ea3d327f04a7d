"""`/settings`: what a guild's staff set, see changed, take back, and carry to and fro as a file.

Whoever presses must be staff at that very moment: panels stay open longer than rights last.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import discord
import structlog
from discord import app_commands, ui
from discord.ext import commands

from bot.errors import (
    ImportFault,
    ImportRefused,
    NotStaff,
    SettingChanged,
    SettingRefused,
)
from bot.features.settings.rules import (
    LARGEST_FILE_BYTES,
    For,
    Whose,
    form_read,
    typed,
    unit_of,
    whose_is,
)
from bot.policy.changes import Author, Change
from bot.policy.rows import Asking
from bot.policy.rules import zones_by_name
from bot.queue.records import GuildId, UserId
from bot.texts import Texts, described
from bot.texts.settings_forms import (
    changed_text,
    refused_items,
    refused_text,
    settings_form,
    typed_before,
)
from bot.texts.settings_ids import (
    LOG_PATTERN,
    PANEL_PATTERN,
    Panel,
    PanelPress,
    PanelVerb,
    chosen_value,
    panel_pressed,
    whose_of,
)
from bot.texts.settings_log import exported_card, imported_card, log_card, undone_card
from bot.texts.settings_pages import PAGES, ControlKind, page_named
from bot.texts.settings_panel import panel_card
from cogs.answers import (
    UNREACHABLE,
    answer_unknown_button,
    change,
    errors_answered,
    promptly,
    show,
)
from cogs.origin import build_asker

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Sequence

    from bot.features.settings.service import SettingsService, SettingsView
    from bot.texts.cards import Card
    from bot.texts.settings_pages import Control, Page

    Items = Sequence[ui.Item[Card]]

FILENAME = "zeuxis-settings.json"

log = structlog.get_logger("cogs.settings")


class SettingsCog(commands.Cog):
    """The panel, and what is not for one page of it."""

    settings = app_commands.Group(
        name="settings",
        description=described("What this server's staff set for pictures"),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )

    def __init__(self, *, settings: SettingsService, panels: Panels) -> None:
        self._service = settings
        self._panels = panels

    @settings.command(description=described("See what holds here, and change it"))
    async def panel(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        await self._panels.open(interaction, PAGES[0])

    @settings.command(name="log", description=described("Who has changed what, and when"))
    async def show_log(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        card = await promptly(interaction, self._panels.log(interaction, 0), private=True)
        await show(interaction, card, private=True)

    @settings.command(description=described("Take the last change back"))
    async def undo(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        guild_id = _guild_id(interaction)
        undoing = self._service.undo(guild_id, _author(interaction))
        entries = await promptly(interaction, undoing, private=True)
        texts = Texts(interaction.locale.value)
        card = undone_card(entries, guild_id, self._service.offer, texts)
        await show(interaction, card, private=True)

    @settings.command(description=described("All that is set here as a file"))
    async def export(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        exporting = self._service.export(_guild_id(interaction))
        content = await promptly(interaction, exporting, private=True)
        card = exported_card(FILENAME, Texts(interaction.locale.value))
        file = discord.File(io.BytesIO(content), filename=FILENAME)
        await show(interaction, card, private=True, files=[file])

    @settings.command(
        name="import", description=described("Set all that a file says, and nothing else")
    )
    @app_commands.describe(file=described("One that /settings export has made for this server"))
    async def take_over(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        check_staff(interaction)
        if file.size > LARGEST_FILE_BYTES:
            raise ImportRefused(ImportFault.TOO_LARGE)
        guild_id = _guild_id(interaction)

        async def restoring() -> Card:
            content = await _content(file)
            user_id = UserId(interaction.user.id)
            entries = await self._service.restore(guild_id, content, user_id)
            texts = Texts(interaction.locale.value)
            return imported_card(entries, guild_id, self._service.offer, texts)

        card = await promptly(interaction, restoring(), private=True)
        await show(interaction, card, private=True)

    @commands.Cog.listener()
    async def on_form_submitted(self, interaction: discord.Interaction) -> None:
        """Forms are kept nowhere: what they carry tells whose they are."""
        match = PANEL_PATTERN.fullmatch(str(dict(interaction.data or {}).get("custom_id")))
        if match is not None:
            await self._panels.press(interaction, panel_pressed(match))


async def _content(file: discord.Attachment) -> bytes:
    try:
        return await file.read()
    except UNREACHABLE as error:
        raise ImportRefused(ImportFault.NOT_LOADED) from error


class Panels:
    """Shows pages and changes what is set by them; remembers nothing."""

    def __init__(self, *, settings: SettingsService) -> None:
        self._service = settings

    async def open(self, interaction: discord.Interaction, page: Page) -> None:
        """A panel of its own, for whoever asks alone."""
        panel = await promptly(interaction, self._panel(interaction, page, Whose()), private=True)
        await show(interaction, panel_card(panel, _texts(interaction)), private=True)

    async def log(self, interaction: discord.Interaction, before: int) -> Card:
        guild_id = _guild_id(interaction)
        entries = await self._service.log(guild_id, before=before or None)
        offer, texts = self._service.offer, _texts(interaction)
        return log_card(entries, guild_id, offer, texts, is_newest=before == 0)

    async def turn_log(self, interaction: discord.Interaction, before: int) -> None:
        async with errors_answered(interaction):
            check_staff(interaction)
            card = await promptly(interaction, self.log(interaction, before), thinking=False)
            await change(interaction, card)

    async def press(self, interaction: discord.Interaction, press: PanelPress) -> None:
        """Any control of the panel, or a form that was filled in."""
        async with errors_answered(interaction):
            check_staff(interaction)
            page = page_named(press.page)
            if page is None:
                await answer_unknown_button(interaction)
                return
            if not _is_private(interaction):  # a button that opens the panel
                await self.open(interaction, page)
                return
            await self._press(interaction, page, press)

    async def _press(self, interaction: discord.Interaction, page: Page, press: PanelPress) -> None:
        values = _values(interaction)
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
            await self._open_form(interaction, page, control, press)
        else:
            changes = _changes(control, press, values, _guild_id(interaction))
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
            said = changed_text(error, self._service.offer, _texts(interaction))
        except SettingRefused as error:
            said = refused_text(error, "", _texts(interaction))
        await self._show(interaction, page, press.whose, [ui.TextDisplay(said)] if said else ())

    async def _save(
        self, interaction: discord.Interaction, press: PanelPress, changes: Sequence[Change]
    ) -> None:
        """Raises SettingChanged, SettingRefused, StorageError."""
        saving = self._service.change(changes, _author(interaction), seen=press.seen)
        await promptly(interaction, saving, thinking=False)

    async def _drop(self, interaction: discord.Interaction, page: Page, press: PanelPress) -> None:
        """Looks anew what is deleted: somebody may have changed the rule since."""
        looking = self._panel(interaction, page, press.whose)
        panel = await promptly(interaction, looking, thinking=False)
        await self._change(interaction, page, press, _without_gone(panel, press.control))

    # Forms

    async def _open_form(
        self, interaction: discord.Interaction, page: Page, control: Control, press: PanelPress
    ) -> None:
        panel = await self._panel(interaction, page, press.whose)
        held: dict[str, str] = {}
        if press.verb is PanelVerb.AGAIN and interaction.message is not None:
            held = typed_before(interaction.message, control.names(press.whose))
            # What was set since stands in no field of it, so it has not been seen either.
            panel = replace(panel, view=replace(panel.view, seen=press.seen))
        try:
            form = settings_form(panel, control, _texts(interaction), held)
            await interaction.response.send_modal(form)
        except UNREACHABLE as error:
            log.warning("form not opened", interaction=interaction.id, error=type(error).__name__)

    async def _take_form(
        self, interaction: discord.Interaction, page: Page, control: Control, press: PanelPress
    ) -> None:
        """All of it or nothing; what is wrong comes back with what was typed."""
        if control.name == "time_zone":
            await asyncio.to_thread(zones_by_name)  # which reads hundreds of files, once
        filled = _filled(interaction)
        guild_id, offer = _guild_id(interaction), self._service.offer
        changes: list[Change] = []
        wrong: list[SettingRefused] = []
        for name in control.names(press.whose):
            try:
                key = press.whose.key(name, guild_id)
                changes.append(form_read(key, filled.get(name, ""), offer))
            except SettingRefused as error:
                wrong.append(error)
        said: Items = ()
        if not wrong:
            try:
                await self._save(interaction, press, changes)
            except SettingChanged as error:
                said = [ui.TextDisplay(changed_text(error, offer, _texts(interaction)))]
            except SettingRefused as error:
                wrong.append(error)
        panel = await promptly(
            interaction, self._panel(interaction, page, press.whose), thinking=False
        )
        texts = _texts(interaction)
        if wrong:
            said = refused_items(panel, control, wrong, filled, texts)
        await change(interaction, panel_card(panel, texts, said))

    # What is shown

    async def _show(
        self, interaction: discord.Interaction, page: Page, whose: Whose, said: Items = ()
    ) -> None:
        panel = await promptly(interaction, self._panel(interaction, page, whose), thinking=False)
        await change(interaction, panel_card(panel, _texts(interaction), said))

    async def _panel(self, interaction: discord.Interaction, page: Page, whose: Whose) -> Panel:
        if whose.who not in page.whose:
            whose = Whose()
        channel_id = build_asker(interaction).root_channel_id
        view = await self._service.view(_asking(_guild_id(interaction), channel_id, whose))
        return Panel(
            page=page,
            whose=whose,
            guild_id=_guild_id(interaction),
            channel_id=channel_id,
            view=view,
            offer=self._service.offer,
            gone=await _gone(interaction, page, view),
        )


def settings_control(panels: Panels) -> type[ui.DynamicItem[ui.Item[Any]]]:
    """The class that discord.py makes one of for each press on a panel."""

    class SettingsControl(ui.DynamicItem[ui.Item[Any]], template=PANEL_PATTERN):
        def __init__(self, item: ui.Item[Any], press: PanelPress) -> None:
            super().__init__(item)
            self._press = press

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(item, panel_pressed(match))

        async def callback(self, interaction: discord.Interaction) -> None:
            await panels.press(interaction, self._press)

    return SettingsControl


def settings_log_button(panels: Panels) -> type[ui.DynamicItem[ui.Button[Any]]]:
    """Turns the pages of the log; the page is in the custom id."""

    class SettingsLogButton(ui.DynamicItem[ui.Button[Any]], template=LOG_PATTERN):
        def __init__(self, item: ui.Button[Any], before: int) -> None:
            super().__init__(item)
            self._before = before

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(cast("ui.Button[Any]", item), int(match["before"]))

        async def callback(self, interaction: discord.Interaction) -> None:
            await panels.turn_log(interaction, self._before)

    return SettingsLogButton


def check_staff(interaction: discord.Interaction) -> None:
    """By what Discord says of this very interaction.

    Raises:
        NotStaff: they may not manage the guild.
    """
    granted = interaction.permissions
    if interaction.guild_id is None or not (granted.manage_guild or granted.administrator):
        raise NotStaff


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
    if any(one.unit for one in page.controls):
        whose = [whose_is(key) for key in view.own if unit_of(key.name)]
        roles |= {one.id for one in whose if one.who is For.ROLE}
        channels |= {one.id for one in whose if one.who is For.CHANNEL}
    guild_id, http = _guild_id(interaction), interaction.client.http
    try:
        if roles:
            roles -= _ids(await http.get_roles(guild_id))
        if channels:
            channels -= _ids(await http.get_all_guild_channels(guild_id))
    except UNREACHABLE as error:
        log.info("roles and channels not known", guild=guild_id, error=type(error).__name__)
        return frozenset()
    return frozenset(roles | channels)


def _ids(found: Collection[Any]) -> set[int]:
    return {int(one["id"]) for one in found}


def _values(interaction: discord.Interaction) -> list[str]:
    """What was chosen from a select."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [str(one) for one in data.get("values", ())]


def _filled(interaction: discord.Interaction) -> dict[str, str]:
    """What was typed into a form, by the field."""
    data: dict[str, Any] = dict(interaction.data or {})
    fields = [one.get("component") or {} for one in data.get("components", ())]
    return {str(one.get("custom_id")): str(one.get("value") or "") for one in fields}


def _is_private(interaction: discord.Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _author(interaction: discord.Interaction) -> Author:
    return Author(actor=str(interaction.user.id), source="discord")


def _guild_id(interaction: discord.Interaction) -> GuildId:
    return GuildId(interaction.guild_id or 0)


def _texts(interaction: discord.Interaction) -> Texts:
    return Texts(interaction.locale.value)
