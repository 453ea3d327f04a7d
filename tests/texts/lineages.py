"""Families to make cards and panels of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.features.lineage.rules import family_of, nearest_kin, nodes_shown, where_it_hangs
from bot.features.lineage.service import FamilyFound
from bot.pictures import Thumbnail
from bot.providers.image import ImageRequest, Size
from bot.queue.records import ChannelId, JobId, MessageId
from bot.records import replace
from tests.pictures.samples import encoded
from tests.texts.records import DELETED, DELIVERED, QUEUED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.queue.records import Job

A_FOX = ImageRequest(prompt="a fox in the snow", size=Size(1024, 1024), seed=1, rewrite=False)


def a_job(number: int, request: ImageRequest, like: Job = DELIVERED) -> Job:
    """Where it hangs, its message bears its number."""
    picture = like.picture and replace(
        like.picture,
        size=request.size,
        channel_id=ChannelId(31),
        message_id=None if like.picture.message_id is None else MessageId(5000 + number),
    )
    if like is DELETED:
        request = replace(request, prompt="", negative="")
    return replace(like, id=JobId(number), request=request, picture=picture)


def found_of(parents: Mapping[int, int | None], asked: int, jobs: Mapping[int, Job]) -> FamilyFound:
    """As the service finds it."""
    family = family_of(
        JobId(asked),
        {JobId(one): None if it is None else JobId(it) for one, it in parents.items()},
    )
    near = nearest_kin(family)
    kin = [one for one in near if where_it_hangs(jobs[family.ids[one[1]]])][:10]
    known = {JobId(number): job for number, job in jobs.items()}
    return FamilyFound(family=family, nodes=nodes_shown(family), kin=tuple(kin), jobs=known)


def a_family(prompts: Sequence[str] = ("a fox in the snow", "a red fox")) -> FamilyFound:
    """Six, of every kind; the third is asked for."""
    other = replace(A_FOX, prompt=prompts[-1], seed=3, negative="people")
    jobs = {
        1: a_job(1, replace(A_FOX, prompt=prompts[0])),
        2: a_job(2, replace(A_FOX, prompt=prompts[0], seed=2)),
        3: a_job(3, other),
        4: a_job(4, A_FOX, DELETED),
        5: a_job(5, replace(other, size=Size(1536, 864))),
        6: a_job(6, replace(other, rewrite=True, seed=9), QUEUED),
    }
    return found_of({1: None, 2: 1, 3: 1, 4: 1, 5: 3, 6: 3}, 3, jobs)


def of_size(count: int, *, asked: int | None = None, prompt: str = "a fox") -> FamilyFound:
    """As many branches as there is room for, each a line."""
    parents: dict[int, int | None] = {1: None}
    while len(parents) < count:
        number = len(parents) + 1
        parents[number] = max(1, number - 7)
    jobs = {number: a_job(number, replace(A_FOX, prompt=prompt, seed=number)) for number in parents}
    return found_of(parents, asked or count // 2 + 1, jobs)


def thumbnails_of(found: FamilyFound) -> dict[JobId, Thumbnail]:
    """For each that hangs."""
    small = {}
    for node in found.nodes:
        job = found.job(node.index)
        if where_it_hangs(job):
            longest_px = max(job.request.size.width_px, job.request.size.height_px)
            sides = (
                side * 64 // longest_px
                for side in (job.request.size.width_px, job.request.size.height_px)
            )
            size = Size(*sides)
            content = encoded("PNG", size.width_px, size.height_px)
            small[job.id] = Thumbnail(content=content, media_type="image/png", size=size)
    return small
