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
        options={"prompt": prompt, "size": SMALL, "rewrite": False},
        guild_id=place["id"],
        channel_id=channel["id"],
        user_id=place["members"][member]["id"],
    )
    return await stage.control.get(f"/interactions/{started['interaction_id']}?wait=0")


def jobs_of(stage: Stage, event: str) -> list[int]:
    """The jobs that the bot's log names with an event, in its order."""
    lines = [json.loads(line) for line in stage.log.splitlines() if line.startswith("{")]
    return [line["job"] for line in lines if line["event"] == event]


async def claims_after(stage: Stage, *, guest: dict[str, int]) -> list[int]:
    """Floods, lets the guest in, and returns the next claims: ids over 40 are the guest's."""
    for number in range(FLOOD):
        await wish(stage, f"flood {number}")
    await stage.until(lambda: len(jobs_of(stage, "submitted")) == FLOOD)
    for number in range(GUEST):
        await wish(stage, f"guest {number}", **guest)
    await stage.until(lambda: len(jobs_of(stage, "submitted")) == FLOOD + GUEST)
    before = len(jobs_of(stage, "claimed"))
    assert before < FLOOD / 2, "most of the flood still waits"
    await stage.until(lambda: len(jobs_of(stage, "claimed")) >= before + CLAIMS, 60)
    return jobs_of(stage, "claimed")[before:][:CLAIMS]


async def test_a_guilds_three_jobs_pass_another_guilds_forty(stage_with: Any) -> None:
    """The three are drawn within the next seven claims."""
    async with stage_with(rate=2.0, latency_scale=0.01) as stage:
        claims = await claims_after(stage, guest={"guild": 1})
    assert {41, 42, 43} <= set(claims)


async def test_a_members_three_jobs_pass_another_members_forty(stage_with: Any) -> None:
    """Likewise within one guild."""
    async with stage_with(rate=2.0, latency_scale=0.01) as stage:
        claims = await claims_after(stage, guest={"member": 1})
    assert {41, 42, 43} <= set(claims)
