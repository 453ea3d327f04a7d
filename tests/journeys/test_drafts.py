"""From a prompt that is rewritten and read to its picture, with the real bot over real sockets."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.journeys.test_imagine import SMALL, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

LOST = {"server": "zimage", "match": "POST /compatible-mode/*", "times": 1}


async def ask(stage: Stage, prompt: str = "a cat", **options: Any) -> Any:
    """The private message that shows the rewritten prompt, or why there is none."""
    started = await stage.imagine(prompt, rewrite="ask", size=SMALL, **options)
    (message,) = (await stage.control.settled(started))["messages"]
    assert message["flags"] & 64, "for the member alone"
    return message


def button_of(message: Any, verb: str) -> str:
    waiting, found = list(message["components"]), []
    while waiting:
        one = waiting.pop()
        waiting += one.get("components", ())
        found.append(one.get("custom_id") or "")
    return str(next(one for one in found if one.startswith(f"zeuxis:2:draft:{verb}:")))


async def press(stage: Stage, message: Any, verb: str) -> Any:
    return await stage.control.act(
        "component",
        message_id=message["id"],
        custom_id=button_of(message, verb),
        channel=message["channel_id"],
    )


async def painted(stage: Stage, message: Any, verb: str) -> str:
    """What the picture's message says."""
    (picture,) = await stage.pictures(await press(stage, message, verb))
    return text_of(picture)


def rewritings(stage: Stage) -> list[Any]:
    found: list[Any] = stage.ledger()["chats"]
    return found


def bill(stage: Stage) -> list[Any]:
    """Entries of the bot's own ledger."""
    with closing(sqlite3.connect(stage.database)) as tx:
        return tx.execute(
            "SELECT entry, outcome, images, cost_micros FROM ledger ORDER BY job_id, at_us"
        ).fetchall()


async def usage(stage: Stage) -> str:
    started = await stage.control.act("command", name="usage me", options={})
    return "\n".join(map(text_of, (await stage.control.settled(started))["messages"]))


async def test_no_picture_is_billed_until_the_member_accepts(stage: Stage) -> None:
    """Then one is, of the prompt that was read; what the rewriting cost is in /usage."""
    shown = await ask(stage, "an orange cat, 水彩")
    assert all(one in text_of(shown) for one in ("orange cat, 水彩", "sandbox rewriting"))
    assert (stage.ledger()["accepted"], stage.ledger()["billed"]) == (0, 0)
    (chat,) = rewritings(stage)
    assert bill(stage) == [
        ("reserved", "", 0, 0),
        ("settled", "rewriting", 0, chat["cost_micros"]),
    ]
    dollars = f"$0.{chat['cost_micros']:06d}"
    assert f"including {dollars} for rewriting" in await usage(stage)
    assert "sandbox rewriting" in await painted(stage, shown, "use")
    (drawn,) = stage.ledger()["requests"]
    assert drawn["prompt"] == chat["answer"]
    assert (drawn["prompt_extend"], stage.ledger()["billed"]) == (False, 1)


async def test_the_member_s_own_words_and_a_changed_prompt(stage: Stage) -> None:
    """Keep mine; and edit, then use."""
    assert "sandbox rewriting" not in await painted(stage, await ask(stage, "a dog"), "own")
    shown = await ask(stage)
    opened = await press(stage, shown, "edit")
    await stage.control.settled(opened)
    draft = button_of(shown, "edit").rpartition(":")[2]
    started = await stage.control.act(
        "modal", custom_id=f"zeuxis:2:draft:save:{draft}", fields={"prompt": "a cat, etched"}
    )
    (again,) = (await stage.control.settled(started))["messages"]
    assert "a cat, etched" in text_of(again)
    assert "a cat, etched" in await painted(stage, again, "use")
    assert [one["prompt"] for one in stage.ledger()["requests"]] == ["a dog", "a cat, etched"]


