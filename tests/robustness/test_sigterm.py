"""SIGTERM: what runs ends, nothing is uncertain that need not be, and the process always ends."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import AbstractAsyncContextManager, closing
from typing import TYPE_CHECKING, Any

from bot.lifecycle import CLOSING_S
from bot.texts.about_cards import ForgetPress
from tests.journeys.test_imagine import SMALL, text_of
from tests.robustness.rows import pictures, rows, states, undone
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.forked import Process
    from tests.journeys.stage import Stage

    StageWith = Callable[..., AbstractAsyncContextManager[Stage]]

MODERATOR = 3


async def ended(process: Process, within_s: float = 0.0) -> int:
    """SIGTERM, and the exit status; within this time, were the machine ours alone.

    A process that hangs ends itself with 1, and one that drains first with 0.
    """
    process.send_signal(signal.SIGTERM)
    return await asyncio.wait_for(process.wait(), within_s + PATIENCE_S)


async def test_calls_that_are_out_end_and_are_delivered(stage_with: StageWith) -> None:
    """Nothing is uncertain; what had not begun waits for the next start and is drawn then."""
    async with stage_with(bot=False) as stage:
        stage.environment["ZIMAGE_MAX_RUNNING"] = "2"  # two are out when the signal comes, no more
        await stage.start_bot()
        stage.fault({"server": "zimage", "kind": "hang_before", "match": "POST *"})
        for _ in range(8):
            await stage.imagine(size=SMALL)
        await stage.until(lambda: stage.fired() == 2)
        assert stage.bot is not None
        stage.bot.send_signal(signal.SIGTERM)
        await stage.until(lambda: '"event": "draining"' in stage.log)
        stage.fault()  # only now are they answered
        assert await asyncio.wait_for(stage.bot.wait(), PATIENCE_S) == 0
        assert states(stage) == {"shown": 2, "queued": 6}
        assert len(pictures(stage)) == stage.ledger()["billed"] == 2
        await stage.start_bot()
        await stage.until(lambda: undone(stage) == 0)
        assert states(stage) == {"shown": 8}
        assert len(pictures(stage)) == stage.ledger()["billed"] == 8


async def test_calls_longer_than_the_grace_are_uncertain_and_told_at_the_next_start(
    stage: Stage,
) -> None:
    """They have been sent; nobody can know."""
    await stage.kill_bot()
    stage.environment["SHUTDOWN_GRACE_S"] = "1"
    await stage.start_bot()
    stage.fault({"server": "zimage", "kind": "hang_before", "match": "POST *"})
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    assert stage.bot is not None
    assert await ended(stage.bot, 1 + CLOSING_S) == 0
    assert states(stage) == {"uncertain": 1}
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: undone(stage) == 0)


SLOWLY = {"server": "discord", "kind": "latency", "match": "POST */callback", "seconds": 1.0}


async def answered_last(stage: Stage, started: Any) -> Any:
    """What a member reads whose answer is on its way when the signal comes."""
    await stage.until(stage.fired)
    assert stage.bot is not None
    assert await ended(stage.bot) == 0
    (message,) = (await stage.control.settled(started, 1))["messages"]
    return message


async def test_who_has_called_a_command_is_answered(stage: Stage) -> None:
    stage.fault(SLOWLY)
    message = await answered_last(stage, await stage.imagine(size=SMALL))
    assert "In the queue" in text_of(message)
    told = "SELECT message_id FROM message"
    assert rows(stage.database, told) == [(int(message["id"]),)]


async def test_who_has_pressed_a_button_is_answered(stage: Stage) -> None:
    (asked,) = (await stage.control.command("privacy delete"))["messages"]
    stage.fault(SLOWLY)
    pressed = await stage.control.act(
        "component", message_id=asked["id"], custom_id=str(ForgetPress())
    )
    assert "Nothing here names you" in text_of(await answered_last(stage, pressed))


async def test_who_has_filled_in_a_form_is_answered(stage: Stage) -> None:
    called = await stage.control.act("command", name="style add", member=MODERATOR)
    form = (await stage.control.settled(called))["modal"]["custom_id"]
    stage.fault(SLOWLY)
    fields = {"name": "noir", "prompt": "{prompt}, noir"}
    filled = await stage.control.act("modal", custom_id=form, fields=fields, member=MODERATOR)
    assert "can be named from now on" in text_of(await answered_last(stage, filled))


async def test_a_second_signal_ends_at_once(stage: Stage) -> None:
    """Whatever it waits for."""
    stage.fault({"server": "zimage", "kind": "hang_before", "match": "POST *"})
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    assert stage.bot is not None
    stage.bot.send_signal(signal.SIGTERM)
    await stage.until(lambda: '"event": "stopping"' in stage.log)
    assert await ended(stage.bot) == 130


async def test_it_ends_although_a_delivery_hangs(stage: Stage) -> None:
    """The picture is posted after the next start, once."""
    await stage.kill_bot()
    stage.environment["SHUTDOWN_GRACE_S"] = "1"
    await stage.start_bot()
    stage.fault({"server": "discord", "kind": "hang_after", "match": "POST */channels/*/messages"})
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    assert stage.bot is not None
    assert await ended(stage.bot, 1 + CLOSING_S) == 0
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: undone(stage) == 0)
    assert len(pictures(stage)) == 1


async def test_it_ends_although_discord_was_never_reached(stage_with: StageWith) -> None:
    """It tries to log in until Discord is there, and can be stopped meanwhile."""
    async with stage_with(bot=False) as stage:
        stage.fault({"server": "discord", "kind": "drop_before"})
        process = await stage.spawn_bot()
        await stage.until(lambda: "Discord cannot be reached" in stage.log)
        assert await ended(process) == 0


async def test_discord_that_comes_back_finds_the_bot_waiting(stage_with: StageWith) -> None:
    """Without a restart."""
    async with stage_with(bot=False) as stage:
        stage.fault({"server": "discord", "kind": "drop_before"})
        stage.bot = await stage.spawn_bot()
        await stage.until(lambda: "Discord cannot be reached" in stage.log)
        stage.fault()
        await stage.until(lambda: '"event": "ready"' in stage.log)
        assert await stage.pictures(await stage.imagine(size=SMALL))


async def test_it_ends_although_the_database_is_locked(stage: Stage) -> None:
    """By another program; the call that was out is taken up at the next start."""
    stage.fault({"server": "zimage", "kind": "hang_before", "match": "POST *"})
    await stage.kill_bot()
    stage.environment["SHUTDOWN_GRACE_S"] = "1"
    await stage.start_bot()
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    with closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert stage.bot is not None
        assert await ended(stage.bot, 1 + CLOSING_S) in (0, 1)
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: undone(stage) == 0)
    assert rows(stage.database, "SELECT state FROM job") == [("uncertain",)]


async def test_the_token_that_discord_refuses_ends_the_bot_with_a_word(
    stage_with: StageWith,
) -> None:
    """A restart would not help; the operator must act."""
    async with stage_with(bot=False) as stage:
        process = await stage.spawn_bot(DISCORD_TOKEN="MTIz.wrong.token")
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 1
        assert "see DISCORD_TOKEN" in stage.log
        stage.sandbox.violations.clear()  # the wrong token was meant
