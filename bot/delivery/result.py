"""Puts a drawn picture into its thread. Each step is stored before the next begins.

    status message ─▶ thread ─▶ attempt noted ─▶ picture posted ─▶ status says done ─▶ delivered

A repeat after a crash starts at the step after the last one stored. Between the
post and storing its id is a gap: for some minutes Discord's nonce closes it, and before any second
attempt the channel is searched for the first one's message.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

import discord
import structlog

from bot.delivery.posts import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.errors import (
    BytesAfterPicture,
    LinkExpired,
    Period,
    PictureTooLarge,
    PolicyUnreadable,
    UnknownJob,
)
from bot.pictures.formats import PictureType
from bot.pictures.provenance import Provenance
from bot.policy.default_rows import load_default
from bot.policy.defaults import pings_them
from bot.policy.precedence import policy_of
from bot.policy.quotas import span_of
from bot.policy.rows import load_policy
from bot.policy.rules import ResultsIn
from bot.queue import postings
from bot.queue.jobs import select_job
from bot.queue.postings import MembersDay
from bot.queue.records import Job, Picture, PictureState
from bot.queue.submit import asking_of
from bot.texts import Texts
from bot.texts.cards import Verb, custom_ids
from bot.texts.picture_cards import (
    MODEL,
    Note,
    alt_text,
    day_thread_name,
    result_card,
    small_print,
    status_card,
    status_texts,
    thread_name,
)

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.pictures import Relay
    from bot.policy.rules import Policy
    from bot.providers.image import Size
    from bot.queue.records import ChannelId, JobId, MessageId, UserId
    from bot.runtime.clock import Clock

PATIENT_ATTEMPTS = 4  # about ten seconds; then what is not the picture itself may be missing
LONGEST_CLEARING_S = 20.0
PLAIN_NAME = MODEL  # of a thread whose words a filter refuses
# A post that is refused for these would be refused in the channel as in the thread.
_SAME_ELSEWHERE = frozenset(
    {ErrorKind.LATER, ErrorKind.NEVER, ErrorKind.SMALLER, ErrorKind.CONTENT}
)
CLOCKS_DIFFER_US = 60_000_000  # ours from Discord's, at most

log = structlog.get_logger("bot.delivery")


class ResultPoster:
    """Brings a picture that is due to its place. Any error means: later, from where it stands."""

    def __init__(
        self, *, database: Database, posts: Posts, relay: Relay, model: str, clock: Clock
    ) -> None:
        self._database = database
        self._posts = posts
        self._relay = relay
        self._model = model
        self._clock = clock
        self._opening: WeakValueDictionary[MembersDay, asyncio.Lock] = WeakValueDictionary()

    async def deliver(self, job: Job) -> None:
        """Raises RelayError of a kind that is no use to repeat if the picture is lost."""
        picture = picture_of(job)
        if picture.message_id is None and picture.link is None:
            raise LinkExpired("the link was wiped when it died")
        job = await self._with_status_message(job)
        if picture_of(job).message_id is None:
            await self._post_somewhere(job, await self._manner(job))
            job = await self._fresh(job.id)
            await self.remove_empty_thread(job)
        if not job.is_deleted:  # while it was being posted
            await self._say_done(job)
        await self._database.write(postings.mark_delivered, job.id, now_us=self._clock.now_us())
        log.info("delivered", job=job.id, guild=job.origin.guild_id, attempt=job.attempts)

    async def _manner(self, job: Job) -> _Manner:
        """What the guild's staff and the member want at this moment."""
        policy = await self._policy(job)
        whose = _day_of(job, policy)
        thread_id = await self._database.read(postings.day_thread, whose)
        default = await self._database.read(load_default, job.origin.user_id)
        pings, tells_words = pings_them(default, policy), default.alt_words is not False
        return _Manner(policy.results_in, pings, tells_words, whose, thread_id)

    async def _policy(self, job: Job) -> Policy:
        """What holds there; what holds where nobody has set anything if a row makes no sense."""
        try:
            return await self._database.read(load_policy, asking_of(job.origin, ()))
        except PolicyUnreadable as error:  # the picture is paid, and does not hang on the row
            log.error(  # noqa: TRY400 - says all
                "settings not readable, posted without them",
                job=job.id,
                guild=job.origin.guild_id,
                detail=str(error),
            )
            return policy_of(())

    async def _post_somewhere(self, job: Job, manner: _Manner) -> None:
        """In the thread, or else in the channel. Only there, if it was opened in a thread."""
        if await self._is_posted(job, manner):
            return
        channel_id = await self._place(job, manner)
        try:
            await self._post_once(job, channel_id, manner)
        except discord.HTTPException as error:
            if error_kind(error) in _SAME_ELSEWHERE or channel_id == job.origin.channel_id:
                raise
            log.info("thread closed", job=job.id, guild=job.origin.guild_id, code=error.code)
            if manner.results_in is ResultsIn.DAILY:
                await self._database.write(postings.forget_day_thread, manner.whose)
            await self._post_once(job, job.origin.channel_id, manner)

    async def _is_posted(self, job: Job, manner: _Manner) -> bool:
        """Looks for what an earlier attempt may have posted without hearing of it."""
        attempted_at_us = picture_of(job).post_attempted_at_us
        if attempted_at_us is None:
            return False
        began_at_us = attempted_at_us - CLOCKS_DIFFER_US
        after = max(job.origin.interaction_id, snowflake_at(began_at_us))
        for channel_id in _places_tried(job, manner):
            try:
                found = await self._posts.find_own(
                    channel_id, custom_ids(Verb.DELETE, job.id), after=after
                )
            except discord.HTTPException as error:
                if error_kind(error) is ErrorKind.LATER:
                    raise
                continue  # closed: whatever stands there, nobody sees it
            if found is not None:
                await self._record(job, channel_id, found)
                return True
        return False

    async def _say_done(self, job: Job) -> None:
        message = job.message
        assert message.message_id is not None  # noqa: S101 - _with_status_message
        assert message.channel_id is not None  # noqa: S101 - likewise
        done = replace(job, picture=replace(picture_of(job), state=PictureState.SHOWN))
        async with self._posts.locked(message.message_id):
            try:
                await self._posts.edit(
                    message.channel_id,
                    message.message_id,
                    status_card(done, None, status_texts(done)),
                )
            except DELIVERY_ERRORS as error:
                if error_kind(error) is ErrorKind.LATER and message.attempts < PATIENT_ATTEMPTS:
                    raise
                # The picture is there; its status message may lag behind for ever.
                log.info("status does not say done", job=job.id, error=str(error))

    async def _fresh(self, job_id: JobId) -> Job:
        return await self._database.read(select_job, job_id)

    async def _with_status_message(self, job: Job) -> Job:
        """A crash around the first answer leaves a job without one; a thread needs it."""
        if job.message.message_id is not None:
            return job
        channel_id = job.origin.channel_id
        marks = {*custom_ids(Verb.CANCEL, job.id), small_print(job, status_texts(job))}
        message_id = await self._posts.find_own(channel_id, marks, after=job.origin.interaction_id)
        if message_id is None:
            message_id = await self._posts.send(
                channel_id, status_card(job, None, status_texts(job)), nonce=f"zx{job.id}s"
            )
        await self._database.write(postings.record_status_message, job.id, channel_id, message_id)
        return await self._fresh(job.id)

    async def _place(self, job: Job, manner: _Manner) -> ChannelId:
        """The thread; the channel itself where there can be none, or staff want none."""
        if job.origin.is_thread or manner.results_in is ResultsIn.CHANNEL:
            return job.origin.channel_id
        if manner.results_in is ResultsIn.DAILY:
            async with self._opening.setdefault(manner.whose, asyncio.Lock()):
                return await self._days_thread(job, manner.whose)
        if job.message.thread_id is not None:
            return job.message.thread_id
        thread_id = await self._opened(job, thread_name(job))
        if thread_id is None:
            return job.origin.channel_id
        await self._database.write(postings.record_thread, job.id, thread_id)
        return thread_id

    async def _days_thread(self, job: Job, whose: MembersDay) -> ChannelId:
        """The member's of that day. It belongs to no single request, so none's row names it."""
        known = await self._database.read(postings.day_thread, whose)
        if known is not None:
            return known
        thread_id = await self._opened(job, await self._day_name(job))
        if thread_id is None:
            return job.origin.channel_id
        await self._database.write(postings.record_day_thread, job.id, whose, thread_id)
        return thread_id

    async def _day_name(self, job: Job) -> str:
        """Whose pictures they are, if Discord tells; names are not kept."""
        name = ""
        if job.origin.guild_id is not None:
            try:
                name = await self._posts.member_name(job.origin.guild_id, job.origin.user_id)
            except DELIVERY_ERRORS as error:
                log.info("member's name not known", job=job.id, error=type(error).__name__)
        return day_thread_name(name, Texts(job.origin.guild_locale))

    async def _opened(self, job: Job, name: str) -> ChannelId | None:
        """A thread from the status message; None where there can be none."""
        assert job.message.message_id is not None  # noqa: S101 - _with_status_message
        try:
            return await self._start_thread(job, job.message.message_id, name)
        except DELIVERY_ERRORS as error:
            if error_kind(error) is ErrorKind.CLOSED:
                raise
            # Discord may pause threads for minutes; the picture need not wait that long.
            is_paused = isinstance(error, discord.RateLimited)
            is_patient = job.message.attempts < PATIENT_ATTEMPTS and not is_paused
            if error_kind(error) is ErrorKind.LATER and is_patient:
                raise
            log.info("no thread", job=job.id, guild=job.origin.guild_id, error=str(error))
            return None

    async def _start_thread(self, job: Job, message_id: MessageId, name: str) -> ChannelId:
        """Under the prompt's first words, or without words if a filter does not let those pass."""
        try:
            return await self._posts.start_thread(job.origin.channel_id, message_id, name)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.CONTENT:
                raise
            return await self._posts.start_thread(job.origin.channel_id, message_id, PLAIN_NAME)

    async def remove_empty_thread(self, job: Job) -> None:
        """One that was opened for the picture, and the picture does not hang in it."""
        thread_id = job.message.thread_id
        if thread_id is None or picture_of(job).channel_id == thread_id:
            return
        try:
            async with asyncio.timeout(LONGEST_CLEARING_S):
                await self._posts.remove_empty(thread_id)
        except DELIVERY_ERRORS as error:
            log.info("empty thread stays", job=job.id, thread=thread_id, error=str(error))

    async def _post_once(self, job: Job, channel_id: ChannelId, manner: _Manner) -> None:
        await self._database.write(
            postings.record_post_attempt, job.id, now_us=self._clock.now_us()
        )
        try:
            message_id = await self._post(job, channel_id, manner)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.ARCHIVED:
                raise
            await self._posts.unarchive(channel_id)
            message_id = await self._post(job, channel_id, manner)
        await self._record(job, channel_id, message_id)

    async def _post(self, job: Job, channel_id: ChannelId, manner: _Manner) -> MessageId:
        notes = [Note.NO_THREAD] if _misses_its_thread(job, channel_id, manner) else []
        place = _Posting(channel_id, manner.pings, manner.tells_words)
        try:
            return await self._stream(job, place, notes)
        except PictureTooLarge:
            return await self._shrink(job, place, notes)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER:
                raise
            return await self._shrink(job, place, notes)

    async def _stream(self, job: Job, place: _Posting, notes: list[Note]) -> MessageId:
        """As it comes. What follows a picture's end is not posted: then again, up to its end."""
        try:
            return await self._stream_up_to(None, job, place, notes)
        except BytesAfterPicture as error:
            return await self._stream_up_to(error.ends_at_bytes, job, place, notes)

    async def _stream_up_to(
        self, ends_at_bytes: int | None, job: Job, place: _Posting, notes: list[Note]
    ) -> MessageId:
        async with self._relay.open(
            _link(job),
            provenance=self._provenance(job),
            limit_bytes=job.origin.upload_limit_bytes,
            ends_at_bytes=ends_at_bytes,
        ) as picture:
            notes = [*notes, *_departures(job, picture.size, picture.type)]
            file = _File(picture, picture.name)
            return await self._send(_as_drawn(job, picture.size), place, file, notes)

    async def _shrink(self, job: Job, place: _Posting, notes: list[Note]) -> MessageId:
        """Over the upload limit: a smaller file, or else the provider's link while it lives."""
        limit_bytes = job.origin.upload_limit_bytes
        try:
            smaller = await self._relay.make_smaller(
                _link(job), provenance=self._provenance(job), limit_bytes=limit_bytes
            )
        except PictureTooLarge:
            return await self._send_link(job, place, notes)
        file = _File(io.BytesIO(smaller.content), smaller.filename)
        told = [*notes, Note.SHRUNK, *_departures(job, smaller.size)]
        try:
            return await self._send(_as_drawn(job, smaller.size), place, file, told)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER:
                raise
            return await self._send_link(job, place, notes)

    async def _send(self, job: Job, place: _Posting, file: _File, notes: list[Note]) -> MessageId:
        texts = Texts(job.origin.guild_locale)
        alt = alt_text(job, texts, tells_words=place.tells_words)
        card = result_card(job, f"attachment://{file.name}", alt, texts, notes=notes)
        return await self._posts.send(
            place.channel_id,
            card,
            nonce=f"zx{job.id}r",
            files=[discord.File(file.content, filename=file.name, description=alt)],
            reply_to=_status_beside(job, place.channel_id),
            pinged=_pinged(job, place),
        )

    async def _send_link(self, job: Job, place: _Posting, notes: list[Note]) -> MessageId:
        """The link of a whole picture, read to its end; never one that only says so."""
        seen = await self._relay.look(_link(job), provenance=self._provenance(job))
        job = _as_drawn(job, seen.size)
        texts = Texts(job.origin.guild_locale)
        told = [*notes, Note.LINKED, *_departures(job, seen.size, seen.type)]
        alt = alt_text(job, texts, tells_words=place.tells_words)
        card = result_card(job, seen.link, alt, texts, notes=told)
        return await self._posts.send(
            place.channel_id,
            card,
            nonce=f"zx{job.id}r",
            reply_to=_status_beside(job, place.channel_id),
            pinged=_pinged(job, place),
        )

    async def _record(self, job: Job, channel_id: ChannelId, message_id: MessageId) -> None:
        await self._database.write(postings.record_result_message, job.id, channel_id, message_id)

    def _provenance(self, job: Job) -> Provenance:
        return provenance_of(job, self._model)


