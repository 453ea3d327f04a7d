"""A guild's audit log: what the bot did to others and their messages, with the reasons it gave.

What people do is not in it, since the sandbox does not know which of the staff did it. Entries stay
for 45 days there, here the newest `KEPT`. Source: Discord's reference, "Audit Log" (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import ratelimits
from sandbox.discord.objects import user_object
from sandbox.discord.permissions import Permission
from sandbox.discord.records import AuditEntry
from sandbox.discord.routing import Call, Reply, Route
from sandbox.discord.shapes import text_instant_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.records import AuditAction, Guild, Member
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

    Change = dict[str, object]

KEPT = 1_000


def note(
    call: Call,
    action: AuditAction,
    target_id: str | None,
    *,
    changes: Sequence[Change] = (),
    options: dict[str, str] | None = None,
) -> None:
    """Writes an act of the bot down and tells it; nothing where there is no guild."""
    state = call.state
    channel = state.channels.get(call.path.get("channel_id", ""))
    guild_id = call.path.get("guild_id") or (channel.guild_id if channel else None)
    if guild_id is None:
        return
    guild = state.guilds[guild_id]
    entry = AuditEntry(
        id=state.snowflakes.next(),
        action=action,
        target_id=target_id,
        reason=call.reason,
        changes=list(changes),
        options=options or {},
    )
    guild.audit_log.append(entry)
    del guild.audit_log[:-KEPT]
    state.save(guild)
    body = audit_entry_object(state, entry) | {"guild_id": guild.id}
    state.publish("GUILD_AUDIT_LOG_ENTRY_CREATE", body, guild=guild)


def snapshot(member: Member) -> Change:
    """What of a member the log tells the changes of."""
    until = text_instant_or_none(member.timed_out_until_us)
    return {"nick": member.nick, "communication_disabled_until": until}


def changes_between(before: Change, after: Change) -> list[Change]:
    """Each value that is another now; one that is not there is left out."""
    return [
        {"key": key}
        | ({} if before[key] is None else {"old_value": before[key]})
        | ({} if after[key] is None else {"new_value": after[key]})
        for key in before
        if before[key] != after[key]
    ]


def role_changes(guild: Guild, before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """The roles that were given and taken."""
    moved = {
        "$add": [each for each in after if each not in before],
        "$remove": [each for each in before if each not in after],
    }
    return [
        {"key": key, "new_value": [{"id": each, "name": guild.roles[each].name} for each in ids]}
        for key, ids in moved.items()
        if ids
    ]


def list_entries(call: Call) -> Reply:
    """The log, newest first, or oldest first after an id; needs VIEW_AUDIT_LOG."""
    state, guild = call.state, call.guild(Permission.VIEW_AUDIT_LOG)
    limit = call.count("limit", 50, most=100)
    found = [each for each in guild.audit_log if _is_asked_for(call, each)]
    chosen = found[:limit] if "after" in call.query else found[::-1][:limit]
    people = {state.bot_id, *(each.target_id or "" for each in chosen)} & state.users.keys()
    nothing = ("integrations", "webhooks", "guild_scheduled_events", "threads")
    more = ("application_commands", "auto_moderation_rules")
    return Reply(
        body={name: [] for name in (*nothing, *more)}
        | {
            "audit_log_entries": [audit_entry_object(state, each) for each in chosen],
            "users": [user_object(state.users[each]) for each in sorted(people)],
        }
    )


def _is_asked_for(call: Call, entry: AuditEntry) -> bool:
    after, before = call.snowflake("after"), call.snowflake("before")
    user_id, target_id = call.snowflake("user_id"), call.snowflake("target_id")
    action = call.query.get("action_type")
    return (
        (after is None or int(entry.id) > after)
        and (before is None or int(entry.id) < before)
        and (user_id is None or str(user_id) == call.state.bot_id)
        and (target_id is None or str(target_id) == entry.target_id)
        and (action is None or action == str(int(entry.action)))
    )


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


ROUTES = (Route("GET", "/guilds/{guild_id}/audit-logs", list_entries, ratelimits.GUILD_READ),)
