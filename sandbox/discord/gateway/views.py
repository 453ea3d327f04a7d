"""What a session is told: which events, how much of each, and the members that it asks for (op 8).

Source: Discord's reference, "Gateway", list of intents, "Gateway Events", "Request Guild Members"
and "Guild Members Chunk" (2026-08). That a request with neither `query` nor `user_ids` means
everyone is guessed.
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from sandbox.discord.message_objects import is_content_hidden, without_content
from sandbox.discord.objects import guild_create_object, member_object, presence_object
from sandbox.discord.users import is_named

if TYPE_CHECKING:
    from sandbox.discord.records import Guild, Member
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import Event, State

MEMBERS_PER_CHUNK = 1000
MOST_CHOSEN = 100
"""Members that a prefix or a list of ids finds at most."""

LONGEST_NONCE_BYTES = 32
"""A longer one is ignored, and the answer has none."""


class Intent(IntFlag):
    """Discord's intents."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


UNDOCUMENTED = 1 << 17
"""Taken, and means nothing here: some clients ask for it by default (observed)."""

KNOWN = sum(Intent) | UNDOCUMENTED
"""Every bit that may be asked for; others are refused with close code 4013."""

_BY_PREFIX: tuple[tuple[str, Intent, Intent], ...] = (
    ("MESSAGE_REACTION_", Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    ("MESSAGE_", Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    ("TYPING_", Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
    ("CHANNEL_PINS_", Intent.GUILDS, Intent.DIRECT_MESSAGES),
    (
        "AUTO_MODERATION_ACTION_",
        Intent.AUTO_MODERATION_EXECUTION,
        Intent.AUTO_MODERATION_EXECUTION,
    ),
    (
        "AUTO_MODERATION_RULE_",
        Intent.AUTO_MODERATION_CONFIGURATION,
        Intent.AUTO_MODERATION_CONFIGURATION,
    ),
    ("GUILD_SCHEDULED_EVENT_", Intent.GUILD_SCHEDULED_EVENTS, Intent.GUILD_SCHEDULED_EVENTS),
    ("WEBHOOKS_", Intent.GUILD_WEBHOOKS, Intent.GUILD_WEBHOOKS),
    ("GUILD_AUDIT_LOG_ENTRY_", Intent.GUILD_MODERATION, Intent.GUILD_MODERATION),
    ("GUILD_BAN_", Intent.GUILD_MODERATION, Intent.GUILD_MODERATION),
    ("GUILD_MEMBER_", Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
    ("GUILD_", Intent.GUILDS, Intent.GUILDS),
    ("CHANNEL_", Intent.GUILDS, Intent.GUILDS),
    ("THREAD_", Intent.GUILDS, Intent.GUILDS),
)


def is_wanted(event: Event, intents: int, bot_id: str) -> bool:
    """Whether a session with these intents is told; events of no intent always are.

    Of itself the bot is told its membership of a guild without any intent, and of a thread by
    GUILDS alone; both for others need GUILD_MEMBERS.
    """
    if event.name == "GUILD_MEMBER_UPDATE" and event.subject_id == bot_id:
        return True
    if event.name == "THREAD_MEMBERS_UPDATE" and event.subject_id != bot_id:
        return bool(intents & Intent.GUILD_MEMBERS)
    if event.name == "THREAD_MEMBERS_UPDATE":
        return bool(intents & (Intent.GUILDS | Intent.GUILD_MEMBERS))
    for prefix, in_guild, elsewhere in _BY_PREFIX:
        if event.name.startswith(prefix):
            return bool(intents & (in_guild if event.guild_id else elsewhere))
    return True


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


class MembersRequest(Struct, kw_only=True):
    """The data of op 8."""

    guild_id: str | int
    query: str | None = None
    limit: int | None = None
    user_ids: list[str | int] | str | int | None = None
    presences: bool | None = None
    nonce: object = None

    @property
    def means_everyone(self) -> bool:
        """Whether it needs the members intent."""
        return self.user_ids is None and not self.query


def member_chunks(
    state: State, guild: Guild, asked: MembersRequest, *, shows_presences: bool
) -> list[JsonObject]:
    """The data of each GUILD_MEMBERS_CHUNK; at least one, which may be empty."""
    found = _found(state, guild, asked)
    starts = range(0, len(found), MEMBERS_PER_CHUNK) or range(1)
    chunks: list[JsonObject] = []
    for index, start in enumerate(starts):
        part = found[start : start + MEMBERS_PER_CHUNK]
        chunk: JsonObject = {
            "guild_id": guild.id,
            "members": [member_object(state, each) for each in part],
            "chunk_index": index,
            "chunk_count": len(starts),
        }
        if shows_presences:
            chunk["presences"] = [presence_object(each.user_id) for each in part]
        chunks.append(chunk | _echoed(guild, asked))
    return chunks


def _found(state: State, guild: Guild, asked: MembersRequest) -> list[Member]:
    if asked.user_ids is not None:
        wanted = dict.fromkeys(_ids(asked))
        return [guild.members[each] for each in wanted if each in guild.members][:MOST_CHOSEN]
    found = list(guild.members.values())
    if asked.query:
        found = [each for each in found if is_named(state, each, asked.query)]
        return found[: min(asked.limit or MOST_CHOSEN, MOST_CHOSEN)]
    return found[: asked.limit or None]


def _echoed(guild: Guild, asked: MembersRequest) -> JsonObject:
    """What tells the client which request was answered."""
    echoed: JsonObject = {}
    if asked.user_ids is not None:
        echoed["not_found"] = [each for each in _ids(asked) if each not in guild.members]
    if isinstance(asked.nonce, str) and len(asked.nonce.encode()) <= LONGEST_NONCE_BYTES:
        echoed["nonce"] = asked.nonce
    return echoed


def _ids(asked: MembersRequest) -> list[str]:
    ids = asked.user_ids
    return [str(each) for each in (ids if isinstance(ids, list) else [ids])]
