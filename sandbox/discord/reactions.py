"""Routes of reactions: add, take away, see who.

An emoji in the path is a character, or `name:id` of a custom one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects import member_object, user_object
from sandbox.discord.permissions import Permission, may, require
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.threads_life import require_unarchived

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.records import Channel, Message
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_KINDS = 20
"""Different emojis on one message before 30010. Source: Discord's reference."""

_LONGEST_EMOJI = 16


@dataclass(frozen=True, slots=True)
class _Target:
    state: State
    channel: Channel
    message: Message


def add_own(call: Call) -> Reply:
    """The bot reacts."""
    target = _target(call)
    state, channel = target.state, target.channel
    require_unarchived(channel)
    emoji = _emoji(call, target.message)
    if emoji not in target.message.reactions:
        require(state, channel, Permission.ADD_REACTIONS)
        if len(target.message.reactions) >= MAX_KINDS:
            raise errors.DiscordError(errors.MAX_REACTIONS)
    react(state, target.message, emoji, state.bot_id)
    return NO_CONTENT


def remove_own(call: Call) -> Reply:
    """The bot takes its reaction back."""
    target = _target(call)
    unreact(target.state, target.message, _emoji(call, target.message), target.state.bot_id)
    return NO_CONTENT


def remove_of_user(call: Call) -> Reply:
    """A member's reaction is taken away (MANAGE_MESSAGES)."""
    target = _managed(call)
    unreact(target.state, target.message, _emoji(call, target.message), call.path["user_id"])
    return NO_CONTENT


def remove_all(call: Call) -> Reply:
    """All reactions are taken away (MANAGE_MESSAGES)."""
    target = _managed(call)
    target.message.reactions.clear()
    _tell(target.state, target.message, "MESSAGE_REACTION_REMOVE_ALL", {})
    return NO_CONTENT


def remove_emoji(call: Call) -> Reply:
    """All reactions with one emoji are taken away (MANAGE_MESSAGES)."""
    target = _managed(call)
    emoji = _emoji(call, target.message)
    target.message.reactions.pop(emoji, None)
    body: JsonObject = {"emoji": _emoji_object(emoji)}
    _tell(target.state, target.message, "MESSAGE_REACTION_REMOVE_EMOJI", body)
    return NO_CONTENT


def list_users(call: Call) -> Reply:
    """Who reacted with the emoji; with a super reaction (type 1) nobody."""
    target = _target(call)
    is_super = call.query.get("type") == "1"
    user_ids = [] if is_super else target.message.reactions.get(_emoji(call, target.message), [])
    chosen = call.page(user_ids, str, default=25, most=100)
    return Reply(body=[user_object(target.state.users[each]) for each in chosen])


def react(state: State, message: Message, emoji: str, user_id: str) -> None:
    """A user reacts to a message; again changes nothing."""
    user_ids = message.reactions.setdefault(emoji, [])
    if user_id in user_ids:
        return
    user_ids.append(user_id)
    body: JsonObject = {
        "user_id": user_id,
        "emoji": _emoji_object(emoji),
        "message_author_id": message.author_id,
        "burst": False,
        "type": 0,
    }
    guild = state.guilds.get(state.channels[message.channel_id].guild_id or "")
    if guild and user_id in guild.members:
        body["member"] = member_object(state, guild.members[user_id])
    _tell(state, message, "MESSAGE_REACTION_ADD", body)


def unreact(state: State, message: Message, emoji: str, user_id: str) -> None:
    """A user's reaction goes; one that is not there is nothing to complain about."""
    user_ids = message.reactions.get(emoji, [])
    if user_id not in user_ids:
        return
    user_ids.remove(user_id)
    if not user_ids:
        del message.reactions[emoji]
    body: JsonObject = {
        "user_id": user_id,
        "emoji": _emoji_object(emoji),
        "burst": False,
        "type": 0,
    }
    _tell(state, message, "MESSAGE_REACTION_REMOVE", body)


def _target(call: Call) -> _Target:
    state, channel = call.state, call.channel(Permission.READ_MESSAGE_HISTORY)
    return _Target(state, channel, state.message(channel.id, call.path["message_id"]))


def _managed(call: Call) -> _Target:
    target = _target(call)
    if not may(target.state, target.channel, target.state.bot_id, Permission.MANAGE_MESSAGES):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return target


def _emoji(call: Call, message: Message) -> str:
    """The emoji as the message has it; a custom one goes by its id.

    Raises:
        DiscordError: 10014 for a custom one that is neither the application's nor on the message.
    """
    text = call.path["emoji_name"]
    name, colon, emoji_id = text.rpartition(":")
    if colon:
        if name and (own := call.state.emojis.get(emoji_id)):
            return f"{own.name}:{own.id}"
        for known in message.reactions:
            if name and known.endswith(f":{emoji_id}"):
                return known
        raise errors.DiscordError(errors.UNKNOWN_EMOJI)
    if text.isascii() or len(text) > _LONGEST_EMOJI:
        raise errors.DiscordError(errors.UNKNOWN_EMOJI)
    return text


def _emoji_object(emoji: str) -> JsonObject:
    name, colon, emoji_id = emoji.rpartition(":")
    return {"id": emoji_id, "name": name} if colon else {"id": None, "name": emoji}


def _tell(state: State, message: Message, name: str, body: JsonObject) -> None:
    state.save(message)
    channel = state.channels[message.channel_id]
    state.publish(name, body | channel.place | {"message_id": message.id}, channel)


_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions"
_EMOJI = f"{_REACTIONS}/{{emoji_name}}"


def _route(method: str, path: str, handler: Callable[[Call], Reply]) -> Route:
    bucket = ratelimits.MESSAGE_READ if method == "GET" else ratelimits.REACTION
    return Route(method, path, handler, bucket)


ROUTES = (
    _route("PUT", f"{_EMOJI}/@me", add_own),
    _route("DELETE", f"{_EMOJI}/@me", remove_own),
    _route("DELETE", f"{_EMOJI}/{{user_id}}", remove_of_user),
    _route("DELETE", _EMOJI, remove_emoji),
    _route("DELETE", _REACTIONS, remove_all),
    _route("GET", _EMOJI, list_users),
)
