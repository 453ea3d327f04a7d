"""The outbox: every job whose end is to be shown, tried until it is.

Rows decide what is due: drawn pictures, and ends without a picture whose member was not notified
yet. What fails waits in its row and is tried again with a growing wait, for as long as the link
lives; what can never succeed is marked undeliverable, its member is notified and finds it with
/queue. Tenants, and members within a tenant, take turns.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.due_work import DueWork
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.errors import CalledOff, RelayError
from bot.queue import postings
from bot.queue.failures import CLOSED, NO_PLACE, POST_REFUSED, TOO_LATE, next_wait_s
from bot.queue.jobs import select_job
from bot.queue.records import LINK_LIVES_US, Failure, Job, PictureState, Surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.delivery.due_work import Common
    from bot.delivery.notify import Notifier
    from bot.delivery.posts import Posts
    from bot.delivery.removal import Removal
    from bot.delivery.result import ResultPoster
    from bot.queue.records import RequestId


# Each holds a download and an upload, about 2 MB. Slow ones of one member or guild must not keep
# others waiting: whoever has none under way still finds room when the first eight are taken.
AT_ONCE = 8
AT_ONCE_WITH_OTHER_MEMBERS = 16
AT_ONCE_WITH_OTHER_GUILDS = 32
POLL_S = 2.0
FIRST_ANSWER_S = 5.0  # Discord grants three
LONGEST_TRY_S = 120.0
MOST_QUICK_ATTEMPTS = 12  # with waits of up to a minute: about five minutes
LAST_TRY_BEFORE_US = 10_000_000  # a token's death; then there is time to say that it came too late
NEVER_US = 1 << 62
SLOWER = 8  # times the wait from then on: a long outage of Discord's

log = structlog.get_logger("bot.delivery")


class Outbox(DueWork[Job]):
    """Says what is due."""

    def __init__(
        self,
        common: Common,
        *,
        posts: Posts,
        results: ResultPoster,
        removal: Removal,
        notifier: Notifier,
    ) -> None:
        super().__init__("deliver", common, at_once=AT_ONCE, poll_s=POLL_S)
        self._posts = posts
        self._results = results
        self._removal = removal
        self._notifier = notifier

    async def _find(self) -> Sequence[Job]:
        """Of each request the first: its jobs share a message."""
        due = await self._database.read(
            postings.deliverable,
            now_us=self._clock.now_us(),
            limit=AT_ONCE_WITH_OTHER_GUILDS,
            besides=[job.request_id for _, job in self._active.values()],
        )
        firsts: dict[RequestId, Job] = {}
        for job in filter(self._is_answered, due):
            firsts.setdefault(job.request_id, job)
        return list(firsts.values())

    def _is_answered(self, job: Job) -> bool:
        """Z-Image may be quicker than the first answer; a crash or a refusal leaves none."""
        age_s = (self._clock.now_us() - job.created_at_us) / 1e6
        return job.message.message_id is not None or age_s > FIRST_ANSWER_S

    def _key(self, job: Job, /) -> int:
        return job.request_id

    def _next(self, waiting: Sequence[Job]) -> Job | None:
        """Of those that find room whoever has the fewest under way, tenant before member."""
        origins = [job.origin for _, job in self._active.values()]
        tenants = Counter(one.tenant_id for one in origins)
        members = Counter((one.tenant_id, one.user_id) for one in origins)

        def under_way(job: Job) -> tuple[int, int]:
            tenant_id, user_id = job.origin.tenant_id, job.origin.user_id
            return tenants[tenant_id], members[tenant_id, user_id]

        room = [job for job in waiting if self._has_room(*under_way(job))]
        return min(room, key=under_way, default=None)  # the longest due of equals

    def _has_room(self, of_tenant: int, of_member: int) -> bool:
        if of_tenant == 0:
            return len(self._active) < AT_ONCE_WITH_OTHER_GUILDS
        if of_member == 0:
            return len(self._active) < AT_ONCE_WITH_OTHER_MEMBERS
        return len(self._active) < AT_ONCE

    async def _do(self, job: Job, /) -> None:
        """What was due when it was listed may have been said since."""
        due = await self._database.read(postings.still_due, job.id, now_us=self._clock.now_us())
        if due is not None:
            await self._deliver(due)

    async def _deliver(self, job: Job) -> None:
        try:
            async with asyncio.timeout(LONGEST_TRY_S):
                if job.is_deleted:
                    await self._removal.erase(job)
                    await self._database.write(postings.mark_prompt_erased, job.id)
                elif job.is_held:
                    await self._tell_held(job)
                elif job.is_due:
                    await self._post(job)
                elif job.is_shown:
                    await self._removal.bring(job)
                else:
                    await self._notify(job)
        except CalledOff:
            log.info("called off on its way", job=job.id, guild=job.origin.guild_id)
        except DELIVERY_ERRORS as error:
            await self._handle_error(job, error)
        except Exception:
            log.exception("delivery broke", job=job.id, guild=job.origin.guild_id)
            await self._later(job)

    async def _post(self, job: Job) -> None:
        if not job.origin.can_be_answered(self._clock.now_us()):
            await self._end_posting(job, ErrorKind.EXPIRED)
        elif await self._has_lost_its_mark(job):
            log.info("no longer an age-restricted place", job=job.id, guild=job.origin.guild_id)
            await self._end_posting(job, ErrorKind.ELSEWHERE)
        else:
            await self._results.deliver(job)

    async def _has_lost_its_mark(self, job: Job) -> bool:
        """What was asked for in an age-restricted place is not shown in another."""
        origin, hangs = job.origin, job.picture is not None and job.picture.message_id is not None
        if hangs or not origin.is_restricted or origin.surface is not Surface.GUILD:
            return False
        return not await self._posts.is_restricted(origin.root_channel_id)

    async def _tell_held(self, job: Job) -> None:
        """Its status message says that the staff have it, and which others of its request; where it
        cannot, the end will tell."""
        held = [one.id for one in await self._results.gallery.jobs(job) if one.is_held]
        try:
            await self._notifier.bring_status(job)
        except DELIVERY_ERRORS as error:
            is_patient = job.message.attempts < MOST_QUICK_ATTEMPTS
            if error_kind(error) is ErrorKind.LATER and is_patient:
                raise
            log.info("not told that it is held", job=job.id, error=str(error))
        await self._database.write(postings.mark_held_told, held)

    async def _notify(self, job: Job) -> None:
        is_notified = await self._notifier.notify(job)
        await self._notifier.ping_at_the_end(job)
        if _is_withheld(job) and not await self._database.read(postings.is_more_to_tell, job.id):
            await self._clear_up(job)
        now_us = self._clock.now_us()
        if _is_offered(job) or not is_notified:
            await self._database.write(postings.stop_notifying, job.id, told=job, now_us=now_us)
        else:
            await self._database.write(postings.mark_notified, job.id, told=job, now_us=now_us)
        say = log.info if is_notified else log.error
        event = "notified" if is_notified else "member not notified"
        say(event, job=job.id, guild=job.origin.guild_id, state=job.state)

    async def _handle_error(self, job: Job, error: BaseException) -> None:
        kind = error_kind(error)
        log.warning(
            "delivery failed",
            job=job.id,
            guild=job.origin.guild_id,
            attempt=job.message.attempts,
            kind=kind,
            error=f"{type(error).__name__}: {error}",
        )
        now_us = self._clock.now_us()
        if isinstance(error, RelayError) and kind is ErrorKind.NEVER:
            # Lost, and drawing it again would be billed again: the member decides.
            failure = Failure(kind=type(error).__name__)
            await self._database.write(postings.fail_picture, job.id, failure, now_us=now_us)
            await self._clear_up(job)
        elif kind is ErrorKind.LATER and now_us < _last_try_at_us(job):
            await self._later(job, asked_s=_asked_s(error))
        elif job.is_due:
            await self._end_posting(job, kind)
        else:
            log.error("member not notified", job=job.id, state=job.state)
            await self._database.write(postings.stop_notifying, job.id, told=job, now_us=now_us)

    async def _end_posting(self, job: Job, kind: ErrorKind) -> None:
        """What hangs there is shown, though its status message may never say so."""
        now_us = self._clock.now_us()
        picture = (await self._database.read(select_job, job.id)).picture
        if picture is not None and picture.message_id is not None:
            await self._database.write(postings.mark_delivered, job.id, now_us=now_us)
            return
        log.error("no place for the picture, /queue has it", job=job.id)
        failure = _unposted(job, kind)
        await self._database.write(postings.mark_undeliverable, job.id, failure, now_us=now_us)
        await self._clear_up(job)

    async def _clear_up(self, job: Job) -> None:
        """The steps that were taken since `job` was read are known from its row."""
        await self._results.places.remove_empty_thread(
            await self._database.read(select_job, job.id)
        )

    async def _later(self, job: Job, *, asked_s: float = 0.0) -> None:
        """As long as its link lives; after a while the member finds it with /queue meanwhile.

        Args:
            asked_s: the least wait, by Discord's word.
        """
        attempt = job.message.attempts + 1
        wait_s = next_wait_s(attempt=attempt, randomness=self._randomness)
        is_long = attempt > MOST_QUICK_ATTEMPTS
        if is_long:
            wait_s *= SLOWER
        now_us = self._clock.now_us()
        not_before_us = now_us + round(max(wait_s, asked_s) * 1e6)
        if _last_try_at_us(job) > now_us:
            not_before_us = min(not_before_us, _last_try_at_us(job))
        await self._database.write(
            postings.delay,
            job.id,
            not_before_us=not_before_us,
            now_us=now_us,
            is_offered=is_long and job.is_due,
        )


def _unposted(job: Job, kind: ErrorKind) -> Failure:
    """Why a picture that is drawn does not hang anywhere."""
    if job.origin.surface is Surface.INTERACTION and kind in (ErrorKind.EXPIRED, ErrorKind.LATER):
        return Failure(kind=NO_PLACE, detail=TOO_LATE)
    if kind is ErrorKind.CONTENT:
        return Failure(kind=POST_REFUSED)
    return Failure(kind=NO_PLACE, detail=CLOSED if kind is ErrorKind.CLOSED else "")


def _asked_s(error: BaseException) -> float:
    """discord.py waits by itself for half a minute at most, and forgets what is longer.

    Never longer than a picture's link lives.
    """
    asked_s = error.retry_after if isinstance(error, discord.RateLimited) else 0.0
    return min(asked_s, LINK_LIVES_US / 1e6)


def _is_offered(job: Job) -> bool:
    """/queue shows its link to its member, as long as that lives."""
    return job.picture is not None and job.picture.state is PictureState.UNDELIVERABLE


def _is_withheld(job: Job) -> bool:
    """Perhaps its thread was open already."""
    return job.picture is not None and job.picture.state is PictureState.WITHHELD


def _last_try_at_us(job: Job) -> int:
    """Of hiding a picture and of showing it again there is none."""
    if job.is_shown:
        return NEVER_US
    if job.is_due and job.origin.surface is Surface.INTERACTION:
        return job.origin.interaction_expires_at_us - LAST_TRY_BEFORE_US
    deleted_at_us = job.picture and job.picture.deleted_at_us
    released_at_us = job.picture and job.picture.released_at_us
    since_us = deleted_at_us or released_at_us or job.finished_at_us or job.created_at_us
    return since_us + LINK_LIVES_US
