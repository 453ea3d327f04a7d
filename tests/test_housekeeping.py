"""The rounds of housekeeping; what they wipe is held in tests/robustness/test_secrets.py."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from bot import queue
from bot.db.sqlite import Database
from bot.housekeeping import EVERY_S, Housekeeping
from tests.clock import ManualClock
from tests.queue.world import a_price, a_request, an_origin
from tests.running import running

if TYPE_CHECKING:
    from pathlib import Path

    from bot.db import Transaction


def tokens(tx: Transaction) -> int:
    (count,) = tx.execute(
        "SELECT count(*) FROM request WHERE interaction_token IS NOT NULL"
    ).fetchone()
    return int(count)


async def test_a_round_that_fails_is_followed_by_another(tmp_path: Path) -> None:
    """A full disk today does not keep tokens for ever."""
    clock = ManualClock()
    async with Database.open(tmp_path / "zeuxis.db") as database:
        origin = replace(
            an_origin(), interaction_token="aW50ZXJ", interaction_expires_at_us=clock.now_us()
        )
        await database.write(
            queue.submit, a_request(), origin, price=a_price, now_us=clock.now_us()
        )
        database._is_open = False
        with capture_logs() as logs:
            async with running(Housekeeping(database=database, clock=clock).run()):
                await clock.until_slept()
                database._is_open = True
                assert await database.read(tokens) == 1
                clock.advance(EVERY_S)
                await clock.until_slept()
                assert await database.read(tokens) == 0
    assert [one["event"] for one in logs] == ["nothing wiped", "dead tokens and links wiped"]
