"""Routes of incoming webhooks: made by the bot for a channel, used by whoever has the token.

An interaction's token goes the same ways, see `follow_ups`. Source: Discord's reference, "Webhook"
(2026-08).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.message_bodies import EditBody, MessageBody
from sandbox.discord.message_objects import message_object
from sandbox.discord.objects import user_object
from sandbox.discord.permissions import Permission, may, require
from sandbox.discord.posting import (
    Draft,
    create_message,
    delete_message,
    edit_message,
    require_something,
)
from sandbox.discord.records import Channel, ChannelType, MessageFlag, User, Webhook
from sandbox.discord.routing import NO_CONTENT, Auth, Call, Handler, Reply, Route
from sandbox.discord.threads_life import Opening, checked_tags, open_for_sending, open_thread

if TYPE_CHECKING:
    from sandbox.discord.records import Message
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_WEBHOOKS = 15
"""Of one channel. Source: Discord's reference, JSON error 30007."""

_HELD_IN = frozenset(
    {
        ChannelType.TEXT,
        ChannelType.VOICE,
        ChannelType.ANNOUNCEMENT,
        ChannelType.FORUM,
        ChannelType.MEDIA,
    }
)
_FORBIDDEN_IN_NAMES = ("clyde", "discord")
_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)


class NewWebhook(Struct, kw_only=True):
    """A webhook to be made; its picture is taken and not kept."""

    name: str
    avatar: str | None = None


class WebhookChange(Struct, kw_only=True):
    """A change of a webhook; only the bot can move it."""

    name: str | UnsetType | None = UNSET
    avatar: str | UnsetType | None = UNSET
    channel_id: str | int | UnsetType | None = UNSET


class WebhookMessage(MessageBody, kw_only=True):
    """A message under the webhook's name, or one of its own; in a forum, a new post's first."""

    username: str | None = None
    avatar_url: str | None = None
    thread_name: str | None = None
    applied_tags: list[str | int] | None = None


def create(call: Call) -> Reply:
    """Makes a webhook."""
    state, channel = call.state, _channel(call.state, call.path["channel_id"])
    if len(_of_channel(state, channel)) >= MAX_WEBHOOKS:
        raise errors.DiscordError(errors.MAX_WEBHOOKS)
    webhook = Webhook(
        id=state.snowflakes.next(),
        guild_id=channel.guild_id or "",
        channel_id=channel.id,
        name=_name(call.body(NewWebhook).name),
        token=secrets.token_urlsafe(51),
        creator_id=state.bot_id,
    )
    state.save(User(id=webhook.id, name=webhook.name, is_bot=True, is_webhook=True))
    state.save(webhook)
    _tell(state, channel)
    return Reply(body=webhook_object(state, webhook))


def list_of_channel(call: Call) -> Reply:
    """The channel's webhooks."""
    state, channel = call.state, _channel(call.state, call.path["channel_id"])
    return Reply(body=[webhook_object(state, each) for each in _of_channel(state, channel)])


def list_of_guild(call: Call) -> Reply:
    """The guild's webhooks, of those channels whose webhooks the bot may manage."""
    state, guild = call.state, call.guild()
    mine = [
        each
        for each in state.webhooks.values()
        if each.guild_id == guild.id
        and may(state, state.channels[each.channel_id], state.bot_id, Permission.MANAGE_WEBHOOKS)
    ]
    return Reply(body=[webhook_object(state, each) for each in mine])


def get(call: Call) -> Reply:
    """One webhook; by its token, without who made it."""
    webhook = _webhook(call)
    return Reply(body=_shown(call, webhook))


def edit(call: Call) -> Reply:
    """Renames a webhook, or moves it to another channel."""
    state, webhook, body = call.state, _webhook(call), call.body(WebhookChange)
    name = webhook.name if body.name is UNSET or body.name is None else _name(body.name)
    before = state.channels[webhook.channel_id]
    if "webhook_token" not in call.path and isinstance(body.channel_id, str | int):
        webhook.channel_id = _channel(state, str(body.channel_id)).id
    webhook.name = state.users[webhook.id].name = name
    state.save(state.users[webhook.id])
    state.save(webhook)
    _tell(state, before)
    if webhook.channel_id != before.id:
        _tell(state, state.channels[webhook.channel_id])
    return Reply(body=_shown(call, webhook))


def delete(call: Call) -> Reply:
    """Deletes a webhook; its messages stay."""
    webhook = _webhook(call)
    call.state.remove(webhook)
    _tell(call.state, call.state.channels[webhook.channel_id])
    return NO_CONTENT


def execute(call: Call) -> Reply:
    """Sends a message; answered with it only if `wait` is asked for."""
    state, webhook, body = call.state, _webhook(call), call.body(WebhookMessage)
    own_name = None if body.username is None else _name(body.username, "username")
    channel, opens_post = _place(call, webhook, body)
    open_for_sending(state, channel, webhook.id)
    body.flags = int((body.flags or 0) & _FLAGS)
    draft = Draft(
        channel=channel,
        author_id=webhook.id,
        author_name=own_name,
        uploads=call.uploads,
        keeps_id=channel.id if opens_post else None,
    )
    message = create_message(state, draft, body)
    return Reply(body=message_object(state, message)) if call.flag("wait") else NO_CONTENT


def get_message(call: Call) -> Reply:
    """One of the webhook's messages."""
    return Reply(body=message_object(call.state, _message(call)))


def edit_own_message(call: Call) -> Reply:
    """Changes one of the webhook's messages."""
    message = _message(call)
    edit_message(call.state, message, call.body(EditBody), call.uploads)
    return Reply(body=message_object(call.state, message))


