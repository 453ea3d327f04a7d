"""Op 8, Request Guild Members: who is meant, and the chunks that answer.

Source: Discord's reference, "Request Guild Members" and "Guild Members Chunk" (2026-08). That a
request with neither `query` nor `user_ids` means everyone is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord.members import is_named
from sandbox.discord.objects import member_object, presence_object

if TYPE_CHECKING:
    from sandbox.discord.records import Guild, Member
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MEMBERS_PER_CHUNK = 1000

MOST_CHOSEN = 100
"""Members that a prefix or a list of ids finds at most."""

LONGEST_NONCE_BYTES = 32
"""A longer one is ignored, and the answer has none."""


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
