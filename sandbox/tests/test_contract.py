"""The sandbox as a process, driven from outside by its contract alone."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.control.client import Control
from sandbox.server import OtherSeed, Sandbox, Settings
from sandbox.tests.bots import PNG, PaintingBot, connected
from sandbox.tests.gateway import PATIENCE_S
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.process

FIELDS = {
    "discord_api_base_url",
    "discord_gateway_url",
    "zimage_base_url",
    "moderation_base_url",
    "control_url",
    "page_url",
    "bot_token",
    "api_key",
    "application_id",
    "guilds",
}


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[dict[str, Any]]:
    """A sandbox in a process of its own; the line that it prints."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            line = await running.stdout.readline()
        yield json.loads(line)
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            assert await running.wait() == 0
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_it_prints_one_line_that_says_where_everything_is(tmp_path: Path) -> None:
    """Every field of the contract; two guilds as promised; each address answers."""
    async with process("--data", str(tmp_path)) as told, aiohttp.ClientSession() as session:
        assert told.keys() >= FIELDS
        assert told["discord_api_base_url"].endswith("/api/v10")
        assert told["zimage_base_url"].endswith("/api/v1")
        assert len(told["guilds"]) == 2
        for guild in told["guilds"]:
            channels, members = guild["channels"], guild["members"]
            assert channels[0]["type"] == 0
            assert any(channel.get("nsfw") for channel in channels)
            assert any(channel["read_only"] for channel in channels)
            assert any(channel["type"] == 15 for channel in channels)
            assert sum(not member["roles"] for member in members) == 3
            assert sum(member["roles"] == ["Moderator"] for member in members) == 1
        headers = {"Authorization": f"Bot {told['bot_token']}"}
        async with session.get(
            f"{told['discord_api_base_url']}/users/@me", headers=headers
        ) as response:
            assert (await response.json())["id"] == told["application_id"]
        for path in (
            "/zimage/ledger",
            "/violations",
            "/remarks",
            "/commands",
            "/faults",
            "/guilds",
        ):
            async with session.get(told["control_url"] + path) as response:
                assert response.status == 200, path


@pytest.mark.parametrize(("arguments", "status"), [((), 200), (("--strict-fields",), 400)])
async def test_the_command_line_says_what_becomes_of_unknown_fields(
    arguments: tuple[str, ...], status: int
) -> None:
    """They are let be unless it is told to be strict."""
    async with process(*arguments) as told, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bot {told['bot_token']}"}
        url = f"{told['discord_api_base_url']}/channels/{told['guilds'][0]['channels'][0]['id']}"
        body = {"content": "hello", "ephermal": True}
        async with session.post(f"{url}/messages", json=body, headers=headers) as response:
            assert response.status == status


@pytest.mark.parametrize(("arguments", "errors"), [((), 1), (("--answer-within", "60"), 0)])
async def test_the_command_line_says_how_long_a_first_answer_may_take(
    arguments: tuple[str, ...], errors: int
) -> None:
    """Discord's three seconds unless it is told to be patient."""
    async with process(*arguments) as told, aiohttp.ClientSession() as session:
        control = Control(session, told)
        headers = {"Authorization": f"Bot {told['bot_token']}"}
        url = f"{told['discord_api_base_url']}/applications/{told['application_id']}/commands"
        command = {"name": "imagine", "description": "Paints"}
        async with session.post(url, json=command, headers=headers) as response:
            assert response.status == 201
        asked = await control.act("command", name="imagine", wait_online_s=0)
        await control.call("POST", "/clock/advance", {"seconds": 30})
        seen = await control.get(f"/interactions/{asked['interaction_id']}")
        assert len(seen["errors"]) == errors


async def test_the_same_seed_makes_the_same_world(tmp_path: Path) -> None:
    """Ids, token and key; another seed makes others."""

    async def made(seed: int) -> tuple[object, ...]:
        async with Sandbox.start(Settings(seed=seed)) as sandbox:
            told = sandbox.addresses
            return told["bot_token"], told["api_key"], told["guilds"]

    assert await made(3) == await made(3)
    assert (await made(3))[0] != (await made(4))[0]


async def test_a_second_start_finds_what_the_first_left(tmp_path: Path) -> None:
    """Messages, threads, uploads and commands; links are signed for the new port."""
    settings = Settings(data=tmp_path)
    async with (
        Sandbox.start(settings) as first,
        Control.of(first) as control,
        connected(first, PaintingBot()),
    ):
        seen = await control.command("paint", prompt="grapes")
    thread_id = seen["messages"][0]["id"]
    async with Sandbox.start(settings) as second, Control.of(second) as control:
        assert second.state.origin != first.state.origin
        assert [m["content"] for m in await control.messages("pictures")] == [
            m["content"] for m in seen["messages"] if m["channel_id"] != thread_id
        ]
        told = (await control.messages(thread_id))[-1]
        async with (
            aiohttp.ClientSession() as session,
            session.get(told["attachments"][0]["url"]) as response,
        ):
            assert await response.read() == PNG
        assert "paint" in [each["name"] for each in await control.get("/commands")]
        async with Rest.of(second, control) as rest:
            fresh = await rest.must("POST", MESSAGES, {"content": "later"})
        assert int(fresh.body["id"]) > int(told["id"])


async def test_another_seeds_data_is_refused(tmp_path: Path) -> None:
    """Its ids and tokens would not fit."""
    async with Sandbox.start(Settings(data=tmp_path, seed=1)):
        pass
    with pytest.raises(OtherSeed, match="another seed"):
        async with Sandbox.start(Settings(data=tmp_path, seed=2)):
            pass
