"""Discord and the relay as a script: they do what they are told, and keep what was said to them."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord

from bot.delivery.error_kinds import ErrorKind
from bot.delivery.pace import EditPace
from bot.delivery.posts import KeptFile, Posts, Seen, snowflake_at
from bot.pictures import Relay, SeenPicture, SmallerPicture, WholePicture
from bot.pictures.formats import PictureType
from bot.providers.image import Size
from bot.queue.records import ChannelId, JobId, MessageId

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

    from bot.pictures.provenance import Provenance
    from bot.queue.records import Address, GuildId, UserId
    from tests.clock import ManualClock

PREVIEW = Size(512, 512)
DIRECT = 900_000  # the direct conversation with a member is this and their id
MOST_ASKED = 2000  # requests of one test
KNOWN_REASONS = {403: discord.Forbidden, 404: discord.NotFound}


@dataclass(frozen=True, slots=True)
class Response:
    """What discord.py's errors read of an answer."""

    status: int
    reason: str = "scripted"


def answer(status: int, code: int = 0, message: str = "scripted") -> discord.HTTPException:
    """The error that discord.py raises for this answer; without a code it was no JSON."""
    kind = KNOWN_REASONS.get(
        status, discord.DiscordServerError if status >= 500 else discord.HTTPException
    )
    body = {"code": code, "message": message} if code else message
    return kind(Response(status), body)


@dataclass(slots=True, kw_only=True)
class Said:
    """A message as it stands."""

    channel_id: int
    view: discord.ui.LayoutView
    files: list[str] = field(default_factory=list)
    alt: str = ""  # of the first file
    reply_to: int | None = None
    pinged: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(
            one.content for one in self.view.walk_children() if hasattr(one, "content")
        )

    @property
    def marks(self) -> set[str]:
        items = list(self.view.walk_children())
        found = {getattr(one, name, None) for one in items for name in ("custom_id", "content")}
        return {mark for mark in found if mark}

    @property
    def images(self) -> list[str]:
        """Where its galleries find their pictures."""
        items = self.view.walk_children()
        galleries = [one for one in items if isinstance(one, discord.ui.MediaGallery)]
        return [item.media.url for one in galleries for item in one.items]

    @property
    def links(self) -> list[str]:
        items = self.view.walk_children()
        links = [getattr(getattr(one, "accessory", None) or one, "url", None) for one in items]
        return list(dict.fromkeys(link for link in links if link))


@dataclass(slots=True, kw_only=True)
class _Rule:
    verb: str
    error: BaseException
    channel_id: int | None
    times: int | None
    is_done: bool  # the request acts before its answer is lost


