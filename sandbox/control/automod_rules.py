"""AutoMod rules as a test or a guild's staff gives them, held against Discord's limits.

Source: Discord's reference, "Auto Moderation" (2026-08).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.automod import trigger_type
from sandbox.discord.records import AutoModRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.records import Guild
    from sandbox.discord.state import State

LONGEST_TIME_OUT_S = 28 * 24 * 3600
"""Source: Discord's reference, "Modify Guild Member"."""

_KEYWORDS, _SPAM, _PRESETS, _MENTIONS = 1, 3, 4, 5
_MOST_RULES = {_KEYWORDS: 6, _SPAM: 1, _PRESETS: 1, _MENTIONS: 1}
_LONGEST_WORD, _LONGEST_PATTERN = 60, 260


class NewAutoModRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """A rule of words and patterns, of Discord's own lists (1 to 3), of mentions, or of spam.

    It blocks the message, with a text for the member, tells a channel, and times the member out.
    """

    name: str
    keywords: list[str] = []
    patterns: list[str] = []
    allowed: list[str] = []
    presets: list[int] = []
    most_mentions: int | None = None
    spam: bool = False
    exempt_roles: list[str] = []
    exempt_channels: list[str] = []
    enabled: bool = True
    blocks: bool = True
    custom_message: str | None = None
    alerts_in: str | None = None
    times_out_for_s: int | None = None


def check_automod_rule(state: State, guild: Guild, rule: NewAutoModRule) -> None:
    """Lets pass only a rule that Discord would keep; whether a pattern compiles is not looked at.

    Raises:
        DiscordError: 50035.
    """
    _check_what_it_looks_for(rule)
    _check_counts(rule)
    if not (rule.blocks or rule.alerts_in or rule.times_out_for_s):
        raise _refused("blocks", "A rule does something.")
    duration_s = rule.times_out_for_s
    if duration_s is not None and not 1 <= duration_s <= LONGEST_TIME_OUT_S:
        raise _refused("times_out_for_s", "1 s to 28 days.")
    if duration_s is not None and (rule.presets or rule.spam):
        raise _refused("times_out_for_s", "Only rules of words and patterns, and of mentions, can.")
    if rule.alerts_in is not None:
        channel = state.channel(rule.alerts_in)
        if channel.guild_id != guild.id or not channel.holds_messages:
            raise _refused("alerts_in", "A channel of the guild that holds messages.")


def check_automod_counts(rules: Sequence[NewAutoModRule]) -> None:
    """Six rules of words, and one of each other kind.

    Raises:
        DiscordError: 50035.
    """
    counts = Counter(trigger_type(automod_rule("0", each)) for each in rules)
    for kind, count in counts.items():
        if count > _MOST_RULES[kind]:
            raise _refused("trigger_type", f"{_MOST_RULES[kind]} rules of type {kind} at most.")


def _check_what_it_looks_for(rule: NewAutoModRule) -> None:
    has_words = bool(rule.keywords or rule.patterns)
    kinds = (has_words, bool(rule.presets), rule.most_mentions is not None, rule.spam)
    if sum(kinds) != 1:
        raise _refused("keywords", "Words and patterns, presets, mentions or spam: one of them.")
    if any(not 1 <= preset <= 3 for preset in rule.presets):
        raise _refused("presets", "Value must be one of {1, 2, 3}.")
    if rule.most_mentions is not None and not 0 <= rule.most_mentions <= 50:
        raise _refused("most_mentions", "int value should be between 0 and 50.")


def _check_counts(rule: NewAutoModRule) -> None:
    most = {
        "keywords": 1_000,
        "patterns": 10,
        "allowed": 1_000 if rule.presets else 100,
        "exempt_roles": 20,
        "exempt_channels": 50,
    }
    for name, count in most.items():
        if len(getattr(rule, name)) > count:
            raise _refused(name, f"Must be {count} or fewer in length.")
    if any(not 1 <= len(word) <= _LONGEST_WORD for word in (*rule.keywords, *rule.allowed)):
        raise _refused("keywords", "Words have 1 to 60 characters.")
    if any(not 1 <= len(each) <= _LONGEST_PATTERN for each in rule.patterns):
        raise _refused("patterns", "Patterns have 1 to 260 characters.")


def automod_rule(rule_id: str, new: NewAutoModRule) -> AutoModRule:
    """The rule as the guild keeps it."""
    return AutoModRule(
        id=rule_id,
        name=new.name,
        keywords=new.keywords,
        patterns=new.patterns,
        allowed=new.allowed,
        presets=new.presets,
        most_mentions=new.most_mentions,
        is_against_spam=new.spam,
        exempt_role_ids=new.exempt_roles,
        exempt_channel_ids=new.exempt_channels,
        is_enabled=new.enabled,
        blocks=new.blocks,
        custom_message=new.custom_message,
        alert_channel_id=new.alerts_in,
        time_out_s=new.times_out_for_s,
    )


def _refused(field: str, message: str) -> errors.DiscordError:
    return errors.invalid_field(field, code="BASE_TYPE_CHOICES", message=message)
