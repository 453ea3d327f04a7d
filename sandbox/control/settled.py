"""When an interaction has settled: nothing more is to be expected, as far as a member sees.

The sandbox knows no bot's jobs, so it goes by what is on the screen. An interaction is

    failed      no first answer within 3 s, or still "thinking" when its token died
    at work     one of the messages that it led to is "thinking", or one that everybody sees
                carries an enabled button whose custom_id or label contains "cancel": work in
                progress can be cancelled. A member's own list of such work is itself complete
    settled     otherwise, once nothing of it has changed for `QUIET_US`

The messages that it led to are those made or changed with its token, the one whose component was
used if it has changed since, those in threads opened on
them or linked from them (`<#id>`), and those in its channel that reply to them.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.discord.components import Button, TextDisplay, component_objects, walk
from sandbox.discord.interactions import CallbackType
from sandbox.discord.message_objects import message_object
from sandbox.discord.shapes import JsonObject, instant_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.clock import SandboxClock
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.records import Message
    from sandbox.discord.state import State

QUIET_US = 300_000
"""How long nothing may have changed."""

_LINK = re.compile(r"<#(\d+)>")
_DID_NOT_RESPOND = "The application did not respond"


async def wait_settled(
    state: State, clock: SandboxClock, interaction: Interaction, *, wait_s: float
) -> None:
    """Returns when the interaction has settled, or after `wait_s` of real time."""
    changed = asyncio.Event()
    unsubscribe = state.feed.subscribe(lambda _: changed.set())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while (due_us := _due_us(state, interaction)) is None or due_us > state.now_us():
                    changed.clear()
                    await _first(clock, changed, due_us)
    finally:
        unsubscribe()


def is_settled(state: State, interaction: Interaction) -> bool:
    """Whether nothing more is to be expected."""
    due_us = _due_us(state, interaction)
    return due_us is not None and due_us <= state.now_us()


def led_to(state: State, interaction: Interaction) -> list[Message]:
    """The messages that it led to and that its member sees, oldest first."""
    own_ids = set(interaction.message_ids)
    found: dict[str, Message] = {}
    here = state.messages.get(interaction.channel_id, {})
    for message_id in own_ids & here.keys():
        found[message_id] = here[message_id]
    opened_on = here.get(interaction.opened_on or "")
    if opened_on and (opened_on.edited_at_us or 0) >= interaction.created_at_us:
        found[opened_on.id] = opened_on
    for message in _since(state, interaction.channel_id, interaction):
        if message.reference and message.reference.message_id in own_ids:
            found[message.id] = message
    thread_ids = own_ids | {each for one in found.values() for each in _linked(one)}
    for thread_id in thread_ids:
        channel = state.channels.get(thread_id)
        if channel is not None and channel.thread is not None:
            found |= {each.id: each for each in _since(state, thread_id, interaction)}
    return sorted(found.values(), key=lambda each: int(each.id))


def interaction_object(state: State, interaction: Interaction) -> JsonObject:
    """What `GET /interactions/{id}` answers."""
    at_us, how = interaction.acknowledged_at_us, interaction.acknowledged_how
    modal = interaction.modal
    return {
        "interaction_id": interaction.id,
        "type": int(interaction.type),
        "user_id": interaction.user_id,
        "guild_id": interaction.guild_id,
        "channel_id": interaction.channel_id,
        "created_at": instant_text(interaction.created_at_us),
        "settled": is_settled(state, interaction),
        "acknowledged_after_s": None
        if at_us is None
        else (at_us - interaction.created_at_us) / 1_000_000,
        "acknowledged_how": how.name.lower() if how else None,
        "messages": [message_object(state, each) for each in led_to(state, interaction)],
        "modal": modal_object(interaction) if modal else None,
        "choices": interaction.choices,
        "errors": [*interaction.errors, *_failures(state, interaction)],
    }


def modal_object(interaction: Interaction) -> JsonObject:
    """The form that the member sees."""
    modal = interaction.modal
    assert modal is not None  # noqa: S101 - callers have checked
    return {
        "custom_id": modal.custom_id,
        "title": modal.title,
        "components": component_objects(modal.components, lambda media: {"url": media.url}),
    }


def _due_us(state: State, interaction: Interaction) -> int | None:
    """When it will count as settled if nothing changes, None if it will not."""
    if interaction.acknowledged_at_us is None:
        return interaction.must_be_acknowledged_by_us() + 1
    messages = led_to(state, interaction)
    if any(message.is_loading for message in messages):
        return interaction.expires_at_us() + 1
    if any(_can_be_cancelled(message) for message in messages):
        return None
    if interaction.acknowledged_how in (CallbackType.AUTOCOMPLETE, CallbackType.MODAL):
        return interaction.acknowledged_at_us
    changes = [each.edited_at_us or each.created_at_us for each in messages]
    return max([interaction.changed_at_us, *changes]) + QUIET_US


def _failures(state: State, interaction: Interaction) -> Iterator[str]:
    now_us = state.now_us()
    if interaction.acknowledged_at_us is None:
        if now_us > interaction.must_be_acknowledged_by_us():
            yield _DID_NOT_RESPOND
        return
    is_dead = now_us > interaction.expires_at_us()
    if is_dead and any(message.is_loading for message in led_to(state, interaction)):
        yield _DID_NOT_RESPOND


def _can_be_cancelled(message: Message) -> bool:
    return message.viewer_id is None and any(
        isinstance(each, Button)
        and each.disabled is not True
        and "cancel" in f"{each.custom_id or ''} {each.label or ''}".lower()
        for each in walk(message.components)
    )


def _linked(message: Message) -> list[str]:
    texts = [each.content for each in walk(message.components) if isinstance(each, TextDisplay)]
    embedded = [str(each.description or "") for each in message.embeds]
    return _LINK.findall("\n".join([message.content, *texts, *embedded]))


def _since(state: State, channel_id: str, interaction: Interaction) -> Iterator[Message]:
    """The channel's messages since the act that the member sees, newest first."""
    for message in reversed(state.messages.get(channel_id, {}).values()):
        if int(message.id) < int(interaction.id):
            return
        if message.viewer_id in (None, interaction.user_id):
            yield message


async def _first(clock: SandboxClock, changed: asyncio.Event, due_us: int | None) -> None:
    """Waits for a change, or for the instant."""
    waits: list[asyncio.Task[object]] = [asyncio.create_task(changed.wait())]
    if due_us is not None:
        waits.append(asyncio.create_task(clock.sleep_until(due_us)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