class ScriptedDiscord(Posts):
    """In place of `Posts`: verbs succeed unless a rule says otherwise."""

    def __init__(
        self, clock: ManualClock, on_closed: Callable[[ChannelId], Awaitable[None]]
    ) -> None:
        self._clock = self._moved = clock
        self._on_closed = on_closed
        self._pace = EditPace(clock)
        self._rules: list[_Rule] = []
        self._hanging: set[str] = set()
        self._nonces: dict[str, MessageId] = {}
        self._given = 0
        self.reasons: list[str] = []  # for Discord's own audit log
        self.asked: list[str] = []  # every request in order: `edit 10`
        self.messages: dict[MessageId, Said] = {}
        self.edited_at_us: dict[MessageId, list[int]] = {}
        self.nonces: dict[str, MessageId] = {}  # every one that was ever sent
        self.answers: dict[str, MessageId] = {}  # likewise, the first one's message
        self.follow_ups: dict[str, Said] = {}  # by the interaction's token
        self.threads: dict[ChannelId, str] = {}
        self.guilds: dict[ChannelId, GuildId] = {}  # of channels
        self.is_marked = True  # whether the channels of restricted pictures still are so

    def refuse(
        self,
        verb: str,
        error: BaseException,
        *,
        channel: int | None = None,
        times: int | None = None,
        is_done: bool = False,
    ) -> None:
        """From now on; `times` None is for ever."""
        self._rules.append(
            _Rule(verb=verb, error=error, channel_id=channel, times=times, is_done=is_done)
        )

    def hang(self, verb: str) -> None:
        """It is never answered."""
        self._hanging.add(verb)

    def accept_everything(self) -> None:
        self._rules.clear()

    def forget_nonces(self) -> None:
        """As Discord does after some minutes."""
        self._nonces.clear()

    def forget_edits(self) -> None:
        """As after three seconds."""
        self._pace._edited_at_us.clear()

    def in_channel(self, channel_id: int) -> list[Said]:
        return [said for said in self.messages.values() if said.channel_id == channel_id]

    def pictures(self) -> list[Said]:
        return [said for said in self.messages.values() if said.files]

    async def send(
        self,
        channel_id: ChannelId,
        view: discord.ui.LayoutView,
        *,
        nonce: str,
        files: Sequence[discord.File] = (),
        reply_to: MessageId | None = None,
        pinged: UserId | None = None,
    ) -> MessageId:
        async with self._acting("post" if files else "send", channel_id):
            if nonce not in self._nonces:
                self._nonces[nonce] = self.put(
                    Said(
                        channel_id=channel_id,
                        view=view,
                        files=[file.filename for file in files],
                        alt="".join(file.description or "" for file in files[:1]),
                        reply_to=reply_to,
                        pinged=pinged,
                    )
                )
        self.nonces[nonce] = self._nonces[nonce]
        return self._nonces[nonce]

    def put(self, said: Said) -> MessageId:
        """A message that stands from now on."""
        self._given += 1
        message_id = MessageId(snowflake_at(self._clock.now_us()) + self._given)
        self.messages[message_id] = said
        return message_id

    async def follow_up(self, interaction_token: str, view: discord.ui.LayoutView) -> None:
        async with self._acting("follow_up"):
            self.follow_ups[interaction_token] = Said(channel_id=0, view=view)

    async def member_name(self, guild_id: GuildId, user_id: UserId) -> str:
        async with self._acting("name"):
            return f"member {user_id} of {guild_id}"

    async def open_direct(self, user_id: UserId) -> ChannelId:
        async with self._acting("open"):
            return ChannelId(DIRECT + user_id)

    async def _rest(self, message_id: MessageId) -> None:
        """Takes no time but the clock's."""
        left_us = self._pace.free_at_us(message_id) - self._clock.now_us()
        if left_us > 0:
            self._moved.advance(left_us / 1e6)

    async def _edit(
        self,
        address: Address,
        view: discord.ui.LayoutView,
        attached: Sequence[discord.File | KeptFile] | None,
    ) -> None:
        """With a file in it, it is called `fill`."""
        self.edited_at_us.setdefault(address.message_id, []).append(self._clock.now_us())
        files = [one for one in attached or () if isinstance(one, discord.File)]
        async with self._reaching(address, "fill" if files else "edit"):
            said = self._standing(address.message_id)
            said.view = view
            if attached is not None:
                kept = {one.id for one in attached if isinstance(one, KeptFile)}
                said.files = [name for n, name in enumerate(said.files) if n in kept] + [
                    file.filename for file in files
                ]

    async def find_answer(self, interaction_token: str) -> MessageId:
        async with self._acting("answer"):
            return self.answers[interaction_token]

    async def look(self, address: Address) -> Seen:
        async with self._reaching(address, "look"):
            said = self._standing(address.message_id)
        files = {name: KeptFile(n) for n, name in enumerate(said.files)}
        return Seen(frozenset(said.marks | set(said.files)), files)

    def _standing(self, message_id: MessageId) -> Said:
        if message_id not in self.messages:
            raise answer(404, 10008)
        return self.messages[message_id]

    async def guild_of(self, channel_id: ChannelId) -> GuildId | None:
        async with self._acting("guild", channel_id):
            return self.guilds.get(channel_id)

    async def is_restricted(self, channel_id: ChannelId) -> bool:
        async with self._acting("mark", channel_id):
            return self.is_marked

    async def links(self, channel_id: ChannelId, message_id: MessageId) -> list[str]:
        async with self._acting("links", channel_id):
            said = self._standing(message_id)
        held = [
            f"https://cdn.discordapp.com/attachments/{channel_id}/1/{one}" for one in said.files
        ]
        return held + [one for one in said.images if one.startswith("https:")]

    async def delete(self, address: Address, *, reason: str | None = None) -> None:
        if reason is not None:
            self.reasons.append(reason)
        async with self._reaching(address, "delete"):
            self.messages.pop(address.message_id, None)

    async def start_thread(
        self, channel_id: ChannelId, message_id: MessageId, name: str
    ) -> ChannelId:
        async with self._acting("thread", channel_id):
            self.threads[ChannelId(message_id)] = name  # Discord gives it its message's id
        return ChannelId(message_id)

    async def unarchive(self, thread_id: ChannelId) -> None:
        async with (
            self._listening(thread_id, closing=(ErrorKind.CLOSED, ErrorKind.ELSEWHERE)),
            self._acting("unarchive", thread_id),
        ):
            self._rules = [rule for rule in self._rules if rule.channel_id != thread_id]

    async def remove_empty(self, thread_id: ChannelId) -> None:
        async with self._acting("remove", thread_id):
            if not self.in_channel(thread_id):
                del self.threads[thread_id]

    async def rename_own_thread(self, thread_id: ChannelId, name: str) -> None:
        async with self._acting("rename", thread_id):
            self.threads[thread_id] = name

    async def find_own(
        self,
        channel_id: ChannelId,
        marks: Collection[str],
        *,
        after: int,
        besides: Collection[MessageId] = (),
    ) -> MessageId | None:
        async with self._acting("search", channel_id):
            for message_id, said in self.messages.items():
                is_there = said.channel_id == channel_id and message_id > after
                is_there = is_there and message_id not in besides
                if is_there and not {*said.marks, *said.files}.isdisjoint(marks):
                    return message_id
        return None

    @asynccontextmanager
    async def _reaching(self, address: Address, verb: str) -> AsyncIterator[None]:
        """By the bot's own token, or by the one of the interaction that was answered."""
        channel_id = address.channel_id if address.token is None else None
        async with self._acting(verb if address.token is None else f"{verb} by token", channel_id):
            yield

    @asynccontextmanager
    async def _acting(self, verb: str, channel_id: int | None = None) -> AsyncIterator[None]:
        """Raises what the script says, before or after the request acts."""
        self.asked.append(verb if channel_id is None else f"{verb} {channel_id}")
        # Work that stays due is done for ever, and drain() looks at no error of a task: pytest's
        # time limit ends one such request and not the test.
        assert len(self.asked) <= MOST_ASKED, "the same is asked of Discord again and again"
        async with self._listening(ChannelId(channel_id or 0)):
            rule = self._rule(verb, channel_id)
            if verb in self._hanging:
                await asyncio.Event().wait()
            if rule is not None and not rule.is_done:
                raise rule.error.with_traceback(None)  # else it grows, and the log
            yield
            if rule is not None:
                raise rule.error.with_traceback(None)  # else it grows, and the log

    def _rule(self, verb: str, channel_id: int | None) -> _Rule | None:
        for rule in self._rules:
            if rule.verb != verb or rule.channel_id not in (None, channel_id) or rule.times == 0:
                continue
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None


