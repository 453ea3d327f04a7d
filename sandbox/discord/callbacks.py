"""The route that answers an interaction: message, thinking, update, choices or modal.

First answers come within 3 s and only once: later is 10062, twice is 40060.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.automod import holds_back
from sandbox.discord.bodies import parsed
from sandbox.discord.components import ModalComponent, number
from sandbox.discord.interactions import CallbackType, Interaction
from sandbox.discord.message_bodies import EditBody, MessageBody
from sandbox.discord.message_objects import message_object
from sandbox.discord.posting import Draft, create_message, edit_message, system_message
from sandbox.discord.records import (
    InteractionType,
    Message,
    MessageFlag,
    MessageType,
    Modal,
)
from sandbox.discord.routing import NO_CONTENT, Auth, Call, Reply, Route
from sandbox.discord.shapes import JsonObject, only_set

if TYPE_CHECKING:
    from sandbox.discord.state import State

_RESPONSE_FLAGS = (
    MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)
"""What an application may set on its answers."""

_BY_ACT = {
    InteractionType.AUTOCOMPLETE: {CallbackType.AUTOCOMPLETE},
    InteractionType.COMMAND: {
        CallbackType.MESSAGE,
        CallbackType.DEFERRED_MESSAGE,
        CallbackType.MODAL,
    },
    InteractionType.COMPONENT: {
        CallbackType.MESSAGE,
        CallbackType.DEFERRED_MESSAGE,
        CallbackType.DEFERRED_UPDATE,
        CallbackType.UPDATE,
        CallbackType.MODAL,
    },
    InteractionType.MODAL: {
        CallbackType.MESSAGE,
        CallbackType.DEFERRED_MESSAGE,
        CallbackType.DEFERRED_UPDATE,
        CallbackType.UPDATE,
    },
}


class CallbackBody(Struct, kw_only=True):
    """An answer; the shape of `data` depends on the type."""

    type: int
    data: dict[str, object] | None = None


class Choice(Struct, kw_only=True):
    """One suggestion of an autocomplete."""

    name: str
    value: str | int | float
    name_localizations: dict[str, str] | None = None


class ChoicesBody(Struct, kw_only=True):
    """What an autocomplete answers."""

    choices: list[Choice] | None = None


class ModalBody(Struct, kw_only=True):
    """A form to put before the member."""

    custom_id: str
    title: str
    components: list[ModalComponent]


def respond(call: Call) -> Reply:
    """Takes the first answer to an interaction."""
    state = call.state
    interaction = _open_interaction(
        state, call.path["interaction_id"], call.path["interaction_token"]
    )
    body = call.body(CallbackBody)
    how = _callback_type(interaction, body.type)
    message = _ANSWERS[how](call, interaction, body.data or {})
    interaction.acknowledged_at_us = state.now_us()
    interaction.acknowledged_how = how
    tell_interaction(state, interaction)
    if not call.flag("with_response"):
        return NO_CONTENT
    return Reply(body=_callback_object(state, interaction, message))


def tell_interaction(state: State, interaction: Interaction) -> None:
    """Tells the page how far an interaction has come."""
    interaction.changed_at_us = state.now_us()
    how = interaction.acknowledged_how
    modal = interaction.modal
    state.publish(
        "SANDBOX_INTERACTION",
        {
            "id": interaction.id,
            "user_id": interaction.user_id,
            "channel_id": interaction.channel_id,
            "acknowledged_how": how.name.lower() if how else None,
            "message_ids": list(interaction.message_ids),
            "modal": {"custom_id": modal.custom_id, "title": modal.title} if modal else None,
            "errors": list(interaction.errors),
        },
    )


def edit_answer(call: Call, interaction: Interaction, message: Message, body: EditBody) -> None:
    """Changes one of the interaction's messages.

    Raises:
        DiscordError: 200000 for what AutoMod holds back, and what edits are refused for.
    """
    if message.viewer_id is None and holds_back(call.state, interaction, body.content):
        raise errors.DiscordError(errors.BLOCKED_BY_AUTOMOD)
    edit_message(call.state, message, body, call.uploads)


def take_flags(state: State, interaction: Interaction, body: MessageBody) -> bool:
    """Leaves the body with the flags of a message and answers whether it is ephemeral."""
    flags = (body.flags or 0) & _RESPONSE_FLAGS
    body.flags = flags & ~MessageFlag.EPHEMERAL
    is_ephemeral = bool(flags & MessageFlag.EPHEMERAL) or interaction.must_be_ephemeral
    return is_ephemeral or holds_back(state, interaction, body.content)


def note_message(interaction: Interaction, message: Message) -> None:
    """Remembers a message that the interaction's token led to."""
    if message.id not in interaction.message_ids:
        interaction.message_ids.append(message.id)


def _answer_with_message(call: Call, interaction: Interaction, data: JsonObject) -> Message:
    body = parsed(data, MessageBody, "data")
    is_ephemeral = take_flags(call.state, interaction, body)
    draft = _draft(call, interaction, is_ephemeral=is_ephemeral)
    message = create_message(call.state, draft, body)
    _becomes_original(interaction, message)
    return message


