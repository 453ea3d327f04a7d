"""Jobs in every state before the outbox, with a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from bot import queue
from bot.delivery import composition
from bot.delivery.carry import Carrier, PictureFiles
from bot.delivery.due_work import Common
from bot.delivery.status import StatusBoard
from bot.features.imagine.service import Service
from bot.moderation.word_check import WordCheck
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.providers.zimage import OFFER, price
from bot.queue import Claimed, NotYet, postings
from bot.queue.jobs import select_job
from bot.queue.records import ChannelId, JobId, JobState
from bot.records import replace
from bot.runtime.clock import Wakeup, Wakeups
from bot.texts.picture_cards import status_card, status_texts
from tests.delivery.scripted import Said, ScriptedDiscord, ScriptedRelay
from tests.queue.world import (
    ACCOUNT,
    REFUSED,
    a_price,
    a_request,
    an_origin,
    an_outcome,
    next_due_us,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.db.sqlite import Database
    from bot.delivery.outbox import Outbox
    from bot.delivery.posts import Posts
    from bot.pictures import Relay
    from bot.providers.image import Outcome
    from bot.queue.records import Job, Picture
    from bot.runtime.clock import Clock
    from tests.clock import ManualClock

WORKER = "worker"
MODEL = "z-image-turbo"
LEASE_S = 86_400.0
PATIENCE_S = 20.0  # of the machine, not of the clock that is moved by hand
URL = "https://example.aliyuncs.com/a.png?Signature=s"


@dataclass(slots=True, kw_only=True)
class Scene:
    """All that delivery is made of."""

    database: Database
    clock: ManualClock
    discord: ScriptedDiscord
    relay: ScriptedRelay
    service: Service
    wakeup: Wakeup
    outbox: Outbox
    board: StatusBoard

    @property
    def common(self) -> Common:
        return Common(
            database=self.database, clock=self.clock, randomness=Random(7), wakeup=self.wakeup
        )

    async def submitted(
        self,
        guild: int = 1,
        user: int = 1,
        *,
        channel: int | None = None,
        is_answered: bool = True,
        token: str | None = None,
        **origin: Any,
    ) -> Job:
        """A job in the queue; its first answer stands in the channel unless a crash took it."""
        made = an_origin(guild, user)
        made = replace(
            made,
            channel_id=ChannelId(channel or made.channel_id),
            interaction_token=token,
            interaction_expires_at_us=self.clock.now_us() + 900_000_000,
            **origin,
        )
        job = (await self.service.submit(a_request(), made)).job
        return await self.answer(job) if is_answered else job

    async def open_outside(self) -> None:
        """Lets everybody ask outside of guilds, as the operator may."""
        key = Key(Scope.OPERATOR, 0, "outside_guilds")
        await self.database.write(set_policy, key, True, by="operator", now_us=1)

    async def answer(self, job: Job, *, is_stored: bool = True) -> Job:
        """Puts the status message into the channel."""
        card = status_card(job, None, status_texts(job))
        message_id = self.discord.put(Said(channel_id=job.origin.channel_id, view=card))
        if job.origin.interaction_token is not None:
            self.discord.answers[job.origin.interaction_token] = message_id
        if not is_stored:
            return job
        return await self.service.record_answer(job.id, job.origin.channel_id, message_id)

    async def claimed(self, *, is_sent: bool = True) -> Job:
        """The next job, its call on the way."""
        while True:
            claim = await self.database.write(
                queue.claim,
                ACCOUNT,
                now_us=self.clock.now_us(),
                lease_token=WORKER,
                lease_s=LEASE_S,
            )
            if isinstance(claim, Claimed):
                break
            assert isinstance(claim, NotYet)
            self.clock.advance((claim.at_us - self.clock.now_us()) / 1e6)
        if is_sent:
            await self.database.write(
                queue.mark_sent, claim.job.id, WORKER, now_us=self.clock.now_us()
            )
        return claim.job

    async def complete(self, job: Job, outcome: Outcome | None = None) -> Job:
        return await self.database.write(
            queue.complete,
            job.id,
            WORKER,
            outcome or an_outcome(size=job.request.size),
            price=a_price,
            now_us=self.clock.now_us(),
        )

    async def drawn(self, guild: int = 1, user: int = 1, **options: Any) -> Job:
        """A picture to be delivered."""
        await self.submitted(guild, user, **options)
        return await self.complete(await self.claimed())

    async def refused(self, **options: Any) -> Job:
        """An end without a picture, to be told."""
        await self.submitted(**options)
        return await self.fail(await self.claimed())

    async def fail(self, job: Job) -> Job:
        return await self.database.write(
            queue.fail,
            job.id,
            WORKER,
            REFUSED,
            state=JobState.REFUSED,
            now_us=self.clock.now_us(),
        )

    async def deliver(self) -> None:
        """Everything that is due now."""
        await self.outbox.drain()

    async def deliver_for(self, seconds: float) -> None:
        """And what falls due until then."""
        end_us = self.clock.now_us() + round(seconds * 1e6)
        while True:
            await self.deliver()
            due_us = await self.database.read(next_due_us)
            if due_us is None or due_us > end_us:
                return
            self.clock.advance(max(0, due_us - self.clock.now_us()) / 1e6)

    async def show_round(self) -> None:
        """The board's next, for which each message has rested; no time passes."""
        self.discord.forget_edits()
        await self.board._show_round()

    async def job(self, job: Job | JobId) -> Job:
        return await self.database.read(select_job, job if isinstance(job, int) else job.id)

    async def picture(self, job: Job) -> Picture:
        """What was drawn for it."""
        picture = (await self.job(job)).picture
        assert picture is not None
        return picture

    async def due(self) -> list[JobId]:
        """What is still to be said, now or later."""
        due = await self.database.read(postings.deliverable, now_us=1 << 62, limit=1000)
        return [job.id for job in due]

    def status(self, job: Job) -> str:
        """What the job's first answer says now."""
        assert job.message.message_id is not None
        return self.discord.messages[job.message.message_id].text

    def marks(self, job: Job) -> set[str]:
        """Custom ids of its buttons, and its texts."""
        assert job.message.message_id is not None
        return self.discord.messages[job.message.message_id].marks


