"""The state: the one store from which REST answers and gateway events are both made.

Resources change it through its records and `save`; nothing else holds a copy. Every change is told
once, through the feed: the gateway, the page and whoever waits for an interaction read the same
events, so they cannot disagree with what REST shows. The journal is what outlives a start of the
sandbox, in one SQLite file: each record is a row (kind, id, JSON), each upload's bytes a blob.
Writes are not synced to the disk: a crash of the machine may lose the last ones, a crash of the
sandbox none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, assert_never

import msgspec

from sandbox.discord import errors
from sandbox.discord.interactions import ANSWER_WITHIN_S, Command
from sandbox.discord.ratelimits import SessionStarts
from sandbox.discord.records import (
    Channel,
    ChannelType,
    Emoji,
    Entitlement,
    Guild,
    Message,
    User,
    Webhook,
)
from sandbox.discord.shapes import Snowflakes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.discord.interactions import Interaction
    from sandbox.discord.shapes import JsonObject

Record: TypeAlias = User | Guild | Channel | Message | Command | Emoji | Entitlement | Webhook

INTERACTIONS_KEPT_US = 24 * 3600 * 1_000_000
"""How long the control interface can still tell of an interaction whose token is dead."""

RecordT = TypeVar("RecordT", bound=msgspec.Struct)
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
"""


class Clock(Protocol):
    """What the state needs of the sandbox's clock."""

    def now_us(self) -> int:
        """Now, in epoch microseconds."""
        ...


@dataclass(slots=True, kw_only=True)
class Application:
    """The one application whose bot connects here.

    Attributes:
        id: also the id of its bot user.
        token: what the bot logs in with.
        secret: signs links to attachments.
        privileged_intents: bits that the bot may ask for beyond the ordinary ones.
        is_public: whether others than the owner may invite the bot.
        description: and the rest: what the bot may change; a start makes it anew.
    """

    id: str
    name: str
    token: str
    public_key: str
    owner_id: str
    secret: bytes
    privileged_intents: int = 0
    is_public: bool = True
    description: str = ""
    tags: tuple[str, ...] = ()
    custom_install_url: str | None = None
    role_connections_verification_url: str | None = None

    @property
    def flags(self) -> int:
        """The public flags, which tell the privileged intents of an unverified application."""
        by_intent = {1 << 8: 1 << 13, 1 << 1: 1 << 15, 1 << 15: 1 << 19}
        granted = [flag for bit, flag in by_intent.items() if self.privileged_intents & bit]
        return sum(granted, start=1 << 23)


