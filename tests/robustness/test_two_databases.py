"""Two processes with one token and a database each: by mistake, or while one is moved."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.journeys.stage import READY
from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import WHOLE, messages, pictures, rows

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

STOP_ONE = "a second process with this token has answered, stop one of them"


async def test_each_picture_is_drawn_once_and_the_operator_is_told(stage: Stage) -> None:
    """Whoever Discord refuses withdraws its job before the call, without a word to the member."""
    other = stage.folder / "other.db"
    second = await stage.spawn_bot(DATABASE_URL=f"sqlite:///{other}")
    try:
        await stage.until(lambda: stage.log.count(READY) == 2)
        for number in range(5):
            assert await stage.pictures(await stage.imagine(f"cat {number}", size=SMALL))
        query = f"SELECT state FROM {WHOLE}"
        await stage.until(
            lambda: (
                sorted(rows(stage.database, query) + rows(other, query))
                == [("cancelled",)] * 5 + [("shown",)] * 5
            )
        )
    finally:
        second.send_signal(signal.SIGTERM)
        await second.wait()
    assert stage.ledger()["billed"] == 5
    assert len(pictures(stage)) == 5
    assert len(messages(stage)) == 15, "status, opening of the thread and picture of each"
    assert stage.log.count(STOP_ONE) == 5
    refused = {one["rule"] for one in stage.sandbox.violations.snapshot()}
    assert refused == {"40060 Interaction has already been acknowledged."}
    stage.sandbox.violations.clear()
