"""Entries of the audit log as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.records import AuditEntry
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def audit_entry_object(state: State, entry: AuditEntry) -> JsonObject:
    """An act of the bot; what there is nothing of is left out."""
    shown: JsonObject = {
        "id": entry.id,
        "action_type": int(entry.action),
        "user_id": state.bot_id,
        "target_id": entry.target_id,
    }
    more = {"reason": entry.reason, "changes": entry.changes, "options": entry.options}
    return shown | {name: value for name, value in more.items() if value}
