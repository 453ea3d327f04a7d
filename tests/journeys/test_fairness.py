"""Fair turns over real sockets: whoever floods the queue delays himself."""

from __future__ import annotations

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
