"""Rate limits: truthful headers, refusals of each kind, and who ignores them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.control.client import Control
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.server import Sandbox


@pytest.fixture
async def calm(still: Sandbox) -> AsyncIterator[Rest]:
    """A caller of the sandbox whose clock stands still."""
    async with Control.of(still) as control, Rest.of(still, control) as caller:
        yield caller


async def test_headers_count_down_to_a_refusal_and_start_afresh(still: Sandbox, calm: Rest) -> None:
    """Five messages in five seconds; the sixth is 429, for this channel alone."""
    body = {"content": "hello"}
    answers = [await calm.call("POST", MESSAGES, body) for _ in range(6)]
    assert [one.status for one in answers] == [200] * 5 + [429]
    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == [*"43210", "0"]
    assert {one.headers["X-RateLimit-Limit"] for one in answers} == {"5"}
    assert len({one.headers["X-RateLimit-Bucket"] for one in answers}) == 1
    refused = answers[-1]
    assert refused.body["retry_after"] == 5.0
    assert refused.body["global"] is False
    assert refused.headers["Retry-After"] == "5"
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["Via"]
    other = still.addresses["guilds"][1]["channels"][0]["id"]  # type: ignore[index]  # JSON
    assert (await calm.call("POST", MESSAGES, body, channel_id=other)).status == 200
    still.clock.advance(5)
    assert (await calm.call("POST", MESSAGES, body)).headers["X-RateLimit-Remaining"] == "4"


async def test_reading_reactions_costs_none_of_the_few_that_may_be_made(calm: Rest) -> None:
    """They are counted with the messages that are read."""
    message = {"message_id": (await calm.must("POST", MESSAGES, {"content": "x"})).body["id"]}
    one = f"{MESSAGES}/{{message_id}}/reactions/🎨"
    await calm.must("PUT", f"{one}/@me", **message)
    assert (await calm.call("DELETE", f"{one}/@me", **message)).status == 429
    assert (await calm.get(one, **message)).headers["X-RateLimit-Limit"] == "5"


async def test_asking_again_before_the_time_is_a_violation(still: Sandbox, calm: Rest) -> None:
    """A refusal in flight is no fault; ignoring one is."""
    body = {"content": "hello"}
    for _ in range(7):
        await calm.call("POST", MESSAGES, body)
    assert still.violations.snapshot() == []
    still.clock.advance(1)
    await calm.call("POST", MESSAGES, body)
    rules = [one["rule"] for one in still.violations.snapshot()]
    assert rules == ["sent again before Retry-After had passed"]


async def test_fifty_requests_a_second_are_the_limit_for_all(still: Sandbox, calm: Rest) -> None:
    """The 51st is a global 429, wherever it goes."""
    guilds = [guild["id"] for guild in still.addresses["guilds"]]  # type: ignore[attr-defined]
    reads = [("GET", "/users/@me")] * 30 + [("GET", f"/guilds/{guilds[0]}")] * 10
    reads += [("GET", f"/guilds/{guilds[1]}")] * 10
    assert {(await calm.call(*read)).status for read in reads} == {200}
    refused = await calm.call("GET", "/gateway/bot")
    assert refused.status == 429
    assert (refused.body["global"], refused.headers["X-RateLimit-Scope"]) == (True, "global")
    assert refused.headers["X-RateLimit-Global"] == "true"
    still.clock.advance(1)
    assert (await calm.call("GET", "/gateway/bot")).status == 200


async def test_ten_thousand_invalid_requests_are_a_ban(still: Sandbox, calm: Rest) -> None:
    """Cloudflare's 429: no JSON, no Via, and gone after ten minutes."""
    for _ in range(10_000):
        still.edge.limits.note_invalid(still.clock.now_us())
    url = str(still.addresses["discord_api_base_url"]) + "/users/@me"
    async with calm.session.get(url) as banned:
        assert banned.status == 429
        assert "Via" not in banned.headers
        assert await banned.text() == "error code: 1015"
    still.clock.advance(601)
    assert (await calm.call("GET", "/users/@me")).status == 200


async def test_discordpy_keeps_to_the_limits_by_itself(sandbox: Sandbox, control: Control) -> None:
    """Eight messages in a row: it waits when the headers say that none is left."""
    async with connected(sandbox, PaintingBot()) as bot:
        channel = bot.get_partial_messageable(int(control.channel("pictures")))
        for number in range(8):
            await channel.send(str(number))
            sandbox.clock.advance(1)
    assert [m["content"] for m in await control.messages("pictures")] == [*"01234567"]
    assert sandbox.violations.snapshot() == []
