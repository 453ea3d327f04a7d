"""`POST /interactions` and `GET /interactions/{id}`: members act, and what became of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from sandbox.control.command_acts import (
    call_command,
    pick_for_message,
    pick_for_user,
    type_into,
)
from sandbox.control.component_acts import submit_modal, use_component
from sandbox.control.settled import interaction_object, wait_settled
from sandbox.discord import errors
from sandbox.discord.acting import Actor

if TYPE_CHECKING:
    from sandbox.clock import SandboxClock
    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.records import Channel
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

ONLINE_WITHIN_S = 5.0
"""How long an act waits for a bot to be connected before it happens anyway."""

LONGEST_WAIT_S = 60.0
"""For a bot that is not connected."""

AUTOCOMPLETE_LATER_S = 0.5
"""Real time that an autocomplete is waited for beyond what the sandbox's clock gives the bot."""


class _Act(Struct, kw_only=True, tag_field="kind"):
    """A member does something.

    Attributes:
        channel_id: None, without a guild, means the conversation with the bot.
        wait_online_s: how long to wait for a connected bot, as a member would.
    """

    user_id: str
    guild_id: str | None = None
    channel_id: str | None = None
    locale: str = "en-US"
    wait_online_s: float = ONLINE_WITHIN_S


class CommandAct(_Act, tag="command", kw_only=True):
    """Calls a slash command; subcommands stand in `name` after a space."""

    name: str
    options: dict[str, object] = field(default_factory=dict)


class AutocompleteAct(_Act, tag="autocomplete", kw_only=True):
    """Types into an option; `focused` is the last autocompleting one if not given."""

    name: str
    options: dict[str, object] = field(default_factory=dict)
    focused: str | None = None


class MessageCommandAct(_Act, tag="message_command", kw_only=True):
    """Picks an app from a message's menu."""

    name: str
    message_id: str


class UserCommandAct(_Act, tag="user_command", kw_only=True):
    """Picks an app from a user's menu."""

    name: str
    target_id: str


class ComponentAct(_Act, tag="component", kw_only=True):
    """Presses a button or chooses from a select."""

    message_id: str
    custom_id: str
    values: list[str] = field(default_factory=list)


class ModalAct(_Act, tag="modal", kw_only=True):
    """Submits the form that the bot last opened under this `custom_id`."""

    custom_id: str
    fields: dict[str, object] = field(default_factory=dict)


AnyAct: TypeAlias = (
    CommandAct | AutocompleteAct | MessageCommandAct | UserCommandAct | ComponentAct | ModalAct
)


class Acts:
    """Lets members act and tells what became of it."""

    def __init__(self, *, state: State, hub: Hub, clock: SandboxClock) -> None:
        self._state = state
        self._hub = hub
        self._clock = clock

    async def perform(self, act: AnyAct) -> JsonObject:
        """A member acts; autocomplete answers with the choices.

        Raises:
            DiscordError: what Discord's client would refuse before sending it.
        """
        actor = self._actor(act)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(act.wait_online_s, 0.0), LONGEST_WAIT_S)):
                await self._hub.wait_online()
        interaction = self._send(actor, act)
        if not isinstance(act, AutocompleteAct):
            return {"interaction_id": interaction.id}
        wait_s = self._state.answer_within_s + AUTOCOMPLETE_LATER_S
        await wait_settled(self._state, self._clock, interaction, wait_s=wait_s)
        shown = interaction_object(self._state, interaction)
        return {
            "interaction_id": interaction.id,
            "choices": shown["choices"] or [],
            "errors": shown["errors"],
        }

    async def told(self, interaction_id: str, *, wait_s: float) -> JsonObject:
        """What became of an interaction, at the latest after `wait_s`.

        Raises:
            DiscordError: 10062.
        """
        interaction = self._state.interactions.get(interaction_id)
        if interaction is None:
            raise errors.DiscordError(errors.UNKNOWN_INTERACTION)
        if wait_s > 0:
            await wait_settled(self._state, self._clock, interaction, wait_s=wait_s)
        return interaction_object(self._state, interaction)

    def _send(self, actor: Actor, act: AnyAct) -> Interaction:
        match act:
            case CommandAct():
                return call_command(self._state, actor, act)
            case AutocompleteAct():
                return type_into(self._state, actor, act)
            case MessageCommandAct():
                return pick_for_message(self._state, actor, act)
            case UserCommandAct():
                return pick_for_user(self._state, actor, act)
            case ComponentAct():
                return use_component(self._state, actor, act)
            case ModalAct():
                return submit_modal(self._state, actor, act)

    def _actor(self, act: AnyAct) -> Actor:
        user = self._state.user(act.user_id)
        channel = self._channel(act)
        if act.guild_id is not None and channel.guild_id != act.guild_id:
            raise errors.DiscordError(errors.UNKNOWN_CHANNEL)
        if channel.guild_id is not None:
            if user.id not in self._state.guilds[channel.guild_id].members:
                raise errors.DiscordError(errors.UNKNOWN_MEMBER)
        elif user.id not in channel.recipient_ids:
            raise errors.DiscordError(errors.MISSING_ACCESS)
        return Actor(user_id=user.id, channel=channel, locale=act.locale)

    def _channel(self, act: AnyAct) -> Channel:
        if act.channel_id is not None:
            return self._state.channel(act.channel_id)
        if act.guild_id is not None:
            raise errors.invalid_field(
                "channel_id", code="BASE_TYPE_REQUIRED", message="This field is required"
            )
        return self._state.direct_channel(act.user_id)
