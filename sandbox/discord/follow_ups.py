"""Routes under `/webhooks`: what an interaction's token may do after the first answer.

The token works for 15 minutes, for this interaction's messages only. A follow-up while the answer
is still "thinking" becomes that answer. A user install outside its guilds gets five follow-ups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from sandbox.discord import errors, webhooks
from sandbox.discord.callbacks import (
    edit_answer,
    note_message,
    take_flags,
    tell_interaction,
)
from sandbox.discord.message_bodies import EditBody, MessageBody
from sandbox.discord.message_objects import message_object
from sandbox.discord.posting import Draft, create_message, delete_message
from sandbox.discord.records import Message, MessageFlag, MessageType
from sandbox.discord.routing import NO_CONTENT, Call, Handler, Reply

if TYPE_CHECKING:
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.state import State

USER_INSTALL_FOLLOW_UPS = 5
"""Follow-ups of a user install where the bot is not a member. Source: Discord's reference."""


def create(call: Call) -> Reply:
    """Sends a follow-up, or completes the answer that is still "thinking"."""
    state = call.state
    interaction = _interaction(call)
    body = call.body(MessageBody)
    if interaction.is_answer_pending:
        original = _message(state, interaction, "@original")
        _complete(call, interaction, original, _as_edit(body))
        return Reply(body=message_object(state, original))
    if interaction.is_user_install and interaction.follow_up_count >= USER_INSTALL_FOLLOW_UPS:
        raise errors.DiscordError(errors.FOLLOW_UP_LIMIT)
    is_ephemeral = take_flags(state, interaction, body)
    message = create_message(state, _draft(call, interaction, is_ephemeral), body)
    interaction.follow_up_count += 1
    note_message(interaction, message)
    tell_interaction(state, interaction)
    return Reply(body=message_object(state, message))


def get(call: Call) -> Reply:
    """One of the interaction's messages."""
    message = _message(call.state, _interaction(call), call.path.get("message_id", "@original"))
    return Reply(body=message_object(call.state, message))


def edit(call: Call) -> Reply:
    """Changes one of the interaction's messages; the first change ends "thinking"."""
    state = call.state
    interaction = _interaction(call)
    message = _message(state, interaction, call.path.get("message_id", "@original"))
    body = call.body(EditBody)
    if message.is_loading:
        _complete(call, interaction, message, body)
    else:
        edit_answer(call, interaction, message, body)
        tell_interaction(state, interaction)
    note_message(interaction, message)
    return Reply(body=message_object(state, message))


def delete(call: Call) -> Reply:
    """Deletes one of the interaction's messages."""
    interaction = _interaction(call)
    message = _message(call.state, interaction, call.path.get("message_id", "@original"))
    if message.is_loading:
        interaction.is_answer_pending = False
    delete_message(call.state, message)
    tell_interaction(call.state, interaction)
    return NO_CONTENT


def _complete(call: Call, interaction: Interaction, message: Message, body: EditBody) -> None:
    before = message.flags
    message.flags &= ~MessageFlag.LOADING
    try:
        edit_answer(call, interaction, message, body)
    except errors.DiscordError:
        message.flags = before
        raise
    message.edited_at_us = None
    interaction.is_answer_pending = False
    tell_interaction(call.state, interaction)


def _as_edit(body: MessageBody) -> EditBody:
    return EditBody(
        content=body.content,
        embeds=body.embeds,
        components=body.components,
        flags=UNSET if body.flags is None else body.flags,
        allowed_mentions=UNSET if body.allowed_mentions is None else body.allowed_mentions,
        attachments=UNSET if body.attachments is None else body.attachments,
    )


def _draft(call: Call, interaction: Interaction, is_ephemeral: bool) -> Draft:
    state = call.state
    original_id = interaction.original_id
    return Draft(
        channel=state.channel(interaction.channel_id),
        author_id=state.bot_id,
        uploads=call.uploads,
        type=MessageType.REPLY if original_id else MessageType.DEFAULT,
        flags=MessageFlag.EPHEMERAL if is_ephemeral else 0,
        origin=interaction.follow_up_origin(),
        reference=interaction.reference(original_id) if original_id else None,
        is_follow_up=True,
        viewer_id=interaction.user_id if is_ephemeral else None,
    )


def _interaction(call: Call) -> Interaction:
    state = call.state
    found = state.interaction_by_token(call.path["webhook_token"])
    if found is None or call.path["webhook_id"] != state.application.id:
        raise errors.DiscordError(errors.UNKNOWN_WEBHOOK)
    if state.now_us() > found.expires_at_us():
        raise errors.DiscordError(errors.INVALID_WEBHOOK_TOKEN)
    if found.acknowledged_how is None:
        raise errors.DiscordError(errors.UNKNOWN_WEBHOOK)
    return found


def _message(state: State, interaction: Interaction, message_id: str) -> Message:
    if message_id == "@original":
        message_id = interaction.original_id or ""
    message = state.messages.get(interaction.channel_id, {}).get(message_id)
    known = {*interaction.message_ids, interaction.original_id, interaction.opened_on}
    if message is None or message_id not in known:
        raise errors.DiscordError(errors.UNKNOWN_MESSAGE)
    return message


_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"


def _by_webhook(of_interaction: Handler, of_webhook: Handler) -> Handler:
    """An interaction's token goes with the application's id, others with a webhook's."""

    def handle(call: Call) -> Reply:
        is_incoming = call.path["webhook_id"] in call.state.webhooks
        return of_webhook(call) if is_incoming else of_interaction(call)

    return handle


_OF_MESSAGES = (
    ("GET", _by_webhook(get, webhooks.get_message)),
    ("PATCH", _by_webhook(edit, webhooks.edit_own_message)),
    ("DELETE", _by_webhook(delete, webhooks.delete_own_message)),
)

ROUTES = (
    webhooks.token_route("POST", _WEBHOOK, _by_webhook(create, webhooks.execute)),
    *(
        webhooks.token_route(method, f"{_WEBHOOK}/messages/{which}", handler)
        for which in ("@original", "{message_id}")
        for method, handler in _OF_MESSAGES
    ),
)
