"""What the staff of a guild changes about it: its settings, whether the bot is there, AutoMod.

    PATCH  /guilds/{id}                  name, locale, boost_tier
    PUT    /guilds/{id}/bot              invites the bot
    DELETE /guilds/{id}/bot              shows it the door
    GET, PUT  /guilds/{id}/automod       the AutoMod rules, as a list
    PUT, DELETE  /guilds/{id}/scheduled-events/{id}/users/{id}  a member is interested, or not

Each answers with the changed object; the bot learns of it by the gateway alone. AutoMod rules are
held against Discord's limits. Source: Discord's reference, "Auto Moderation" (2026-08).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.control.calls import guild_of, read_body, tell_guild
from sandbox.control.people import LONGEST_TIME_OUT_S
from sandbox.discord import errors
from sandbox.discord.automod import automod_rule_object, trigger_type
from sandbox.discord.objects import guild_create_object, guild_object, scheduled_event_object
from sandbox.discord.records import AutoModRule, Guild, Member
from sandbox.discord.scheduled_events import set_interest
from sandbox.discord.state import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from sandbox.discord.state import State

_KEYWORDS, _SPAM, _PRESETS, _MENTIONS = 1, 3, 4, 5
_MOST_RULES = {_KEYWORDS: 6, _SPAM: 1, _PRESETS: 1, _MENTIONS: 1}
_LONGEST_WORD, _LONGEST_PATTERN = 60, 260
_TIERS = range(4)
_INTEREST = "/guilds/{guild_id}/scheduled-events/{event_id}/users/{user_id}"


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


class GuildChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a guild."""

    name: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    boost_tier: int | UnsetType = UNSET


async def change_guild(state: State, request: web.Request) -> object:
    guild, change = guild_of(state, request), await read_body(request, GuildChange)
    if change.boost_tier is not UNSET and change.boost_tier not in _TIERS:
        raise errors.invalid_field(
            "boost_tier", code="BASE_TYPE_CHOICES", message="Value must be one of 0 to 3."
        )
    for name in change.__struct_fields__:
        value = getattr(change, name)
        if value is not UNSET:
            setattr(guild, name, value)
    tell_guild(state, guild, "GUILD_UPDATE", guild_object(guild))
    return guild_object(guild)


async def invite(state: State, request: web.Request) -> object:
    guild = guild_of(state, request)
    if state.bot_id not in guild.members:
        bot_id = state.bot_id
        role_ids = [role.id for role in guild.roles.values() if role.bot_id == bot_id]
        guild.members[bot_id] = Member(
            user_id=bot_id, joined_at_us=state.now_us(), role_ids=role_ids
        )
        tell_guild(state, guild, "GUILD_CREATE", guild_create_object(state, guild))
    return guild_object(guild)


async def expel(state: State, request: web.Request) -> object:
    guild = guild_of(state, request)
    if guild.members.pop(state.bot_id, None) is not None:
        tell_guild(state, guild, "GUILD_DELETE", {"id": guild.id})
    return guild_object(guild)


async def automod_rules(state: State, request: web.Request) -> object:
    guild = guild_of(state, request)
    return [automod_rule_object(guild, each) for each in guild.automod_rules.values()]


async def set_automod_rules(state: State, request: web.Request) -> object:
    """Puts these rules in the place of all others."""
    guild = guild_of(state, request)
    new = await read_body(request, list[NewAutoModRule])
    for each in new:
        _check_automod_rule(state, guild, each)
    _check_automod_counts(new)
    old = [automod_rule_object(guild, each) for each in guild.automod_rules.values()]
    rules = [_automod_rule(state.snowflakes.next(), each) for each in new]
    guild.automod_rules = {rule.id: rule for rule in rules}
    shown = [automod_rule_object(guild, each) for each in rules]
    state.save(guild)
    changes = [("DELETE", each) for each in old] + [("CREATE", each) for each in shown]
    for what, body in changes:
        name = f"AUTO_MODERATION_RULE_{what}"
        state.feed.publish(Event(name=name, body=body, guild_id=guild.id))
    return shown


async def change_interest(state: State, request: web.Request) -> object:
    guild, user_id = guild_of(state, request), request.match_info["user_id"]
    event = guild.scheduled_events.get(request.match_info["event_id"])
    if event is None:
        raise errors.DiscordError(errors.UNKNOWN_SCHEDULED_EVENT)
    if user_id not in guild.members:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    set_interest(state, guild, event, user_id, interested=request.method == "PUT")
    return scheduled_event_object(state, guild, event, with_user_count=True)


def _check_automod_rule(state: State, guild: Guild, rule: NewAutoModRule) -> None:
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


def _check_automod_counts(rules: Sequence[NewAutoModRule]) -> None:
    """Six rules of words, and one of each other kind.

    Raises:
        DiscordError: 50035.
    """
    counts = Counter(trigger_type(_automod_rule("0", each)) for each in rules)
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


def _automod_rule(rule_id: str, new: NewAutoModRule) -> AutoModRule:
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


STAFF_CALLS = (
    ("PATCH", "/guilds/{guild_id}", change_guild),
    ("PUT", "/guilds/{guild_id}/bot", invite),
    ("DELETE", "/guilds/{guild_id}/bot", expel),
    ("GET", "/guilds/{guild_id}/automod", automod_rules),
    ("PUT", "/guilds/{guild_id}/automod", set_automod_rules),
    ("PUT", _INTEREST, change_interest),
    ("DELETE", _INTEREST, change_interest),
)
