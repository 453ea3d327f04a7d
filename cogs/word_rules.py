"""The panel of word rules: presses on its controls, and the forms that they open.

Whoever presses must be staff at that very moment: panels stay open longer than rights last.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, assert_never

import discord
import structlog
from discord import app_commands

from bot.features.imagine.drafts import DraftService
from bot.features.imagine.records import TypedRequest
from bot.features.moderation.word_list import (
    LARGEST_FILE_BYTES,
    TypedRule,
    WordListService,
    fields_read,
    fields_written,
)
from bot.moderation.word_rules import RuleOutcome
from bot.policy.rules import Rewriting
from bot.queue.records import JobId
from bot.records import replace
from bot.refusals import (
    Refusal,
)
from bot.staff_refusals import (
    AutomodFault,
    AutomodUnread,
    ImportFault,
    WordField,
    WordFileRefused,
    WordRuleChanged,
)
from bot.texts import described
from bot.texts.cards import Card
from bot.texts.forms import Form
from bot.texts.refusals import reason_text
from bot.texts.word_rule_cards import (
    automod_lines,
    drop_card,
    dropped_text,
    files_card,
    kept_text,
    list_files,
    refused_card,
    rule_card,
    words_card,
)
from bot.texts.word_rule_forms import (
    LIST,
    NAME,
    NOTHING_YET,
    OUTCOME,
    WordPress,
    WordVerb,
    file_form,
    filled_of,
    rule_form,
)
from cogs.answers import UNREACHABLE, change_to, open_form, promptly, send_form, show, show_alone
from cogs.origin import check_staff, guild_of, origin_of, user_of
from cogs.reading import chosen_values, filled_fields, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.moderation.word_rules import WordRule

log = structlog.get_logger("cogs.word_rules")


class WordRulePanels:
    """Shows rules and changes them; remembers nothing."""

    def __init__(
        self, group: app_commands.Group, *, words: WordListService, drafts: DraftService
    ) -> None:
        self._service = words
        self._drafts = drafts
        said = described("Words that nobody may ask for, and what follows")
        group.command(name="words", description=said)(self.open)

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(WordPress, self.press, self.press),)

    async def open(self, interaction: discord.Interaction) -> None:
        """A panel of its own, for whoever asks alone."""
        check_staff(interaction)
        await show_alone(interaction, self._list(interaction, 0))

    async def press(self, interaction: discord.Interaction, press: WordPress) -> None:
        """Any control of the panel, or a form that was filled in."""
        check_staff(interaction)
        match press.verb:
            case WordVerb.LIST:
                await change_to(interaction, self._list(interaction, press.more))
            case WordVerb.PICK | WordVerb.ASK:
                await change_to(interaction, self._rule(interaction, press))
            case WordVerb.NEW:
                opens = replace(press, verb=WordVerb.FORM)
                await send_form(interaction, rule_form(opens, NOTHING_YET, texts_of(interaction)))
            case WordVerb.EDIT | WordVerb.AGAIN | WordVerb.OPEN:
                await open_form(interaction, self._form(interaction, press))
            case WordVerb.FORM | WordVerb.FILE:
                await self._take(interaction, press)
            case WordVerb.OUTCOME | WordVerb.ROLES | WordVerb.CHANNELS:
                await change_to(interaction, self._set(interaction, press))
            case WordVerb.EXPORT:
                await self._export(interaction, press)
            case WordVerb.DROP:
                await change_to(interaction, self._drop(interaction, press))
            case WordVerb.AUTOMOD:
                await change_to(interaction, self._read_automod(interaction))
            case _:
                assert_never(press.verb)

    # What is shown

    async def _list(
        self, interaction: discord.Interaction, page: int, said: Sequence[str] = ()
    ) -> Card:
        rules = await self._service.rules(guild_of(interaction))
        return words_card(rules, page, texts_of(interaction), said)

    async def _rule(self, interaction: discord.Interaction, press: WordPress) -> Card:
        """The one that was chosen; or whether it is to be dropped."""
        values = chosen_values(interaction)
        rule_id = int(values[0]) if values and values[0].isdecimal() else press.rule_id
        kept = await self._service.rule(guild_of(interaction), rule_id)
        is_asked = press.verb is WordVerb.ASK
        return (drop_card if is_asked else rule_card)(kept, texts_of(interaction))

    async def _kept(self, interaction: discord.Interaction, rule_id: int) -> Card:
        """A rule that was changed just now."""
        kept, texts = (
            await self._service.rule(guild_of(interaction), rule_id),
            texts_of(interaction),
        )
        return rule_card(kept, texts, [kept_text(kept.rule, texts)])

    async def _export(self, interaction: discord.Interaction, press: WordPress) -> None:
        reading = self._service.rule(guild_of(interaction), press.rule_id)
        files = list_files((await promptly(interaction, reading, private=True)).rule)
        sent = [discord.File(io.BytesIO(content), name) for name, content in files.items()]
        card = files_card([*files], texts_of(interaction))
        await show(interaction, card, private=True, files=sent)

    # What is changed

    async def _set(self, interaction: discord.Interaction, press: WordPress) -> Card:
        values = chosen_values(interaction)

        def changed(rule: WordRule) -> WordRule:
            match press.verb:
                case WordVerb.ROLES:
                    return replace(rule, exempt_roles=tuple(map(int, values)))
                case WordVerb.CHANNELS:
                    return replace(rule, exempt_channels=tuple(map(int, values)))
                case _:
                    return replace(rule, outcome=RuleOutcome(values[0]))

        await self._service.change(
            guild_of(interaction), press.rule_id, changed, by=user_of(interaction), seen=press.seen
        )
        return await self._kept(interaction, press.rule_id)

    async def _drop(self, interaction: discord.Interaction, press: WordPress) -> Card:
        gone = await self._service.drop(
            guild_of(interaction), press.rule_id, by=user_of(interaction), seen=press.seen
        )
        return await self._list(interaction, 0, [dropped_text(gone, texts_of(interaction))])

    async def _read_automod(self, interaction: discord.Interaction) -> Card:
        found = await _automod_of(interaction)
        guild_id = guild_of(interaction)
        read = await self._service.read_automod(guild_id, found, by=user_of(interaction))
        return await self._list(interaction, 0, automod_lines(read, texts_of(interaction)))

    # Forms

    async def _form(self, interaction: discord.Interaction, press: WordPress) -> Form:
        texts = texts_of(interaction)
        if press.verb is WordVerb.AGAIN:
            draft = await self._drafts.draft(JobId(press.more), user_of(interaction))
            opens = replace(press, verb=WordVerb.FORM, more=0)
            return rule_form(opens, fields_read(draft.typed.prompt), texts)
        kept = await self._service.rule(guild_of(interaction), press.rule_id)
        if press.verb is WordVerb.OPEN:
            return file_form(kept, texts)
        opens = WordPress(verb=WordVerb.FORM, rule_id=kept.rule.id, seen=kept.changed_at_us)
        return rule_form(opens, filled_of(kept.rule), texts)

    async def _take(self, interaction: discord.Interaction, press: WordPress) -> None:
        """Kept, or back with what was typed and why not."""
        is_file = press.verb is WordVerb.FILE
        taking = self._file_taken if is_file else self._rule_taken
        await change_to(interaction, taking(interaction, press, filled_fields(interaction)))

    async def _rule_taken(
        self, interaction: discord.Interaction, press: WordPress, filled: Mapping[str, str]
    ) -> Card:
        typed = TypedRule(
            name=filled.get(NAME, ""),
            outcome=RuleOutcome(filled.get(OUTCOME) or RuleOutcome.REFUSE),
            lists={field: filled[field] for field in WordField if field in filled},
        )
        try:
            rule_id = await self._service.keep(
                guild_of(interaction),
                typed,
                by=user_of(interaction),
                rule_id=press.rule_id,
                seen=press.seen,
            )
        except Refusal as refusal:
            log.info("rule refused", interaction=interaction.id, reason=type(refusal).__name__)
            return await self._given_back(interaction, press, filled, refusal)
        return await self._kept(interaction, rule_id)

    async def _given_back(
        self,
        interaction: discord.Interaction,
        press: WordPress,
        filled: Mapping[str, str],
        refusal: Refusal,
    ) -> Card:
        typed = TypedRequest(prompt=fields_written(filled), rewriting=Rewriting.OFF)
        draft = await self._drafts.keep_typed(typed, origin_of(interaction))
        again = replace(press, verb=WordVerb.AGAIN, more=draft.id)
        if isinstance(refusal, WordRuleChanged):  # from now on that change has been seen
            again = replace(again, seen=refusal.at_us)
        texts = texts_of(interaction)
        return refused_card(reason_text(refusal, texts), again, texts)

    async def _file_taken(
        self, interaction: discord.Interaction, press: WordPress, filled: Mapping[str, str]
    ) -> Card:
        try:
            await self._service.take_file(
                guild_of(interaction),
                press.rule_id,
                WordField(filled[LIST]),
                await _uploaded(interaction),
                by=user_of(interaction),
                seen=press.seen,
            )
        except Refusal as refusal:
            log.info("list refused", interaction=interaction.id, reason=type(refusal).__name__)
            texts = texts_of(interaction)
            again = replace(press, verb=WordVerb.OPEN)
            return refused_card(reason_text(refusal, texts), again, texts)
        return await self._kept(interaction, press.rule_id)


async def _automod_of(interaction: discord.Interaction) -> Sequence[Any]:
    """As Discord has it now; there is no cache. Raises AutomodUnread."""
    try:
        return await interaction.client.http.get_auto_moderation_rules(guild_of(interaction))
    except discord.Forbidden as error:
        raise AutomodUnread(AutomodFault.NOT_ALLOWED) from error
    except UNREACHABLE as error:
        log.info("AutoMod not read", guild=guild_of(interaction), error=type(error).__name__)
        raise AutomodUnread(AutomodFault.UNREACHABLE) from error


async def _uploaded(interaction: discord.Interaction) -> bytes:
    """The one file of a form. Raises WordFileRefused."""
    data: dict[str, Any] = dict(interaction.data or {})
    for file in data.get("resolved", {}).get("attachments", {}).values():
        if int(file["size"]) > LARGEST_FILE_BYTES:
            raise WordFileRefused(ImportFault.TOO_LARGE)
        try:
            return await interaction.client.http.get_from_cdn(file["url"])
        except UNREACHABLE as error:
            raise WordFileRefused(ImportFault.NOT_LOADED) from error
    raise WordFileRefused(ImportFault.NOT_LOADED)
