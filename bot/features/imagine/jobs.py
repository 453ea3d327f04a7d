"""What members and moderators do to jobs, from cancelling to deletion, and how jobs stand.

Everything it acknowledges is on disk; `StorageError` means that nothing was changed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import queue
from bot.queue import postings, views
from bot.queue.authority import Act, as_seen_in, check
from bot.queue.cancel import cancel_by, cancel_request_by, delete_by
from bot.queue.jobs import select_job, select_jobs_of_request
from bot.queue.records import JobState, tenant_of
from bot.queue.shown import reposts_of
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.sqlite import Database
    from bot.queue.authority import Asker
    from bot.queue.places import Explanation, QueueView, Waiting
    from bot.queue.records import (
        ChannelId,
        GuildId,
        Job,
        JobId,
        MessageId,
        UserId,
    )
    from bot.runtime.clock import Clock, Wakeups

log = structlog.get_logger("bot.jobs")


class JobService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def job(self, job_id: JobId) -> Job:
        """Raises UnknownJob."""
        return await self._database.read(select_job, job_id)

    async def jobs_of_request(self, job: Job) -> tuple[Job, ...]:
        """All of the job's request, in the order of their numbers."""
        return await self._database.read(select_jobs_of_request, job.request_id)

    async def waiting(self, job_id: JobId) -> Waiting:
        """The job as it is, with its place while it waits. Raises UnknownJob."""
        return await self._database.read(views.waiting, job_id, now_us=self._clock.now_us())

    async def open_jobs(self) -> tuple[Waiting, ...]:
        """Queued and running jobs of all guilds, those whose turn is near first."""
        return await self._database.read(views.open_jobs, now_us=self._clock.now_us())

    async def followed_jobs(self) -> tuple[Waiting, ...]:
        """Whose status messages are kept up: open jobs, and pictures that are long on their way."""
        return await self._database.read(views.followed_jobs, now_us=self._clock.now_us())

    async def queue(
        self, guild_id: GuildId | None, user_id: UserId, *, is_restricted: bool = False
    ) -> QueueView:
        """As it is seen in a place that is age-restricted, or is not."""
        tenant_id = tenant_of(guild_id, user_id)
        view = await self._database.read(
            views.queue_view, tenant_id, user_id, now_us=self._clock.now_us()
        )
        seen = partial(as_seen_in, is_restricted)
        return replace(
            view,
            mine=tuple(replace(one, job=seen(one.job)) for one in view.mine),
            undelivered=tuple(map(seen, view.undelivered)),
        )

    async def explain(self, job_id: JobId, asker: Asker) -> Explanation:
        """Why it is where it is.

        Raises:
            UnknownJob: likewise of another place, whose prompts are nobody's business here.
            NotYours.
        """
        explanation = await self._database.read(views.explain, job_id, now_us=self._clock.now_us())
        check(Act.EXPLAIN, asker, explanation.job)
        return explanation

    async def cancel(self, job_id: JobId, asker: Asker) -> Job:
        """Queued: withdrawn at once. Running, or not posted yet: paid, and never posted.

        Raises:
            NotYours, UnknownJob, AlreadyFinished: nothing was changed.
        """
        check(Act.CANCEL, asker, await self.job(job_id))
        job = await self._database.write(
            cancel_by, job_id, asker.user_id, now_us=self._clock.now_us()
        )
        self._wakeups.result.set()
        log.info(
            "cancelled",
            job=job.id,
            guild=job.origin.guild_id,
            by=_who(asker, job),
            state=job.state,
        )
        return job

    async def cancel_request(self, job_id: JobId, asker: Asker) -> tuple[Job, ...]:
        """All that is open of the job's request, as `cancel`. Returns the request's jobs.

        Raises:
            NotYours, UnknownJob, AlreadyFinished: nothing was changed.
        """
        job = await self.job(job_id)
        check(Act.CANCEL, asker, job)
        jobs = await self._database.write(
            cancel_request_by, job_id, asker.user_id, now_us=self._clock.now_us()
        )
        self._wakeups.result.set()
        by, guild_id = _who(asker, job), job.origin.guild_id
        log.info("cancelled", job=job.id, guild=guild_id, by=by, pictures=len(jobs))
        return jobs

    async def put_first(self, job_id: JobId, asker: Asker) -> Job:
        """Before the member's other jobs; nobody else's turn moves.

        Raises:
            OnlyTheirs, UnknownJob: nothing was changed.
        """
        check(Act.PUT_FIRST, asker, await self.job(job_id))
        job = await self._database.write(queue.put_first, job_id)
        log.info("put first", job=job.id, guild=job.origin.guild_id, priority=job.priority)
        return job

    async def let_others_first(self, job_id: JobId, asker: Asker) -> Job:
        """Each other member who waits there has a picture before; the member pays with theirs.

        Raises:
            NobodyElseWaits, OnlyTheirs, UnknownJob: nothing was changed.
        """
        check(Act.PUT_FIRST, asker, await self.job(job_id))
        job = await self._database.write(queue.let_others_first, job_id)
        if job.state is JobState.QUEUED:
            log.info("let others first", job=job.id, guild=job.origin.guild_id)
        return job

    async def delete(self, job_id: JobId, asker: Asker) -> tuple[ChannelId, MessageId] | None:
        """Forgets the words; delivery takes them out of Discord, the caller takes the picture.

        Returns channel and message; None while that message shows others of the same request, or
        tells of them: then delivery takes the picture too.

        Raises:
            NotYours, UnknownJob: nothing was changed.
        """
        copies = await self._database.read(reposts_of, job_id)
        here = [one.message_id for one in copies if one.channel_id == asker.channel_id]
        hung = await self.job(job_id)
        check(Act.DELETE, asker, hung, copies=here)
        job = await self._database.write(
            delete_by, job_id, asker.user_id, now_us=self._clock.now_us()
        )
        self._wakeups.result.set()
        log.info("deleted", job=job.id, guild=job.origin.guild_id, by=_who(asker, job))
        is_shared = await self._database.read(postings.shares_message, job.id)
        return None if is_shared else _hangs_on(hung, asker)

    async def close_channel(self, channel_id: ChannelId) -> tuple[Job, ...]:
        """Nothing can be posted there or in its threads any more: what waits is not drawn.

        For whoever hears of it: an answer or an event of Discord's. A repeat finds nothing more.
        Returns the jobs that were ended; delivery notifies their members.

        Raises:
            StorageError: nothing was changed.
        """
        ended = await self._database.write(
            queue.close_channel, channel_id, now_us=self._clock.now_us()
        )
        self._say_closed(ended, channel=channel_id)
        return ended

    async def close_guild(self, guild_id: GuildId) -> tuple[Job, ...]:
        """The bot is no longer in the guild; otherwise as `close_channel`."""
        ended = await self._database.write(queue.close_guild, guild_id, now_us=self._clock.now_us())
        self._say_closed(ended, guild=guild_id)
        return ended

    def _say_closed(self, ended: Sequence[Job], **place: int) -> None:
        if ended:
            log.warning("place closed, what waited for it is not drawn", jobs=len(ended), **place)
            self._wakeups.work.set()
            self._wakeups.result.set()


def _hangs_on(job: Job, asker: Asker) -> tuple[ChannelId, MessageId] | None:
    """Between the post and its row, the message that was pressed; else as the rows know it."""
    picture = job.picture
    if picture is not None and picture.message_id is not None:
        place = picture.channel_id or job.message.thread_id or job.origin.channel_id
        return place, picture.message_id
    if asker.button is None or asker.button.is_private:
        return None
    return asker.channel_id, asker.button.message_id


def _who(asker: Asker, job: Job) -> str:
    """For a log, which holds no member's number: whoever has the data deleted is in no line."""
    return "its member" if asker.user_id == job.origin.user_id else "a moderator"