def _answer_later(call: Call, interaction: Interaction, data: JsonObject) -> Message:
    flags = parsed(data, MessageBody, "data").flags or 0
    draft = _draft(
        call,
        interaction,
        is_ephemeral=bool(flags & MessageFlag.EPHEMERAL),
        flags=MessageFlag.LOADING,
    )
    message = system_message(call.state, draft)
    interaction.is_answer_pending = True
    _becomes_original(interaction, message)
    return message


def _update_later(call: Call, interaction: Interaction, data: JsonObject) -> None:
    del data
    interaction.original_id = _opened_on(call.state, interaction).id


def _update(call: Call, interaction: Interaction, data: JsonObject) -> Message:
    message = _opened_on(call.state, interaction)
    interaction.original_id = message.id
    edit_answer(call, interaction, message, parsed(data, EditBody, "data"))
    note_message(interaction, message)
    return message


def _offer_choices(call: Call, interaction: Interaction, data: JsonObject) -> None:
    del call
    choices = parsed(data, ChoicesBody, "data").choices or []
    interaction.choices = [{"name": each.name, "value": each.value} for each in choices]


def _open_modal(call: Call, interaction: Interaction, data: JsonObject) -> None:
    del call
    body = parsed(data, ModalBody, "data")
    number(body.components)
    interaction.modal = Modal(
        custom_id=body.custom_id, title=body.title, components=body.components
    )


_ANSWERS = {
    CallbackType.MESSAGE: _answer_with_message,
    CallbackType.DEFERRED_MESSAGE: _answer_later,
    CallbackType.DEFERRED_UPDATE: _update_later,
    CallbackType.UPDATE: _update,
    CallbackType.AUTOCOMPLETE: _offer_choices,
    CallbackType.MODAL: _open_modal,
}


def _open_interaction(state: State, interaction_id: str, token: str) -> Interaction:
    interaction = state.interactions.get(interaction_id)
    if interaction is None or interaction.token != token:
        raise errors.DiscordError(errors.UNKNOWN_INTERACTION)
    if interaction.acknowledged_how is not None:
        raise errors.DiscordError(errors.ALREADY_ACKNOWLEDGED)
    if state.now_us() > interaction.must_be_acknowledged_by_us():
        raise errors.DiscordError(errors.UNKNOWN_INTERACTION)
    return interaction


def _callback_type(interaction: Interaction, asked: int) -> CallbackType:
    allowed = _BY_ACT[interaction.type]
    if interaction.opened_on is None:
        allowed = allowed - {CallbackType.UPDATE, CallbackType.DEFERRED_UPDATE}
    for how in allowed:
        if how == asked:
            return how
    numbers = ", ".join(str(int(each)) for each in sorted(allowed))
    raise errors.invalid_field(
        "type", code="BASE_TYPE_CHOICES", message=f"Value must be one of {{{numbers}}}."
    )


def _opened_on(state: State, interaction: Interaction) -> Message:
    message = state.messages.get(interaction.channel_id, {}).get(interaction.opened_on or "")
    if message is None:
        raise errors.DiscordError(errors.UNKNOWN_MESSAGE)
    return message


def _draft(call: Call, interaction: Interaction, *, is_ephemeral: bool, flags: int = 0) -> Draft:
    state = call.state
    is_ephemeral = is_ephemeral or interaction.must_be_ephemeral
    return Draft(
        channel=state.channel(interaction.channel_id),
        author_id=state.bot_id,
        uploads=call.uploads,
        type=_message_type(interaction),
        flags=flags | (MessageFlag.EPHEMERAL if is_ephemeral else 0),
        origin=interaction.origin,
        reference=interaction.reference(interaction.opened_on) if interaction.opened_on else None,
        viewer_id=interaction.user_id if is_ephemeral else None,
    )


def _message_type(interaction: Interaction) -> MessageType:
    if interaction.opened_on is not None:
        return MessageType.REPLY
    return MessageType.CONTEXT_MENU if interaction.is_context_menu else MessageType.COMMAND


def _becomes_original(interaction: Interaction, message: Message) -> None:
    interaction.original_id = message.id
    note_message(interaction, message)


def _callback_object(state: State, interaction: Interaction, message: Message | None) -> JsonObject:
    told: JsonObject = {"id": interaction.id, "type": int(interaction.type)}
    told |= only_set({"channel_id": interaction.channel_id, "guild_id": interaction.guild_id})
    if message is None or interaction.acknowledged_how is None:
        return {"interaction": told}
    told |= {
        "response_message_id": message.id,
        "response_message_loading": message.is_loading,
        "response_message_ephemeral": message.viewer_id is not None,
    }
    if message.is_loading:
        return {"interaction": told}
    how = int(interaction.acknowledged_how)
    return {
        "interaction": told,
        "resource": {"type": how, "message": message_object(state, message)},
    }


ROUTES = (
    Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        respond,
        None,
        auth=Auth.TOKEN_IN_PATH,
        counts_globally=False,
    ),
)
