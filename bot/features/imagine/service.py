"""Asking for pictures: what may be asked for, submitting it, and the first answer.

The service decides; it knows members, rules and the database, and nothing of Discord. Everything it
acknowledges is on disk. Refusals cost nothing; `StorageError` means that nothing was changed. In
memory it knows only which interactions are being answered for the first time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from bot import queue
from bot.errors import StorageError
from bot.features.imagine.first_answers import FirstAnswers
from bot.features.imagine.jobs import JobService
from bot.features.imagine.permutations import permutations_of
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
from bot.queue.authority import Act, check, check_unveiled
from bot.queue.refusals import granted_rules, may_appeal, record_refusal
from bot.records import replace
from bot.refusals import BatchTooLarge, UnknownJob, WordsRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from random import Random

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.imagine.records import TypedRequest
    from bot.features.imagine.remaking import Remake
    from bot.moderation.word_check import WordCheck
    from bot.policy.defaults import Resolved, Typed
    from bot.policy.rows import Asking
    from bot.policy.rules import Policy
    from bot.policy.styles import Style
    from bot.providers import Pricing
    from bot.providers.image import Offer
    from bot.queue.authority import Asker
    from bot.queue.places import Place
    from bot.queue.records import (
        ChannelId,
        Job,
        JobId,
        MessageId,
        Origin,
        RoleId,
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
        self.jobs = JobService(database=database, clock=clock, wakeups=wakeups)
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
        place = await self._place(submitted.job)
        _say_submitted(submitted, place)
        return Receipt(
            job=submitted.job,
            place=place,
            is_new=submitted.is_new,
            nearly_used_up=submitted.nearly_used_up,
        )

    def requests(self, typed: TypedRequest, *, largest_batch: int) -> tuple[ImageRequest, ...]:
        """All pictures that this stands for, each with a seed of its own.

        Raises:
            BracesBroken, BatchTooLarge: before any of them is made.
            PromptEmpty, PromptTooLong, SeedNotUnderstood, SizeNotUnderstood, …: as `Offer` does.
        """
        permutations = permutations_of(typed.prompt)
        count = permutations.count * typed.count
        if count > largest_batch:
            raise BatchTooLarge(count=count, limit=largest_batch)
        return self.painted(permutations.prompts(), typed)

    def painted(self, prompts: Iterable[str], typed: TypedRequest) -> tuple[ImageRequest, ...]:
        """The pictures of these prompts, otherwise as it was typed. Raises as `Offer` does."""
        wanted = [prompt for prompt in prompts for _ in range(typed.count)]
        size = self._offer.parse_size(typed.size).size if typed.size else self._offer.default_size
        seeds = self._seeds(typed.seed, len(wanted))
        return tuple(
            self._offer.image_request(
                prompt=prompt,
                size=size,
                seed=seed,
                rewrite=typed.rewriting is Rewriting.ON,
                negative=typed.negative,
            )
            for prompt, seed in zip(wanted, seeds, strict=True)
        )

    def _seeds(self, typed: str, count: int) -> Sequence[int]:
        """One after the other if the first is given; after the highest comes 0."""
        first = self._offer.parse_seed(typed)
        if first is None:
            return [self.new_seed() for _ in range(count)]
        return [(first + one) % (self._offer.max_seed + 1) for one in range(count)]

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
        jobs = await self.jobs.jobs_of_request(job)
        is_whole = all(one.is_without_picture for one in jobs)
        return [one for one in jobs if one.id != job.id] if is_whole else ()

    async def to_paint(self, job_id: JobId, asker: Asker) -> Job:
        """Of which they may make another picture, here.

        Raises:
            AskedElsewhere, MadeRestricted, PictureDeleted, UnknownJob.
        """
        job = await self.jobs.job(job_id)
        check(Act.PAINT, asker, job)
        return job

    async def check_place(self, job_id: JobId, asker: Asker) -> None:
        """Words that come from this job may be used here. Raises MadeRestricted, UnknownJob."""
        check_unveiled(asker, await self.jobs.job(job_id))

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


def _say_submitted(submitted: Submitted, place: Place | None) -> None:
    job = submitted.job
    log.info(
        "submitted",
        job=job.id,
        guild=job.origin.guild_id,
        pictures=job.count,
        position=place and place.position,
        is_new=submitted.is_new,
    )
    log.debug("prompt", job=job.id, prompt=job.request.prompt)