class ScriptedPicture(io.BytesIO):
    """What `Relay.open` opens: a file that knows what it shows."""

    def __init__(self, name: str, size: Size, kind: PictureType) -> None:
        super().__init__(b"png")
        self.name = name
        self.size = size
        self.type = kind


class ScriptedRelay(Relay):
    """In place of `Relay`: pictures come at once, unless they drip or an error is scripted."""

    def __init__(self) -> None:
        self._errors: list[BaseException] = []
        self._smaller_errors: list[BaseException] = []
        self._dripping: dict[str, asyncio.Event] = {}
        self.drawn_as: tuple[Size, PictureType] | None = None  # else as the provider said
        self.asked: list[tuple[str | bytes, Provenance, int]] = []  # link, provenance, upload limit
        self.opened: list[JobId] = []
        self.read_links: list[str] = []
        self.previewed: list[JobId] = []
        self.preview_error: BaseException | None = None
        self.ended_at_bytes: list[int | None] = []
        self.under_way: set[JobId] = set()

    def fail(self, *errors: BaseException) -> None:
        """The next downloads, one error each."""
        self._errors += errors

    def fail_smaller(self, *errors: BaseException) -> None:
        self._smaller_errors += errors

    def drip(self, job_id: int) -> asyncio.Event:
        """The job's picture hangs until this is set."""
        return self._dripping.setdefault(str(job_id), asyncio.Event())

    @asynccontextmanager
    async def open(
        self,
        link: str | bytes,
        *,
        provenance: Provenance,
        limit_bytes: int,
        ends_at_bytes: int | None = None,
    ) -> AsyncIterator[Any]:
        job_id = JobId(int(provenance.job_id))
        self.asked.append((link, provenance, limit_bytes))
        self.opened.append(job_id)
        self.under_way.add(job_id)
        try:
            if provenance.job_id in self._dripping:
                await self._dripping[provenance.job_id].wait()
            if self._errors:
                raise self._errors.pop(0)
            self.ended_at_bytes.append(ends_at_bytes)
            size, kind = self._seen(provenance)
            yield ScriptedPicture(f"zeuxis-{job_id}.png", size, kind)
        finally:
            self.under_way.discard(job_id)

    async def make_smaller(
        self,
        link: str | bytes,
        *,
        provenance: Provenance,
        limit_bytes: int,
    ) -> SmallerPicture:
        self.asked.append((link, provenance, limit_bytes))
        if self._smaller_errors:
            raise self._smaller_errors.pop(0)
        return SmallerPicture(
            content=b"jpg",
            filename=f"zeuxis-{provenance.job_id}.jpg",
            size=self._seen(provenance)[0],
        )

    async def make_preview(
        self, link: str | bytes, *, provenance: Provenance, limit_bytes: int
    ) -> SmallerPicture:
        self.asked.append((link, provenance, limit_bytes))
        self.previewed.append(JobId(int(provenance.job_id)))
        if self.preview_error is not None:
            raise self.preview_error
        name = f"preview-{provenance.job_id}.jpg"
        return SmallerPicture(content=b"jpg", filename=name, size=PREVIEW)

    async def read(self, link: str, *, provenance: Provenance) -> WholePicture:
        self.read_links.append(link)
        if self._errors:
            raise self._errors.pop(0)
        return WholePicture(content=b"png", filename=f"zeuxis-{provenance.job_id}.png")

    async def look(self, link: str, *, provenance: Provenance) -> SeenPicture:
        if self._errors:
            raise self._errors.pop(0)
        size, kind = self._seen(provenance)
        return SeenPicture(link=link, type=kind, size=size)

    def _seen(self, provenance: Provenance) -> tuple[Size, PictureType]:
        return self.drawn_as or (provenance.size, PictureType.PNG)