class _Manner(NamedTuple):
    """How staff and its member want a picture posted."""

    results_in: ResultsIn
    pings: bool
    tells_words: bool  # the alternative text
    whose: MembersDay
    thread_id: ChannelId | None  # of that day


class _Posting(NamedTuple):
    """Where a picture is posted, whether its member hears of it, and what of it is told."""

    channel_id: ChannelId
    pings: bool
    tells_words: bool


class _File(NamedTuple):
    """What is uploaded, and under which name."""

    content: io.BufferedIOBase
    name: str


def _as_drawn(job: Job, size: Size) -> Job:
    """With the size that the picture has, whatever the answer said."""
    return replace(job, picture=replace(picture_of(job), size=size))


def _departures(job: Job, size: Size, kind: PictureType = PictureType.PNG) -> list[Note]:
    """In what the picture is not as it was asked for."""
    notes = [Note.OTHER_SIZE] if size != job.request.size else []
    return [*notes, Note.OTHER_TYPE] if kind is not PictureType.PNG else notes


def provenance_of(job: Job, model: str) -> Provenance:
    """What the file of a drawn job says of itself."""
    picture, request = picture_of(job), job.request
    return Provenance(
        prompt=request.prompt,
        seed=request.seed,
        size=picture.size,
        model=model,
        job_id=str(job.id),
        rewritten_prompt=picture.shown_prompt if request.rewrite else "",
        provider_request_id=picture.provider_request_id,
    )


