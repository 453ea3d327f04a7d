"""One bot holds a database; what its predecessor left is taken up at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import pictures, rows, states
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

AN_HOUR_US = 3_600_000_000


async def test_a_second_bot_on_the_same_database_ends_with_a_clear_word(stage: Stage) -> None:
    """The first one goes on undisturbed."""
    second = await stage.spawn_bot()
    assert await asyncio.wait_for(second.wait(), PATIENCE_S) == 1
    assert "another Zeuxis runs on this database" in stage.log
    assert await stage.pictures(await stage.imagine(size=SMALL))


def leased_for_an_hour(stage: Stage) -> None:
    """Longer than anybody here waits: who goes on has not waited for its end."""
    rows(stage.database, "UPDATE job SET lease_until_us = lease_until_us + ?", AN_HOUR_US)


async def test_a_call_that_had_not_left_is_made_right_after_the_restart(stage: Stage) -> None:
    """Nobody waits for a dead process's lease."""
    stage.fault({"server": "zimage", "kind": "hang_before", "match": "POST *"})
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    await stage.kill_bot()
    rows(stage.database, "UPDATE job SET sent_at_us = NULL")
    leased_for_an_hour(stage)
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: pictures(stage))
    assert stage.ledger()["billed"] == 1


async def test_a_call_that_had_left_is_told_as_uncertain_right_after_the_restart(
    stage: Stage,
) -> None:
    """To the member, and to the operator as an error."""
    stage.fault({"server": "zimage", "kind": "hang_after", "match": "POST *"})
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    await stage.kill_bot()
    leased_for_an_hour(stage)
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: '"event": "notified"' in stage.log)
    assert states(stage) == {"uncertain": 1}
    (reported,) = [line for line in stage.log.splitlines() if '"uncertain: perhaps' in line]
    assert '"level": "error"' in reported
