"""The hub: all sessions, told of every event that their shard, intents and permissions cover."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.discord.gateway.intents import Intent, is_wanted
from sandbox.discord.gateway.sessions import RESUMABLE_US, Session
from sandbox.discord.objects.guilds import guild_create_object
from sandbox.discord.objects.messages import is_content_hidden, without_content
from sandbox.discord.objects.users import member_object, own_user_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.shapes import JsonObject, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.discord.checks import Checks
    from sandbox.discord.feed import Event
    from sandbox.discord.gateway.sessions import Line
    from sandbox.discord.state import State

    Alteration = Callable[[JsonObject], bytes]

_RECONNECT = b'{"t":null,"s":null,"op":7,"d":null}'


HEARTBEAT_INTERVAL_S = 41.25
"""What HELLO asks for; observed."""


class Hub:
    """Keeps the sessions and tells them the feed's events."""

    heartbeat_interval_s = HEARTBEAT_INTERVAL_S

    def __init__(self, state: State, checks: Checks) -> None:
        self._state = state
        self._checks = checks
        self.sessions: dict[str, Session] = {}
        self._online = asyncio.Event()
        self._alter: Alteration | None = None
        state.feed.subscribe(self._tell)

    @property
    def is_online(self) -> bool:
        """Whether a bot is connected and ready."""
        return any(session.line is not None for session in self.sessions.values())

    async def wait_online(self) -> None:
        """Returns as soon as a bot is connected and ready."""
        while not self.is_online:
            self._online.clear()
            await self._online.wait()

    def start(self, line: Line, *, intents: int, shard_id: int, shard_count: int) -> Session:
        """A new session on this connection: READY, then its guilds."""
        self.sessions = {k: v for k, v in self.sessions.items() if not self._is_over(v)}
        session = Session(
            id=secrets.token_hex(16),
            intents=intents,
            shard_id=shard_id,
            shard_count=shard_count,
            line=line,
        )
        self.sessions[session.id] = session
        guilds = [
            guild
            for guild in self._state.guilds.values()
            if session.covers(guild.id) and self._state.bot_id in guild.members
        ]
        self._dispatch(session, "READY", self._ready(session, [guild.id for guild in guilds]))
        if intents & Intent.GUILDS:
            for guild in guilds:
                self._dispatch(session, "GUILD_CREATE", guild_create_object(self._state, guild))
        self._note_online()
        return session

    def resume(self, line: Line, session_id: str, seq: int) -> Session | None:
        """The session on its new connection with the missed events, None if it is lost."""
        session = self.sessions.get(session_id)
        if session is None or self._is_over(session) or not session.can_replay(seq):
            self.sessions.pop(session_id, None)
            return None
        if session.line is not None:
            session.line.close(4000)
        session.line, session.away_since_us = line, None
        session.replay(seq)
        session.dispatch("RESUMED", {"_trace": ["sandbox"]})
        self._note_online()
        return session

    def leave(self, session: Session, line: Line, *, ended: bool) -> None:
        """The connection is gone; an ended session cannot be resumed."""
        if session.line is not line:
            return
        session.line, session.away_since_us = None, self._state.now_us()
        if ended:
            self.sessions.pop(session.id, None)
        self._note_change()

    def request_members(self, session: Session, guild_id: str, wanted: set[str] | None) -> None:
        """Answers op 8 with one chunk; `wanted` None means everyone."""
        guild = self._state.guilds.get(guild_id)
        if guild is None:
            return
        found = [
            member_object(self._state, member)
            for user_id, member in guild.members.items()
            if wanted is None or user_id in wanted
        ]
        missing = sorted((wanted or set()) - guild.members.keys())
        body: JsonObject = {
            "guild_id": guild_id,
            "members": found,
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": missing,
        }
        self._dispatch(session, "GUILD_MEMBERS_CHUNK", body)

    def drop(self) -> int:
        """Cuts every connection; answers how many."""
        connected = [(each, each.line) for each in self.sessions.values() if each.line]
        for session, line in connected:
            line.cut()
            self.leave(session, line, ended=False)
        return len(connected)

    def send_frame(self, payload: bytes) -> None:
        """Sends a payload of any content to every connection, compressed like all others.

        A hostile gateway for tests: no session numbers or keeps it.
        """
        for session in self.sessions.values():
            if session.line is not None:
                session.line.send(payload)

    def send_as_is(self, message: bytes | str) -> None:
        """Sends a websocket message of any content, which may break the compressed stream."""
        for session in self.sessions.values():
            if session.line is not None:
                session.line.send_as_is(message)

    @contextmanager
    def altering(self, alter: Alteration) -> Iterator[None]:
        """Has interactions told otherwise than they are, after they were checked."""
        self._alter = alter
        try:
            yield
        finally:
            self._alter = None

    def ask_to_reconnect(self) -> int:
        """Sends op 7 to every connection; answers how many."""
        lines = [session.line for session in self.sessions.values() if session.line]
        for line in lines:
            line.send(_RECONNECT)
        return len(lines)

    def invalidate(self, *, is_resumable: bool) -> int:
        """Sends op 9 to every connection and forgets the sessions; answers how many."""
        connected = [session for session in self.sessions.values() if session.line]
        for session in connected:
            assert session.line is not None  # noqa: S101 - chosen so
            session.line.send(invalid_session(is_resumable=is_resumable))
            if not is_resumable:
                self.sessions.pop(session.id)
                session.line = None
        self._note_change()
        return len(connected)

    def _tell(self, event: Event) -> None:
        if event.viewer_id is not None or event.name.startswith("SANDBOX_"):
            return
        self._checks.event(event.name, event.body)
        whole: bytes | None = None
        if self._alter is not None and event.name == "INTERACTION_CREATE":
            whole = self._alter(event.body)
        for session in tuple(self.sessions.values()):
            if not self._concerns(session, event):
                continue
            if self._hides_content(session, event):
                session.dispatch(event.name, without_content(event.body))
                continue
            whole = whole or encode(event.body)
            session.dispatch(event.name, whole)

    def _dispatch(self, session: Session, name: str, body: JsonObject) -> None:
        self._checks.event(name, body)
        session.dispatch(name, body)

    def _concerns(self, session: Session, event: Event) -> bool:
        if not session.covers(event.guild_id) or not is_wanted(event, session.intents):
            return False
        channel = self._state.channels.get(event.channel_id or "")
        if channel is None or event.name == "INTERACTION_CREATE":
            return True
        if event.guild_id and self._state.bot_id not in self._state.guilds[event.guild_id].members:
            return False
        return may(self._state, channel, self._state.bot_id, Permission.VIEW_CHANNEL)

    def _hides_content(self, session: Session, event: Event) -> bool:
        if event.name not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return False
        message = self._state.messages.get(event.channel_id or "", {}).get(str(event.body["id"]))
        if message is None or session.intents & Intent.MESSAGE_CONTENT:
            return False
        return is_content_hidden(self._state, message)

    def _is_over(self, session: Session) -> bool:
        since_us = session.away_since_us
        return since_us is not None and self._state.now_us() - since_us > RESUMABLE_US

    def _ready(self, session: Session, guild_ids: Iterable[str]) -> JsonObject:
        state = self._state
        return {
            "v": 10,
            "user": own_user_object(state.users[state.bot_id]),
            "user_settings": {},
            "guilds": [{"id": each, "unavailable": True} for each in guild_ids],
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": state.gateway_url,
            "shard": [session.shard_id, session.shard_count],
            "application": {"id": state.application.id, "flags": state.application.flags},
            "geo_ordered_rtc_regions": [],
            "_trace": ["sandbox"],
        }

    def _note_online(self) -> None:
        self._online.set()
        self._note_change()

    def _note_change(self) -> None:
        self._state.publish("SANDBOX_GATEWAY", {"sessions": self.objects()})

    def objects(self) -> list[JsonObject]:
        """The sessions as the page shows them."""
        return [
            {
                "id": session.id,
                "shard": [session.shard_id, session.shard_count],
                "intents": session.intents,
                "connected": session.line is not None,
                "seq": session.seq,
            }
            for session in self.sessions.values()
        ]


def invalid_session(*, is_resumable: bool) -> bytes:
    """Op 9."""
    return encode({"t": None, "s": None, "op": 9, "d": is_resumable})
