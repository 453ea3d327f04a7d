"""The answer of Z-Image is lost on its way: nobody can know, so nothing is sent a second time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.seen import buttons
from tests.journeys.test_imagine import SMALL, custom_id, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

LOST = "a cat whose picture nobody sees"
CUT, ODD = "broke before its answer was here", "an answer that I cannot read"
# What strikes the one call, what the member reads of it, and how often it was billed.
LOSSES: dict[str, tuple[dict[str, Any], str, int]] = {
    "it was drawn and billed, and the connection cut": ({"kind": "drop_after"}, CUT, 1),
    "the connection was cut before it was drawn": ({"kind": "drop_before"}, CUT, 0),
    "half of the answer came": ({"kind": "cut_body", "after_bytes": 40}, CUT, 1),
    "the answer ends in the middle of its JSON": ({"kind": "broken_json"}, ODD, 1),
    "a page came instead of the answer": (
        {"kind": "html", "status": 200, "billed": True},
        ODD,
        1,
    ),
    "a gateway grew tired of waiting": ({"kind": "html", "status": 504, "billed": True}, CUT, 1),
    "an error without a meaning came": (
        {"kind": "error", "code": "Nonsense", "message": "?", "status": 200},
        ODD,
        0,
    ),
}


def lose(stage: Stage, fault: dict[str, Any]) -> None:
    """One call runs into it; all others are answered."""
    stage.fault({"server": "zimage", "match": "POST *", "times": 1, **fault})


def billed(stage: Stage, prompt: str = LOST) -> list[bool]:
    """For each call with this prompt that Z-Image has acted upon, whether it is paid."""
    return [one["billed"] for one in stage.ledger()["requests"] if one["prompt"] == prompt]


def operator_told(stage: Stage) -> list[Any]:
    lines = [json.loads(line) for line in stage.log.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"].startswith("uncertain")]


async def lost(stage: Stage) -> Any:
    """The status message of a call that ended so; its member has read what is known."""
    settled = await stage.control.settled(await stage.imagine(LOST, seed=7, size=SMALL), 20)
    (status,) = settled["messages"]
    said = text_of(status)
    assert "Lost on the way" in said
    assert "It may have been charged once, so I did not send it again." in said
    return status


async def goes_on(stage: Stage, prompt: str) -> None:
    """Other jobs are drawn; whatever was due before them has been done by then."""
    assert len(await stage.pictures(await stage.imagine(prompt, size=SMALL))) == 1


async def try_again(stage: Stage, status: Any) -> Any:
    """The member presses the status message's only button."""
    assert buttons(status) == ["Try again"]
    return await stage.control.act(
        "component",
        channel=status["channel_id"],
        message_id=status["id"],
        custom_id=custom_id(status, "again"),
    )


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_call_is_made_once_only_where(stage: Stage, loss: str) -> None:
    """Not by the bot that lost it, nor by the next; the member may have it drawn by a button."""
    fault, words, bills = LOSSES[loss]
    lose(stage, fault)
    status = await lost(stage)
    assert words in text_of(status)
    await goes_on(stage, "the same bot goes on")
    await stage.kill_bot()
    await stage.start_bot()
    await goes_on(stage, "and so does the next")
    assert sum(billed(stage)) == bills
    assert len(billed(stage)) == (0 if fault["kind"] == "drop_before" else 1)

    (picture,) = await stage.pictures(await try_again(stage, status))
    assert "seed 7" in text_of(picture)
    assert sum(billed(stage)) == bills + 1
    assert [line["level"] for line in operator_told(stage)] == ["error"]


async def test_a_call_that_is_never_answered_is_made_once_only(stage_with: Any) -> None:
    """It is given up when the bot's patience is; Z-Image has drawn and billed it."""
    async with stage_with(bot=False) as stage:
        stage.program = "tests.journeys.hasty_bot"
        await stage.start_bot()
        lose(stage, {"kind": "hang_after"})
        status = await lost(stage)
        await goes_on(stage, "the same bot goes on")
        assert billed(stage) == [True]
        assert len(await stage.pictures(await try_again(stage, status))) == 1
        assert billed(stage) == [True, True]


async def test_the_operator_reads_what_to_look_for_in_the_providers_bill(stage: Stage) -> None:
    """When it left, and the provider's number of it, if that much had arrived."""
    lose(stage, {"kind": "cut_body", "after_bytes": 40})
    await lost(stage)
    (line,) = operator_told(stage)
    (request,) = stage.ledger()["requests"]
    assert line["request_id"] == request["request_id"]
    assert abs(line["sent_at_us"] / 1e6 - request["time"]) < 5


async def test_lost_answers_among_others_cost_only_themselves(stage: Stage) -> None:
    """Every third call: each prompt is billed once, and each member hears what became of theirs."""
    faults = [{"kind": "drop_after", "skip": 2}, {"kind": "cut_body", "after_bytes": 9, "skip": 5}]
    stage.fault(*[{"server": "zimage", "match": "POST *", "times": 1, **fault} for fault in faults])
    prompts = [f"cat number {number}" for number in range(9)]
    channels = ("pictures", "general", "studio")
    started = [
        await stage.imagine(prompt, size=SMALL, member=n % 3, channel=channels[n % 3])
        for n, prompt in enumerate(prompts)
    ]
    drawn = [len(await stage.pictures(one)) for one in started]
    assert sorted(drawn) == [0, 0, *[1] * 7]
    await goes_on(stage, "one more")
    assert [billed(stage, prompt) for prompt in prompts] == [[True]] * 9
    assert len(operator_told(stage)) == 2
