"""Which picture a file is: the one that its metadata name and its look fits, or one alike here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.features.provenance.rules import Evidence
from bot.features.provenance.service import _by_look, _by_marks
from bot.pictures import SeenUpload
from bot.pictures.likeness import NEAR
from bot.pictures.provenance import Marks
from bot.queue.authority import Asker
from bot.queue.records import ChannelId, GuildId, UserId
from bot.queue.shown import record_likeness
from tests.queue.conftest import world as _world
from tests.queue.test_picture_words import a_picture

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.queue.world import World

world = _world
LOOK, OTHER_LOOK = (1 << 40) - 1, (1 << 20) - 1


def pictured(world: World, look: int, *, guild: int = 1) -> Job:
    job = a_picture(world, "a cat", guild=guild)
    world.run(record_likeness, job.id, look)
    return job


def seen(
    world: World, marks: Marks | None, look: int | None, *, guild: int | None = 1
) -> tuple[Evidence, int] | None:
    """By somebody in that guild."""
    here = ChannelId(10)
    asker = Asker(
        user_id=UserId(9),
        guild_id=None if guild is None else GuildId(guild),
        channel_id=here,
        root_channel_id=here,
        may_moderate=False,
    )
    shown = SeenUpload(marks=marks, likeness=look)
    found = _by_marks(world.tx, shown) or _by_look(world.tx, shown, asker)
    return found and (found[0], found[1].id)


def marks_of(job: Job) -> Marks:
    return Marks(job=str(job.id), seed=str(job.request.seed))


def test_metadata_that_fit_tell_the_picture_wherever_it_is_shown(world: World) -> None:
    pictured(world, LOOK)
    job = pictured(world, LOOK)
    for guild in (1, 2, None):
        assert seen(world, marks_of(job), LOOK, guild=guild) == (Evidence.MARKED, job.id)
    assert seen(world, marks_of(job), None) == (Evidence.ONLY_MARKED, job.id)


def test_metadata_of_another_picture_or_of_none_are_not_believed(world: World) -> None:
    """The look alone tells then."""
    job, other = pictured(world, LOOK), pictured(world, OTHER_LOOK)
    unknown = Marks(job="404", seed="1")
    for marks in (marks_of(other), unknown, None):
        assert seen(world, marks, LOOK) == (Evidence.ALIKE, job.id)
    assert seen(world, unknown, None) is None
    assert seen(world, marks_of(other), LOOK, guild=2) is None


def test_one_that_looks_alike_is_found_in_the_guild_alone(world: World) -> None:
    pictured(world, OTHER_LOOK)
    job = pictured(world, LOOK)
    alike = LOOK ^ ((1 << (NEAR // 2)) - 1)
    assert seen(world, None, alike) == (Evidence.ALIKE, job.id)
    assert seen(world, None, alike, guild=2) is None
    assert seen(world, None, None) is None
