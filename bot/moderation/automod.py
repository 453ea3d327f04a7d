"""Rules of Discord's AutoMod as word rules, and what of them cannot be applied to prompts.

AutoMod reads messages and profiles of people alone; what is typed into a command it never sees.
Source: Discord's documentation, resource "Auto Moderation".
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from bot.moderation import patterns, word_rules
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.staff_refusals import WordRuleRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Reason(StrEnum):
    """Why something of an AutoMod rule is not applied."""

    DISABLED = "disabled"  # the rule is switched off
    PROFILE = "profile"  # it looks at names of members
    SPAM = "spam"  # Discord's own judgement of spam
    MENTIONS = "mentions"  # it counts mentions
    UNKNOWN = "unknown"  # a kind of rule that is newer than this
    PRESET = "preset"  # a list of Discord's, whose words it does not tell; entry: its name
    WORD = "word"  # it would match anything, or nothing; entry: the word
    ALLOWED = "allowed"  # likewise, of the words that it allows
    PATTERN = "pattern"  # no expression of re2's, too costly, or matches anything; entry: it
    TIME_OUT = "time_out"  # it times members out; here it refuses or holds


class NotApplied(Struct, frozen=True, kw_only=True):
    """One thing that stays with Discord."""

    automod_id: int
    rule_name: str
    reason: Reason
    entry: str = ""

    def __str__(self) -> str:
        """As `WordRule.not_applied` has it."""
        return f"{self.reason}:{self.entry}" if self.entry else self.reason.value


class Imported(Struct, frozen=True, kw_only=True):
    """Rules to be kept, with id 0, and all that is not applied: theirs too."""

    rules: tuple[WordRule, ...]
    not_applied: tuple[NotApplied, ...]


class _Trigger(IntEnum):
    KEYWORD = 1
    SPAM = 3
    PRESET = 4
    MENTIONS = 5
    PROFILE = 6


class _Action(IntEnum):
    BLOCK = 1
    ALERT = 2
    TIME_OUT = 3
    BLOCK_MEMBER = 4


class _Metadata(msgspec.Struct):
    keyword_filter: list[str] = []
    regex_patterns: list[str] = []
    presets: list[int] = []
    allow_list: list[str] = []


class _Acting(msgspec.Struct):
    type: int


class _Rule(msgspec.Struct):
    id: str
    name: str
    trigger_type: int
    trigger_metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    actions: list[_Acting] = []
    enabled: bool = True
    exempt_roles: list[str] = []
    exempt_channels: list[str] = []


_PRESETS = {1: "profanity", 2: "sexual content", 3: "slurs"}
_ELSEWHERE = {
    _Trigger.SPAM: Reason.SPAM,
    _Trigger.MENTIONS: Reason.MENTIONS,
    _Trigger.PROFILE: Reason.PROFILE,
}


def imported(rules: Iterable[Any]) -> Imported:
    """From the decoded JSON of `GET /guilds/{id}/auto-moderation/rules`.

    A rule that blocks refuses; one that only alerts holds for review. Raises
    `msgspec.ValidationError` for what is no such answer.
    """
    kept: list[WordRule] = []
    left: list[NotApplied] = []
    for rule in msgspec.convert([*rules], list[_Rule]):
        word_rule, missing = _read(rule)
        left += missing
        if word_rule is not None:
            kept.append(word_rule)
    return Imported(rules=tuple(kept), not_applied=tuple(left))


def _read(rule: _Rule) -> tuple[WordRule | None, list[NotApplied]]:
    def not_applied(reason: Reason, entry: str = "") -> NotApplied:
        return NotApplied(automod_id=int(rule.id), rule_name=rule.name, reason=reason, entry=entry)

    if not rule.enabled:
        return None, [not_applied(Reason.DISABLED)]
    if rule.trigger_type == _Trigger.PRESET:
        names = (_PRESETS.get(one, str(one)) for one in rule.trigger_metadata.presets)
        return None, [not_applied(Reason.PRESET, name) for name in names]
    if rule.trigger_type != _Trigger.KEYWORD:
        known = {trigger.value: reason for trigger, reason in _ELSEWHERE.items()}
        return None, [not_applied(known.get(rule.trigger_type, Reason.UNKNOWN))]
    return _keyword_rule(rule, not_applied)


def _keyword_rule(
    rule: _Rule, not_applied: Callable[[Reason, str], NotApplied]
) -> tuple[WordRule | None, list[NotApplied]]:
    listed = rule.trigger_metadata
    words, bad_words = _sorted_out(listed.keyword_filter, word_rules.check_word)
    allowed, bad_allowed = _sorted_out(listed.allow_list, word_rules.check_word)
    expressions, bad_patterns = _sorted_out(listed.regex_patterns, patterns.compiled)
    left = [
        *(not_applied(Reason.WORD, word) for word in bad_words),
        *(not_applied(Reason.ALLOWED, word) for word in bad_allowed),
        *(not_applied(Reason.PATTERN, text) for text in bad_patterns),
    ]
    acts = {action.type for action in rule.actions}
    if _Action.TIME_OUT in acts:
        left.append(not_applied(Reason.TIME_OUT, ""))
    if not words and not expressions:
        return None, left
    outcome = (
        RuleOutcome.REFUSE if acts & {_Action.BLOCK, _Action.BLOCK_MEMBER} else RuleOutcome.HOLD
    )
    return WordRule(
        id=0,
        name=rule.name[: word_rules.MOST_NAME_CHARACTERS],
        outcome=outcome,
        words=words,
        patterns=expressions,
        allowed=allowed,
        exempt_roles=tuple(map(int, rule.exempt_roles)),
        exempt_channels=tuple(map(int, rule.exempt_channels)),
        automod_id=int(rule.id),
        not_applied=tuple(map(str, left)),
    ), left


def _sorted_out(
    entries: list[str], check: Callable[[str], object]
) -> tuple[tuple[str, ...], list[str]]:
    """Those that pass, each once, and those that do not."""
    good: dict[str, None] = {}
    bad = []
    for entry in entries:
        try:
            check(entry)
        except WordRuleRefused:
            bad.append(entry)
        else:
            good[entry] = None
    return tuple(good), bad
