"""The names behind the ids of an interaction: what Discord sent along, what is known, the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from bot.domain.mentions import Mentioned, named

if TYPE_CHECKING:
    import discord


def without_ids(text: str, interaction: discord.Interaction) -> str:
    """A member's text with names in the place of mentions, emoji and timestamps."""
    return named(text, lambda kind, some_id: _name(interaction, kind, some_id))


def _name(interaction: discord.Interaction, kind: Mentioned, some_id: int) -> str | None:
    match kind:
        case Mentioned.USER:
            return _user(interaction, some_id)
        case Mentioned.ROLE:
            return _sent(interaction, "roles", some_id, "name") or _cached(
                interaction.guild and interaction.guild.get_role(some_id)
            )
        case Mentioned.CHANNEL:
            return _channel(interaction, some_id)
        case _:
            assert_never(kind)


def _user(interaction: discord.Interaction, user_id: int) -> str | None:
    """By the name that members of this guild see."""
    for one in (interaction.user, interaction.client.user):
        if one is not None and one.id == user_id:
            return one.display_name
    return (
        _sent(interaction, "members", user_id, "nick")
        or _sent(interaction, "users", user_id, "global_name", "username")
        or _cached(interaction.guild and interaction.guild.get_member(user_id), "display_name")
    )


def _channel(interaction: discord.Interaction, channel_id: int) -> str | None:
    if interaction.channel_id == channel_id:
        return _cached(interaction.channel)
    return _sent(interaction, "channels", channel_id, "name") or _cached(
        interaction.guild and interaction.guild.get_channel_or_thread(channel_id)
    )


def _sent(interaction: discord.Interaction, part: str, some_id: int, *fields: str) -> str | None:
    """From the interaction's resolved data, which discord.py does not keep for text options."""
    data: dict[str, Any] = dict(interaction.data or {})
    found = data.get("resolved", {}).get(part, {}).get(str(some_id), {})
    return next((str(found[field]) for field in fields if found.get(field)), None)


def _cached(thing: object, field: str = "name") -> str | None:
    name = getattr(thing, field, None)
    return None if name is None else str(name)
