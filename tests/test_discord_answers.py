"""Odd answers of Discord's, read by the real library over a real socket."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import discord
import pytest
from aiohttp import web
from discord.http import HTTPClient, Route

from bot.discord_answers import LONGEST_TEXT, mend_answers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.sockets

LONGEST_WAIT_S = 30.0
PATIENCE_S = 10.0
JSON = "application/json"
VIA = {"Via": "1.1 google"}
ME = {"id": "1", "username": "zeuxis", "discriminator": "0", "avatar": None}


def body(**said: Any) -> str:
    return json.dumps({"message": "slower", "global": False, **said})


class Edge:
    """Answers what it is told to, and counts."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.asked = 0

    def say(
        self, status: int, text: str, kind: str = JSON, headers: dict[str, str] | None = None
    ) -> None:
        extra = VIA if headers is None else headers
        answer = web.Response(status=status, body=text.encode(), content_type=kind, headers=extra)
        self.answers.append(answer)

    async def serve(self, request: web.Request) -> web.Response:
        if request.path.endswith("/users/@me"):
            return web.json_response(ME)
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"id": "7"}, headers=VIA)


@pytest.fixture
def edge() -> Edge:
    return Edge()


@asynccontextmanager
async def serving(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HTTPClient]:
    """The library's own client, pointed at the edge."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", edge.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{port}")
    for module in (discord.http, discord.webhook.async_):
        monkeypatch.setattr(module, "json_or_text", discord.http.json_or_text)
    client = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=LONGEST_WAIT_S)
    mend_answers(client, longest_wait_s=LONGEST_WAIT_S)
    try:
        await client.static_login("token")
        yield client
    finally:
        await client.close()
        await runner.cleanup()


@pytest.fixture
async def client(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HTTPClient]:
    async with serving(edge, monkeypatch) as opened:
        yield opened


def edit(client: HTTPClient) -> Any:
    route = Route(
        "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=1, message_id=2
    )
    return client.request(route, json={})


NO_PACE = {
    "edited too often": body(code=30046, retry_after=60.0),
    "edited too often, soon again": body(code=30046, retry_after=0.01),
    "too many of something else": body(code=30033, retry_after=1.0),
    "no retry_after": body(code=0),
    "null": body(retry_after=None),
    "a word": body(retry_after="soon"),
    "yes": body(retry_after=True),
    "not a number": '{"retry_after": NaN}',
    "for ever": '{"retry_after": Infinity}',
    "in the past": body(retry_after=-5),
    "a list": "[1, 2]",
    "nothing": "null",
    "a number": "17",
}


@pytest.mark.parametrize("said", NO_PACE.values(), ids=NO_PACE)
async def test_a_429_that_no_wait_helps_is_an_answer(
    edge: Edge, client: HTTPClient, said: str
) -> None:
    """Raised at once, asked once, with its code where it has one."""
    edge.say(429, said)
    with pytest.raises(discord.HTTPException) as raised:
        await edit(client)
    assert (raised.value.status, edge.asked) == (429, 1)
    assert raised.value.code == (json.loads(said).get("code", 0) if "code" in said else 0)


async def test_a_plain_429_is_waited_out(edge: Edge, client: HTTPClient) -> None:
    """With or without a code that names whose pace it is."""
    edge.say(429, body(retry_after=0.001))
    edge.say(429, body(code=20028, retry_after=0.001))
    assert await edit(client) == {"id": "7"}
    assert edge.asked == 3


async def test_a_long_429_is_not_waited_out(edge: Edge, client: HTTPClient) -> None:
    """The delivery waits in its row."""
    edge.say(429, body(retry_after=219.0))
    with pytest.raises(discord.RateLimited):
        await edit(client)


@pytest.mark.parametrize("status", [200, 403, 429])
async def test_garbled_json_is_an_answer_of_no_code(
    edge: Edge, client: HTTPClient, status: int
) -> None:
    """So the next step is the same again, later."""
    edge.say(status, '{"message": "Miss')
    with pytest.raises(discord.HTTPException) as raised:
        await edit(client)
    assert (raised.value.status, raised.value.code) == (status, 0)


@pytest.mark.parametrize(
    "said",
    [
        '{"code": [], "message": null, "errors": []}',
        '{"code": "50013", "message": {}, "errors": {"a": 1}}',
        '{"code": 1.5, "errors": {"a": {"_errors": 3}}}',
        f'{{"code": {10**30}, "errors": {{"a": {{"_errors": [7]}}}}}}',
        "[]",
        "3",
    ],
)
async def test_odd_errors_are_read_as_far_as_they_go(
    edge: Edge, client: HTTPClient, said: str
) -> None:
    """discord.py would stumble over each of them."""
    edge.say(403, said)
    with pytest.raises(discord.Forbidden) as raised:
        await edit(client)
    assert raised.value.code == 0


async def test_a_sound_error_is_read_whole(edge: Edge, client: HTTPClient) -> None:
    """With the field that is at fault."""
    errors = {"content": {"_errors": [{"code": "X", "message": "too long"}]}}
    edge.say(400, json.dumps({"code": 50035, "message": "Invalid Form Body", "errors": errors}))
    with pytest.raises(discord.HTTPException) as raised:
        await edit(client)
    assert raised.value.code == 50035
    assert "In content: too long" in str(raised.value)


async def test_an_error_page_is_cut(edge: Edge, client: HTTPClient) -> None:
    """It goes into the log."""
    edge.say(403, "<html>" + "a" * 400_000, kind="text/html")
    with pytest.raises(discord.Forbidden) as raised:
        await edit(client)
    assert len(raised.value.text) == LONGEST_TEXT


async def test_a_page_in_place_of_an_answer_is_an_answer_of_no_code(
    edge: Edge, client: HTTPClient
) -> None:
    """Whether the request acted is not known, so the next step looks."""
    edge.say(200, "<html>log in to the network</html>", kind="text/html")
    with pytest.raises(discord.HTTPException) as raised:
        await edit(client)
    assert raised.value.code == 0
    edge.say(204, "", kind="text/plain")
    assert await edit(client) == ""


async def test_json_with_a_charset_is_json(edge: Edge, client: HTTPClient) -> None:
    """discord.py compares the whole header."""
    edge.answers.append(
        web.Response(
            text='{"id": "9"}', headers={"Content-Type": "application/json; charset=utf-8"}
        )
    )
    assert await edit(client) == {"id": "9"}


async def test_a_cancelled_wait_for_all_lets_the_others_go_on(
    edge: Edge, client: HTTPClient
) -> None:
    """Else one edit that was given up would silence the bot for ever."""
    edge.say(429, body(retry_after=20.0, **{"global": True}))
    waiting = asyncio.create_task(edit(client))
    async with asyncio.timeout(PATIENCE_S):
        while client._global_over.is_set():  # noqa: ASYNC110 - inside discord.py
            await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(PATIENCE_S):
        assert await edit(client) == {"id": "7"}


@pytest.mark.parametrize("said", [body(retry_after=600.0), body(code=0)], ids=["long", "without"])
async def test_a_webhook_is_not_put_off_for_long(edge: Edge, client: HTTPClient, said: str) -> None:
    """discord.py would wait for as long as it is told."""
    edge.say(429, said)
    webhook = discord.Webhook.partial(1, "t", session=client._HTTPClient__session)  # type: ignore[attr-defined]
    with pytest.raises(discord.HTTPException) as raised:
        await webhook.send("told")
    assert raised.value.status == 429
