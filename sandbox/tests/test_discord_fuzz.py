"""Requests that went wrong on their way do not hurt the local Discord.

`ZEUXIS_FUZZ_REQUESTS` sets how many are sent; 3,000 take some seconds.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import aiohttp
import pytest
from yarl import URL

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.discord.app import ROUTES
from sandbox.discord.permissions import ALL
from sandbox.server import Sandbox, Settings
from sandbox.tests.fuzz import Fuzzed, fuzzed
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction

if TYPE_CHECKING:
    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document

pytestmark = pytest.mark.sockets

REQUESTS = int(os.environ.get("ZEUXIS_FUZZ_REQUESTS", "3000"))
ROUND = 250
ANSWER_LIMIT = aiohttp.ClientTimeout(total=10)


async def places(rest: Rest, control: Control) -> dict[str, str]:
    """Ids that lead somewhere: a message, an emoji, an open and an answered interaction."""
    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    message = await rest.must("POST", MESSAGES, {"content": "hello"})
    opened = await interaction(rest.sandbox, control)
    answered = opened.token
    await rest.must(
        "POST", CALLBACK, {"type": 5}, interaction_id=opened.id, interaction_token=answered
    )
    opened = await interaction(rest.sandbox, control)
    return {
        **rest.places,
        "message_id": message.body["id"],
        "emoji_name": "🎨",
        "webhook_id": rest.places["application_id"],
        "webhook_token": answered,
        "interaction_id": opened.id,
        "interaction_token": opened.token,
    }


async def send(rest: Rest, request: Fuzzed) -> int:
    """The status of the answer; anything but an answer in time fails the test."""
    url = URL(str(rest.sandbox.addresses["discord_api_base_url"]) + request.path)
    # A large body given as bytes makes aiohttp warn.
    body = None if request.body is None else io.BytesIO(request.body)
    async with rest.session.request(
        request.method,
        url,
        params=request.query,
        data=body,
        headers={"Content-Type": request.content_type},
        timeout=ANSWER_LIMIT,
    ) as response:
        await response.read()
        return response.status


async def one_round(random: Random, document: Document, tally: Tally) -> Counter[int]:
    """The statuses of one sandbox's answers; requests may destroy what the next ones name.

    The clock goes on, so that rate limits are seldom met, and the open interaction is kept young.
    """
    clock = SandboxClock.manual()
    statuses: Counter[int] = Counter()
    async with Sandbox.start(Settings(), clock=clock, document=document) as sandbox:
        for guild in sandbox.state.guilds.values():
            for role in guild.roles.values():
                role.permissions |= ALL if role.bot_id else 0
        async with Control.of(sandbox) as control, Rest.of(sandbox, control) as rest:
            known = await places(rest, control)
            for _ in range(ROUND):
                clock.advance(1)
                opened = sandbox.state.interactions.get(known["interaction_id"])
                assert opened is not None
                opened.created_at_us = clock.now_us()
                request = fuzzed(random, ROUTES, known)
                status = await send(rest, request)
                assert status < 500, request
                statuses[status] += 1
    tally.add(sandbox.checks.tally)
    assert sandbox.checks.tally.failures == []
    return statuses


async def test_no_request_breaks_the_server(document: Document, tally: Tally) -> None:
    """Every one is answered in time, none with a 5xx, and each answer is one of Discord's."""
    random = Random(7)
    statuses: Counter[int] = Counter()
    while statuses.total() < REQUESTS:
        statuses += await one_round(random, document, tally)
    print(f"{statuses.total()} requests: {dict(statuses.most_common())}")
    assert statuses[200] > REQUESTS / 20
    assert statuses[400] > REQUESTS / 5
