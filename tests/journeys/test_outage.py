"""The account is refused: told to the operator once, to members plainly, and nothing is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli import Terminal, operator
from bot.runtime.clock import SystemClock
from bot.settings.reading import load_settings
from sandbox.demo.seen import lines
from sandbox.discord.components import TextDisplay, walk
from tests.journeys.test_imagine import SMALL

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

REFUSES = "provider refuses the account, it draws nothing until that is mended"
ACCEPTS = "provider accepts the account again"
DRAWING = "POST *"


def told(stage: Stage, event: str) -> list[Any]:
    """The log's lines of this event."""
    lines = [json.loads(line) for line in stage.log.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def shown(stage: Stage) -> str:
    """All that stands in the channel for everybody."""
    messages = stage.sandbox.state.messages[stage.control.channel("pictures")].values()
    return "\n".join(
        each.content
        for message in messages
        if message.viewer_id is None
        for each in walk(message.components)
        if isinstance(each, TextDisplay)
    )


def refuse_the_account(stage: Stage, code: str) -> None:
    """Slowly enough for several calls to be out."""
    stage.fault(
        {"server": "zimage", "kind": "latency", "seconds": 1.5, "match": DRAWING},
        {"server": "zimage", "kind": "error", "code": code, "match": DRAWING},
    )


def beside(stage: Stage, said: list[str]) -> Terminal:
    """An operator's, who works beside the bot that runs."""
    given = {"DISCORD_TOKEN": "t", "DASHSCOPE_API_KEY": "k"}
    settings = load_settings(
        {**given, "DATABASE_URL": f"sqlite:///{stage.database}"}, dotenv=stage.folder / "none.env"
    )
    return Terminal(settings, SystemClock(), said.append)


async def mend(stage: Stage) -> None:
    """The operator pays, and does not wait for the next probe."""
    stage.fault()
    said: list[str] = []
    await operator.probe(beside(stage, said))
    assert "is asked now" in said[0]


@pytest.mark.parametrize(
    ("code", "outage", "words"),
    [
        ("Arrearage", "account", "Z-Image has blocked the account of this bot"),
        ("InvalidApiKey", "key", "Z-Image does not accept the key of this bot."),
    ],
)
async def test_refused_account_loses_no_job(
    stage: Stage, code: str, outage: str, words: str
) -> None:
    """Three calls run into it; all are drawn after it was mended, each billed once."""
    refuse_the_account(stage, code)
    started = [await stage.imagine(f"grapes {number}", size=SMALL) for number in range(3)]
    await stage.until(lambda: told(stage, REFUSES))
    await stage.until(lambda: words in shown(stage))

    refused = await stage.control.settled(await stage.imagine("too late", member=1))
    (message,) = refused["messages"]
    assert message["flags"] & 64
    assert words in "\n".join(lines(message))
    assert "The next attempt is" in "\n".join(lines(message))

    await mend(stage)
    for one in started:
        assert len(await stage.pictures(one, 40)) == 1
    await stage.until(lambda: told(stage, ACCEPTS))
    (line,) = told(stage, REFUSES)
    assert (line["level"], line["outage"]) == ("critical", outage)
    assert line["to_do"]
    assert stage.ledger()["billed"] == 3
    assert words not in shown(stage)


async def test_outage_is_known_after_a_restart(stage: Stage) -> None:
    """The bot does not run into it again; its operator is told again."""
    refuse_the_account(stage, "Arrearage")
    started = await stage.imagine(size=SMALL)
    await stage.until(lambda: told(stage, REFUSES))
    calls = stage.fired()
    await stage.kill_bot()
    await stage.start_bot()
    await stage.until(lambda: len(told(stage, REFUSES)) == 2)
    assert stage.fired() == calls
    await mend(stage)
    assert len(await stage.pictures(started, 40)) == 1


async def test_wait_beyond_the_limit_is_refused_at_submit(stage_with: Any) -> None:
    """Before anything is queued, with the wait that it would be."""
    async with stage_with(bot=False) as stage:
        stage.environment["MAX_EXPECTED_WAIT_S"] = "3"
        await stage.start_bot()
        refused = await stage.control.settled(await stage.imagine())
        (message,) = refused["messages"]
        assert message["flags"] & 64
        assert "The queue is too long at present" in "\n".join(lines(message))
        assert stage.ledger()["accepted"] == 0
