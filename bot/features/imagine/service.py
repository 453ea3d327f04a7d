"""All that a cog may ask for: submit, cancel, places, deletion, and closing a place.

The service decides; it knows members, rules and the database, and nothing of Discord. Everything it
acknowledges is on disk. Refusals cost nothing; `StorageError` means that nothing was changed. In
memory it knows only which interactions are being answered for the first time.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import queue
from bot.errors import StorageError, UnknownJob, WordsRefused
from bot.features.imagine.records import Options, Receipt, SizeChoice
from bot.features.imagine.remaking import other_sizes
from bot.moderation.word_rules import Part, RuleOutcome, refusing
from bot.policy.defaults import resolve, rewriting_here
from bot.policy.precedence import default_size
from bot.policy.rows import EVERYBODY, find_style, load_default, load_policy, styles_of
from bot.policy.rules import Rewriting
from bot.policy.styles import matching
from bot.providers.image import ImageRequest
from bot.queue import postings, views
from bot.queue.authority import Act, as_seen_in, check, check_unveiled
from bot.queue.cancel import cancel_by, cancel_request_by, delete_by
from bot.queue.jobs import select_job, select_jobs_of_request
from bot.queue.records import tenant_of
from bot.queue.refusals import granted_rules, may_appeal, record_refusal
from bot.queue.shown import reposts_of
from bot.runtime.clock import Wakeup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from random import Random

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.imagine.remaking import Remake
    from bot.moderation.word_check import WordCheck
    from bot.policy.defaults import Resolved, Typed
    from bot.policy.rows import Asking
    from bot.policy.rules import Policy
    from bot.policy.styles import Style
    from bot.providers import Pricing
    from bot.providers.image import Offer
    from bot.queue.authority import Asker
    from bot.queue.places import Explanation, Place, QueueView, Waiting
    from bot.queue.records import (
        ChannelId,
        GuildId,
        InteractionId,
        Job,
        JobId,
        MessageId,
        Origin,
        RoleId,
        UserId,
    )
    from bot.queue.submit import Submitted
    from bot.runtime.clock import Clock, Wakeups


MOST_PLACES_AT_ONCE = 100

log = structlog.get_logger("bot.service")


class Service:
    """One for the process; every cog holds it."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Random,
        offer: Offer,
        price: Pricing,
        wakeups: Wakeups,
        words: WordCheck,
    ) -> None:
        self._database = database
        self._words = words
        self._clock = clock
        self._randomness = randomness
        self._offer = offer
        self._price = price
        self._wakeups = wakeups
        self._reading_places = asyncio.Semaphore(MOST_PLACES_AT_ONCE)
        self.first_answers = FirstAnswers(clock, wakeups.work.set)

    @property
    def offer(self) -> Offer:
        """The provider's."""
        return self._offer

    async def options(self, asking: Asking = EVERYBODY) -> Options:
        """What holds now for them. Raises StorageError."""
        policy, offer = await self._database.read(load_policy, asking), self._offer
        size = default_size(policy, offer)
        sample = ImageRequest(prompt="", size=size, seed=0, rewrite=False)
        return Options(
            offer=offer,
            default_size=size,
            rewrite_by_default=rewriting_here(policy, offer) is Rewriting.ON,
            largest_batch=policy.largest_batch,
            plain_micros=self._price(sample, policy.prices),
            rewritten_micros=self._price(replace(sample, rewrite=True), policy.prices),
        )

    async def resolve(
        self,
        typed: Typed,
        asking: Asking,
        *,
        style: str | None = None,
        can_ask: bool = False,
    ) -> Resolved:
        """What is asked for, with what was set before where nothing was typed.

        Raises:
            UnknownStyle, PromptEmpty, StyledTooLong: nothing is asked for.
            StorageError.
        """
        return await self._database.read(
            _resolve, typed, asking, style, self._offer, can_ask=can_ask
        )

    async def styles(self, guild_id: int, typed: str) -> list[Style]:
        """Those that fit what was typed, the best first. Raises StorageError."""
        return matching(await self._database.read(styles_of, guild_id), typed)

    async def policy(self, asking: Asking) -> Policy:
        """What operator and staff have set for them. Raises StorageError."""
        return await self._database.read(load_policy, asking)

    async def submit(
        self,
        request: ImageRequest,
        origin: Origin,
        *,
        role_ids: Collection[RoleId] = (),
        more: Sequence[ImageRequest] = (),
        verb: Callable[..., Submitted] = queue.submit,
    ) -> Receipt:
        """The jobs are on disk when this returns. The same interaction makes one request only.

        Args:
            verb: submits, and in the same transaction what else must happen with it.
            more: further pictures of the same request, which differ in prompt and seed alone.
            role_ids: of the member; some may weigh more than others.

        Raises:
            Refusal: nothing was queued; its kinds see bot.queue.submit.
            StorageError: likewise.
        """
        is_suspect = await self.check_words([request, *more], origin, role_ids)
        submitted = await self._database.write(
            verb,
            request,
            origin,
            price=self._price,
            role_ids=role_ids,
            more=more,
            is_suspect=is_suspect,
            now_us=self._clock.now_us(),
        )
        if not self.first_answers.is_under_way(origin.interaction_id):
            self._wakeups.work.set()  # else once that is known
        job = submitted.job
        place = await self._place(job)
        log.info(
            "submitted",
            job=job.id,
            guild=origin.guild_id,
            pictures=job.count,
            position=place and place.position,
            is_new=submitted.is_new,
        )
        log.debug("prompt", job=job.id, prompt=request.prompt)
        return Receipt(
            job=job,
            place=place,
            is_new=submitted.is_new,
            nearly_used_up=submitted.nearly_used_up,
        )

    async def check_words(
        self, requests: Sequence[ImageRequest], origin: Origin, role_ids: Collection[RoleId]
    ) -> bool:
        """Before anything is drawn or rewritten, so it costs nothing. Returns whether a rule holds
        one of them until the staff have looked.

        Raises:
            WordsRefused: a rule of the guild's staff does not allow one of them.
            StorageError.
        """
        is_suspect = False
        for request in {(one.prompt, one.negative): one for one in requests}.values():
            verdict = await self._words.check(
                origin.tenant_id,
                {Part.PROMPT: request.prompt, Part.NEGATIVE: request.negative},
                role_ids=role_ids,
                channel_ids=(origin.channel_id, origin.root_channel_id),
            )
            is_suspect |= RuleOutcome.HOLD in verdict.outcomes
            rules = refusing(verdict, is_restricted=origin.is_restricted)
            if not rules or {*rules} <= await self._database.read(granted_rules, request, origin):
                continue
            refusal_id = await self._database.write(
                record_refusal,
                request,
                origin,
                rules=rules,
                now_us=self._clock.now_us(),
            )
            can_appeal = await self._database.read(may_appeal, refusal_id)
            raise WordsRefused(refusal_id, can_appeal=can_appeal)
        return is_suspect

    async def _place(self, job: Job) -> Place | None:
        """None if it cannot be read now; the job is on disk all the same.

        With a thousand guilds waiting a place takes 3 ms. Who comes while many are being read is
        answered without one, before Discord gives the interaction up.
        """
        if self._reading_places.locked():
            return None
        try:
            async with self._reading_places:
                return await self._database.read(views.place, job.id, now_us=self._clock.now_us())
        except (StorageError, UnknownJob) as error:
            log.error("place not read", job=job.id, error=str(error))  # noqa: TRY400 - says all
            return None

    def new_seed(self) -> int:
        return self._randomness.randint(0, self._offer.max_seed)

    async def remade(
        self,
        job_id: JobId,
        origin: Origin,
        *,
        asker: Asker,
        remake: Remake,
        role_ids: Collection[RoleId] = (),
        is_of_request: bool = False,
    ) -> Receipt:
        """A picture that comes from another one, as a job of whoever asks. Raises like `submit`.

        Args:
            is_of_request: with all others of a request that wholly ended without pictures.

        Raises:
            AskedElsewhere, MadeRestricted, PictureDeleted, UnknownJob: nothing was queued;
                likewise with whatever `remake` raises.
        """
        job = await self.to_paint(job_id, asker)
        others = await self._others_without_picture(job) if is_of_request else ()
        return await self.submit(
            remake(job),
            replace(origin, parent_id=job_id),
            more=[remake(one) for one in others],
            role_ids=role_ids,
        )

    async def _others_without_picture(self, job: Job) -> Sequence[Job]:
        """None if the request has any picture; its card has one button for all of them."""
        jobs = await self.jobs_of_request(job)
        is_whole = all(one.is_without_picture for one in jobs)
        return [one for one in jobs if one.id != job.id] if is_whole else ()

    async def to_paint(self, job_id: JobId, asker: Asker) -> Job:
        """Of which they may make another picture, here.

        Raises:
            AskedElsewhere, MadeRestricted, PictureDeleted, UnknownJob.
        """
        job = await self.job(job_id)
        check(Act.PAINT, asker, job)
        return job

    async def check_place(self, job_id: JobId, asker: Asker) -> None:
        """Words that come from this job may be used here. Raises MadeRestricted, UnknownJob."""
        check_unveiled(asker, await self.job(job_id))

    async def rewritings(self, asking: Asking, *, can_ask: bool) -> tuple[Rewriting, ...]:
        """Those that may be chosen there. Raises StorageError."""
        policy = await self.policy(asking)
        if policy.rewriting_allowed and self._offer.rewrites:
            return (Rewriting.OFF, Rewriting.ON, *([Rewriting.ASK] if can_ask else []))
        return (Rewriting.OFF,)

    async def sizes(self, job: Job, asking: Asking) -> tuple[SizeChoice, ...]:
        """In which its picture may be painted there besides. Raises StorageError."""
        policy = await self.policy(asking)
        return tuple(
            SizeChoice(
                one=one, micros=self._price(replace(job.request, size=one.size), policy.prices)
            )
            for one in other_sizes(job.request.size, self._offer, policy.largest_area_px)
        )

    async def record_answer(
        self, job_id: JobId, channel_id: ChannelId, message_id: MessageId
    ) -> Job:
        """From now on this message tells how the job is, unless delivery has posted one before."""
        job = await self._database.write(postings.record_answer, job_id, channel_id, message_id)
        self._wakeups.result.set()
        return job

    async def withdraw(self, job_id: JobId) -> bool:
        """Whether it could be: another process answered its member, and no call has left here.

        Raises:
            UnknownJob, StorageError: nothing was changed.
        """
        job = await self._database.write(queue.withdraw, job_id, now_us=self._clock.now_us())
        return job is not None

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

    async def jobs_of_request(self, job: Job) -> tuple[Job, ...]:
        """All of the job's request, in the order of their numbers."""
        return await self._database.read(select_jobs_of_request, job.request_id)

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

    async def job(self, job_id: JobId) -> Job:
        """Raises UnknownJob."""
        return await self._database.read(select_job, job_id)

    async def explain(self, job_id: JobId, asker: Asker) -> Explanation:
        """Why it is where it is.

        Raises:
            UnknownJob: likewise of another place, whose prompts are nobody's business here.
            NotYours.
        """
        explanation = await self._database.read(views.explain, job_id, now_us=self._clock.now_us())
        check(Act.EXPLAIN, asker, explanation.job)
        return explanation

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
        log.info("let others first", job=job.id, guild=job.origin.guild_id)
        return job

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


