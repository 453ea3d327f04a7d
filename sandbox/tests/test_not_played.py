"""What Discord has and the sandbox has not is refused in so many words, and blamed on nobody."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from sandbox.control.client import Control
from sandbox.discord.app import ROUTES
from sandbox.discord.not_played import NOT_PLAYED
from sandbox.server import Sandbox, Settings
from sandbox.tests.gateway import wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.sockets

NAME = re.compile(r"\{[^}]*\}")


def keys(routes: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Method and path, whatever its parameters are called."""
    return {(method, NAME.sub("{}", path)) for method, path in routes}


def test_each_operation_of_the_document_is_played_or_named(document_path: Path) -> None:
    """Not both; some that are played are not in the document."""
    paths = json.loads(document_path.read_bytes())["paths"]
    documented = keys(
        [
            (method.upper(), path)
            for path, operations in paths.items()
            for method, operation in operations.items()
            if "operationId" in operation
        ]
    )
    played = keys([(route.method, route.path) for route in ROUTES])
    named = keys([(route.method, route.path) for route in NOT_PLAYED])
    assert named == documented - played
    assert len(named) == len(NOT_PLAYED)


@pytest.fixture
async def plain() -> AsyncIterator[Rest]:
    """A caller of a sandbox without the document, which knows no forwarded messages either."""
    async with Sandbox.start(Settings(seed=7)) as sandbox, Control.of(sandbox) as control:
        async with Rest.of(sandbox, control, pause_s=1) as rest:
            yield rest
        assert {each["rule"] for each in sandbox.remarks.snapshot()} == {"not played"}
        assert sandbox.violations.snapshot() == []


async def test_each_is_refused_by_name(plain: Rest) -> None:
    """With a sentence; a remark and no violation."""
    for route in NOT_PLAYED:
        refused = await plain.call(route.method, NAME.sub("1", route.path), {})
        said = f"The sandbox does not play {route.method} {route.path}."
        assert (refused.status, refused.body) == (400, {"message": said, "code": 0})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": "x", "sticker_ids": ["1"]}, "sticker_ids"),
        ({"content": "x", "flags": 1 << 13}, "flags"),
        (
            {"message_reference": {"type": 1, "message_id": "1", "channel_id": "1"}},
            "message_reference",
        ),
        (
            {
                "poll": {
                    "question": {"text": "Which?"},
                    "answers": [{"poll_media": {"text": each}} for each in ("one", "two")],
                }
            },
            "poll",
        ),
    ],
)
async def test_a_field_is_refused_without_blame(plain: Rest, body: object, field: str) -> None:
    """50035 at its place, whose code is the sandbox's own."""
    refused = await plain.call("POST", MESSAGES, body)
    assert (refused.status, refused.body["code"]) == (400, 50035)
    assert "SANDBOX_UNSUPPORTED" in json.dumps(refused.body["errors"][field])


async def test_another_version_of_the_interface_is_refused_by_name(plain: Rest) -> None:
    """Also one that is named by leaving it out."""
    for version in ("/v9", ""):
        base = f"{plain.sandbox.addresses['discord_api_base_url']}".replace("/v10", version)
        async with plain.session.get(f"{base}/users/@me") as refused:
            said = "The sandbox plays version 10 alone: /api/v10."
            assert (refused.status, await refused.json()) == (400, {"message": said, "code": 50041})


async def test_voice_and_sounds_of_the_gateway_are_remarked_on(sandbox: Sandbox) -> None:
    """Nothing answers them; leaving a voice channel asks for nothing."""
    async with wire(sandbox) as line:
        await line.identify()
        voice = {"guild_id": "1", "self_mute": False, "self_deaf": False}
        await line.send(4, {**voice, "channel_id": "2"})
        await line.send(4, {**voice, "channel_id": None})
        await line.send(31, {"guild_ids": ["1"]})
        await line.send(1)
        await line.until_op(11)
    remarks = [(each["rule"], each["request_line"]) for each in sandbox.remarks.snapshot()]
    assert remarks == [("not played", "gateway op 4"), ("not played", "gateway op 31")]
    assert sandbox.violations.snapshot() == []
