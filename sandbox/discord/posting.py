"""Making, changing and deleting messages: the one path that all routes and members take.

Who may do so is the caller's question; here a message is checked against itself, kept, and told,
and those whom its text mentions are found within what `allowed_mentions` lets through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from sandbox.discord import errors
from sandbox.discord.attachments import (
    LARGEST_COUNT,
    check_embeds,
    describe,
    keep_uploads,
    link_components,
)
from sandbox.discord.components import TextDisplay, number, walk
from sandbox.discord.message_objects import message_event_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.records import Attachment, Channel, Message, MessageFlag, MessageType
from sandbox.discord.threads_life import MAX_MEMBERS, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.bodies import Upload
    from sandbox.discord.message_bodies import AllowedMentions, EditBody, Embed, MessageBody
    from sandbox.discord.records import Origin, Reference
    from sandbox.discord.state import State

NONCE_REMEMBERED_US = 180 * 1_000_000
"""How long `enforce_nonce` finds an earlier message; the reference says "the past few minutes"."""

_KEPT_ON_EDIT = ~(MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2)
_UNCOUNTED = frozenset({MessageType.THREAD_STARTER, MessageType.THREAD_CREATED})

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new message is made of, beside its body; `keeps_id` is a forum post's own id."""

    channel: Channel
    author_id: str
    uploads: tuple[Upload, ...] = ()
    type: MessageType = MessageType.DEFAULT
    flags: int = 0
    reference: Reference | None = None
    origin: Origin | None = None
    is_follow_up: bool = False
    viewer_id: str | None = None
    keeps_id: str | None = None
    author_name: str | None = None


def create_message(state: State, draft: Draft, body: MessageBody) -> Message:
    """Keeps a new message and tells it.

    Raises:
        DiscordError: 50006 for an empty one, and what uploads can be refused for.
    """
    message = Message(
        id=draft.keeps_id or state.snowflakes.next(),
        channel_id=draft.channel.id,
        author_id=draft.author_id,
        created_at_us=state.now_us(),
        type=draft.type,
        content=(body.content or "").strip(),
        embeds=body.embeds or [],
        components=body.components or [],
        flags=int(draft.flags | (body.flags or 0)),
        nonce=body.nonce,
        is_tts=bool(body.tts),
        reference=draft.reference,
        origin=draft.origin,
        is_follow_up=draft.is_follow_up,
        viewer_id=draft.viewer_id,
        author_name=draft.author_name,
    )
    require_something(body, draft.uploads)
    message.attachments = keep_uploads(
        state, draft.uploads, body.attachments or (), channel_id=draft.channel.id
    )
    _settle_contents(state, message, body.allowed_mentions)
    _keep_new(state, draft.channel, message)
    return message


def system_message(
    state: State, draft: Draft, content: str = "", *, embeds: Sequence[Embed] = ()
) -> Message:
    """Keeps a message that Discord itself writes, such as a thread's starter."""
    message = Message(
        id=state.snowflakes.next(),
        channel_id=draft.channel.id,
        author_id=draft.author_id,
        created_at_us=state.now_us(),
        type=draft.type,
        content=content,
        embeds=list(embeds),
        flags=draft.flags,
        reference=draft.reference,
        origin=draft.origin,
        viewer_id=draft.viewer_id,
    )
    _keep_new(state, draft.channel, message)
    return message


def edit_message(
    state: State, message: Message, body: EditBody, uploads: tuple[Upload, ...] = ()
) -> None:
    """Changes what the body names and tells it.

    Raises:
        DiscordError: 50006 if nothing would be left, and what uploads can be refused for.
    """
    attachments = _edited_attachments(state, message, body, uploads)
    content = message.content if body.content is UNSET else (body.content or "").strip()
    embeds = message.embeds if body.embeds is UNSET else (body.embeds or [])
    components = message.components if body.components is UNSET else (body.components or [])
    if not (content or embeds or components or attachments):
        raise errors.DiscordError(errors.EMPTY_MESSAGE)
    number(components)
    link_components(components, attachments)  # refused before anything has changed
    check_embeds(embeds, attachments)
    _drop_uploads(state, message, kept=attachments)
    message.content, message.embeds, message.components = content, embeds, components
    message.attachments = attachments
    message.flags = _edited_flags(message.flags, body.flags)
    message.edited_at_us = state.now_us()
    allowed = None if isinstance(body.allowed_mentions, UnsetType) else body.allowed_mentions
    _settle_contents(state, message, allowed)
    tell_changed(state, message)


def delete_message(state: State, message: Message) -> None:
    """Forgets a message and tells it; a thread made from it stays."""
    _forget(state, message)
    channel = state.channels[message.channel_id]
    _tell(state, "MESSAGE_DELETE", message, {"id": message.id} | channel.place)


def delete_messages(state: State, channel: Channel, messages: Sequence[Message]) -> None:
    """Forgets several messages of a channel and tells it once."""
    for message in messages:
        _forget(state, message)
    ids = [message.id for message in messages]
    state.publish("MESSAGE_DELETE_BULK", {"ids": ids} | channel.place, channel)


