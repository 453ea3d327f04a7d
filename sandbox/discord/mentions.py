"""Which users and roles a text mentions, within what `allowed_mentions` lets through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import UNSET

from sandbox.discord.permissions import Permission, may

if TYPE_CHECKING:
    from sandbox.discord.message_bodies import AllowedMentions
    from sandbox.discord.records import Channel
    from sandbox.discord.state import State

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Who is mentioned."""

    user_ids: list[str]
    role_ids: list[str]
    everyone: bool


def mentions_in(
    state: State, channel: Channel, text: str, *, author_id: str, allowed: AllowedMentions | None
) -> Mentions:
    """What the text mentions; members see the names either way, only these are notified."""
    if "@" not in text:
        return Mentions(user_ids=[], role_ids=[], everyone=False)
    known_users = [each for each in dict.fromkeys(_USER.findall(text)) if each in state.users]
    roles = state.guilds[channel.guild_id].roles if channel.guild_id else {}
    known_roles = [each for each in dict.fromkeys(_ROLE.findall(text)) if each in roles]
    is_webhook = state.users[author_id].is_webhook
    may_ping_all = is_webhook or may(state, channel, author_id, Permission.MENTION_EVERYONE)
    return Mentions(
        user_ids=_let_through(known_users, allowed, "users"),
        role_ids=[
            each
            for each in _let_through(known_roles, allowed, "roles")
            if may_ping_all or roles[each].is_mentionable
        ],
        everyone=may_ping_all
        and bool(_EVERYONE.search(text))
        and (allowed is None or "everyone" in _parse(allowed)),
    )


def _let_through(found: list[str], allowed: AllowedMentions | None, kind: str) -> list[str]:
    if allowed is None or kind in _parse(allowed):
        return found
    named = allowed.users if kind == "users" else allowed.roles
    return [each for each in found if each in {str(name) for name in named or ()}]


def _parse(allowed: AllowedMentions) -> list[str]:
    return [] if allowed.parse is UNSET or allowed.parse is None else list(allowed.parse)
