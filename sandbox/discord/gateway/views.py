"""What a session is shown of an event: less without the intents for it.

Source: Discord's reference, "Gateway", intents, and "Gateway Events" (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.discord.gateway.intents import Intent
from sandbox.discord.objects.guilds import guild_create_object
from sandbox.discord.objects.messages import is_content_hidden, without_content

if TYPE_CHECKING:
    from sandbox.discord.feed import Event
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def lesser_view(state: State, event: Event, intents: int) -> JsonObject | None:
    """The event's body for a session with these intents, None if it is the whole."""
    match event.name:
        case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
            return without_content(event.body) if _hides_content(state, event, intents) else None
        case "AUTO_MODERATION_ACTION_EXECUTION" if not intents & Intent.MESSAGE_CONTENT:
            return event.body | {"content": "", "matched_content": ""}
        case "THREAD_MEMBERS_UPDATE" if not intents & Intent.GUILD_PRESENCES:
            return _without_presences(event.body)
        case "GUILD_CREATE" if event.guild_id is not None:
            return guild_view(state, event.guild_id, intents)
        case _:
            return None


def guild_view(state: State, guild_id: str, intents: int) -> JsonObject:
    """A guild as GUILD_CREATE brings it: everyone and their presences by the presences intent."""
    has_presences = bool(intents & Intent.GUILD_PRESENCES)
    return guild_create_object(state, state.guilds[guild_id], has_presences=has_presences)


def _hides_content(state: State, event: Event, intents: int) -> bool:
    message = state.messages.get(event.channel_id or "", {}).get(str(event.body["id"]))
    if message is None or intents & Intent.MESSAGE_CONTENT:
        return False
    return is_content_hidden(state, message)


def _without_presences(body: JsonObject) -> JsonObject:
    added = cast("list[JsonObject]", body.get("added_members", []))
    hidden = [each | {"presence": None} for each in added]
    return body | ({"added_members": hidden} if added else {})