def _resolve(
    tx: Transaction,
    typed: Typed,
    asking: Asking,
    style: str | None,
    offer: Offer,
    *,
    can_ask: bool,
) -> Resolved:
    found = None if style is None else find_style(tx, asking.guild_id or 0, style)
    return resolve(
        typed,
        style=found,
        default=load_default(tx, asking.user_id),
        policy=load_policy(tx, asking),
        offer=offer,
        can_ask=can_ask,
    )


def _hangs_on(job: Job, asker: Asker | None = None) -> tuple[ChannelId, MessageId] | None:
    """Between the post and its row, the message that was pressed; else as the rows know it."""
    picture = job.picture
    if picture is not None and picture.message_id is not None:
        place = picture.channel_id or job.message.thread_id or job.origin.channel_id
        return place, picture.message_id
    if asker is None or asker.button is None or asker.button.is_private:
        return None
    return asker.channel_id, asker.button.message_id


def _who(asker: Asker, job: Job) -> str:
    """For a log, which holds no member's number: whoever has the data deleted is in no line."""
    return "its member" if asker.user_id == job.origin.user_id else "a moderator"


# ------------------------------------------------------------------------------------------------
# Jobs whose member is being answered for the first time.
#
# A second process with the same token hears every interaction too; Discord takes one first answer
# and refuses the other. So no call leaves before that is known: whoever was refused withdraws its
# job. Held in memory for as long as Discord waits for the answer; after a crash nobody waits for
# one.


