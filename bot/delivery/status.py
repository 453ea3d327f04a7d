"""Keeps status messages true: place and wait while queued, a bar while drawn, then on its way
or before the staff.

A message is edited only when what it says has changed, at most one of a channel in three seconds
(Discord grants about one edit a second there, and the results need most of it), and all together at
a pace that leaves Discord's 50 requests per second alone. The message that has stood longest is
next, so none stands still beside one that always changes. Ends are the outbox's, which must not be
lost; these edits may be, the next one says the same better. What will become the picture is left
alone once that is drawn: an edit would stand in its way for seconds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from bot.delivery.error_kinds import DELIVERY_ERRORS
from bot.delivery.gallery import Gallery, shows_pictures
from bot.delivery.place import Places, wants_thread
from bot.errors import StorageError
from bot.queue.records import JobState
from bot.refusals import UnknownJob
from bot.texts.gallery_cards import state_card
from bot.texts.picture_cards import bar_cells, is_long, status_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.features.imagine.jobs import JobService
    from bot.queue.places import Place, Waiting
    from bot.queue.records import Address, ChannelId, Job, JobId, RequestId
    from bot.runtime.clock import Clock

REFRESH_S = 3.0  # between two edits of one message
EDITS_PER_ROUND = 30  # 10 per second over all channels
LONGEST_EDIT_S = 10.0

log = structlog.get_logger("bot.delivery")


class StatusBoard:
    """Edits the status messages of open jobs, round by round."""

    def __init__(self, *, jobs: JobService, posts: Posts, database: Database, clock: Clock) -> None:
        self._jobs = jobs
        self._posts = posts
        self._places = Places(database=database, posts=posts)
        self._gallery = Gallery(database=database, posts=posts)
        self._clock = clock
        # What the message of each says, the longest shown first; of newcomers those whose turn is
        # near, whose message says what it said when it was written.
        self._shown: dict[JobId, tuple[object, ...] | None] = {}
        self._left: Counter[RequestId] = Counter()  # jobs of each that are still to end

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._clock.sleep_until(self._clock.now_us() + round(REFRESH_S * 1e6))
            try:
                await self._show_round()
            except StorageError as error:
                log.error("status board paused", error=str(error))  # noqa: TRY400 - says all

    async def _show_round(self) -> None:
        followed = await self._jobs.followed_jobs()
        waiting = _firsts(followed)
        self._follow(waiting)
        self._left = Counter(one.job.request_id for one in followed if not one.job.is_due)
        for one in self._next(waiting):
            try:
                async with asyncio.timeout(LONGEST_EDIT_S):
                    await self._show(one)
            except StorageError:
                raise
            except (UnknownJob, *DELIVERY_ERRORS) as error:
                log.info("status not shown", job=one.job.id, error=type(error).__name__)

    def _next(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        by_id = {one.job.id: one for one in waiting}
        by_channel: dict[ChannelId | None, Waiting] = {}
        for job_id, shown in self._shown.items():
            one = by_id[job_id]
            if shown != self._says(one) and not _ends_soon(one):
                by_channel.setdefault(one.job.message.channel_id, one)
        return list(by_channel.values())[:EDITS_PER_ROUND]

    def _follow(self, waiting: Sequence[Waiting]) -> None:
        """What ended is forgotten, who is new has the last turn."""
        ids = [one.job.id for one in waiting]
        still = frozenset(ids)
        self._shown = {one: shown for one, shown in self._shown.items() if one in still}
        for job_id in ids:
            self._shown.setdefault(job_id, None)

    def _says(self, one: Waiting) -> tuple[object, ...]:
        return *_fingerprint(one), self._left[one.job.request_id]

    async def _show(self, one: Waiting) -> None:
        address = one.job.address
        if address is None:
            return
        self._shown.pop(one.job.id, None)  # to the end
        self._shown[one.job.id] = self._says(one)
        if one.job.is_held and one.job.count > 1:
            await self._refresh(one.job, address)
            return
        if one.job.is_due and not await self._goes_elsewhere(one.job):
            return
        async with self._posts.locked(address.message_id):
            if not self._posts.is_rested(address.message_id):
                self._shown[one.job.id] = None
                return  # the outbox was here; the next round says more
            job = await self._jobs.job(one.job.id)
            if job.state is not one.job.state or _is_taken_over(one.job, job):
                return  # the next round, or the outbox, says the new state
            jobs = (job,) if job.count == 1 else await self._jobs.jobs_of_request(job)
            if shows_pictures(job.address, jobs):
                return  # it is a gallery, which the outbox fills
            card = state_card(jobs, one.place, status_texts(job), drawing=one.drawing)
            await self._posts.edit(address, card)

    async def _goes_elsewhere(self, job: Job) -> bool:
        return wants_thread(job, await self._places.manner(job))

    async def _refresh(self, job: Job, address: Address) -> None:
        """Of several all messages: others of its request may hang already."""
        if self._posts.is_rested(address.message_id):
            await self._gallery.refresh(job)
        else:
            self._shown[job.id] = None


def _firsts(waiting: Sequence[Waiting]) -> list[Waiting]:
    """The next of each request: its jobs share a message."""
    firsts: dict[RequestId, Waiting] = {}
    for one in waiting:
        firsts.setdefault(one.job.request_id, one)
    return list(firsts.values())


def _fingerprint(one: Waiting) -> tuple[object, ...]:
    """What a member would notice: not every second of an expected wait."""
    job, place = one.job, one.place
    if one.drawing is not None:
        return job.state, job.cancel_requested, bar_cells(one.drawing), is_long(one.drawing)
    if place is None or job.state is not JobState.QUEUED:
        return job.state, job.cancel_requested, job.review_case
    return job.state, place.position, _roughly(place), job.not_before_us


def _ends_soon(one: Waiting) -> bool:
    """Then its end is what the message says next: nobody needs both within seconds."""
    drawing = one.drawing
    return drawing is not None and 0 <= drawing.usual_s - drawing.elapsed_s < REFRESH_S


def _is_taken_over(before: Job, now: Job) -> bool:
    """A drawn picture is being posted by now, or not to be any more; or the staff have decided."""
    if before.is_held:
        return not now.is_held
    return before.is_due and not (
        now.is_due and now.picture and now.picture.post_attempted_at_us is None
    )


def _roughly(place: Place) -> object:
    """An outage takes the place of the wait."""
    return place.outage or round(place.expected_s / 10)
