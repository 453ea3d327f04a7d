"""Where the staff look at every picture first, nobody else sees it before they have let it go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.reviewing import (
    MODERATOR,
    approve,
    cards,
    pictures_outside,
    read,
    reject,
    review_everything,
    said_outside,
    waiting,
    write,
)
from tests.journeys.test_imagine import SMALL, text_of
from tests.journeys.test_kill import pictures_anywhere

if TYPE_CHECKING:
    from bot.db import Transaction
    from tests.journeys.stage import Stage

DAY_US = 86_400_000_000
DYING = "tests.journeys.dying_bot"
# Each write on the way of a held picture; the bot dies before it, or as soon as it is on disk.
UNTIL_DECIDED = (
    *("after:complete", "before:_settle", "after:_settle", "before:mark_held_told"),
    *("before:note_card_attempt", "after:note_card_attempt"),
    *("before:record_card", "after:record_card", "before:case_told"),
)
UNTIL_POSTED = (
    *("before:record_post_attempt", "after:record_post_attempt"),
    *("before:record_result_message", "after:record_result_message"),
    *("before:mark_delivered", "after:mark_delivered"),
)


async def until_posted_to_staff(stage: Stage) -> None:
    """The card is there and known."""
    await stage.until(lambda: any(one.card_message_id for one in waiting(stage)))


async def test_a_picture_hangs_before_the_staff_alone_until_they_approve_it(stage: Stage) -> None:
    review_everything(stage)
    await stage.imagine("a purple cat", seed=7, size=SMALL)
    await until_posted_to_staff(stage)
    await stage.until(lambda: '"event": "staff told of a case"' in stage.log)
    (card,) = await cards(stage)
    assert [one["filename"].startswith("SPOILER_") for one in card["attachments"]] == [True]
    assert "a purple cat" in text_of(card)
    assert await pictures_outside(stage) == []
    assert "purple" not in await said_outside(stage)
    (case,) = waiting(stage)
    approve(stage, case)
    await stage.until(lambda: '"event": "delivered"' in stage.log)
    (picture,) = await pictures_outside(stage)
    assert "a purple cat" in text_of(picture)
    assert stage.ledger()["billed"] == 1


def said_directly(stage: Stage) -> str:
    """To members alone."""
    state = stage.sandbox.state
    return "".join(
        str(one.components)
        for channel_id, messages in state.messages.items()
        if state.channels[channel_id].recipient_ids
        for one in messages.values()
    )


async def test_a_rejected_picture_is_shown_nowhere_and_why_its_member_reads_alone(
    stage: Stage,
) -> None:
    review_everything(stage)
    await stage.imagine("a purple cat", seed=7, size=SMALL)
    await until_posted_to_staff(stage)
    (case,) = waiting(stage)
    reject(stage, case, "no cats here")
    await stage.until(lambda: '"event": "notified"' in stage.log)
    await stage.until(lambda: "no cats here" in said_directly(stage))
    said = await said_outside(stage)
    assert "do not want it shown" in said
    assert "no cats here" not in said
    assert "purple" not in said + said_directly(stage)
    assert await pictures_outside(stage) == []
    assert waiting(stage) == ()


async def test_staff_who_name_their_channel_late_find_what_waits_for_them(stage: Stage) -> None:
    review_everything(stage, staff_channel=None)
    await stage.imagine("a cat", seed=7, size=SMALL)
    await stage.until(lambda: "no channel takes a case" in stage.log)
    assert await pictures_anywhere(stage) == []
    review_everything(stage)
    await until_posted_to_staff(stage)
    assert len(await cards(stage)) == 1


async def test_a_review_that_is_older_than_the_link_ends_with_the_picture(stage: Stage) -> None:
    """It comes from the card of the staff, which stays."""
    review_everything(stage)
    await stage.imagine("a cat", seed=7, size=SMALL)
    await until_posted_to_staff(stage)
    write(stage, grow_old)
    (case,) = waiting(stage)
    approve(stage, case)
    await stage.until(lambda: is_delivered(stage))
    (picture,) = await pictures_outside(stage)
    assert "seed 7" in text_of(picture)
    (card,) = await cards(stage)
    assert len(card["attachments"]) == 1


def grow_old(tx: Transaction) -> None:
    """The link died two days ago, and is wiped."""
    tx.execute("UPDATE picture SET link = NULL, drawn_at_us = drawn_at_us - ?", (3 * DAY_US,))
    tx.execute("UPDATE job SET finished_at_us = finished_at_us - ?", (3 * DAY_US,))


@pytest.mark.parametrize("step", [*UNTIL_DECIDED, *UNTIL_POSTED])
async def test_a_kill_shows_nothing_before_approval_and_loses_nothing(
    stage: Stage, step: str
) -> None:
    """One card, one decision, one picture, drawn once."""
    died = stage.folder / "died"
    await stage.kill_bot()
    review_everything(stage)
    stage.program = DYING
    stage.environment |= {"ZEUXIS_DIES": step, "ZEUXIS_DIED": str(died)}
    await stage.start_bot()
    await stage.imagine("a purple cat", seed=7, size=SMALL)
    if step in UNTIL_DECIDED:
        await dead(stage)
        assert await pictures_outside(stage) == []
        await stage.start_bot()
    await until_posted_to_staff(stage)
    assert await pictures_outside(stage) == []
    (case,) = waiting(stage)
    approve(stage, case)
    if step in UNTIL_POSTED:
        await dead(stage)
        await stage.start_bot()
    await stage.until(lambda: is_delivered(stage))
    assert died.read_text() == step.partition(":")[2]
    assert len(await pictures_outside(stage)) == 1
    await stage.until(lambda: is_told(stage))
    (card,) = await cards(stage)
    assert f"<@{MODERATOR}>" in text_of(card)
    assert stage.ledger()["billed"] == 1
    assert waiting(stage) == ()


async def dead(stage: Stage) -> None:
    assert stage.bot is not None
    await stage.until(lambda: stage.bot is not None and stage.bot.returncode is not None)
    stage.bot = None


def is_delivered(stage: Stage) -> bool:
    return bool(read(stage, one_row, "SELECT state FROM picture") == "shown")


def is_told(stage: Stage) -> bool:
    """The card says how it ended."""
    return bool(read(stage, one_row, "SELECT due_at_us IS NULL FROM case_file"))


def one_row(tx: Transaction, sql: str) -> object:
    (value,) = tx.execute(sql).fetchone()
    return value
