"""All that `/moderation words` and `/moderation test` may ask for.

Whoever calls has made sure that the asker is staff of that guild at this very moment. A change is
whole or not at all, is checked as the engine would compile it, and stands in the guild's log.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
import structlog
from msgspec import Struct

from bot.moderation import automod, patterns
from bot.moderation.word_rule_rows import (
    drop_rule,
    kept_rules,
    newest_change,
    put_rule,
    rule_key,
)
from bot.moderation.word_rules import MOST_NAME_CHARACTERS, WordRule, WordRules, check_word
from bot.policy.audit import AuditAction, note_action
from bot.records import replace
from bot.staff_refusals import (
    AutomodFault,
    AutomodUnread,
    ImportFault,
    UnknownWordRule,
    WordField,
    WordFileRefused,
    WordLine,
    WordLinesRefused,
    WordRuleChanged,
    WordRuleFault,
    WordRuleRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.moderation.automod import NotApplied
    from bot.moderation.word_check import WordCheck
    from bot.moderation.word_rule_rows import KeptRule
    from bot.moderation.word_rules import RuleOutcome
    from bot.queue.records import GuildId, UserId
    from bot.runtime.clock import Clock

LARGEST_FILE_BYTES = 1024 * 1024  # 10,000 words of 60 characters, in most scripts
AUTOMOD_NAME = "AutoMod: "

log = structlog.get_logger("bot.words")


class TypedRule(Struct, frozen=True, kw_only=True):
    """A rule as staff have typed it; what of it makes no sense is said later.

    Attributes:
        lists: one entry a line; a list that was not shown is missing, and stays as it is.
    """

    name: str
    outcome: RuleOutcome
    lists: Mapping[WordField, str]


class AutomodRead(Struct, frozen=True, kw_only=True):
    """What became of the word rules that come from AutoMod: their names."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    dropped: tuple[str, ...]
    not_applied: tuple[NotApplied, ...]


def fields_written(filled: Mapping[str, str]) -> str:
    """What was typed into a form, as a draft keeps it until it is mended."""
    return json.dumps(dict(filled), ensure_ascii=False)


def fields_read(text: str) -> dict[str, str]:
    """Of `fields_written`."""
    return {str(name): str(value) for name, value in json.loads(text).items()}


class RuleStep(NamedTuple):
    """A rule before and after; None before it is made, and once it is dropped."""

    before: WordRule | None
    after: WordRule | None


class _MovedMeanwhile(Exception):
    """Rules were changed between the check and the write."""


