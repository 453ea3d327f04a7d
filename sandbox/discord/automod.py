"""AutoMod: a member's message is held against the guild's rules of words and patterns.

Bots, webhooks and who may manage the guild are exempt, and so are the roles and channels that a
rule names, with their threads. What a bot says for a member who installed it is held against the
rules as the member's own. Discord's own lists are not public, so rules of them never act. Staff set
the rules through the control interface; the bot's routes read them. Source: Discord's reference,
"Auto Moderation" (2026-08); user installs and the alert's embed are observed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.message_bodies import Embed, EmbedField
from sandbox.discord.permissions import Permission, guild_permissions
from sandbox.discord.posting import Draft, system_message
from sandbox.discord.records import MessageType
from sandbox.discord.routing import Call, Reply, Route
from sandbox.discord.shapes import JsonObject, only_set
from sandbox.discord.users import tell_member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.interactions import Interaction
    from sandbox.discord.records import AutoModRule, Channel, Guild, Message
    from sandbox.discord.state import State

_MENTION = re.compile(r"<@[!&]?(\d+)>")

BLOCK, ALERT, TIME_OUT = 1, 2, 3
"""The actions that a rule may have here."""

_ON_MESSAGES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a rule found in a message: the word or pattern, and the part that it fits."""

    rule: AutoModRule
    channel: Channel
    author_id: str
    content: str
    keyword: str
    matched: str


def hits(state: State, channel: Channel, author_id: str, content: str) -> list[Hit]:
    """What the rules of the guild find in a message, one hit for each rule."""
    guild = state.guilds.get(channel.guild_id or "")
    if guild is None or _is_exempt(state, guild, author_id):
        return []
    member = guild.members[author_id]
    places = {channel.id, channel.parent_id}
    rules = [
        rule
        for rule in guild.automod_rules.values()
        if rule.is_enabled
        and places.isdisjoint(rule.exempt_channel_ids)
        and set(member.role_ids).isdisjoint(rule.exempt_role_ids)
    ]
    return [
        Hit(
            rule=rule,
            channel=channel,
            author_id=author_id,
            content=content,
            keyword=found[0],
            matched=found[1],
        )
        for rule in rules
        if (found := _found(rule, content)) is not None
    ]


def blocking(found: Sequence[Hit]) -> Hit | None:
    """The first hit whose rule blocks the message."""
    return next((hit for hit in found if hit.rule.blocks), None)


def holds_back(state: State, interaction: Interaction, content: object) -> bool:
    """Whether an answer of a bot that a member brought along must not be seen by others."""
    if not interaction.is_user_install or not isinstance(content, str):
        return False
    channel = state.channel(interaction.channel_id)
    return blocking(hits(state, channel, interaction.user_id, content)) is not None


def refusal(hit: Hit) -> errors.DiscordError:
    """What the member is told; where the rule's own explanation stands is guessed."""
    own = hit.rule.custom_message
    if own is None:
        return errors.DiscordError(errors.BLOCKED_BY_AUTOMOD)
    said = {"content": {"_errors": [{"code": "AUTOMOD_BLOCKED", "message": own}]}}
    return errors.DiscordError(errors.BLOCKED_BY_AUTOMOD, errors=dict(said))


def act(state: State, found: Sequence[Hit], message: Message | None) -> None:
    """Carries out the rules' actions and tells each; without a message it was blocked."""
    for hit in found:
        for action in action_objects(hit.rule):
            _act(state, hit, action, message)


def _act(state: State, hit: Hit, action: JsonObject, message: Message | None) -> None:
    guild = state.guilds[hit.channel.guild_id or ""]
    alert = _alert(state, hit, message) if action["type"] == ALERT else None
    if action["type"] == TIME_OUT:
        _time_out(state, guild, hit)
    body: JsonObject = {
        "guild_id": guild.id,
        "action": action,
        "rule_id": hit.rule.id,
        "rule_trigger_type": trigger_type(hit.rule),
        "user_id": hit.author_id,
        "channel_id": hit.channel.id,
        "content": hit.content,
        "matched_keyword": hit.keyword,
        "matched_content": hit.matched,
    } | only_set(
        {
            "message_id": None if message is None else message.id,
            "alert_system_message_id": None if alert is None else alert.id,
        }
    )
    state.publish("AUTO_MODERATION_ACTION_EXECUTION", body, guild=guild)


