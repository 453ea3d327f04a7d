"""Families in rows: pictures that came from each other, as fast as they can be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.providers.image import ImageRequest, Size
from bot.queue import jobs
from bot.queue.records import (
    ChannelId,
    GuildId,
    InteractionId,
    Job,
    JobId,
    JobState,
    MessageId,
    Origin,
    PictureState,
    RequestId,
    UserId,
)
from bot.records import replace
from tests.queue.world import an_outcome
from tests.texts.records import QUEUED

if TYPE_CHECKING:
    from tests.queue.world import World

GUILD, CHANNEL, ADA, BEN = GuildId(1), ChannelId(10), UserId(41), UserId(42)
A_FOX = ImageRequest(prompt="a fox", size=Size(1024, 1024), seed=7, rewrite=False)


@dataclass
class Descent:
    """Writes rows without the queue: thousands of pictures, and circles."""

    world: World
    last: int = 0
    made: list[JobId] = field(default_factory=list)

    def draw(
        self,
        parent: int | None = None,
        *,
        user: UserId = ADA,
        channel: ChannelId = CHANNEL,
        guild: GuildId = GUILD,
        count: int = 1,
        request: ImageRequest = A_FOX,
        state: PictureState | None = PictureState.SHOWN,
        restricted: bool = False,
    ) -> JobId:
        """A request of so many pictures; returns the first one's number.

        Args:
            state: of the pictures; None: not drawn.
        """
        first = self.last + 1
        self.last += count
        origin = Origin(
            interaction_id=InteractionId(1000 + first),
            guild_id=guild,
            channel_id=channel,
            user_id=user,
            upload_limit_bytes=1,
            parent_id=None if parent is None else JobId(parent),
            is_restricted=restricted,
        )
        for number in range(1, count + 1):
            job = replace(
                QUEUED,
                id=JobId(first + number - 1),
                request_id=RequestId(first),
                number=number,
                count=count,
                state=JobState.CANCELLED if state is None else JobState.DRAWN,
                request=request,
                origin=origin,
            )
            self.world.run(self._insert, job, state)
            self.made.append(job.id)
        return JobId(first)

    def _insert(self, tx: object, job: Job, state: PictureState | None) -> None:
        tx = self.world.tx
        if job.number == 1:
            jobs.insert_request(tx, job)
        jobs.insert_job(tx, job, cost=1)
        if state is not None:
            jobs.insert_picture(
                tx, job.id, an_outcome(), state, cost_micros=1, now_us=job.created_at_us
            )
            jobs.update_picture(
                tx, job.id, "channel_id = ?, message_id = ?", 31, MessageId(5000 + job.id)
            )

    def let_descend(self, child: int, parent: int) -> None:
        """As only a hand in the rows can."""
        self.world.tx.execute("UPDATE request SET parent_id = ? WHERE id = ?", (parent, child))
