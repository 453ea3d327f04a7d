"""Tokens, keys and signatures stand nowhere but where they are needed, and not for longer."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from bot import queue
from bot.db.sqlite import Database
from bot.housekeeping import Housekeeping
from bot.moderation.word_check import WordCheck
from bot.providers.image import Outcome, Size
from bot.providers.zimage import OFFER
from bot.queue.records import ChannelId, GuildId, InteractionId, Origin, UserId
from tests.clock import ManualClock
from tests.journeys.test_imagine import SMALL
from tests.queue.world import a_price
from tests.robustness.rows import states

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.stage import Stage

TOKEN = "aW50ZXJhY3Rpb246dG9rZW4"
MINUTE_US = 60_000_000


def origin(*, interaction_expires_at_us: int = 0) -> Origin:
    return Origin(
        interaction_id=InteractionId(1),
        guild_id=GuildId(2),
        channel_id=ChannelId(3),
        user_id=UserId(4),
        upload_limit_bytes=20_000_000,
        interaction_token=TOKEN,
        interaction_expires_at_us=interaction_expires_at_us,
    )


def content(folder: Path) -> bytes:
    """Of the database and all files beside it."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".log")


def test_records_do_not_show_what_they_hold() -> None:
    """A record ends up in tracebacks and logs sooner or later."""
    outcome = Outcome(
        url="https://host/x.png?Signature=abc",
        shown_prompt="a cat",
        size=Size(512, 512),
        provider_request_id="1",
        duration_us=1,
    )
    assert "Signature" not in repr(outcome)
    assert TOKEN not in repr(origin())


async def test_a_dead_interaction_token_leaves_no_byte_in_any_file(tmp_path: Path) -> None:
    """Neither in its row, nor in a free page, nor in the write-ahead log."""
    clock = ManualClock()
    request = OFFER.image_request(prompt="a cat", size=Size(512, 512), seed=1, rewrite=False)
    async with Database.open(tmp_path / "zeuxis.db") as database:
        dies = origin(interaction_expires_at_us=clock.now_us() + 15 * MINUTE_US)
        await database.write(queue.submit, request, dies, price=a_price, now_us=clock.now_us())
        housekeeping = Housekeeping(
            database=database, words=WordCheck(database=database), clock=clock
        )
        assert await housekeeping.wipe() == 0
        assert TOKEN.encode() in content(tmp_path)
        clock.advance(15 * 60)
        assert await housekeeping.wipe() == 1
        assert TOKEN.encode() not in content(tmp_path)


async def test_log_and_database_hold_no_secret_after_a_picture(stage: Stage) -> None:
    """At the most talkative level, after a refusal, a retry and a picture."""
    await stage.kill_bot()
    stage.environment["LOG_LEVEL"] = "debug"
    await stage.start_bot()
    stage.fault(
        {"server": "links", "kind": "cut_body", "after_bytes": 99, "times": 1},
        {"server": "discord", "kind": "drop_after", "match": "POST */threads", "times": 1},
    )
    await stage.imagine(size=SMALL)
    await stage.until(lambda: states(stage) == {"shown": 1})
    await stage.kill_bot(signal.SIGTERM)
    (interaction,) = stage.sandbox.state.interactions.values()
    addresses = stage.sandbox.addresses
    for secret in (addresses["bot_token"], addresses["api_key"], "Signature=", interaction.token):
        assert str(secret) not in stage.log
        assert str(secret).encode() not in content(stage.folder)
