"""The 26 wrong bodies meet the real server: refused, told in Discord's words, remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction
from sandbox.tests.wrong_bodies import EMPTY, WITH_FIELDS, WrongBody, codes_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.bots import PaintingBot


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A caller with a message, an open interaction and one that was answered at its places."""
    async with Rest.of(sandbox, control) as caller:
        await caller.call("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
        sent = await caller.call("POST", MESSAGES, {"content": "hello"})
        answered, unanswered = [await interaction(sandbox, control) for _ in range(2)]
        caller.places.update(
            message_id=sent.body["id"],
            webhook_id=sandbox.state.application.id,
            webhook_token=answered.token,
            interaction_id=answered.id,
            interaction_token=answered.token,
        )
        await caller.call("POST", CALLBACK, {"type": 5})
        caller.places.update(interaction_id=unanswered.id, interaction_token=unanswered.token)
        assert sandbox.violations.snapshot() == []
        yield caller


@pytest.mark.parametrize("wrong", WITH_FIELDS, ids=str)
async def test_a_wrong_field_is_refused_and_remembered(
    wrong: WrongBody, sandbox: Sandbox, rest: Rest
) -> None:
    """400 with 50035 and the field's place; one violation that says so; nothing has happened."""
    before = dict(sandbox.state.messages[rest.places["channel_id"]])
    refused = await rest.call(wrong.method, wrong.path, wrong.body)
    assert refused.status == 400
    assert (refused.body["code"], refused.body["message"]) == (50035, "Invalid Form Body")
    assert codes_at(refused.body, wrong.place) == [wrong.code]
    (violation,) = sandbox.violations.snapshot()
    assert violation["rule"] == "50035 Invalid Form Body"
    assert wrong.code in str(violation["detail"])
    assert str(violation["request_line"]).startswith(f"{wrong.method} /api/v10/")
    assert sandbox.state.messages[rest.places["channel_id"]] == before


async def test_an_empty_message_is_refused_and_remembered(sandbox: Sandbox, rest: Rest) -> None:
    """400 with 50006, which names no field."""
    refused = await rest.call(EMPTY.method, EMPTY.path, EMPTY.body)
    assert refused.status == 400
    assert refused.body == {"code": 50006, "message": "Cannot send an empty message"}
    (violation,) = sandbox.violations.snapshot()
    assert violation["rule"] == "50006 Cannot send an empty message"


async def test_a_bot_that_sends_one_wrong_field_leaves_a_violation(
    sandbox: Sandbox, control: Control, bot: PaintingBot
) -> None:
    """discord.py meets the refusal as an exception, the sandbox keeps it; the right one it lets."""
    channel = bot.get_partial_messageable(int(control.channel("pictures")))
    await channel.send("x" * 2000)
    assert sandbox.violations.snapshot() == []
    with pytest.raises(discord.HTTPException, match="Must be 2000 or fewer in length") as refused:
        await channel.send("x" * 2001)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    (violation,) = sandbox.violations.snapshot()
    assert violation["rule"] == "50035 Invalid Form Body"
    assert "BASE_TYPE_MAX_LENGTH" in str(violation["detail"])
