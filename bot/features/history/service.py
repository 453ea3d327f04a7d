"""All that `/history` and the menus of messages may ask for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

import structlog

from bot.features.history.rules import (
    ON_A_PAGE,
    Found,
    HistoryPage,
    Reach,
    Search,
    begins_at_us,
    day_of,
    ends_at_us,
    today_in,
    words_to_carry,
)
from bot.policy.rows import load_policy
from bot.queue import picture_words, shown
from bot.queue.authority import Act, as_seen, check, is_here, is_known
from bot.queue.jobs import select_job
from bot.queue.picture_words import Wanted
from bot.queue.records import Surface, tenant_of
from bot.records import replace
from bot.refusals import (
    AskedElsewhere,
    NoPictureThere,
    PictureDeleted,
    PictureGone,
    PictureHidden,
    RepostRefused,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.history.rules import Turn
    from bot.policy.rows import Asking
    from bot.queue.authority import Asker
    from bot.queue.records import Job, JobId, MessageId, Origin
    from bot.queue.shown import Repost
    from bot.runtime.clock import Clock


ONCE_WITHIN_MS = 60_000  # who presses twice means one
_MS_SHIFT = 22  # of Discord's ids, above which they count milliseconds

log = structlog.get_logger("bot.history")


class Messages(Protocol):
    """What is looked up and posted in Discord."""

    async def links(self, jobs: Sequence[Job], /) -> Mapping[JobId, str]:
        """To the files of pictures, as far as they can be had in a moment."""

    async def post_again(self, job: Job, origin: Origin, copies: Sequence[Repost], /) -> MessageId:
        """From the first message that still shows it.

        Raises:
            PictureGone: none does.
            RepostRefused: it certainly was not posted.
            RepostUncertain: nobody knows.
        """

    async def find(
        self, job: Job, one: Repost, known: Collection[MessageId], /
    ) -> MessageId | None:
        """The message that an attempt may have left; none of those. Raises RepostUncertain."""


class HistoryService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, messages: Messages) -> None:
        self._database = database
        self._clock = clock
        self._messages = messages
        self._posting: WeakValueDictionary[JobId, asyncio.Lock] = WeakValueDictionary()

    async def search(
        self,
        asking: Asking,
        *,
        words: str = "",
        whose: Reach = Reach.SERVER,
        kept: bool = False,
        first_day: str | None = None,
        last_day: str | None = None,
    ) -> Search:
        """As it was typed; days are those of the guild, the earlier one the first.

        Raises:
            DayNotUnderstood, StorageError.
        """
        policy = await self._database.read(load_policy, asking)
        today = today_in(policy.zone, self._clock.now_us())
        first = None if first_day is None else day_of(first_day, today)
        last = None if last_day is None else day_of(last_day, today)
        if first and last and first > last:
            first, last = last, first
        return Search(
            words=words_to_carry(words), whose=whose, kept=kept, first_day=first, last_day=last
        )

    async def page(
        self, asking: Asking, asker: Asker, search: Search, turn: Turn | None = None
    ) -> HistoryPage:
        """With links to the pictures that can be had in a moment. Raises StorageError."""
        page = await self._database.read(_found, asking, asker, search, turn)
        links = await self._messages.links([one.job for one in page.found if not one.job.is_veiled])
        found = tuple(replace(one, link=links.get(one.job.id)) for one in page.found)
        return replace(page, found=found)

    async def at(self, asker: Asker, message_id: MessageId) -> tuple[Job, ...]:
        """The jobs that a message shows; at least one.

        Raises:
            NoPictureThere: it shows none, or one that they may not know of.
            PictureDeleted: all of them.
        """
        jobs = await self._database.read(shown.jobs_at, message_id)
        known = [job for job in jobs if is_known(asker, job.origin)]
        if not known:
            raise NoPictureThere
        left = tuple(as_seen(asker, job) for job in known if not job.is_deleted)
        if not left:
            raise PictureDeleted
        return left

    async def post_again(self, asker: Asker, job_id: JobId, origin: Origin) -> Repost:
        """A message more with the picture, where the origin says; one press posts one.

        Raises:
            MadeRestricted: this is no age-restricted place.
            AskedElsewhere: the picture's place is another.
            RepostRefused: likewise if the bot is not in that place, and posts by a token alone.
            UnknownJob, PictureDeleted, PictureGone, PictureHidden, RepostUncertain.
        """
        async with self._posting.setdefault(job_id, asyncio.Lock()):
            job = await self._database.read(select_job, job_id)
            check(Act.LOOK, asker, job)
            if not is_here(asker, job.origin):
                raise AskedElsewhere(job.origin.channel_id)
            if origin.surface is Surface.INTERACTION:
                raise RepostRefused
            if not job.is_shown:
                raise PictureGone
            if job.is_hidden:
                raise PictureHidden
            copies = await self._settled(job, origin)
            standing = _just_posted(copies, origin)
            return standing or await self._posted(job, origin, copies)

    async def _posted(self, job: Job, origin: Origin, copies: Sequence[Repost]) -> Repost:
        began = shown.Repost(interaction_id=origin.interaction_id, channel_id=origin.channel_id)
        await self._database.write(
            shown.begin_repost, began.interaction_id, job.id, began.channel_id
        )
        try:
            message_id = await self._messages.post_again(job, origin, copies)
        except (PictureGone, RepostRefused):
            await self._database.write(shown.drop_repost, began.interaction_id)
            raise
        hung = replace(began, message_id=message_id)
        await self._record(job, hung)
        log.info("posted again", job=job.id, guild=job.origin.guild_id)
        return hung

    async def _record(self, job: Job, hung: Repost) -> None:
        now_us = self._clock.now_us()
        await self._database.write(shown.record_repost, job.id, hung, now_us=now_us)

    async def _settled(self, job: Job, origin: Origin) -> tuple[Repost, ...]:
        """Without attempts in this channel of which nobody knows how they ended."""
        copies = await self._database.read(shown.reposts_of, job.id)
        known = {one.message_id for one in copies if one.message_id is not None}
        for one in copies:
            if one.message_id is not None or one.channel_id != origin.channel_id:
                continue
            found = await self._messages.find(job, one, known)
            if found is None:
                await self._database.write(shown.drop_repost, one.interaction_id)
            else:
                await self._record(job, replace(one, message_id=found))
                known.add(found)
        return await self._database.read(shown.reposts_of, job.id)


def _found(
    tx: Transaction, asking: Asking, asker: Asker, search: Search, turn: Turn | None
) -> HistoryPage:
    """The newest pictures, or those beyond a job. Who turns back to the beginning finds what has
    come since as well."""
    wanted = _wanted(tx, asking, asker, search)
    if turn is not None and not turn.newest_first:
        jobs = picture_words.shown(
            tx, wanted, limit=ON_A_PAGE + 1, newest_first=False, beyond=turn.beyond
        )
        if len(jobs) >= ON_A_PAGE:
            nearest = jobs[:ON_A_PAGE][::-1]
            return _as_page(tx, asker, search, nearest, (len(jobs) > ON_A_PAGE, True))
        turn = None
    beyond = None if turn is None else turn.beyond
    jobs = picture_words.shown(tx, wanted, limit=ON_A_PAGE + 1, newest_first=True, beyond=beyond)
    more = turn is not None, len(jobs) > ON_A_PAGE
    return _as_page(tx, asker, search, jobs[:ON_A_PAGE], more)


def _as_page(
    tx: Transaction, asker: Asker, search: Search, jobs: list[Job], more: tuple[bool, bool]
) -> HistoryPage:
    found = tuple(
        Found(job=as_seen(asker, job), is_kept=shown.is_kept(tx, job.id, asker.user_id))
        for job in jobs
    )
    return HistoryPage(search=search, found=found, has_newer=more[0], has_older=more[1])


def _wanted(tx: Transaction, asking: Asking, asker: Asker, search: Search) -> Wanted:
    zone = load_policy(tx, asking).zone
    first, last = search.first_day, search.last_day
    return Wanted(
        tenant_id=tenant_of(asker.guild_id or None, asker.user_id),
        user_id=asker.user_id,
        words=search.words,
        place_id=asker.root_channel_id if search.whose is Reach.SERVER else None,
        kept=search.kept,
        from_us=None if first is None else begins_at_us(first, zone),
        before_us=None if last is None else ends_at_us(last, zone),
        # A search would tell the words of what is listed without them.
        besides_restricted=bool(search.words) and not asker.is_restricted,
    )


def _just_posted(copies: Sequence[Repost], origin: Origin) -> Repost | None:
    """By the same press, or one of a moment ago."""
    asked_ms = origin.interaction_id >> _MS_SHIFT
    for one in copies:
        is_recent = asked_ms - (one.interaction_id >> _MS_SHIFT) < ONCE_WITHIN_MS
        if one.message_id is not None and one.channel_id == origin.channel_id and is_recent:
            return one
    return None