LONGEST_S = 3.0  # Discord takes no first answer later


@dataclass(slots=True)
class FirstAnswer:
    """One that is under way.

    Attributes:
        is_ours: False once another process is known to have answered, and the job withdrawn.
    """

    known: Wakeup
    is_ours: bool = True


class FirstAnswers:
    """Those of this process."""

    def __init__(self, clock: Clock, on_known: Callable[[], None]) -> None:
        self._clock = clock
        self._on_known = on_known
        self._under_way: dict[InteractionId, FirstAnswer] = {}

    @contextmanager
    def under_way(self, interaction_id: InteractionId) -> Iterator[FirstAnswer]:
        """For the block that submits and answers; of an interaction that comes twice, the first."""
        answer = FirstAnswer(Wakeup(self._clock))
        is_first = self._under_way.setdefault(interaction_id, answer) is answer
        try:
            yield answer
        finally:
            if is_first:
                del self._under_way[interaction_id]
                answer.known.set()
                self._on_known()

    def is_under_way(self, interaction_id: InteractionId) -> bool:
        return interaction_id in self._under_way

    async def settled(self, job: Job) -> bool:
        """Whether the job is still ours, once its answer is known or Discord would take none."""
        answer = self._under_way.get(job.origin.interaction_id)
        if answer is None:
            return True
        await answer.known.wait_until(job.created_at_us + round(LONGEST_S * 1e6))
        return answer.is_ours