def delete_own_message(call: Call) -> Reply:
    """Deletes one of the webhook's messages."""
    delete_message(call.state, _message(call))
    return NO_CONTENT


def _channel(state: State, channel_id: str) -> Channel:
    """The channel whose webhooks the bot may manage."""
    channel = state.channel(channel_id)
    if channel.guild_id is None or channel.type not in _HELD_IN:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    require(state, channel, Permission.MANAGE_WEBHOOKS)
    return channel


def _of_channel(state: State, channel: Channel) -> list[Webhook]:
    return [each for each in state.webhooks.values() if each.channel_id == channel.id]


def _webhook(call: Call) -> Webhook:
    """The webhook in the path, by its token or else by the bot's permission."""
    state = call.state
    webhook = state.webhooks.get(call.path["webhook_id"])
    if webhook is None:
        raise errors.DiscordError(errors.UNKNOWN_WEBHOOK)
    token = call.path.get("webhook_token")
    if token is None:
        channel = state.channels[webhook.channel_id]
        require(state, channel, Permission.MANAGE_WEBHOOKS)
    elif not secrets.compare_digest(token.encode(), webhook.token.encode()):
        raise errors.DiscordError(errors.INVALID_WEBHOOK_TOKEN)
    return webhook


def _shown(call: Call, webhook: Webhook) -> dict[str, object]:
    shown = webhook_object(call.state, webhook)
    if "webhook_token" in call.path:
        del shown["user"]
    return shown


def _place(call: Call, webhook: Webhook, body: WebhookMessage) -> tuple[Channel, bool]:
    """The webhook's channel, the thread of it that the query names, or a post that is opened."""
    state = call.state
    channel, thread_id = state.channels[webhook.channel_id], call.snowflake("thread_id")
    is_forum = channel.holds_posts
    if thread_id is not None:
        if body.thread_name and is_forum:
            raise errors.DiscordError(errors.WEBHOOK_THREAD_TWICE)
        thread = state.channel(str(thread_id))
        if thread.parent_id != channel.id:
            raise errors.DiscordError(errors.UNKNOWN_CHANNEL)
        return thread, False
    if body.thread_name and not is_forum:
        raise errors.DiscordError(errors.WEBHOOK_THREAD_OUTSIDE_FORUM)
    if is_forum:
        return _post(call, channel, webhook, body), True
    return channel, False


def _post(call: Call, forum: Channel, webhook: Webhook, body: WebhookMessage) -> Channel:
    """A new post without its message, which must be one that can be sent."""
    name = (body.thread_name or "").strip()
    if not name:
        raise errors.DiscordError(errors.WEBHOOK_NEEDS_THREAD)
    require_something(body, call.uploads)
    tags = checked_tags(forum, body.applied_tags)
    opening = Opening(
        parent=forum,
        name=name,
        owner_id=webhook.id,
        type=ChannelType.PUBLIC_THREAD,
        applied_tags=tags,
    )
    return open_thread(call.state, opening)


def _message(call: Call) -> Message:
    webhook, thread_id = _webhook(call), call.snowflake("thread_id")
    channel_id = webhook.channel_id if thread_id is None else str(thread_id)
    message = call.state.message(channel_id, call.path.get("message_id", ""))
    if message.author_id != webhook.id:
        raise errors.DiscordError(errors.UNKNOWN_MESSAGE)
    return message


def _name(asked: str, field: str = "name") -> str:
    name = asked.strip()
    if not 1 <= len(name) <= 80:
        raise errors.bad_length(field, longest=80)
    for word in _FORBIDDEN_IN_NAMES:
        if word in name.lower():
            said = f'Username cannot contain "{word}"'
            raise errors.invalid_field(field, code="USERNAME_INVALID_CONTAINS", message=said)
    return name


def _tell(state: State, channel: Channel) -> None:
    state.publish("WEBHOOKS_UPDATE", channel.place, channel)


def webhook_object(state: State, webhook: Webhook) -> JsonObject:
    """A webhook with its token, and who made it."""
    return {
        "type": 1,
        "id": webhook.id,
        "name": webhook.name,
        "avatar": None,
        "channel_id": webhook.channel_id,
        "guild_id": webhook.guild_id,
        "application_id": state.application.id,
        "token": webhook.token,
        "url": f"{state.origin}/api/webhooks/{webhook.id}/{webhook.token}",
        "user": user_object(state.users[webhook.creator_id]),
    }


_WEBHOOK = "/webhooks/{webhook_id}"
_OF_CHANNEL = "/channels/{channel_id}/webhooks"
_WITH_TOKEN = f"{_WEBHOOK}/{{webhook_token}}"


def token_route(method: str, path: str, handler: Handler) -> Route:
    """A route for whoever has the token in its path."""
    return Route(
        method,
        path,
        handler,
        ratelimits.WEBHOOK,
        auth=Auth.TOKEN_IN_PATH,
        counts_globally=False,
    )


ROUTES = (
    Route("POST", _OF_CHANNEL, create, ratelimits.CHANNEL_EDIT),
    Route("GET", _OF_CHANNEL, list_of_channel, ratelimits.CHANNEL_READ),
    Route("GET", "/guilds/{guild_id}/webhooks", list_of_guild, ratelimits.GUILD_READ),
    Route("GET", _WEBHOOK, get, ratelimits.WEBHOOK),
    Route("PATCH", _WEBHOOK, edit, ratelimits.WEBHOOK),
    Route("DELETE", _WEBHOOK, delete, ratelimits.WEBHOOK),
    token_route("GET", _WITH_TOKEN, get),
    token_route("PATCH", _WITH_TOKEN, edit),
    token_route("DELETE", _WITH_TOKEN, delete),
)