class WordListService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, words: WordCheck) -> None:
        self._database = database
        self._clock = clock
        self._words = words

    async def rules(self, guild_id: GuildId) -> tuple[KeptRule, ...]:
        """By their names. Raises StorageError."""
        return await self._database.read(kept_rules, guild_id)

    async def rule(self, guild_id: GuildId, rule_id: int) -> KeptRule:
        """Raises UnknownWordRule, StorageError."""
        return _find(await self.rules(guild_id), rule_id)

    async def keep(
        self, guild_id: GuildId, typed: TypedRule, *, by: UserId, rule_id: int = 0, seen: int = 0
    ) -> int:
        """Makes a new rule, or changes the one with this id. Returns its id.

        Args:
            seen: when the rule that is changed was changed last, as far as its editor knows.

        Raises:
            WordLinesRefused, WordRuleRefused, WordRuleChanged, UnknownWordRule, StorageError:
                nothing was changed.
        """
        lists = await asyncio.to_thread(_read_lists, typed.lists)

        def steps(rules: Sequence[KeptRule]) -> list[RuleStep]:
            before = _seen(rules, rule_id, seen).rule if rule_id else None
            named = before or WordRule(id=0, name="", outcome=typed.outcome)
            after = replace(named, name=typed.name.strip(), outcome=typed.outcome)
            return [RuleStep(before, _with_lists(after, lists))]

        (kept_id,) = await self._carry_out(guild_id, steps, by=by)
        return kept_id

    async def change(
        self,
        guild_id: GuildId,
        rule_id: int,
        changed: Callable[[WordRule], WordRule],
        *,
        by: UserId,
        seen: int,
    ) -> None:
        """One thing of a rule, such as its outcome or whom it exempts. Raises like `keep`."""

        def steps(rules: Sequence[KeptRule]) -> list[RuleStep]:
            before = _seen(rules, rule_id, seen).rule
            return [RuleStep(before, changed(before))]

        await self._carry_out(guild_id, steps, by=by)

    async def take_file(
        self,
        guild_id: GuildId,
        rule_id: int,
        field: WordField,
        content: bytes,
        *,
        by: UserId,
        seen: int,
    ) -> int:
        """Makes one list that of a file, one entry a line. Returns how many there are then.

        Raises:
            WordFileRefused: too large, or no text in UTF-8; and like `keep`.
        """
        if len(content) > LARGEST_FILE_BYTES:
            raise WordFileRefused(ImportFault.TOO_LARGE)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise WordFileRefused(ImportFault.BROKEN) from error
        lists = await asyncio.to_thread(_read_lists, {field: text})
        await self.change(
            guild_id, rule_id, lambda rule: _with_lists(rule, lists), by=by, seen=seen
        )
        return len(lists[field])

    async def drop(self, guild_id: GuildId, rule_id: int, *, by: UserId, seen: int) -> WordRule:
        """Returns what it was. Raises WordRuleChanged, UnknownWordRule, StorageError."""
        gone: list[WordRule] = []

        def steps(rules: Sequence[KeptRule]) -> list[RuleStep]:
            gone[:] = [_seen(rules, rule_id, seen).rule]
            return [RuleStep(gone[0], None)]

        await self._carry_out(guild_id, steps, by=by)
        return gone[0]

    async def read_automod(
        self, guild_id: GuildId, found: Sequence[Any], *, by: UserId
    ) -> AutomodRead:
        """Makes the word rules that come from AutoMod what it has now; their outcomes stay.

        Args:
            found: the decoded answer of Discord.

        Raises:
            AutomodUnread: that is no such answer; and like `keep`.
        """
        try:
            read = await asyncio.to_thread(automod.imported, found)
        except msgspec.ValidationError as error:
            raise AutomodUnread(AutomodFault.UNREADABLE) from error
        taken: list[RuleStep] = []

        def steps(rules: Sequence[KeptRule]) -> list[RuleStep]:
            taken[:] = _automod_steps([one.rule for one in rules], read.rules)
            return taken

        await self._carry_out(guild_id, steps, by=by)
        return AutomodRead(
            added=tuple(one.after.name for one in taken if one.after and not one.before),
            changed=tuple(one.after.name for one in taken if one.after and one.before),
            dropped=tuple(one.before.name for one in taken if one.before and not one.after),
            not_applied=read.not_applied,
        )

    async def _carry_out(
        self,
        guild_id: GuildId,
        plan: Callable[[Sequence[KeptRule]], list[RuleStep]],
        *,
        by: UserId,
    ) -> list[int]:
        """Compiled beside the database, since 10,000 words take a fifth of a second, and written
        unless other rules were changed meanwhile; then once more. Returns the ids of what is kept.
        """
        while True:
            change, rules = await self._database.read(_state, guild_id)
            steps = plan(rules)
            await asyncio.to_thread(_check, [one.rule for one in rules], steps)
            now_us = self._clock.now_us()
            try:
                ids = await self._database.write(
                    write_steps, guild_id, steps, is_still=change, by=by, now_us=now_us
                )
            except _MovedMeanwhile:
                continue
            self._words.note_change(guild_id)
            log.info("word rules changed", guild=guild_id, rules=len(steps))
            return ids


def write_steps(
    tx: Transaction,
    guild_id: GuildId,
    steps: Sequence[RuleStep],
    *,
    is_still: tuple[int, int],
    by: UserId,
    now_us: int,
) -> list[int]:
    """See `WordListService`; on an error the transaction is to be undone."""
    if newest_change(tx, guild_id) != is_still:
        raise _MovedMeanwhile
    for before, after in steps:
        note_action(
            tx,
            AuditAction.RULE,
            tenant_id=guild_id,
            actor=str(by),
            source="discord",
            details=_told(before, after),
            now_us=now_us,
        )
    # What loses its name goes first: another may have it now. A renamed rule has a new id.
    for before, after in steps:
        if before and (after is None or rule_key(after.name) != rule_key(before.name)):
            drop_rule(tx, guild_id, before.name)
    kept = [one.after for one in steps if one.after]
    return [put_rule(tx, guild_id, one, by=by, now_us=now_us).id for one in kept]


def _state(tx: Transaction, guild_id: GuildId) -> tuple[tuple[int, int], tuple[KeptRule, ...]]:
    return newest_change(tx, guild_id), kept_rules(tx, guild_id)


def _find(rules: Sequence[KeptRule], rule_id: int) -> KeptRule:
    for one in rules:
        if one.rule.id == rule_id:
            return one
    raise UnknownWordRule


def _seen(rules: Sequence[KeptRule], rule_id: int, seen: int) -> KeptRule:
    found = _find(rules, rule_id)
    if found.changed_at_us != seen:
        name, by = found.rule.name, found.changed_by
        raise WordRuleChanged(name=name, by=by, at_us=found.changed_at_us)
    return found


