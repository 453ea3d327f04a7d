"""Fair turns over real sockets: whoever floods the queue delays himself."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tests.journeys.test_imagine import SMALL

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

FLOOD = 40
GUEST = 3
CLAIMS = 7


async def wish(stage: Stage, prompt: str, *, guild: int = 0, member: int = 0) -> Any:
    """A member of either guild asks for a picture."""
    place: Any = stage.sandbox.addresses["guilds"][guild]  # type: ignore[index] # a JSON value
    channel = next(one for one in place["channels"] if one["type"] == 0)
    started = await stage.control.act(
        "command",
        name="imagine",
        options={"prompt": prompt, "size": SMALL, "rewrite": "off"},
        guild_id=place["id"],
        channel_id=channel["id"],
        user_id=place["members"][member]["id"],
    )
    return await stage.control.get(f"/interactions/{started['interaction_id']}?wait=0")


def told(stage: Stage) -> list[tuple[str, int]]:
    """Event and job of each line of the bot's log that names a job, in order."""
    lines = [json.loads(line) for line in stage.log.splitlines() if line.startswith("{")]
    return [(line["event"], line["job"]) for line in lines if "job" in line]


def submitted(stage: Stage) -> int:
    return stage.log.count('"event": "submitted"')


async def claims_until_the_guest_is_done(stage: Stage, *, guest: dict[str, int]) -> int:
    """Floods, lets the guest in; how many claims it took from then on until the guest's last."""
    for number in range(FLOOD):
        await wish(stage, f"flood {number}")
    await stage.until(lambda: submitted(stage) == FLOOD)
    for number in range(GUEST):
        await wish(stage, f"guest {number}", **guest)
    await stage.until(lambda: submitted(stage) == FLOOD + GUEST)
    guests = [job for event, job in told(stage) if event == "submitted"][-GUEST:]
    await stage.until(lambda: {("claimed", job) for job in guests} <= set(told(stage)), 60)
    events = told(stage)
    since = events.index(("submitted", guests[-1]))
    last = max(events.index(("claimed", job)) for job in guests)
    claimed_before = [job for event, job in events[:since] if event == "claimed"]
    assert len(claimed_before) < FLOOD / 2, "most of the flood still waits"
    return sum(event == "claimed" for event, _ in events[since : last + 1])


async def test_a_guilds_three_jobs_pass_another_guilds_forty(stage_with: Any) -> None:
    """The three are drawn within the next seven claims."""
    async with stage_with(rate=2.0, latency_scale=0.01) as stage:
        claims = await claims_until_the_guest_is_done(stage, guest={"guild": 1})
    assert claims <= CLAIMS


async def test_a_members_three_jobs_pass_another_members_forty(stage_with: Any) -> None:
    """Likewise within one guild."""
    async with stage_with(rate=2.0, latency_scale=0.01) as stage:
        claims = await claims_until_the_guest_is_done(stage, guest={"member": 1})
    assert claims <= CLAIMS


def order(stage: Stage, event: str) -> list[int]:
    return [job for each, job in told(stage) if each == event]


async def test_one_picture_is_not_behind_the_four_of_another_member(stage_with: Any) -> None:
    """Asked for at the same moment, while one that runs keeps all from beginning."""
    async with stage_with(rate=1.0, latency_scale=0.01) as stage:
        await stage.imagine("a first cat", member=3, size=SMALL)
        await stage.until(lambda: order(stage, "claimed"))
        asked = await asyncio.gather(
            stage.imagine("four cats", member=0, size=SMALL, count=4),
            stage.imagine("one dog", member=1, size=SMALL),
        )
        assert all("interaction_id" in one for one in asked), asked
        await stage.until(lambda: len(order(stage, "delivered")) == 6, 60)
        claimed = order(stage, "claimed")[1:]
        single = order(stage, "submitted")
        (dog,) = {*claimed} - set(four_of(claimed, single))
        assert claimed.index(dog) <= 1
        assert stage.ledger()["billed"] == 6


def four_of(claimed: list[int], submitted: list[int]) -> list[int]:
    """The jobs of the request that has four: consecutive numbers from its first."""
    for first in submitted[1:]:
        if all(first + more in claimed for more in range(4)) and first + 1 not in submitted:
            return [first + more for more in range(4)]
    raise AssertionError((claimed, submitted))
