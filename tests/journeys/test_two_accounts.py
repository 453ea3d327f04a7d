"""Two accounts draw from one queue, each at a Z-Image with a key and a limit of its own."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli import operator
from bot.queue.records import GuildId
from sandbox.zimage import Pictures, Serving, ZImageSettings, serving
from tests.journeys.test_imagine import SMALL
from tests.journeys.test_outage import DRAWING, REFUSES, beside, told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.journeys.stage import Stage

KEY = "sk-5a6e64626f7800000000000000000002"
PER_SECOND = 2.0
SPEND = {"server": "zimage", "kind": "error", "code": "Arrearage", "match": DRAWING}
THROTTLE = {"server": "zimage", "kind": "error", "code": "Throttling.RateQuota", "match": DRAWING}


@asynccontextmanager
async def at_two(stage_with: Any) -> AsyncIterator[tuple[Stage, Serving]]:
    """The bot before a sandbox and a second Z-Image."""
    account = ZImageSettings(
        api_keys=(KEY,),
        requests_per_second=PER_SECOND,
        latency_scale=0,
        pictures=Pictures.PLAIN,
    )
    async with serving(account) as second, stage_with(rate=PER_SECOND, bot=False) as stage:
        stage.environment |= {
            "ZIMAGE_ACCOUNTS": "second",
            "DASHSCOPE_API_KEY_SECOND": KEY,
            "DASHSCOPE_BASE_URL_SECOND": second.base_url,
        }
        await stage.start_bot()
        yield stage, second
        assert second.violations.snapshot() == []
        assert KEY not in stage.log


async def asked_at_once(stage: Stage, prompt: str, count: int) -> list[Any]:
    """All wait before the first is claimed, so one account alone cannot keep up with them."""
    terminal, guild = beside(stage, []), GuildId(int(stage.control.guild["id"]))
    await operator.set_paused(terminal, guild=guild, is_paused=True)
    started = [await stage.imagine(f"{prompt} {n}", size=SMALL) for n in range(count)]
    await stage.until(lambda: len(told(stage, "submitted")) == count)
    await operator.set_paused(terminal, guild=guild, is_paused=False)
    return started


async def drawn(stage: Stage, started: list[Any]) -> None:
    """Each has its picture, once."""
    for one in started:
        assert len(await stage.pictures(one, 40)) == 1


def billed(stage: Stage, second: Serving) -> list[Any]:
    return [one.zimage.ledger.snapshot()["billed"] for one in (stage.sandbox, second)]


async def test_both_draw_and_no_request_is_drawn_twice(stage_with: Any) -> None:
    """Each account draws what its limit allows."""
    async with at_two(stage_with) as (stage, second):
        await drawn(stage, await asked_at_once(stage, "pears", 8))
        first, other = billed(stage, second)
        assert first + other == 8
        assert first >= 2
        assert other >= 2
        throttled = [one.zimage.ledger.snapshot()["throttled"] for one in (stage.sandbox, second)]
        assert throttled == [0, 0]


@pytest.mark.parametrize("fault", [SPEND, THROTTLE], ids=["unpaid", "throttled"])
async def test_what_one_account_refuses_the_other_draws(
    stage_with: Any, fault: dict[str, Any]
) -> None:
    """Also what is asked for meanwhile; the operator hears whose bill it is."""
    async with at_two(stage_with) as (stage, second):
        second.order(fault)
        started = await asked_at_once(stage, "plums", 4)
        await stage.until(lambda: sum(second.faults.fired()) > 0)
        started += [await stage.imagine("late plums", size=SMALL, member=1)]
        await drawn(stage, started)
        assert billed(stage, second) == [5, 0]
        refused = [line["account"] for line in told(stage, REFUSES)]
        assert refused == (["second"] if fault is SPEND else [])


async def test_a_kill_leaves_each_account_its_calls(stage_with: Any) -> None:
    """Those that were out are uncertain, and the log says in whose bill to look."""
    async with at_two(stage_with) as (stage, second):
        hang = {"server": "zimage", "kind": "hang_after", "match": DRAWING}
        stage.fault(hang)
        second.order(hang)
        await asked_at_once(stage, "figs", 4)
        await stage.until(lambda: stage.fired() + sum(second.faults.fired()) == 4)
        await stage.kill_bot()
        stage.fault()
        second.order()
        await stage.start_bot()
        await stage.until(lambda: stage.log.count("uncertain: perhaps drawn and billed") == 4)
        lines = [json.loads(line) for line in stage.log.splitlines() if '"uncertain: ' in line]
        assert sorted(line["account"] for line in lines) == ["second"] * 2 + ["zimage"] * 2
        await drawn(stage, [await stage.imagine(f"dates {n}", size=SMALL) for n in range(4)])
