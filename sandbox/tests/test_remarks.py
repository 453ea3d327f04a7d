"""A field that Discord does not know is let be and remarked on, unless the sandbox is strict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PNG
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction
from sandbox.tests.wrong_bodies import button, row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.document import Document

pytestmark = pytest.mark.sockets

SUBCOMMAND = {"type": 1, "name": "channel", "description": "Where", "nsfw": False}
OPTION = {"type": 3, "name": "prompt", "description": "What", "contexts": [], "integrationTypes": 0}
EMOJI = {"name": "🎨", "available": True}

SENT: dict[str, tuple[str, object, list[str]]] = {
    "nsfw of a subcommand": (
        COMMANDS,
        {"name": "settings", "description": "x", "options": [SUBCOMMAND]},
        ["options[0]: nsfw"],
    ),
    "contexts of an option, camel case": (
        COMMANDS,
        {"name": "imagine", "description": "x", "options": [OPTION]},
        ["options[0]: contexts", "options[0]: integrationTypes"],
    ),
    "guild of a guild's command": (
        "/applications/{application_id}/guilds/{guild_id}/commands",
        {"name": "imagine", "description": "x", "guild_id": "7"},
        ["body: guild_id"],
    ),
    "availability of an emoji": (
        MESSAGES,
        {"content": "x", "components": [row({**button(), "emoji": EMOJI})]},
        ["components[0].components[0].emoji: available"],
    ),
    "wait": (MESSAGES, {"content": "x", "wait": True}, ["body: wait"]),
    "invitable of a public thread": (
        "/channels/{channel_id}/messages/{message_id}/threads",
        {"name": "x", "invitable": True},
        ["body: invitable"],
    ),
}
"""What libraries send beyond the reference, and what is said of it."""


@pytest.fixture
async def lenient(document: Document) -> AsyncIterator[Sandbox]:
    """A sandbox as it is by default, with Discord's document."""
    clock = SandboxClock.manual()
    async with Sandbox.start(Settings(seed=7), clock=clock, document=document) as running:
        yield running
    assert running.checks.tally.failures == []


@pytest.fixture
async def control(lenient: Sandbox) -> AsyncIterator[Control]:
    """Its members."""
    async with Control.of(lenient) as opened:
        yield opened


@pytest.fixture
async def rest(lenient: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A caller of it who knows a message."""
    async with Rest.of(lenient, control) as caller:
        sent = await caller.must("POST", MESSAGES, {"content": "start here"})
        caller.places["message_id"] = sent.body["id"]
        yield caller


async def remarked(control: Control) -> list[str]:
    """Place and name of each unknown field, as the control interface has them."""
    told = [(one["rule"], one["detail"]) for one in await control.get("/remarks")]
    assert {rule for rule, _ in told} <= {"unknown field"}
    return [f"{said.partition(' (')[0]}: {said.split(chr(34))[1]}" for _, said in told]


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
async def test_an_unknown_field_is_let_be(
    rest: Rest, control: Control, sent: tuple[str, object, list[str]]
) -> None:
    """The request succeeds, no rule is broken, and the remark names place and field."""
    path, body, said = sent
    await rest.must("POST", path, body)
    assert await remarked(control) == said
    assert await control.get("/violations") == []


async def test_attachments_beside_a_message_are_let_be(rest: Rest, control: Control) -> None:
    """At the top of a callback and of a forum's post, where libraries put them by mistake."""
    attachments = [{"id": "0", "filename": "a.png"}]
    post = {"name": "x", "message": {"content": "x"}, "attachments": attachments}
    forum = {"channel_id": control.channel("ideas")}
    files = {"a.png": PNG}
    await rest.must("POST", "/channels/{channel_id}/threads", post, files=files, at=forum)
    answer = {"type": 4, "data": {"content": "x"}, "attachments": attachments}
    await rest.must("POST", CALLBACK, answer, files=files, at=await opened(rest, control))
    assert await remarked(control) == ["body: attachments"] * 2


async def opened(rest: Rest, control: Control) -> dict[str, str]:
    """The places of an interaction that nobody has answered yet."""
    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    started = await interaction(rest.sandbox, control)
    return {"interaction_id": started.id, "interaction_token": started.token}


@pytest.mark.parametrize("nonce", ["7", {"of": "no known type"}])
async def test_a_field_of_another_route_has_no_effect(
    rest: Rest, control: Control, nonce: object
) -> None:
    """Whatever it says: the first answer to an interaction knows no nonce."""
    body = {"type": 4, "data": {"content": "x", "nonce": nonce}}
    await rest.must("POST", CALLBACK, body, at=await opened(rest, control))
    (*_, last) = rest.sandbox.state.messages[rest.places["channel_id"]].values()
    assert (last.content, last.nonce) == ("x", None)
    assert await remarked(control) == ["data: nonce"]


async def test_a_slip_beside_an_unknown_field_is_refused_still(
    rest: Rest, control: Control
) -> None:
    """A remark excuses nothing."""
    refused = await rest.call("POST", MESSAGES, {"content": "x" * 2001, "ephermal": True})
    assert refused.body["errors"].keys() == {"content"}
    assert len(await control.get("/violations")) == 1
    assert await remarked(control) == ["body: ephermal"]


async def test_remarks_are_told_and_forgotten(rest: Rest, control: Control) -> None:
    """The feed has them as they come; DELETE forgets them and leaves the violations."""
    told: list[Any] = []
    rest.sandbox.remarks.listen(told.append)
    await rest.call("POST", MESSAGES, {"content": "x" * 2001, "ephermal": True})
    assert [one.request_line.partition("/channels")[0] for one in told] == ["POST /api/v10"]
    await control.call("DELETE", "/remarks")
    assert await control.get("/remarks") == []
    assert len(await control.get("/violations")) == 1


async def test_a_strict_sandbox_refuses_it(sandbox: Sandbox) -> None:
    """50035, a violation, and no remark."""
    async with Control.of(sandbox) as control, Rest.of(sandbox, control) as rest:
        refused = await rest.call("POST", MESSAGES, {"content": "x", "ephermal": True})
    assert refused.body["errors"]["_errors"][0]["code"] == "UNKNOWN_FIELD"
    assert len(sandbox.violations) == 1
    assert sandbox.remarks.snapshot() == []
