"""What members do: the interactions that Discord's own client would send for them.

An act is checked as the client checks it (who may see and call what, options, disabled buttons);
what it would not let through is refused here and never reaches the bot.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.attachments import file_limit_bytes
from sandbox.discord.entitlements import entitlements_for
from sandbox.discord.interactions import (
    IntegrationType,
    Interaction,
    InteractionContext,
    context_of,
    is_bot_in,
    owners,
)
from sandbox.discord.message_objects import message_object
from sandbox.discord.objects import channel_object, member_object, user_object
from sandbox.discord.permissions import Permission, channel_permissions, is_timed_out_in
from sandbox.discord.records import InteractionType, Origin
from sandbox.discord.threads_life import open_for_sending

if TYPE_CHECKING:
    from sandbox.discord.records import Channel, Message
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

_ABROAD = Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE
"""What an application may do in the answers that it gives where its bot is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, where, in which language."""

    user_id: str
    channel: Channel
    locale: str = "en-US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is done, as the bot will be told.

    Attributes:
        data: the `data` of the interaction.
        owners: by whose installations, as `interactions.owners` tells; the guild's if None.
        message: the message whose component was used.
        name: the command's, for the messages that answer it.
    """

    type: InteractionType
    data: JsonObject
    owners: dict[str, str] | None = None
    message: Message | None = None
    name: str | None = None
    is_context_menu: bool = False
    target_message_id: str | None = None
    target_user_id: str | None = None
    triggered_by: Origin | None = None


def send_interaction(state: State, actor: Actor, act: Act) -> Interaction:
    """Keeps a new interaction and tells the bot."""
    interaction_id = state.snowflakes.next()
    guild_id = actor.channel.guild_id
    is_member = is_bot_in(state, actor.channel)
    interaction = Interaction(
        id=interaction_id,
        token=_token(interaction_id),
        type=act.type,
        user_id=actor.user_id,
        channel_id=actor.channel.id,
        guild_id=guild_id,
        created_at_us=state.now_us(),
        answer_within_us=round(state.answer_within_s * 1e6),
        changed_at_us=state.now_us(),
        origin=_origin(state, interaction_id, actor, act),
        body={},
        is_user_install=not is_member,
        is_context_menu=act.is_context_menu,
        must_be_ephemeral=not is_member and not _may_use_external(state, actor),
        opened_on=act.message.id if act.message else None,
    )
    interaction.body = _event_body(state, actor, act, interaction)
    state.add_interaction(interaction)
    state.publish("INTERACTION_CREATE", interaction.body, actor.channel)
    return interaction


def require_present(state: State, actor: Actor) -> None:
    """Lets act only who can see the channel; a sleeping thread wakes.

    Raises:
        DiscordError: 50001, 50013 in a time-out, 50008, or 160005 in a locked thread.
    """
    bits = channel_permissions(state, actor.channel, actor.user_id)
    if not bits & Permission.VIEW_CHANNEL:
        raise errors.DiscordError(errors.MISSING_ACCESS)
    if is_timed_out_in(state, actor.channel, actor.user_id):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    if not actor.channel.holds_messages:
        raise errors.DiscordError(errors.NOT_A_TEXT_CHANNEL)
    open_for_sending(state, actor.channel, actor.user_id)


def _event_body(state: State, actor: Actor, act: Act, interaction: Interaction) -> JsonObject:
    channel = actor.channel
    permissions = channel_permissions(state, channel, actor.user_id)
    body: JsonObject = {
        "id": interaction.id,
        "application_id": state.application.id,
        "type": int(act.type),
        "token": interaction.token,
        "version": 1,
        "data": act.data,
        "locale": actor.locale,
        "channel_id": channel.id,
        "channel": channel_object(state, channel) | {"permissions": str(permissions)},
        "app_permissions": str(_app_permissions(state, channel, interaction)),
        "entitlements": entitlements_for(state, actor.user_id, channel.guild_id),
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": dict(interaction.origin.owners),
        "context": int(context_of(state, channel)),
        "attachment_size_limit": file_limit_bytes(state, channel.guild_id),
    }
    if act.message is not None:
        body["message"] = message_object(state, act.message)
    if channel.guild_id is None:
        return body | {"user": user_object(state.users[actor.user_id])}
    guild = state.guilds[channel.guild_id]
    member = member_object(state, guild.members[actor.user_id])
    return body | {
        "guild_id": guild.id,
        "guild": {"id": guild.id, "locale": guild.locale, "features": ["COMMUNITY"]},
        "guild_locale": guild.locale,
        "member": member | {"permissions": str(permissions)},
    }


def _app_permissions(state: State, channel: Channel, interaction: Interaction) -> int:
    """As the reference has it; in guilds without the bot, what the user may do there too (G)."""
    match context_of(state, channel):
        case InteractionContext.BOT_DM:
            return _ABROAD | Permission.USE_EXTERNAL_EMOJIS
        case InteractionContext.PRIVATE_CHANNEL:
            return _ABROAD
        case InteractionContext.GUILD if not interaction.is_user_install:
            return channel_permissions(state, channel, state.bot_id)
        case InteractionContext.GUILD:
            return _ABROAD & channel_permissions(state, channel, interaction.user_id)


def _may_use_external(state: State, actor: Actor) -> bool:
    if actor.channel.guild_id is None:
        return True
    bits = channel_permissions(state, actor.channel, actor.user_id)
    return bool(bits & Permission.USE_EXTERNAL_APPS)


def _origin(state: State, interaction_id: str, actor: Actor, act: Act) -> Origin:
    owned_by_guild = owners(state, actor.channel, actor.user_id, (IntegrationType.GUILD_INSTALL,))
    return Origin(
        id=interaction_id,
        type=int(act.type),
        user_id=actor.user_id,
        owners=owned_by_guild if act.owners is None else dict(act.owners),
        name=act.name,
        target_message_id=act.target_message_id,
        target_user_id=act.target_user_id,
        interacted_message_id=act.message.id
        if act.message and act.type == InteractionType.COMPONENT
        else None,
        triggered_by=act.triggered_by,
    )


def _token(interaction_id: str) -> str:
    """Opaque to clients; Discord's are longer."""
    return f"aW50ZXJhY3Rpb246{interaction_id}{secrets.token_urlsafe(96)}"
