"""AutoMod rules as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.records import AutoModRule, Guild
    from sandbox.discord.shapes import JsonObject

BLOCK, ALERT, TIME_OUT = 1, 2, 3
"""The actions that a rule may have here."""

_ON_MESSAGES = 1


def trigger_type(rule: AutoModRule) -> int:
    """1 for words and patterns, 3 for spam, 4 for Discord's own lists, 5 for mentions."""
    if rule.most_mentions is not None:
        return 5
    if rule.is_against_spam:
        return 3
    return 4 if rule.presets else 1


def action_objects(rule: AutoModRule) -> list[JsonObject]:
    """What the rule does."""
    actions: list[JsonObject] = []
    if rule.blocks:
        said = {} if rule.custom_message is None else {"custom_message": rule.custom_message}
        actions.append({"type": BLOCK, "metadata": said})
    if rule.alert_channel_id is not None:
        actions.append({"type": ALERT, "metadata": {"channel_id": rule.alert_channel_id}})
    if rule.time_out_s is not None:
        actions.append({"type": TIME_OUT, "metadata": {"duration_seconds": rule.time_out_s}})
    return actions


def _metadata(rule: AutoModRule) -> JsonObject:
    match trigger_type(rule):
        case 3:
            return {}
        case 4:
            return {"allow_list": list(rule.allowed), "presets": list(rule.presets)}
        case 5:
            return {
                "mention_total_limit": rule.most_mentions,
                "mention_raid_protection_enabled": False,
            }
        case _:
            return {
                "allow_list": list(rule.allowed),
                "keyword_filter": list(rule.keywords),
                "regex_patterns": list(rule.patterns),
            }


def automod_rule_object(guild: Guild, rule: AutoModRule) -> JsonObject:
    """A rule; what it looks for is told as its trigger's type has it."""
    return {
        "id": rule.id,
        "guild_id": guild.id,
        "creator_id": guild.owner_id,
        "name": rule.name,
        "event_type": _ON_MESSAGES,
        "trigger_type": trigger_type(rule),
        "trigger_metadata": _metadata(rule),
        "actions": action_objects(rule),
        "enabled": rule.is_enabled,
        "exempt_roles": list(rule.exempt_role_ids),
        "exempt_channels": list(rule.exempt_channel_ids),
    }
