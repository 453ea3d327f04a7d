"""Routes of channel messages: send, read, edit, delete, and "typing…"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.audit_log import note
from sandbox.discord.message_bodies import EditBody, MessageBody, ReferenceBody
from sandbox.discord.message_objects import message_object, read_message_object
from sandbox.discord.objects import member_object
from sandbox.discord.permissions import Permission, may, require
from sandbox.discord.posting import (
    Draft,
    create_message,
    delete_message,
    delete_messages,
    earlier_with_nonce,
    edit_message,
    tell_changed,
)
from sandbox.discord.records import (
    AuditAction,
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    MessageType,
    Reference,
)
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import created_at_us, is_snowflake
from sandbox.discord.threads_life import open_for_sending, require_unarchived

if TYPE_CHECKING:
    from sandbox.discord.state import State

_DELETABLE_TYPES = frozenset(MessageType) - {MessageType.THREAD_STARTER}
_TWO_WEEKS_US = 14 * 24 * 3600 * 1_000_000
_HOUR_US = 3600 * 1_000_000
OLD_EDITS_ALLOWED = 30
"""Edits of one message older than an hour before 30046 (guessed; Discord gives no number)."""


def create(call: Call) -> Reply:
    """Sends a message as the bot; a repeated nonce answers with the earlier message."""
    state = call.state
    channel = state.channel(call.path["channel_id"])
    body = call.body(MessageBody)
    require_sendable(state, channel, has_files=bool(call.uploads))
    if body.embeds:
        require(state, channel, Permission.EMBED_LINKS)
    if earlier := earlier_with_nonce(state, channel, body):
        return Reply(body=message_object(state, earlier))
    open_for_sending(state, channel, state.bot_id)
    reference = _reference(state, channel, body.message_reference)
    draft = Draft(
        channel=channel,
        author_id=state.bot_id,
        uploads=call.uploads,
        reference=reference,
        type=MessageType.REPLY if reference else MessageType.DEFAULT,
    )
    return Reply(body=message_object(state, create_message(state, draft, body)))


def require_sendable(state: State, channel: Channel, *, has_files: bool) -> None:
    """Lets the bot send into the channel.

    Raises:
        DiscordError: 50008 where there are no messages, 50007 in a conversation with someone who
            neither shares a guild with the bot nor has installed it, 50001 or 50013 without
            permission.
    """
    if channel.type == ChannelType.DM and not _is_reachable(state, channel):
        raise errors.DiscordError(errors.CANNOT_MESSAGE_USER)
    if not channel.holds_messages:
        raise errors.DiscordError(errors.NOT_A_TEXT_CHANNEL)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if has_files:
        needed |= Permission.ATTACH_FILES
    require(state, channel, needed)


def _is_reachable(state: State, channel: Channel) -> bool:
    others = [each for each in channel.recipient_ids if each != state.bot_id]
    guilds = [each for each in state.guilds.values() if state.bot_id in each.members]
    return any(
        state.users[each].has_installed or any(each in guild.members for guild in guilds)
        for each in others
    )


def list_messages(call: Call) -> Reply:
    """The channel's messages, newest first; `before`, `after` and `around` choose where."""
    state, channel = call.state, call.channel()
    if not may(state, channel, state.bot_id, Permission.READ_MESSAGE_HISTORY):
        return Reply(body=[])
    everyones = [
        each for each in state.messages.get(channel.id, {}).values() if each.viewer_id is None
    ]
    chosen = _page(everyones, call.query, call.count("limit", 50, most=100))
    return Reply(body=[read_message_object(state, each) for each in reversed(chosen)])


def get(call: Call) -> Reply:
    """One message."""
    state, channel = call.state, call.channel(Permission.READ_MESSAGE_HISTORY)
    message = state.message(channel.id, call.path["message_id"])
    return Reply(body=read_message_object(state, message))