def make_scene(database: Database, clock: ManualClock) -> Scene:
    wakeup = Wakeup(clock)
    service = Service(
        database=database,
        words=WordCheck(database=database),
        clock=clock,
        randomness=Random(7),
        offer=OFFER,
        price=price,
        wakeups=Wakeups(work=Wakeup(clock), result=wakeup),
    )

    async def close_channel(channel_id: ChannelId) -> None:
        await service.jobs.close_channel(channel_id)

    discord, relay = ScriptedDiscord(clock, close_channel), ScriptedRelay()
    return Scene(
        database=database,
        clock=clock,
        discord=discord,
        relay=relay,
        service=service,
        wakeup=wakeup,
        outbox=make_outbox(database, discord, relay, wakeup, clock),
        board=StatusBoard(jobs=service.jobs, posts=discord, database=database, clock=clock),
    )


def make_outbox(
    database: Database, posts: Posts, relay: Relay, wakeup: Wakeup, clock: Clock
) -> Outbox:
    files = make_files(database, posts, relay, clock)
    carrier = Carrier(relay=relay, files=files, model=MODEL)
    common = Common(database=database, clock=clock, randomness=Random(7), wakeup=wakeup)
    return composition.make_outbox(common, posts, files, carrier)


def make_files(database: Database, posts: Posts, relay: Relay, clock: Clock) -> PictureFiles:
    """Discord's copies come by the same relay."""
    return PictureFiles(
        database=database, posts=posts, relay=relay, copies=relay, model=MODEL, clock=clock
    )


async def turns(count: int = 50) -> None:
    """Lets whatever can go on go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(holds: Callable[[], object]) -> None:
    """Until it is so; the threads of the database take their time."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - another thread's work
            await asyncio.sleep(0)
