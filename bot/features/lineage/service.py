"""All that `/lineage` may ask for. It writes nothing, and keeps no picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from bot.features.lineage import rows
from bot.features.lineage.rules import (
    MOST_LINKS,
    Kinship,
    nearest_kin,
    nodes_shown,
    where_it_hangs,
)
from bot.queue.authority import as_seen, check_known, check_unveiled, is_known, is_veiled
from bot.queue.jobs import select_job
from bot.queue.records import tenant_of
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.lineage.rules import Family, FamilyNode
    from bot.pictures import Thumbnail, Thumbnails
    from bot.queue.authority import Asker
    from bot.queue.records import Job, JobId, UserId
    from bot.runtime.clock import Clock

    LinkOf = Callable[[Job], Awaitable[str | None]]

AT_ONCE = 6  # thumbnails under way, however many members look at trees
LONGEST_S = 6.0  # for all thumbnails together; what has not come by then is a frame
MOST_ASKED = 40  # messages that Discord is asked for by one member's trees at a time,
EACH_US = 250_000  # and one more whenever this has passed
SIDE_PX = 256  # of a thumbnail: what the panel draws, at its zoom

log = structlog.get_logger("bot.features.lineage")


class FamilyFound(Struct, frozen=True, kw_only=True):
    """A family, whom of it the panel shows, and the jobs that are shown or linked."""

    family: Family
    nodes: tuple[FamilyNode, ...]
    kin: tuple[tuple[Kinship, int], ...]  # that hang in Discord
    jobs: Mapping[JobId, Job]

    @property
    def asked(self) -> Job:
        return self.job(self.family.asked)

    def job(self, index: int) -> Job:
        """Of the member of the family with this index, if it is shown or linked."""
        return self.jobs[self.family.ids[index]]

    def parent(self, index: int) -> Job | None:
        """The one that it came from, if that is shown or linked."""
        parent = self.family.parents[index]
        return None if parent is None else self.jobs.get(self.family.ids[parent])


class LineageService:
    """One for the process."""

    def __init__(self, *, database: Database, thumbnails: Thumbnails, clock: Clock) -> None:
        self._database = database
        self._thumbnails = thumbnails
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._asked_until_us: dict[UserId, int] = {}  # of members who have looked a moment ago

    async def find(self, job_id: JobId, asker: Asker) -> FamilyFound:
        """As much of the family as may be seen; what is veiled here is a frame without words.

        Raises:
            UnknownJob, MadeRestricted, StorageError.
        """
        return await self._database.read(_found, job_id, asker)

    async def newest(self, asker: Asker) -> tuple[Job, ...]:
        """The member's last pictures that hang in Discord and are seen here.

        Raises StorageError.
        """
        tenant_id = tenant_of(asker.guild_id, asker.user_id)
        jobs = await self._database.read(rows.newest_of, tenant_id, asker.user_id)
        return tuple(job for job in jobs if not is_veiled(asker, job.origin))

    async def thumbnails(
        self,
        found: FamilyFound,
        user_id: UserId,
        link_of: LinkOf,
        *,
        longest_s: float = LONGEST_S,
    ) -> dict[JobId, Thumbnail]:
        """Of those shown that come in time; fewer for a member who looks at one tree after another.

        Args:
            user_id: of whoever looks.
            link_of: asks Discord for a fresh link to a picture; None if it gives none.
        """
        jobs = self._to_ask(user_id, _with_pictures(found))
        come: dict[JobId, Thumbnail] = {}

        async def take(job: Job) -> None:
            async with self._turns:
                link = await link_of(job)
                if link is None or job.picture is None:
                    return
                small = await self._thumbnails.fetch(link, job.picture.size, side_px=SIDE_PX)
                if small is not None:
                    come[job.id] = small

        try:
            async with asyncio.timeout(longest_s), asyncio.TaskGroup() as group:
                for job in jobs:
                    group.create_task(take(job))
        except TimeoutError:
            log.info("thumbnails came too late", come=len(come))
        return come

    def _to_ask(self, user_id: UserId, jobs: Sequence[Job]) -> Sequence[Job]:
        """Those for whose messages this member may have Discord asked now."""
        now_us = self._clock.now_us()
        until_us = {one: us for one, us in self._asked_until_us.items() if us > now_us}
        begins_us = until_us.get(user_id, now_us)
        left = MOST_ASKED - -(-(begins_us - now_us) // EACH_US)
        asked = jobs[:left]
        until_us[user_id] = begins_us + len(asked) * EACH_US
        self._asked_until_us = until_us
        return asked


def _with_pictures(found: FamilyFound) -> Sequence[Job]:
    """Those shown, the asked one first. A panel has no spoiler, so what hangs behind one is told in
    words."""
    jobs = [found.job(node.index) for node in found.nodes]
    return sorted(filter(_is_seen, jobs), key=lambda job: job is not found.asked)


def _is_seen(job: Job) -> bool:
    is_spoiler = job.picture is not None and job.picture.is_spoiler
    return where_it_hangs(job) is not None and not (job.is_veiled or is_spoiler)


def _found(tx: Transaction, job_id: JobId, asker: Asker) -> FamilyFound:
    asked = select_job(tx, job_id)
    check_known(asker, asked)
    check_unveiled(asker, asked)
    # The button is of this job's message; relatives may be younger than that.
    reader = replace(asker, button=None)
    family = rows.family(tx, job_id, lambda kin: is_known(reader, kin))
    nodes = nodes_shown(family)
    near = nearest_kin(family)
    parents = [family.parents[node.index] for node in nodes]
    wanted = {*(node.index for node in nodes), *(one for _, one in near), *parents} - {None}
    ids = [family.ids[index] for index in wanted if index is not None]
    jobs = {one: as_seen(asker, job) for one, job in rows.jobs_of(tx, ids).items()}
    kin = [one for one in near if where_it_hangs(jobs[family.ids[one[1]]]) is not None]
    return FamilyFound(family=family, nodes=nodes, kin=tuple(kin[:MOST_LINKS]), jobs=jobs)