def edit(call: Call) -> Reply:
    """Edits the bot's own message; of others' only the embeds can be hidden."""
    state, channel = call.state, call.channel()
    message = state.message(channel.id, call.path["message_id"])
    if message.author_id != state.bot_id:
        return _hide_embeds(call, channel, message)
    if message.type not in (
        MessageType.DEFAULT,
        MessageType.REPLY,
        MessageType.COMMAND,
        MessageType.CONTEXT_MENU,
    ):
        raise errors.DiscordError(errors.SYSTEM_MESSAGE)
    _count_old_edits(state, message)
    require_unarchived(channel)
    edit_message(state, message, call.body(EditBody), call.uploads)
    return Reply(body=message_object(state, message))


def _hide_embeds(call: Call, channel: Channel, message: Message) -> Reply:
    """Of another's message only this can be changed, with MANAGE_MESSAGES."""
    state = call.state
    body = call.body(EditBody)
    if body != EditBody(flags=body.flags) or not isinstance(body.flags, int):
        raise errors.DiscordError(errors.NOT_OWN_MESSAGE)
    require(state, channel, Permission.MANAGE_MESSAGES)
    hidden = MessageFlag.SUPPRESS_EMBEDS
    message.flags = int(message.flags & ~hidden | body.flags & hidden)
    tell_changed(state, message)
    return Reply(body=message_object(state, message))


def delete(call: Call) -> Reply:
    """Deletes the bot's own message, or another's with MANAGE_MESSAGES."""
    state, channel = call.state, call.channel()
    message = state.message(channel.id, call.path["message_id"])
    if message.type not in _DELETABLE_TYPES:
        raise errors.DiscordError(errors.SYSTEM_MESSAGE)
    if message.author_id != state.bot_id:
        if channel.type == ChannelType.DM:
            raise errors.DiscordError(errors.NOT_ON_DM)
        require(state, channel, Permission.MANAGE_MESSAGES)
        options = {"channel_id": channel.id, "count": "1"}
        note(call, AuditAction.MESSAGE_DELETE, message.author_id, options=options)
    delete_message(state, message)
    return NO_CONTENT


OLD_EDITS_PAUSE_S = 60.0
"""What the refusal tells to wait (guessed)."""


class BulkDeleteBody(Struct, kw_only=True):
    """The ids to delete together."""

    messages: list[str | int]


def bulk_delete(call: Call) -> Reply:
    """Deletes 2 to 100 messages that are younger than two weeks."""
    state = call.state
    channel = state.channel(call.path["channel_id"])
    if channel.guild_id is None:
        raise errors.DiscordError(errors.NOT_ON_DM)
    require(state, channel, Permission.MANAGE_MESSAGES)
    ids = list(dict.fromkeys(str(each) for each in call.body(BulkDeleteBody).messages))
    if not 2 <= len(ids) <= 100:
        raise errors.DiscordError(errors.BULK_DELETE_COUNT)
    for position, each in enumerate(ids):
        if not is_snowflake(each):
            raise errors.not_a_snowflake("messages", position, value=each)
    oldest_us = state.now_us() - _TWO_WEEKS_US
    if any(created_at_us(each) < oldest_us for each in ids):
        raise errors.DiscordError(errors.TOO_OLD_TO_BULK_DELETE)
    here = state.messages.get(channel.id, {})
    found = [here[each] for each in ids if each in here and here[each].viewer_id is None]
    delete_messages(state, channel, found)
    note(call, AuditAction.MESSAGE_BULK_DELETE, channel.id, options={"count": str(len(found))})
    return NO_CONTENT


def crosspost(call: Call) -> Reply:
    """Publishes an announcement; nobody follows a channel here, so nothing comes elsewhere."""
    state = call.state
    channel = state.channel(call.path["channel_id"])
    if channel.type != ChannelType.ANNOUNCEMENT:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    message = state.message(channel.id, call.path["message_id"])
    owns = message.author_id == state.bot_id
    needed = Permission.SEND_MESSAGES if owns else Permission.MANAGE_MESSAGES
    require(state, channel, needed)
    if message.flags & MessageFlag.CROSSPOSTED:
        raise errors.DiscordError(errors.ALREADY_CROSSPOSTED)
    message.flags |= MessageFlag.CROSSPOSTED
    tell_changed(state, message)
    return Reply(body=read_message_object(state, message))