class State:
    """Everything that this Discord knows."""

    def __init__(self, *, clock: Clock, journal: Journal, application: Application) -> None:
        self.clock = clock
        self.journal = journal
        self.application = application
        self.feed = Feed()
        self.snowflakes = Snowflakes(clock)
        self.session_starts = SessionStarts()
        self.answer_within_s = ANSWER_WITHIN_S
        self.origin = ""
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.commands: dict[str, Command] = {}
        self.emojis: dict[str, Emoji] = {}
        self.entitlements: dict[str, Entitlement] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.interactions: dict[str, Interaction] = {}
        self._interactions_by_token: dict[str, Interaction] = {}

    @property
    def gateway_url(self) -> str:
        """Where the gateway listens."""
        return f"ws{self.origin.removeprefix('http')}/gateway"

    @property
    def bot_id(self) -> str:
        """The id of the bot user."""
        return self.application.id

    def now_us(self) -> int:
        """Now, by the sandbox's clock."""
        return self.clock.now_us()

    def publish(
        self,
        name: str,
        body: JsonObject,
        channel: Channel | None = None,
        *,
        guild: Guild | None = None,
        viewer_id: str | None = None,
        subject_id: str | None = None,
    ) -> None:
        """Tells a change that happened in a channel, in a guild, or outside both."""
        self.feed.publish(
            Event(
                name=name,
                body=body,
                guild_id=channel.guild_id if channel else guild.id if guild else None,
                channel_id=channel.id if channel else None,
                viewer_id=viewer_id,
                subject_id=subject_id,
            )
        )

    def save(self, record: Record) -> None:
        """Keeps a new or changed record; ephemeral messages are kept in memory only."""
        self._table(record)[record.id] = record
        if isinstance(record, Message) and record.viewer_id is not None:
            return
        self.journal.put(type(record).__name__, record.id, record)

    def remove(self, record: Record) -> None:
        """Forgets a record; a channel takes its messages with it."""
        self._table(record).pop(record.id, None)
        if isinstance(record, Channel):
            for message in self.messages.pop(record.id, {}).values():
                self.journal.delete("Message", message.id)
        self.journal.delete(type(record).__name__, record.id)

    def load(self) -> bool:
        """Reads what earlier starts kept; False when the journal is empty."""
        self.users = {each.id: each for each in self.journal.read("User", User)}
        self.guilds = {each.id: each for each in self.journal.read("Guild", Guild)}
        self.channels = {each.id: each for each in self.journal.read("Channel", Channel)}
        self.commands = {each.id: each for each in self.journal.read("Command", Command)}
        self.emojis = {each.id: each for each in self.journal.read("Emoji", Emoji)}
        self.entitlements = {
            each.id: each for each in self.journal.read("Entitlement", Entitlement)
        }
        self.webhooks = {each.id: each for each in self.journal.read("Webhook", Webhook)}
        for message in self.journal.read("Message", Message):
            self.messages.setdefault(message.channel_id, {})[message.id] = message
            self.snowflakes.never_before(message.id)
        kept = (self.users, self.channels, self.commands, self.emojis, self.entitlements)
        parts = [
            part.keys()
            for guild in self.guilds.values()
            for part in (guild.roles, guild.automod_rules, guild.scheduled_events)
        ]
        logged = (entry.id for guild in self.guilds.values() for entry in guild.audit_log)
        for record_id in chain(*kept, *parts, logged):
            self.snowflakes.never_before(record_id)
        return bool(self.guilds)

    def guild(self, guild_id: str) -> Guild:
        """The guild that the bot is in.

        Raises:
            DiscordError: 10004.
        """
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot_id not in guild.members:
            raise errors.DiscordError(errors.UNKNOWN_GUILD)
        return guild

    def channel(self, channel_id: str) -> Channel:
        """The channel, thread or direct conversation.

        Raises:
            DiscordError: 10003.
        """
        channel = self.channels.get(channel_id)
        if channel is None:
            raise errors.DiscordError(errors.UNKNOWN_CHANNEL)
        return channel

    def message(self, channel_id: str, message_id: str) -> Message:
        """A message of the channel that is not ephemeral.

        Raises:
            DiscordError: 10008.
        """
        message = self.messages.get(channel_id, {}).get(message_id)
        if message is None or message.viewer_id is not None:
            raise errors.DiscordError(errors.UNKNOWN_MESSAGE)
        return message

    def user(self, user_id: str) -> User:
        """A user; webhooks are none.

        Raises:
            DiscordError: 10013.
        """
        user = self.users.get(user_id)
        if user is None or user.is_webhook:
            raise errors.DiscordError(errors.UNKNOWN_USER)
        return user

    def interaction_by_token(self, token: str) -> Interaction | None:
        """The interaction that this token belongs to."""
        return self._interactions_by_token.get(token)

    def add_interaction(self, interaction: Interaction) -> None:
        """Keeps a new interaction, until its token has long been dead."""
        now_us = self.now_us()
        for old in tuple(self.interactions.values()):
            if old.expires_at_us() + INTERACTIONS_KEPT_US > now_us:
                break
            del self.interactions[old.id], self._interactions_by_token[old.token]
        self.interactions[interaction.id] = interaction
        self._interactions_by_token[interaction.token] = interaction

    def channels_of(self, guild_id: str) -> list[Channel]:
        """The guild's channels without threads, in the order of the list."""
        found = [
            each for each in self.channels.values() if each.guild_id == guild_id and not each.thread
        ]
        return sorted(found, key=lambda each: (each.position, int(each.id)))

    def threads_of(self, guild_id: str) -> list[Channel]:
        """The guild's threads, archived ones included, oldest first."""
        return [
            each for each in self.channels.values() if each.guild_id == guild_id and each.thread
        ]

    def active_threads_of(self, guild_id: str) -> list[Channel]:
        """The guild's threads that are not archived, oldest first."""
        threads = self.threads_of(guild_id)
        return [each for each in threads if each.thread and not each.thread.is_archived]

    def is_age_restricted(self, channel: Channel) -> bool:
        """Whether the channel is, or that which the thread is in."""
        place = self.channels.get(channel.parent_id or "") if channel.is_thread else channel
        return place is not None and place.is_age_restricted

    def direct_channel(self, user_id: str) -> Channel:
        """The conversation between the bot and a user, opened if there is none yet."""
        for channel in self.channels.values():
            if set(channel.recipient_ids) == {user_id, self.bot_id}:
                return channel
        channel = Channel(
            id=self.snowflakes.next(),
            type=ChannelType.DM,
            recipient_ids=[user_id, self.bot_id],
        )
        self.save(channel)
        return channel

    def _table(self, record: Record) -> dict[str, Any]:
        """Where records of this kind are; the values are of the record's own type."""
        match record:
            case Message():
                return self.messages.setdefault(record.channel_id, {})
            case User():
                return self.users
            case Guild():
                return self.guilds
            case Channel():
                return self.channels
            case Command():
                return self.commands
            case Emoji():
                return self.emojis
            case Entitlement():
                return self.entitlements
            case Webhook():
                return self.webhooks
            case _:
                assert_never(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change.

    Attributes:
        name: Discord's event name, or `SANDBOX_…` for what only the page is told.
        body: Discord's event data.
        guild_id: where, None outside guilds.
        channel_id: where, None if it concerns no channel.
        viewer_id: the only member who sees it; such an event never reaches the gateway.
        subject_id: the user whose membership changed.
    """

    name: str
    body: JsonObject
    guild_id: str | None = None
    channel_id: str | None = None
    viewer_id: str | None = None
    subject_id: str | None = None


Listener: TypeAlias = Callable[[Event], None]


class Feed:
    """Tells each event to each listener, in order, at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def publish(self, event: Event) -> None:
        """Tells everyone; a listener only notes the event and must not fail."""
        for listener in tuple(self._listeners):
            listener(event)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the answer takes it away again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


class Journal:
    """Keeps records and uploads; `path` None keeps them in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.executescript(_SCHEMA)

    def put(self, kind: str, record_id: str, record: msgspec.Struct) -> None:
        """Keeps a record, in place of the one with the same kind and id."""
        self._db.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
            (kind, int(record_id), msgspec.json.encode(record)),
        )

    def delete(self, kind: str, record_id: str) -> None:
        """Forgets a record."""
        self._db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, int(record_id)))

    def read(self, kind: str, record_type: type[RecordT]) -> Iterator[RecordT]:
        """Every record of a kind, oldest id first."""
        decoder = msgspec.json.Decoder(record_type)
        rows = self._db.execute("SELECT body FROM record WHERE kind = ? ORDER BY id", (kind,))
        for (body,) in rows:
            yield decoder.decode(body)

    def put_upload(self, attachment_id: str, content: bytes) -> None:
        """Keeps an upload's bytes."""
        self._db.execute("INSERT INTO upload VALUES (?, ?)", (int(attachment_id), content))

    def upload(self, attachment_id: str) -> bytes | None:
        """An upload's bytes, or None when there is none with this id."""
        row: tuple[bytes] | None = self._db.execute(
            "SELECT content FROM upload WHERE id = ?", (int(attachment_id),)
        ).fetchone()
        return row[0] if row else None

    def delete_upload(self, attachment_id: str) -> None:
        """Forgets an upload's bytes."""
        self._db.execute("DELETE FROM upload WHERE id = ?", (int(attachment_id),))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
