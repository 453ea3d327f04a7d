"""Prompts that no card is made for: shown as they were typed wherever a picture's words stand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.cogs.playing import parts
from tests.journeys.test_hands import Hands, told
from tests.journeys.test_imagine import SMALL, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ODD = {
    "mentions": "@everyone and @here look at a cat",
    "markdown": "**bold** _cat_ ||spoiler|| ~~gone~~ `code` ```fence``` # head > quote [a](http://b.c)",
    "right to left": "קטן \u05d7\u05ea\u05d5\u05dc and قط أحمر beside a dog",
    "joined": "a \U0001f468\u200d\U0001f469\u200d\U0001f467 family, \u0645\u06cc\u200c\u062e",
    "emoji": "🐈" * 800,
}


async def typed_again(hands: Hands) -> str:
    """What the form of an edit begins with."""
    opened = await hands.press("edit", 0)
    fields = [one["component"] for one in parts(opened["modal"]) if "component" in one]
    return next(str(one["value"]) for one in fields if one["custom_id"] == "prompt")


@pytest.mark.parametrize("prompt", [*ODD.values()], ids=[*ODD])
async def test_an_odd_prompt_is_shown_everywhere_and_pings_nobody(
    stage: Stage, prompt: str
) -> None:
    """On status, card, in the form, in history and lineage; the sandbox refuses what breaks."""
    started = await stage.imagine(prompt, size=SMALL, seed=7)
    (picture,) = await stage.pictures(started)
    hands = Hands(stage, picture)
    assert await typed_again(hands) == prompt
    looks: list[Any] = [await hands.press(verb, 0) for verb in ("prompt", "lineage", "resize")]
    looks.append(await stage.control.settled(await found(stage)))
    reroll = await hands.press("reroll", 1)
    for seen in (*looks, reroll, {"messages": [picture]}):
        assert seen["messages"], seen
        for message in seen["messages"]:
            assert message["mentions"] == []
            assert not message["mention_everyone"]
            assert "Something went wrong" not in text_of(message)
    whole = told(looks[0])
    assert prompt.replace("```", "ˋˋˋ") in whole
    assert stage.ledger()["billed"] == 2


async def found(stage: Stage) -> Any:
    return await stage.control.act("command", name="history", channel="pictures")


async def test_four_thousand_emoji_are_refused_and_cost_nothing(stage: Stage) -> None:
    started = await stage.imagine("🐈" * 4000, size=SMALL)
    said = told(await stage.control.settled(started))
    assert "4,000" in said or "4000" in said
    assert stage.ledger()["billed"] == 0


async def test_two_presses_in_a_second_paint_one_picture(stage: Stage) -> None:
    """The second is told so; another member's press, and another size, are wishes of their own."""
    (picture,) = await stage.pictures(await stage.imagine("a cat", size=SMALL, seed=7))
    hands = Hands(stage, picture)
    seen = await asyncio.gather(*(hands.press("reroll", 0) for _ in range(2)))
    painted = [one for each in seen for one in each["messages"] if one["attachments"]]
    assert len(painted) == 1
    assert sum("so I paint it once" in told(each) for each in seen) == 1
    for verb, member in (("reroll", 1), ("again", 0), ("resize", 0)):
        wished = await hands.use(verb, member)
        assert [one for one in wished["messages"] if one["attachments"]], told(wished)
    assert stage.ledger()["billed"] == 5