def typing(call: Call) -> Reply:
    """Shows "… is typing" for ten seconds."""
    state = call.state
    channel = state.channel(call.path["channel_id"])
    require_sendable(state, channel, has_files=False)
    body = channel.place | {
        "user_id": state.bot_id,
        "timestamp": state.now_us() // 1_000_000,
    }
    if channel.guild_id is not None:
        own = state.guilds[channel.guild_id].members[state.bot_id]
        body["member"] = member_object(state, own)
    state.publish("TYPING_START", body, channel)
    return NO_CONTENT


def _count_old_edits(state: State, message: Message) -> None:
    if state.now_us() - message.created_at_us <= _HOUR_US:
        return
    message.old_edit_count += 1
    if message.old_edit_count > OLD_EDITS_ALLOWED:
        raise errors.DiscordError(
            errors.MAX_OLD_EDITS, extra={"retry_after": OLD_EDITS_PAUSE_S, "global": False}
        )


def _reference(state: State, channel: Channel, asked: ReferenceBody | None) -> Reference | None:
    if asked is None:
        return None
    if asked.type != 0:
        said = "The sandbox has no forwarded messages."
        raise errors.not_played(said, "message_reference", "type")
    if asked.channel_id is not None and str(asked.channel_id) != channel.id:
        raise errors.invalid_field(
            "message_reference",
            code="MESSAGE_REFERENCE_CANNOT_REPLY_TO_OTHER_CHANNEL",
            message="Cannot reply to a message in a different channel",
        )
    if not may(state, channel, state.bot_id, Permission.READ_MESSAGE_HISTORY):
        raise errors.DiscordError(errors.CANNOT_REPLY_WITHOUT_HISTORY)
    message_id = str(asked.message_id)
    if message_id in state.messages.get(channel.id, {}):
        return Reference(channel_id=channel.id, message_id=message_id, guild_id=channel.guild_id)
    if not asked.fail_if_not_exists:
        return None
    raise errors.invalid_field(
        "message_reference", code="MESSAGE_REFERENCE_UNKNOWN_MESSAGE", message="Unknown message"
    )


def _page(messages: list[Message], query: dict[str, str], limit: int) -> list[Message]:
    anchors = {name: query[name] for name in ("before", "after", "around") if name in query}
    for name, anchor in anchors.items():
        if not is_snowflake(anchor):
            raise errors.not_a_snowflake(name, value=anchor)
    if around := anchors.get("around"):
        older = [each for each in messages if int(each.id) <= int(around)]
        newer = [each for each in messages if int(each.id) > int(around)]
        return older[-(limit // 2 + 1) :] + newer[: limit // 2]
    if after := anchors.get("after"):
        return [each for each in messages if int(each.id) > int(after)][:limit]
    if before := anchors.get("before"):
        messages = [each for each in messages if int(each.id) < int(before)]
    return messages[-limit:]


_CHANNEL = "/channels/{channel_id}"
_MESSAGES = f"{_CHANNEL}/messages"
_MESSAGE = f"{_MESSAGES}/{{message_id}}"

ROUTES = (
    Route("POST", _MESSAGES, create, ratelimits.MESSAGE_CREATE),
    Route("GET", _MESSAGES, list_messages, ratelimits.MESSAGE_READ),
    Route("POST", f"{_MESSAGES}/bulk-delete", bulk_delete, ratelimits.BULK_DELETE),
    Route("GET", _MESSAGE, get, ratelimits.MESSAGE_READ),
    Route("PATCH", _MESSAGE, edit, ratelimits.MESSAGE_EDIT),
    Route("DELETE", _MESSAGE, delete, ratelimits.MESSAGE_DELETE),
    Route("POST", f"{_MESSAGE}/crosspost", crosspost, ratelimits.CROSSPOST),
    Route("POST", f"{_CHANNEL}/typing", typing, ratelimits.TYPING),
)