def _check(rules: Sequence[WordRule], steps: Sequence[RuleStep]) -> None:
    """Whether all rules could be compiled then. Raises WordRuleRefused."""
    gone = {one.before.id for one in steps if one.before}
    added = [one.after for one in steps if one.after]
    if not added:
        return
    after = [*(one for one in rules if one.id not in gone), *added]
    taken: set[str] = set()
    for rule in after:
        if rule_key(rule.name) in taken:
            raise WordRuleRefused(WordRuleFault.TAKEN, entry=rule.name)
        taken.add(rule_key(rule.name))
    WordRules(after)


_Lists: TypeAlias = "dict[WordField, tuple[str, ...]]"


def _with_lists(rule: WordRule, lists: _Lists) -> WordRule:
    return replace(
        rule,
        words=lists.get(WordField.WORDS, rule.words),
        patterns=lists.get(WordField.PATTERNS, rule.patterns),
        allowed=lists.get(WordField.ALLOWED, rule.allowed),
    )


def _read_lists(lists: Mapping[WordField, str]) -> _Lists:
    """Each entry once. Raises WordLinesRefused."""
    wrong: list[WordLine] = []
    read = {field: _read_list(field, text, wrong) for field, text in lists.items()}
    if wrong:
        raise WordLinesRefused(tuple(wrong))
    return read


_COMMA = re.compile(r"(?<!\d)[,，、]|[,，、](?!\d)")  # not that of 1,000


def _numbered(field: WordField, text: str) -> Iterator[tuple[int, str]]:
    """Each entry with its line. Words may have commas between them, as people type them into
    Discord's AutoMod; a phrase is found without its commas anyway."""
    for number, line in enumerate(text.splitlines(), start=1):
        entries = [line] if field is WordField.PATTERNS else _COMMA.split(line)
        yield from ((number, one) for one in map(str.strip, entries) if one)


def _read_list(field: WordField, text: str, wrong: list[WordLine]) -> tuple[str, ...]:
    check = patterns.compiled if field is WordField.PATTERNS else check_word
    entries: dict[str, None] = {}
    for number, entry in _numbered(field, text):
        if entry in entries:
            continue
        try:
            check(entry)
        except WordRuleRefused as refused:
            wrong.append(WordLine(field, number, refused))
        else:
            entries[entry] = None
    return tuple(entries)


def _automod_steps(rules: Sequence[WordRule], read: Sequence[WordRule]) -> list[RuleStep]:
    """What differs. A name that a rule of the staff's has gets a number."""
    known = {one.automod_id: one for one in rules if one.automod_id is not None}
    taken = {rule_key(one.name) for one in rules if one.automod_id is None}
    steps = [RuleStep(one, None) for one in known.values() if not _is_among(one, read)]
    for found in read:
        name = _free_name(f"{AUTOMOD_NAME}{found.name}", taken)
        taken.add(rule_key(name))
        before = known.get(found.automod_id or 0)
        after = replace(found, name=name)
        if before is not None:
            after = replace(after, id=before.id, outcome=before.outcome)
        if after != before:
            steps.append(RuleStep(before, after))
    return steps


def _is_among(rule: WordRule, read: Sequence[WordRule]) -> bool:
    return any(one.automod_id == rule.automod_id for one in read)


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 1, name[:MOST_NAME_CHARACTERS]
    while rule_key(free) in taken:
        number += 1
        ending = f" ({number})"
        free = name[: MOST_NAME_CHARACTERS - len(ending)] + ending
    return free


def _told(before: WordRule | None, after: WordRule | None) -> str:
    """For the log: which rule, and how much of it there was and is."""
    if before is None or after is None:
        one, done = (after, "made") if before is None else (before, "dropped")
        assert one is not None  # noqa: S101 - a step has one of them
        return f"{one.name!r} {done}: {one.outcome}, {len(one.words)} words"
    name = f"{before.name!r}" + ("" if before.name == after.name else f" → {after.name!r}")
    changes = [
        f"{label} {was} → {now}"
        for label, was, now in (
            ("outcome", before.outcome, after.outcome),
            ("words", len(before.words), len(after.words)),
            ("expressions", len(before.patterns), len(after.patterns)),
            ("allowed", len(before.allowed), len(after.allowed)),
            ("exempt roles", len(before.exempt_roles), len(after.exempt_roles)),
            ("exempt channels", len(before.exempt_channels), len(after.exempt_channels)),
        )
        if was != now
    ]
    return f"{name}: {', '.join(changes) or 'changed'}, {len(after.words)} words"
