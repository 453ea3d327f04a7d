"""A picture that is painted, and is long on its way into Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo.seen import buttons
from tests.journeys.test_imagine import text_of
from tests.journeys.test_kill import pictures_anywhere
from tests.journeys.test_outage import shown
from tests.journeys.test_places import pictures, rows

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

CHARGED = "It had been painted, so it was charged once."


async def said(stage: Stage) -> tuple[str, list[str]]:
    """The status message's words and buttons."""
    (message,) = await stage.control.messages("pictures")
    return text_of(message), buttons(message)


async def test_a_picture_on_its_way_is_cancelled_and_never_posted(stage: Stage) -> None:
    """Not by another process either, after the first was killed in the middle of it."""
    stage.fault({"server": "discord", "kind": "hang_before", "match": "POST */messages/*/threads"})
    where = await pictures(stage)
    started = await where.ask(stage)
    await stage.until(lambda: '"event": "generated"' in stage.log)
    await stage.until(lambda: "Painted and on its way" in shown(stage))
    _, hands = await said(stage)
    assert hands == ["Cancel"]
    assert not (await stage.control.settled(started, 1))["settled"]
    (message,) = await stage.control.messages("pictures")
    await where.press(stage, message, "cancel")
    words, hands = await said(stage)
    assert CHARGED in words
    assert hands == []
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: not rows(stage, "SELECT 1 FROM outbox WHERE due_at_us IS NOT NULL"))
    assert await pictures_anywhere(stage) == []
    assert CHARGED in (await said(stage))[0]
    assert stage.ledger()["billed"] == 1
