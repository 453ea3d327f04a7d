"""Application commands as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sandbox.discord.shapes import JsonObject, only_set

if TYPE_CHECKING:
    from sandbox.discord.interactions import Command


def command_object(command: Command) -> JsonObject:
    """A registered command; fields that REST clients read without asking are always there."""
    shown: JsonObject = {
        "id": command.id,
        "application_id": command.application_id,
        "version": command.version,
        "type": command.type,
        "name": command.name,
        "name_localizations": command.name_localizations,
        "description": command.description,
        "description_localizations": command.description_localizations,
        "default_member_permissions": command.default_member_permissions,
        "integration_types": command.integration_types,
        "nsfw": command.nsfw,
        "options": [msgspec.to_builtins(option) for option in command.options],
    }
    if command.guild_id is None:
        contexts = command.contexts
        shown["dm_permission"] = contexts is None or bool({1, 2} & set(contexts))
    return shown | only_set({"guild_id": command.guild_id, "contexts": command.contexts})