def _is_exempt(state: State, guild: Guild, author_id: str) -> bool:
    if author_id not in guild.members or state.users[author_id].is_bot:
        return True
    return bool(guild_permissions(guild, author_id, state.now_us()) & Permission.MANAGE_GUILD)


def _found(rule: AutoModRule, content: str) -> tuple[str, str] | None:
    """The first word or pattern that fits outside allowed words, and the part that it fits.

    Too many mentions name neither. What Discord takes for spam is not known, so nothing is.
    """
    if rule.most_mentions is not None:
        return ("", "") if len(set(_MENTION.findall(content))) > rule.most_mentions else None
    allowed = [each.span() for word in rule.allowed for each in _word(word).finditer(content)]
    looked_for = [(word, _word(word)) for word in rule.keywords]
    looked_for += [(text, read) for text in rule.patterns if (read := _pattern(text))]
    for text, pattern in looked_for:
        for each in pattern.finditer(content):
            start, end = each.span()
            if start < end and not any(a <= start and end <= b for a, b in allowed):
                return text, each[0]
    return None


@lru_cache
def _word(text: str) -> re.Pattern[str]:
    """A keyword: whole between blanks; `*` at an end lets the word go on there."""
    start = "" if text.startswith("*") else r"(?<!\S)"
    end = "" if text.endswith("*") else r"(?!\S)"
    return re.compile(start + re.escape(text.strip("*")) + end, re.IGNORECASE)


@lru_cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """A pattern in Rust's flavour, None if Python cannot read it: then it never fits."""
    try:
        return re.compile(text)
    except re.error:
        return None


def _alert(state: State, hit: Hit, message: Message | None) -> Message | None:
    """Tells the staff's channel, unless it is gone."""
    there = state.channels.get(hit.rule.alert_channel_id or "")
    if there is None:
        return None
    facts = {
        "rule_name": hit.rule.name,
        "channel_id": hit.channel.id,
        "keyword": hit.keyword,
        "keyword_matched_content": hit.matched,
    } | ({} if message is None else {"flagged_message_id": message.id})
    embed = Embed(
        kind="auto_moderation_message",
        description=hit.content,
        fields=[EmbedField(name=name, value=value) for name, value in facts.items()],
    )
    draft = Draft(channel=there, author_id=hit.author_id, type=MessageType.AUTO_MODERATION_ACTION)
    return system_message(state, draft, embeds=[embed])


def _time_out(state: State, guild: Guild, hit: Hit) -> None:
    member = guild.members[hit.author_id]
    until_us = state.now_us() + (hit.rule.time_out_s or 0) * 1_000_000
    member.timed_out_until_us = max(until_us, member.timed_out_until_us or 0)
    tell_member(state, guild, member)


def list_rules(call: Call) -> Reply:
    """The guild's rules; needs MANAGE_GUILD."""
    _state, guild = call.state, call.guild(Permission.MANAGE_GUILD)
    return Reply(body=[automod_rule_object(guild, each) for each in guild.automod_rules.values()])


def get_rule(call: Call) -> Reply:
    """One rule; needs MANAGE_GUILD. How an unknown one is answered is guessed."""
    _state, guild = call.state, call.guild(Permission.MANAGE_GUILD)
    rule = guild.automod_rules.get(call.path["rule_id"])
    if rule is None:
        raise errors.DiscordError(errors.NOT_FOUND)
    return Reply(body=automod_rule_object(guild, rule))


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


_RULES = "/guilds/{guild_id}/auto-moderation/rules"


ROUTES = (
    Route("GET", _RULES, list_rules, ratelimits.GUILD_READ),
    Route("GET", f"{_RULES}/{{rule_id}}", get_rule, ratelimits.GUILD_READ),
)
