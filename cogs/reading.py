"""What an interaction carries: its languages, what was chosen and typed, the names behind ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, assert_never

from bot.features.imagine.rules import Mentioned, named
from bot.texts import Texts

if TYPE_CHECKING:
    import discord

_ID = re.compile("[1-9][0-9]{0,18}", re.ASCII)


def texts_of(interaction: discord.Interaction) -> Texts:
    """In the language of whoever asks."""
    return Texts(interaction.locale.value)


def guild_texts(interaction: discord.Interaction) -> Texts:
    """What members are told is in the guild's language: nobody knows theirs."""
    return Texts((interaction.guild_locale or interaction.locale).value)


def is_on_private(interaction: discord.Interaction) -> bool:
    """Whether it comes from a message that its member alone sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def custom_id_of(interaction: discord.Interaction) -> str:
    """Of what was pressed, or of the form."""
    return str(dict(interaction.data or {}).get("custom_id"))


def chosen_values(interaction: discord.Interaction) -> list[str]:
    """What was chosen from a select."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [str(one) for one in data.get("values", ())]


def chosen_ids(interaction: discord.Interaction) -> list[int]:
    """Likewise; what a client has made up is left out."""
    return [int(one) for one in chosen_values(interaction) if _ID.fullmatch(one)]


def filled_fields(interaction: discord.Interaction) -> dict[str, str]:
    """What was typed, chosen or ticked in a form, by the field."""
    data: dict[str, Any] = dict(interaction.data or {})
    fields = [one.get("component") or {} for one in data.get("components", ())]
    return {str(one.get("custom_id")): _value(one) for one in fields}


def named_fields(interaction: discord.Interaction) -> dict[str, str]:
    """Likewise, with names in the place of mentions."""
    filled = filled_fields(interaction)
    return {name: without_ids(value, interaction) for name, value in filled.items()}


def _value(field: dict[str, Any]) -> str:
    chosen = next(iter(field.get("values") or [field.get("value")]))
    return "" if chosen is None else str(chosen)


# ------------------------------------------------------------------------------------------------
# The names behind the ids of an interaction: what Discord sent along, what is known, the cache.


def name_of_user(interaction: discord.Interaction, user_id: int) -> str:
    """Empty if nobody has told it."""
    return _user(interaction, user_id) or ""


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
