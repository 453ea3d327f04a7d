"""Routes that read a guild's AutoMod rules; staff set them through the control interface.

How they act is in `automod_acts`. Source: Discord's reference, "Auto Moderation" (2026-08).
"""

from __future__ import annotations

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects.automod import automod_rule_object
from sandbox.discord.permissions import Permission, require_in_guild
from sandbox.discord.routing import Call, Reply, Route


def list_rules(call: Call) -> Reply:
    """The guild's rules; needs MANAGE_GUILD."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    require_in_guild(state, guild, state.bot_id, Permission.MANAGE_GUILD)
    return Reply(body=[automod_rule_object(guild, each) for each in guild.automod_rules.values()])


def get_rule(call: Call) -> Reply:
    """One rule; needs MANAGE_GUILD. How an unknown one is answered is guessed."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    require_in_guild(state, guild, state.bot_id, Permission.MANAGE_GUILD)
    rule = guild.automod_rules.get(call.path["rule_id"])
    if rule is None:
        raise errors.DiscordError(errors.NOT_FOUND)
    return Reply(body=automod_rule_object(guild, rule))


_RULES = "/guilds/{guild_id}/auto-moderation/rules"

ROUTES = (
    Route(method="GET", path=_RULES, handler=list_rules, bucket=ratelimits.GUILD_READ),
    Route(
        method="GET", path=f"{_RULES}/{{rule_id}}", handler=get_rule, bucket=ratelimits.GUILD_READ
    ),
)
