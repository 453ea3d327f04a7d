"""The hub: all sessions, told of every event that their shard, intents and permissions cover.

A session outlives its connection: events are numbered and kept, so a RESUME can have the missed
ones replayed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sandbox.discord.gateway.views import Intent, guild_view, is_wanted, lesser_view, member_chunks
from sandbox.discord.objects import own_user_object
from sandbox.discord.permissions import Permission, guild_permissions, may
from sandbox.discord.shapes import JsonObject, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.discord.checks import Checks
    from sandbox.discord.gateway.views import MembersRequest
    from sandbox.discord.state import Event, State

    Alteration = Callable[[JsonObject], bytes]

_RECONNECT = b'{"t":null,"s":null,"op":7,"d":null}'

HEARTBEAT_INTERVAL_S = 41.25
"""What HELLO asks for; observed."""

KEPT_EVENTS = 1000
"""Events that can be replayed (guessed)."""

RESUMABLE_US = 180 * 1_000_000
"""How long a session without connection can be resumed (guessed; some minutes are observed)."""


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
        return bool(self._lines())

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
                self._dispatch(session, "GUILD_CREATE", guild_view(self._state, guild.id, intents))
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

    def request_members(self, session: Session, asked: MembersRequest) -> None:
        """Answers op 8; a guild without the bot, or of another shard, is not answered."""
        guild = self._state.guilds.get(str(asked.guild_id))
        if guild is None or self._state.bot_id not in guild.members or not session.covers(guild.id):
            return
        shows_presences = bool(asked.presences and session.intents & Intent.GUILD_PRESENCES)
        chunks = member_chunks(self._state, guild, asked, shows_presences=shows_presences)
        for chunk in chunks:
            self._dispatch(session, "GUILD_MEMBERS_CHUNK", chunk)

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
        for line in self._lines():
            line.send(payload)

    def send_as_is(self, message: bytes | str) -> None:
        """Sends a websocket message of any content, which may break the compressed stream."""
        for line in self._lines():
            line.send_as_is(message)

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
        lines = self._lines()
        for line in lines:
            line.send(_RECONNECT)
        return len(lines)

    def invalidate(self, *, is_resumable: bool) -> int:
        """Sends op 9 to every connection, whose session it takes away; answers how many."""
        connected = [session for session in self.sessions.values() if session.line]
        for session in connected:
            assert session.line is not None  # noqa: S101 - chosen so
            session.line.send(invalid_session(is_resumable=is_resumable))
            # The socket stays open: the client may IDENTIFY or RESUME on it.
            session.line, session.away_since_us = None, self._state.now_us()
            if not is_resumable:
                self.sessions.pop(session.id)
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
            lesser = lesser_view(self._state, event, session.intents)
            if lesser is not None:
                session.dispatch(event.name, lesser)
                continue
            whole = whole or encode(event.body)
            session.dispatch(event.name, whole)

    def _dispatch(self, session: Session, name: str, body: JsonObject) -> None:
        self._checks.event(name, body)
        session.dispatch(name, body)

    def _concerns(self, session: Session, event: Event) -> bool:
        bot_id = self._state.bot_id
        if not session.covers(event.guild_id) or not is_wanted(event, session.intents, bot_id):
            return False
        needed = _needed(event.name)
        if needed and not self._may_in_guild(event.guild_id, needed):
            return False
        channel = self._state.channels.get(event.channel_id or "")
        if channel is None or event.name == "INTERACTION_CREATE":
            return True
        if event.guild_id and bot_id not in self._state.guilds[event.guild_id].members:
            return False
        # Who was removed from a private thread is told, though they cannot see it any more.
        return event.subject_id == bot_id or may(
            self._state, channel, bot_id, Permission.VIEW_CHANNEL
        )

    def _may_in_guild(self, guild_id: str | None, needed: int) -> bool:
        guild = self._state.guilds[guild_id or ""]
        bits = guild_permissions(guild, self._state.bot_id, self._state.now_us())
        return bits & needed == needed

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

    def _lines(self) -> list[Line]:
        """The connections that sessions have."""
        return [session.line for session in self.sessions.values() if session.line is not None]

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


def _needed(event_name: str) -> int:
    """The permission in the guild without which the bot is not told."""
    if event_name.startswith("AUTO_MODERATION_"):
        return Permission.MANAGE_GUILD
    return Permission.VIEW_AUDIT_LOG if event_name == "GUILD_AUDIT_LOG_ENTRY_CREATE" else 0


def invalid_session(*, is_resumable: bool) -> bytes:
    """Op 9."""
    return encode({"t": None, "s": None, "op": 9, "d": is_resumable})


class Line(Protocol):
    """The connection that a session currently has."""

    def send(self, text: bytes) -> None:
        """Queues a payload."""
        ...

    def send_as_is(self, message: bytes | str) -> None:
        """Queues a whole websocket message, binary or text, past the compression."""
        ...

    def close(self, code: int) -> None:
        """Closes the websocket."""
        ...

    def cut(self) -> None:
        """Drops the TCP connection."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """One IDENTIFY and its resumes.

    Attributes:
        seq: the number of the last event.
        line: the connection, None while it is away.
        away_since_us: when it went away.
    """

    id: str
    intents: int
    shard_id: int = 0
    shard_count: int = 1
    seq: int = 0
    line: Line | None = None
    away_since_us: int | None = None
    _kept: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))

    def dispatch(self, name: str, body: JsonObject | bytes) -> None:
        """Numbers, keeps and sends an event; `body` may be its JSON already."""
        self.seq += 1
        data = body if isinstance(body, bytes) else encode(body)
        text = b'{"t":"%s","s":%d,"op":0,"d":%s}' % (name.encode(), self.seq, data)
        self._kept.append((self.seq, text))
        if self.line is not None:
            self.line.send(text)

    def covers(self, guild_id: str | None) -> bool:
        """Whether the shard is told of this guild; what is outside guilds goes to shard 0."""
        if guild_id is None:
            return self.shard_id == 0
        return (int(guild_id) >> 22) % self.shard_count == self.shard_id

    def can_replay(self, seq: int) -> bool:
        """Whether everything after this number is still kept."""
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        return oldest - 1 <= seq <= self.seq

    def replay(self, seq: int) -> None:
        """Sends again what came after this number."""
        assert self.line is not None  # noqa: S101 - only a connection resumes
        for number, text in tuple(self._kept):
            if number > seq:
                self.line.send(text)
