"""AutoMod rules as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.records import AutoModRule, Guild
    from sandbox.discord.shapes import JsonObject

_ON_MESSAGES = 1
_BLOCK_MESSAGE = 1


def automod_rule_object(guild: Guild, rule: AutoModRule) -> JsonObject:
    """A rule of keywords (type 1) or, with presets, of Discord's own lists (type 4)."""
    metadata: JsonObject = {"allow_list": list(rule.allowed)}
    if rule.presets:
        metadata["presets"] = list(rule.presets)
    else:
        metadata |= {"keyword_filter": list(rule.keywords), "regex_patterns": list(rule.patterns)}
    return {
        "id": rule.id,
        "guild_id": guild.id,
        "creator_id": guild.owner_id,
        "name": rule.name,
        "event_type": _ON_MESSAGES,
        "trigger_type": 4 if rule.presets else 1,
        "trigger_metadata": metadata,
        "actions": [{"type": _BLOCK_MESSAGE, "metadata": {}}],
        "enabled": rule.is_enabled,
        "exempt_roles": list(rule.exempt_role_ids),
        "exempt_channels": list(rule.exempt_channel_ids),
    }
