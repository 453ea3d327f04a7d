"""A picture in a thread, shown small by its status message in the channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord.ui import MediaGallery

from bot.errors import DownloadFailed, PictureTooLarge
from bot.queue import postings
from bot.queue.jobs import update_picture
from tests.delivery.test_gallery import asked_and_painted, delete, files, shown
from tests.delivery.test_manner import want

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene
    from tests.delivery.scripted import Said


def status(scene: Scene, job: Job) -> Said:
    assert job.message.message_id is not None
    return scene.discord.messages[job.message.message_id]


async def test_the_done_card_shows_it_small(scene: Scene) -> None:
    """By the edit that says so; the picture hangs in its thread as ever."""
    await want(scene, "preview", value=True)
    job = await scene.drawn()
    await scene.deliver()
    said = status(scene, job)
    assert shown(said) == said.files == [f"preview-{job.id}.jpg"]
    (gallery,) = [one for one in said.view.walk_children() if isinstance(one, MediaGallery)]
    assert [item.description for item in gallery.items] == ["AI-generated picture: a cat"]
    assert "Done" in said.text
    assert [one.files for one in scene.discord.in_channel(job.message.message_id or 0)] == [
        files([job])
    ]
    assert await scene.due() == []


@pytest.mark.parametrize("error", [PictureTooLarge(size_bytes=2, limit_bytes=1), DownloadFailed()])
async def test_without_pillow_the_card_stays_as_it_is(scene: Scene, error: Exception) -> None:
    """Nor does one that cannot be made hold anything up."""
    await want(scene, "preview", value=True)
    scene.relay.preview_error = error
    job = await scene.drawn()
    await scene.deliver()
    assert shown(status(scene, job)) == status(scene, job).files == []
    assert "Done" in status(scene, job).text
    assert await scene.due() == []


async def test_nobody_sees_one_unless_staff_want_it(scene: Scene) -> None:
    """It is off by itself."""
    job = await scene.drawn()
    await scene.deliver()
    assert status(scene, job).files == []
    assert scene.relay.previewed == []


async def test_a_status_message_that_becomes_the_picture_needs_none(scene: Scene) -> None:
    """In a thread there is one message."""
    await want(scene, "preview", value=True)
    job = await scene.drawn(is_thread=True)
    await scene.deliver()
    assert status(scene, job).files == files([job])
    assert scene.relay.previewed == []


async def test_a_deleted_picture_takes_its_preview_along(scene: Scene) -> None:
    """From the card and from the message."""
    await want(scene, "preview", value=True)
    job = await scene.drawn()
    await scene.deliver()
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert shown(status(scene, job)) == status(scene, job).files == []


async def test_of_several_the_first_is_shown(scene: Scene) -> None:
    """Once all have ended; it goes with its own picture, and with no other."""
    await want(scene, "preview", value=True)
    jobs = await asked_and_painted(scene, 3, is_thread=False)
    await scene.deliver()
    said = status(scene, jobs[0])
    assert shown(said) == said.files == [f"preview-{jobs[0].id}.jpg"]
    assert scene.relay.previewed == [jobs[0].id]
    await delete(scene, jobs[1])
    assert shown(said) == said.files == [f"preview-{jobs[0].id}.jpg"]
    (gallery,) = [one for one in said.view.walk_children() if isinstance(one, MediaGallery)]
    assert [item.description for item in gallery.items] == ["AI-generated picture: a cat"]
    await delete(scene, jobs[0])
    assert shown(said) == said.files == []


async def test_what_is_told_of_the_picture_is_read_when_it_is_shown(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making it small takes its time, in which somebody may give another text."""
    await want(scene, "preview", value=True)
    job = await scene.drawn()
    make = scene.relay.make_preview

    async def make_slowly(*args: Any, **options: Any) -> Any:
        await scene.database.write(update_picture, job.id, "alt_text = ?", "on a wall")
        return await make(*args, **options)

    monkeypatch.setattr(scene.relay, "make_preview", make_slowly)
    await scene.deliver()
    (gallery,) = [
        one for one in status(scene, job).view.walk_children() if isinstance(one, MediaGallery)
    ]
    assert [item.description for item in gallery.items] == ["on a wall"]
