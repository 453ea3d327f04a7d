"""Where a picture goes: a thread of its request, one of its member's day, or the channel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from weakref import WeakValueDictionary

import discord
import structlog

from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.errors import CalledOff, PolicyUnreadable
from bot.policy.defaults import PersonDefault, pings_them
from bot.policy.precedence import policy_of
from bot.policy.quotas import span_of
from bot.policy.rows import load_default, load_policy
from bot.policy.rules import ResultsIn
from bot.queue import postings
from bot.queue.jobs import select_job, select_jobs_of_request
from bot.queue.postings import MembersDay
from bot.queue.records import JobId
from bot.queue.submit import asking_of
from bot.refusals import Period
from bot.texts import Texts
from bot.texts.picture_cards import MODEL, day_thread_name, status_texts, thread_name

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.policy.rules import Policy
    from bot.queue.records import ChannelId, Job, MessageId

PATIENT_ATTEMPTS = 4  # about ten seconds; then what is not the picture itself may be missing
LONGEST_CLEARING_S = 20.0
PLAIN_NAME = MODEL  # of a thread whose words a filter refuses

log = structlog.get_logger("bot.delivery")


class Manner(NamedTuple):
    """How staff and its member want a picture posted."""

    results_in: ResultsIn
    pings: bool
    previews: bool
    tells_words: bool  # the alternative text
    whose: MembersDay
    thread_id: ChannelId | None  # of that day


async def default_of(job: Job, database: Database) -> PersonDefault:
    """The member's own; of one that makes no sense nobody knows whether words may be told."""
    try:
        return await database.read(load_default, job.origin.user_id)
    except PolicyUnreadable as error:
        _log_unreadable(job, error)
        return PersonDefault(alt_words=False)


async def tells_words(job: Job, database: Database) -> bool:
    """Whether its member lets the alternative text do so."""
    return (await default_of(job, database)).alt_words is not False


def _log_unreadable(job: Job, error: PolicyUnreadable) -> None:
    """The picture is paid, and does not hang on a row that somebody wrote by hand."""
    log.error(
        "settings not readable, posted without them",
        job=job.id,
        guild=job.origin.guild_id,
        detail=str(error),
    )


class Places:
    """Opens threads where staff want them and Discord lets us, and takes empty ones away."""

    def __init__(self, *, database: Database, posts: Posts) -> None:
        self._database = database
        self._posts = posts
        self._opening: WeakValueDictionary[MembersDay, asyncio.Lock] = WeakValueDictionary()

    async def manner(self, job: Job) -> Manner:
        """What they want at this moment; the member's own word counts for more."""
        policy = await self._policy(job)
        whose = _day_of(job, policy)
        default = await default_of(job, self._database)
        return Manner(
            results_in=policy.results_in,
            pings=pings_them(default, policy),
            previews=policy.preview,
            tells_words=default.alt_words is not False,
            whose=whose,
            thread_id=await self._database.read(postings.day_thread, whose),
        )

    async def _policy(self, job: Job) -> Policy:
        """What holds there; what holds where nobody has set anything if a row makes no sense."""
        try:
            return await self._database.read(load_policy, asking_of(job.origin, ()))
        except PolicyUnreadable as error:
            _log_unreadable(job, error)
            return policy_of(())

    async def of(self, job: Job, manner: Manner) -> ChannelId:
        """The thread; the channel itself where there can be none, or staff want none."""
        if not wants_thread(job, manner):
            return job.origin.channel_id
        if manner.results_in is ResultsIn.DAILY:
            async with self._opening.setdefault(manner.whose, asyncio.Lock()):
                return await self._days_thread(job, manner.whose)
        if job.message.thread_id is not None:
            return job.message.thread_id
        first_id = JobId(job.request_id)
        first = job if job.number == 1 else await self._database.read(select_job, first_id)
        thread_id = await self._opened(job, thread_name(first))
        if thread_id is None:
            return job.origin.channel_id
        if not await self._database.write(postings.record_thread, job.id, thread_id):
            await self.take_back(job, thread_id)
        return thread_id

    async def _days_thread(self, job: Job, whose: MembersDay) -> ChannelId:
        """The member's of that day. It belongs to no single request, so none's row names it."""
        known = await self._database.read(postings.day_thread, whose)
        if known is not None:
            return known
        thread_id = await self._opened(job, await self._day_name(job))
        if thread_id is None:
            return job.origin.channel_id
        if not await self._database.write(postings.record_day_thread, job.id, whose, thread_id):
            await self.take_back(job, thread_id)
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
        assert job.message.message_id is not None  # noqa: S101 - the poster has seen to it
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

    async def retitle(self, job: Job) -> None:
        """The thread of the request tells the words of its first picture that is left, or none
        while nobody may read them. Raises what Discord answers."""
        if job.message.thread_id is None:
            return
        jobs = await self._database.read(select_jobs_of_request, job.request_id)
        left = [one for one in jobs if not one.is_deleted]
        if any(one.number < job.number for one in left):
            return  # whose words they are
        deleted = status_texts(job).say("The picture was deleted.")
        title = thread_name(left[0]) if left else deleted
        await self._posts.rename_own_thread(job.message.thread_id, title)

    async def remove_empty_thread(self, job: Job) -> None:
        """One that was opened for the picture, and the picture does not hang in it."""
        thread_id = job.message.thread_id
        if thread_id is None or (job.picture and job.picture.channel_id == thread_id):
            return
        await self._remove_empty(job, thread_id)

    async def _remove_empty(self, job: Job, thread_id: ChannelId) -> None:
        try:
            async with asyncio.timeout(LONGEST_CLEARING_S):
                await self._posts.remove_empty(thread_id)
        except DELIVERY_ERRORS as error:
            log.info("empty thread stays", job=job.id, thread=thread_id, error=str(error))

    async def take_back(
        self, job: Job, channel_id: ChannelId, message_id: MessageId | None = None
    ) -> NoReturn:
        """What was posted as its member was forgotten, since no row knows it. Raises CalledOff."""
        address = job.origin.address(channel_id, message_id)
        if address is not None:
            await self._posts.delete(address)
        if channel_id != job.origin.channel_id:
            await self._remove_empty(job, channel_id)
        raise CalledOff


def wants_thread(job: Job, manner: Manner) -> bool:
    """Not where one is already, or can be none, or staff want none."""
    return not job.origin.posts_in_place and manner.results_in is not ResultsIn.CHANNEL


def places_tried(job: Job, manner: Manner) -> set[ChannelId]:
    """In which an earlier attempt may have posted, also one before staff changed their mind."""
    places = (job.message.thread_id, manner.thread_id, job.origin.channel_id)
    return {one for one in places if one is not None}


def _day_of(job: Job, policy: Policy) -> MembersDay:
    """The one in which the picture was asked for."""
    day = span_of(Period.DAY, policy.zone, job.created_at_us)
    return MembersDay(job.origin.channel_id, job.origin.user_id, day.starts_at_us)