async def test_what_is_dropped_is_not_painted(stage: Stage) -> None:
    settled = await stage.control.settled(await press(stage, await ask(stage), "drop"))
    assert "Dropped. Nothing was painted." in "\n".join(map(text_of, settled["messages"]))
    assert stage.ledger()["accepted"] == 0


async def test_two_presses_in_a_second_paint_one_picture(stage: Stage) -> None:
    shown = await ask(stage)
    pressed = await asyncio.gather(*(press(stage, shown, verb) for verb in ("use", "own")))
    settled = [await stage.control.settled(one, 20) for one in pressed]
    said = {one["id"]: text_of(one) for each in settled for one in each["messages"]}
    assert sum("This was used already" in one for one in said.values()) == 1
    assert said[shown["id"]].startswith("Asked for.")
    assert stage.ledger()["billed"] == 1


async def test_between_the_question_and_the_answer_the_bot_may_be_killed(stage: Stage) -> None:
    """The button works; and a call that was out then hangs nowhere, it is uncertain."""
    shown = await ask(stage)
    stage.fault({**LOST, "kind": "hang_after"})
    await stage.imagine("a dog", rewrite="ask", size=SMALL)
    await stage.until(lambda: len(rewritings(stage)) == 2 and rewritings(stage)[1]["billed"])
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    assert [one[:2] for one in bill(stage)].count(("uncertain", "rewriting")) == 1
    assert "sandbox rewriting" in await painted(stage, shown, "use")
    assert stage.ledger()["billed"] == 1


async def test_a_lost_answer_is_said_and_not_asked_for_again(stage: Stage) -> None:
    """Perhaps it was billed, so what was reserved stays."""
    stage.fault({**LOST, "kind": "drop_after"})
    shown = await ask(stage)
    assert "lost on its way" in text_of(shown)
    assert "may have been charged once" in text_of(shown)
    assert len(rewritings(stage)) == 1
    assert [one[0] for one in bill(stage)] == ["reserved", "uncertain"]


async def test_a_refused_word_and_a_busy_rewriter_cost_nothing(stage: Stage) -> None:
    assert "does not accept" in text_of(await ask(stage, "forbidden-by-sandbox"))
    stage.fault({**LOST, "kind": "error", "code": "limit_requests"})
    assert "cannot be rewritten at the moment" in text_of(await ask(stage))
    assert sum(one["cost_micros"] for one in rewritings(stage)) == 0
    assert [one[3] for one in bill(stage)] == [0, 0, 0, 0]


async def test_rewriting_uses_a_limit_of_money_up(stage: Stage) -> None:
    """A cent and a half and a little: the picture fits, so it is rewritten some times."""
    await stage.kill_bot()
    stage.environment["BUDGET_PER_DAY_USD"] = "0.0156"
    await stage.start_bot()
    shown = [await ask(stage, f"cat {one}") for one in range(12)]
    rewritten = ["sandbox rewriting" in text_of(one) for one in shown]
    assert rewritten[0]
    assert not rewritten[-1]
    assert len(rewritings(stage)) == sum(rewritten), "who is refused asks nobody"
    assert stage.ledger()["accepted"] == 0


async def test_several_prompts_are_confirmed_and_painted(stage: Stage) -> None:
    """Two pictures of one request; ten times two are refused with their number."""
    started = await stage.imagine("a {red|blue} cat", size=SMALL)
    (shown,) = (await stage.control.settled(started))["messages"]
    assert stage.ledger()["accepted"] == 0
    await press(stage, shown, "paint")
    await stage.until(lambda: stage.ledger()["downloaded"] == 2)
    prompts = [one["prompt"] for one in stage.ledger()["requests"]]
    assert sorted(prompts) == ["a blue cat", "a red cat"]
    started = await stage.imagine("{a|b}" * 10)
    (refused,) = (await stage.control.settled(started))["messages"]
    assert "1 024 pictures" in text_of(refused)
