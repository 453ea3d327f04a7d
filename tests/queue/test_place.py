"""The place of a job is on disk, and rows of before have theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import queue
from bot.db.connection import connect, make_private_file
from bot.db.migrate import migrate, migrations
from bot.queue.jobs import select_job
from bot.queue.records import ChannelId
from bot.records import replace
from tests.queue.world import World, a_price, a_request, an_origin

if TYPE_CHECKING:
    from pathlib import Path


def test_channel_of_a_thread_is_stored(world: World) -> None:
    """What holds there holds in the thread."""
    origin = replace(an_origin(), parent_channel_id=ChannelId(77), is_thread=True)
    submitted = world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    stored = select_job(world.tx, submitted.job.id).origin
    assert stored == origin
    assert stored.root_channel_id == 77


def test_rows_of_before_belong_to_their_own_channel(tmp_path: Path) -> None:
    """A database of the first schema comes over with all that is in it."""
    path = tmp_path / "a.db"
    make_private_file(path)
    tx = connect(path)
    migrate(tx, {1: migrations()[1]})
    tx.execute(
        "INSERT INTO job (interaction_id, guild_id, user_id, state, priority, is_due, cost,"
        " created_at_us, prompt, width_px, height_px, seed, rewrite, negative, channel_id,"
        " is_thread, locale, guild_locale, upload_limit_bytes, interaction_expires_at_us)"
        " VALUES (1, 2, 3, 'cancelled', 0, 0, 1, 4, 'grapes', 512, 512, 5, 0, '', 6, 1, 'de',"
        " 'fr', 7, 8)"
    )
    migrate(tx)
    job = World(tx).run(select_job, 1)
    assert (job.request.prompt, job.origin.root_channel_id) == ("grapes", 6)
    tx.close()