def picture_of(job: Job) -> Picture:
    """Of a job that was drawn."""
    if job.picture is None:
        raise UnknownJob(f"job {job.id} was not drawn")
    return job.picture


def _link(job: Job) -> str:
    """Of a picture whose link lives."""
    link = picture_of(job).link
    if link is None:
        raise LinkExpired("the link was wiped")
    return link


def snowflake_at(at_us: int) -> int:
    """The lowest id that Discord could have given at that instant."""
    return max(0, at_us // 1000 - discord.utils.DISCORD_EPOCH) << 22


def _day_of(job: Job, policy: Policy) -> MembersDay:
    """The one in which the picture was asked for."""
    day = span_of(Period.DAY, policy.zone, job.created_at_us)
    return MembersDay(job.origin.channel_id, job.origin.user_id, day.starts_at_us)


def _places_tried(job: Job, manner: _Manner) -> set[ChannelId]:
    """In which an earlier attempt may have posted, also one before staff changed their mind."""
    places = (job.message.thread_id, manner.thread_id, job.origin.channel_id)
    return {one for one in places if one is not None}


def _misses_its_thread(job: Job, channel_id: ChannelId, manner: _Manner) -> bool:
    wants_thread = manner.results_in is not ResultsIn.CHANNEL and not job.origin.is_thread
    return wants_thread and channel_id == job.origin.channel_id


def _pinged(job: Job, place: _Posting) -> UserId | None:
    return job.origin.user_id if place.pings else None


def _status_beside(job: Job, channel_id: ChannelId) -> MessageId | None:
    """Among others a picture replies to its status message; alone in its thread it need not."""
    return job.message.message_id if job.message.channel_id == channel_id else None