def tell_changed(state: State, message: Message) -> None:
    """Keeps a changed message and tells it."""
    state.save(message)
    _tell(state, "MESSAGE_UPDATE", message, message_event_object(state, message))


def earlier_with_nonce(state: State, channel: Channel, body: MessageBody) -> Message | None:
    """The bot's message that this one would repeat, if `enforce_nonce` asks for that."""
    if not body.enforce_nonce or body.nonce is None:
        return None
    since_us = state.now_us() - NONCE_REMEMBERED_US
    for message in reversed(state.messages.get(channel.id, {}).values()):
        if message.created_at_us < since_us:
            return None
        if message.nonce == body.nonce and message.author_id == state.bot_id:
            return message
    return None


def require_something(body: MessageBody, uploads: Sequence[Upload]) -> None:
    """Refuses a message with nothing in it.

    Raises:
        DiscordError: 50006.
    """
    if body.poll is not None or body.sticker_ids:
        field = "poll" if body.poll is not None else "sticker_ids"
        raise errors.not_played("The sandbox has no polls and no stickers.", field)
    if (body.flags or 0) & MessageFlag.VOICE_MESSAGE:
        raise errors.not_played("The sandbox has no voice messages.", "flags")
    if (body.content or "").strip() or body.embeds or body.components or uploads:
        return
    raise errors.DiscordError(errors.EMPTY_MESSAGE)


def _forget(state: State, message: Message) -> None:
    channel = state.channels[message.channel_id]
    for attachment in message.attachments:
        state.journal.delete_upload(attachment.id)
    state.remove(message)
    if channel.thread is not None and message.viewer_id is None:
        channel.thread.message_count = max(0, channel.thread.message_count - 1)
        state.save(channel)


def _keep_new(state: State, channel: Channel, message: Message) -> None:
    state.save(message)
    if message.viewer_id is None:
        channel.last_message_id = message.id
        _note_activity(state, channel, message)
        state.save(channel)
    _tell(state, "MESSAGE_CREATE", message, message_event_object(state, message))


def _note_activity(state: State, channel: Channel, message: Message) -> None:
    thread = channel.thread
    if thread is None:
        return
    thread.active_at_us = state.now_us()
    if message.type in _UNCOUNTED:
        return
    if message.id != channel.id:
        thread.message_count += 1
        thread.total_message_count += 1
    guild = state.guilds[channel.guild_id or ""]
    for user_id in (message.author_id, *message.mention_ids):
        if user_id in guild.members and len(thread.members) < MAX_MEMBERS:
            join(state, channel, user_id)


def _settle_contents(state: State, message: Message, allowed: AllowedMentions | None) -> None:
    number(message.components)
    link_components(message.components, message.attachments)
    check_embeds(message.embeds, message.attachments)
    texts = [each.content for each in walk(message.components) if isinstance(each, TextDisplay)]
    mentions = mentions_in(
        state,
        state.channels[message.channel_id],
        "\n".join([message.content, *texts]),
        author_id=message.author_id,
        allowed=allowed,
    )
    message.mention_ids = mentions.user_ids
    message.mention_role_ids = mentions.role_ids
    message.mentions_everyone = mentions.everyone
    _mention_replied_to(state, message, allowed)


def _mention_replied_to(state: State, message: Message, allowed: AllowedMentions | None) -> None:
    reference = message.reference
    if message.type != MessageType.REPLY or reference is None or not reference.message_id:
        return
    if allowed is not None and not allowed.replied_user:
        return
    target = state.messages.get(reference.channel_id, {}).get(reference.message_id)
    if target and target.author_id not in message.mention_ids and message.origin is None:
        message.mention_ids.append(target.author_id)


def _edited_attachments(
    state: State, message: Message, body: EditBody, uploads: tuple[Upload, ...]
) -> list[Attachment]:
    stubs = [] if body.attachments is UNSET else (body.attachments or [])
    by_id = {str(stub.id): stub for stub in stubs}
    kept = [each for each in message.attachments if body.attachments is UNSET or each.id in by_id]
    if len(kept) + len(uploads) > LARGEST_COUNT:
        raise errors.DiscordError(errors.MAX_ATTACHMENTS)
    new = keep_uploads(state, uploads, stubs, channel_id=message.channel_id)
    for attachment in kept:
        if attachment.id in by_id:
            describe(attachment, by_id[attachment.id])
    return [*kept, *new]


def _drop_uploads(state: State, message: Message, *, kept: Sequence[Attachment]) -> None:
    """Forgets the files that an edit leaves out."""
    ids = {each.id for each in kept}
    for attachment in message.attachments:
        if attachment.id not in ids:
            state.journal.delete_upload(attachment.id)


def _edited_flags(old: int, asked: int | UnsetType | None) -> int:
    if isinstance(asked, UnsetType):
        return old
    return int(
        old & _KEPT_ON_EDIT | (asked or 0) & ~_KEPT_ON_EDIT | old & MessageFlag.COMPONENTS_V2
    )


def _tell(state: State, name: str, message: Message, body: dict[str, object]) -> None:
    channel = state.channels[message.channel_id]
    state.publish(name, body, channel, viewer_id=message.viewer_id)


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
