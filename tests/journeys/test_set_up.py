"""Who may use the bot, and what it may cost before anybody has set anything."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.client import OPEN_TO_ALL
from sandbox.demo.seen import lines
from tests.journeys.stage import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.journeys.stage import Stage

    MakeStage = Callable[..., AbstractAsyncContextManager[Stage]]

NOTHING_SET = dict.fromkeys(UNLIMITED, "")
WAITING, A_DAY, PRICE_MICROS = 10, 25, 30_000  # the defaults
REQUESTS = 620


def text_of(message: Any) -> str:
    return "\n".join(lines(message))


async def test_a_burst_with_no_setting_at_all(stage_with: MakeStage) -> None:
    """620 requests of one member at once: at most 25 are queued, and cost at most $0.75.

    Ten wait at once, 25 are for a day; $10 is the most that a day can cost, whoever asks.
    """
    async with stage_with(bot=False, latency_scale=1.0, rate=2.0) as stage:
        stage.environment = {**NOTHING_SET, "ZIMAGE_REQUESTS_PER_SECOND": "2"}
        await stage.start_bot()
        started = await asyncio.gather(
            *(stage.imagine(f"cat {one}", rewrite="on") for one in range(REQUESTS))
        )
        first = await asyncio.gather(*(stage.control.settled(one, 60) for one in started))
        refused = [one for one in first if is_refused(one)]
        jobs, may_cost_micros = queued(stage)
        print(f"{jobs} of {REQUESTS} queued, which cost at most {may_cost_micros} micro-dollars")
        assert jobs == REQUESTS - len(refused)
        assert WAITING <= jobs <= A_DAY
        assert may_cost_micros == jobs * PRICE_MICROS <= 750_000
        assert stage.ledger()["accepted"] <= jobs


def queued(stage: Stage) -> tuple[int, int]:
    """Jobs, and what they have cost or may still cost."""
    with closing(sqlite3.connect(f"file:{stage.database}?mode=ro", uri=True)) as database:
        (jobs,) = database.execute("SELECT count(*) FROM job").fetchone()
        (micros,) = database.execute(
            "SELECT sum(reserved_micros) + sum(cost_micros) FROM ledger"
        ).fetchone()
    return jobs, micros


def is_refused(settled: Any) -> bool:
    """The first answer is for the member alone."""
    (first, *_) = settled["messages"]
    return bool(first["flags"] & 64)


async def test_a_guild_that_is_not_allowed_draws_nothing(stage_with: MakeStage) -> None:
    """The member is told, nothing is drawn and nothing billed; the allowed guild is served."""
    async with stage_with(bot=False) as stage:
        home, other = stage.control.addresses["guilds"]
        stage.environment["ALLOWED_GUILDS"] = other["id"]
        await stage.start_bot()
        for _ in range(3):
            settled = await stage.control.settled(await stage.imagine())
            (message,) = settled["messages"]
            assert message["flags"] & 64
            assert "has not opened it for this server" in text_of(message)
        assert stage.ledger()["accepted"] == stage.ledger()["billed"] == 0
        stage.control.guild = other
        assert await stage.pictures(await stage.imagine())
        assert stage.ledger()["billed"] == 1
        stage.control.guild = home


async def test_the_operator_opens_and_closes_a_guild_in_a_conversation(stage: Stage) -> None:
    """Blocked, nothing is drawn; allowed again, the next request is."""
    home = stage.control.guild
    owner = stage.sandbox.state.application.owner_id

    async def operate(name: str) -> str:
        conversation: dict[str, Any] = {"guild_id": None, "channel_id": None, "user_id": owner}
        started = await stage.control.act(
            "command", name=f"operator {name}", options={"guild": home["id"]}, **conversation
        )
        (answer,) = (await stage.control.settled(started))["messages"]
        assert answer["flags"] & 64
        return text_of(answer)

    assert "`false`" in await operate("block")
    (message,) = (await stage.control.settled(await stage.imagine()))["messages"]
    assert "has not opened it for this server" in text_of(message)
    assert stage.ledger()["accepted"] == 0
    assert "`true`" in await operate("allow")
    assert await stage.pictures(await stage.imagine())


async def test_a_newcomer_is_greeted_and_served(stage: Stage) -> None:
    """Once, after a restart too."""
    state = stage.sandbox.state
    guild = next(one for one in state.guilds.values() if one.name == "Lighthouse")
    await stage.control.call("PUT", f"/guilds/{guild.id}/bot")
    await stage.until(lambda: "guild greeted" in stage.log)
    await stage.kill_bot()
    await stage.start_bot()
    await stage.control.command("about")
    said = [
        message
        for channel in state.channels_of(guild.id)
        for message in state.messages.get(channel.id, {}).values()
    ]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("is_public", "allowed", "is_said"),
    [(True, "any", True), (False, "any", False), (True, "5", False)],
)
async def test_the_start_warns_of_a_bot_that_anybody_may_spend_by(
    stage_with: MakeStage, is_public: bool, allowed: str, is_said: bool
) -> None:
    """Public, and open to any guild: both are needed."""
    async with stage_with(bot=False, is_public=is_public) as stage:
        stage.environment["ALLOWED_GUILDS"] = allowed
        await stage.start_bot()
        await stage.until(lambda: '"event": "ready"' in stage.log)
        assert (OPEN_TO_ALL in stage.log) == is_said
