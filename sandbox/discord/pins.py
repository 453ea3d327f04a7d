"""Routes of pins: pin, unpin, list; under the paths of 2025 and the older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.audit_log import note
from sandbox.discord.message_objects import read_message_object
from sandbox.discord.permissions import Permission, require
from sandbox.discord.posting import Draft, system_message, tell_changed
from sandbox.discord.records import AuditAction, Channel, Message, MessageType, Reference
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import instant_text, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.state import State

MAX_PINS = 250
"""Pins of one channel before 30003. Source: Discord's reference."""


def pin(call: Call) -> Reply:
    """Pins a message, which the channel is told by a system message."""
    state = call.state
    channel = _channel(call, Permission.PIN_MESSAGES)
    message = state.message(channel.id, call.path["message_id"])
    if message.is_pinned:
        return NO_CONTENT
    if len(_pinned(state, channel)) >= MAX_PINS:
        raise errors.DiscordError(errors.MAX_PINS)
    message.is_pinned, message.pinned_at_us = True, state.now_us()
    channel.last_pin_at_us = state.now_us()
    _tell(state, channel, message)
    notice = Draft(
        channel=channel,
        author_id=state.bot_id,
        type=MessageType.PINNED,
        reference=Reference(
            channel_id=channel.id, message_id=message.id, guild_id=channel.guild_id
        ),
    )
    system_message(state, notice)
    _note(call, AuditAction.MESSAGE_PIN, message)
    return NO_CONTENT


def unpin(call: Call) -> Reply:
    """Unpins a message."""
    state = call.state
    channel = _channel(call, Permission.PIN_MESSAGES)
    message = state.message(channel.id, call.path["message_id"])
    if message.is_pinned:
        message.is_pinned, message.pinned_at_us = False, None
        _tell(state, channel, message)
        _note(call, AuditAction.MESSAGE_UNPIN, message)
    return NO_CONTENT


def list_pins(call: Call) -> Reply:
    """The pinned messages with the instants of their pinning, last pinned first."""
    state = call.state
    channel = _channel(call, Permission.READ_MESSAGE_HISTORY)
    limit, before_us = call.count("limit", 50, most=50), call.instant_us("before")
    pinned = [
        each
        for each in _pinned(state, channel)
        if before_us is None or (each.pinned_at_us or each.created_at_us) < before_us
    ]
    chosen = pinned[:limit]
    items = [
        {
            "pinned_at": instant_text(message.pinned_at_us or message.created_at_us),
            "message": read_message_object(state, message),
        }
        for message in chosen
    ]
    return Reply(body={"items": items, "has_more": len(chosen) < len(pinned)})


def list_pins_of_old(call: Call) -> Reply:
    """The pinned messages alone, under the deprecated path."""
    state = call.state
    channel = _channel(call, Permission.READ_MESSAGE_HISTORY)
    return Reply(body=[read_message_object(state, each) for each in _pinned(state, channel)[:50]])


def _channel(call: Call, needed: Permission) -> Channel:
    state = call.state
    channel = state.channel(call.path["channel_id"])
    if channel.guild_id is not None:
        require(state, channel, needed)
    return channel


def _pinned(state: State, channel: Channel) -> list[Message]:
    everything = state.messages.get(channel.id, {}).values()
    pinned = [each for each in everything if each.is_pinned]
    return sorted(pinned, key=lambda each: each.pinned_at_us or 0, reverse=True)


def _note(call: Call, action: AuditAction, message: Message) -> None:
    options = {"channel_id": message.channel_id, "message_id": message.id}
    note(call, action, message.author_id, options=options)


def _tell(state: State, channel: Channel, message: Message) -> None:
    state.save(channel)
    tell_changed(state, message)
    last = {"last_pin_timestamp": text_instant_or_none(channel.last_pin_at_us)}
    state.publish("CHANNEL_PINS_UPDATE", channel.place | last, channel)


_NEW = "/channels/{channel_id}/messages/pins"
_OLD = "/channels/{channel_id}/pins"

ROUTES = (
    Route("GET", _NEW, list_pins, ratelimits.PIN),
    Route("PUT", f"{_NEW}/{{message_id}}", pin, ratelimits.PIN),
    Route("DELETE", f"{_NEW}/{{message_id}}", unpin, ratelimits.PIN),
    Route("GET", _OLD, list_pins_of_old, ratelimits.PIN),
    Route("PUT", f"{_OLD}/{{message_id}}", pin, ratelimits.PIN),
    Route("DELETE", f"{_OLD}/{{message_id}}", unpin, ratelimits.PIN),
)
