"""Messages as Discord shows them, with every link signed afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.cdn import attachment_links
from sandbox.discord.components import Media, component_objects
from sandbox.discord.message_bodies import embed_object
from sandbox.discord.objects import bare_member_object, channel_object, user_object
from sandbox.discord.records import MessageType
from sandbox.discord.shapes import JsonObject, instant_text, only_set, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.records import Attachment, Message, Origin, Reference
    from sandbox.discord.state import State

_SPOILER_FLAG = 1 << 3
_MESSAGE_CONTENT = 1 << 15


def message_object(state: State, message: Message) -> JsonObject:
    """A message with the one that it replies to."""
    shown = _message(state, message)
    reference = message.reference
    if message.type != MessageType.REPLY or reference is None or reference.message_id is None:
        return shown
    target = state.messages.get(reference.channel_id, {}).get(reference.message_id)
    return shown | {"referenced_message": _message(state, target) if target else None}


def is_content_hidden(state: State, message: Message) -> bool:
    """Whether a bot without the message content intent would see this message empty."""
    channel = state.channels[message.channel_id]
    if channel.guild_id is None or message.author_id == state.bot_id:
        return False
    return state.bot_id not in message.mention_ids


def without_content(shown: JsonObject) -> JsonObject:
    """The message as such a bot sees it."""
    return shown | {"content": "", "embeds": [], "attachments": [], "components": []}


def read_message_object(state: State, message: Message) -> JsonObject:
    """A message as REST shows it to the bot, which may lack the message content intent."""
    shown = message_object(state, message)
    if state.application.privileged_intents & _MESSAGE_CONTENT:
        return shown
    return without_content(shown) if is_content_hidden(state, message) else shown


def message_event_object(state: State, message: Message) -> JsonObject:
    """A message as gateway events carry it: with the guild and the author's membership."""
    shown = message_object(state, message)
    channel = state.channels[message.channel_id]
    if channel.guild_id is None:
        return shown
    shown["guild_id"] = channel.guild_id
    member = state.guilds[channel.guild_id].members.get(message.author_id)
    return shown | ({"member": bare_member_object(member)} if member else {})


def attachment_object(state: State, attachment: Attachment) -> JsonObject:
    """An uploaded file with links that work now."""
    shown: JsonObject = {
        "id": attachment.id,
        "filename": attachment.filename,
        "size": attachment.size_bytes,
        **attachment_links(state, attachment),
    }
    if attachment.is_spoiler:
        shown["flags"] = _SPOILER_FLAG
    if attachment.is_ephemeral:
        shown["ephemeral"] = True
    return shown | only_set(
        {
            "width": attachment.width_px,
            "height": attachment.height_px,
            "content_type": attachment.content_type,
            "description": attachment.description,
            "title": attachment.title,
        }
    )


def _message(state: State, message: Message) -> JsonObject:
    by_id = {each.id: each for each in message.attachments}
    shown: JsonObject = {
        "id": message.id,
        "channel_id": message.channel_id,
        "type": int(message.type),
        "author": _author_object(state, message),
        "content": message.content,
        "mentions": [user_object(state.users[each]) for each in message.mention_ids],
        "mention_roles": list(message.mention_role_ids),
        "mention_everyone": message.mentions_everyone,
        "attachments": [attachment_object(state, each) for each in _standing_alone(message)],
        "embeds": _embeds(state, message),
        "components": component_objects(
            message.components, lambda media: _unfurled(state, media, by_id)
        ),
        "timestamp": instant_text(message.created_at_us),
        "edited_timestamp": text_instant_or_none(message.edited_at_us),
        "flags": int(message.flags),
        "pinned": message.is_pinned,
        "tts": message.is_tts,
    }
    return shown | _only_sometimes(state, message)


def _author_object(state: State, message: Message) -> JsonObject:
    shown = user_object(state.users[message.author_id])
    return shown | only_set({"username": message.author_name})


def _standing_alone(message: Message) -> list[Attachment]:
    """Attachments that an embed does not show in its own place."""
    shown = {
        media.url.removeprefix("attachment://")
        for embed in message.embeds
        for media in (embed.image, embed.thumbnail)
        if media
    }
    return [each for each in message.attachments if each.filename not in shown]


def _embeds(state: State, message: Message) -> list[JsonObject]:
    if not message.embeds:
        return []
    uploads = {
        f"attachment://{each.filename}": _embedded(state, each) for each in message.attachments
    }
    return [embed_object(embed, uploads) for embed in message.embeds]


def _embedded(state: State, attachment: Attachment) -> JsonObject:
    size = only_set({"width": attachment.width_px, "height": attachment.height_px})
    return attachment_links(state, attachment) | size


def _unfurled(state: State, media: Media, by_id: dict[str, Attachment]) -> JsonObject:
    attachment = by_id.get(str(media.attachment_id)) if media.attachment_id else None
    if attachment is None:
        return {
            "id": "0",
            "url": media.url,
            "proxy_url": media.url,
            "width": None,
            "height": None,
            "content_type": None,
            "name": None,
            "size": None,
        }
    return {
        "id": attachment.id,
        **attachment_links(state, attachment),
        "width": attachment.width_px,
        "height": attachment.height_px,
        "content_type": attachment.content_type,
        "attachment_id": attachment.id,
        "name": attachment.filename,
        "size": attachment.size_bytes,
    }


def _only_sometimes(state: State, message: Message) -> JsonObject:
    shown = only_set({"nonce": message.nonce})
    if message.reference is not None:
        shown["message_reference"] = _reference_object(message.reference)
    if message.origin is not None:
        shown |= {"webhook_id": state.bot_id, "application_id": state.bot_id}
        shown["interaction_metadata"] = _origin_object(state, message.origin)
    if state.users[message.author_id].is_webhook:
        shown |= {"webhook_id": message.author_id, "application_id": state.application.id}
    thread = state.channels.get(message.id)
    if thread is not None and thread.thread is not None:
        shown["thread"] = channel_object(state, thread)
    if message.reactions:
        shown["reactions"] = [
            _reaction_object(emoji, user_ids, state.bot_id)
            for emoji, user_ids in message.reactions.items()
        ]
    return shown


def _reference_object(reference: Reference) -> JsonObject:
    return {"type": reference.type, "channel_id": reference.channel_id} | only_set(
        {"message_id": reference.message_id, "guild_id": reference.guild_id}
    )


def _origin_object(state: State, origin: Origin) -> JsonObject:
    shown: JsonObject = {
        "id": origin.id,
        "type": int(origin.type),
        "user": user_object(state.users[origin.user_id]),
        "authorizing_integration_owners": dict(origin.owners),
    }
    if origin.triggered_by is not None:
        shown["triggering_interaction_metadata"] = _origin_object(state, origin.triggered_by)
    if origin.target_user_id is not None:
        shown["target_user"] = user_object(state.users[origin.target_user_id])
    return shown | only_set(
        {
            "name": origin.name,
            "original_response_message_id": origin.original_message_id,
            "target_message_id": origin.target_message_id,
            "interacted_message_id": origin.interacted_message_id,
        }
    )


def _reaction_object(emoji: str, user_ids: list[str], bot_id: str) -> JsonObject:
    name, _, emoji_id = emoji.partition(":")
    return {
        "emoji": {"id": emoji_id or None, "name": name},
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me_burst": False,
        "me": bot_id in user_ids,
        "burst_me": False,
        "burst_count": 0,
    }
