"""Bodies in every form that clients send them, and in some that they should not."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import Sandbox
    from sandbox.tests.rest import Rest


class _Queued(logging.Handler):
    """Puts what is logged into a queue, level first."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.queue.put_nowait(f"{record.levelname} {record.getMessage()}")


@pytest.fixture
def logged() -> Iterator[asyncio.Queue[str]]:
    """What the edge logs, from DEBUG on."""
    logger, handler = logging.getLogger("sandbox.discord.edge"), _Queued()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.queue
    logger.setLevel(before)
    logger.removeHandler(handler)


def _port(sandbox: Sandbox) -> int:
    return int(sandbox.state.origin.rpartition(":")[2])


async def send(rest: Rest, body: bytes, content_type: str, path: str = "") -> tuple[int, Any]:
    """Status and JSON of a POST to the first channel's messages."""
    base = str(rest.sandbox.addresses["discord_api_base_url"])
    url = base + (path or f"/channels/{rest.places['channel_id']}/messages")
    headers = {"Content-Type": content_type}
    async with rest.session.post(url, data=body, headers=headers) as response:
        return response.status, await response.json()


async def test_a_form_may_carry_the_json_or_the_fields(rest: Rest) -> None:
    """As py-cord sends it, and as plain fields."""
    form = "application/x-www-form-urlencoded"
    assert (await send(rest, b"payload_json=%7B%22content%22%3A%22one%22%7D", form))[0] == 200
    status, told = await send(rest, b"content=two", form)
    assert (status, told["content"]) == (200, "two")


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b'{"content": ', "application/json", 50109),
        (b"\xff\xfe", "application/json", 50109),
        (b"[" * 100_000, "application/json", 50109),
        (b"[]", "application/json", 50035),
        (b'"hello"', "application/json", 50035),
        (b"null", "application/json", 50006),
        (b"", "application/json", 50006),
        (b"hello", "text/plain", 50035),
        (b"payload_json=%7B", "application/x-www-form-urlencoded", 50109),
        (b"hello", "multipart/form-data; boundary=x", 50035),
        (b"hello", "multipart/form-data", 50035),
        (b"--x\r\n\r\nhello", "multipart/form-data; boundary=x", 50035),
        (
            b'--x\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            50109,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n\xff\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            50035,
        ),
    ],
)
async def test_a_broken_body_is_refused_in_discords_words(
    sandbox: Sandbox, rest: Rest, body: bytes, content_type: str, code: int
) -> None:
    """400, and the server lives on."""
    status, told = await send(rest, body, content_type)
    assert (status, told["code"]) == (400, code)
    assert (await rest.get("/users/@me")).status == 200


@pytest.mark.parametrize(
    ("content_type", "beginning"),
    [
        ("application/json", b'{"content": "a c'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Dispo"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="files[0]"; filename="a.png"\r\n\r\n'
            + bytes(300_000),
        ),
    ],
)
async def test_a_client_that_leaves_amid_its_body_has_broken_nothing(
    sandbox: Sandbox, rest: Rest, logged: asyncio.Queue[str], content_type: str, beginning: bytes
) -> None:
    """One quiet line: no traceback, no violation, no message; and the server lives on."""
    path = f"/api/v10/channels/{rest.places['channel_id']}/messages"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{_port(sandbox)}\r\nContent-Length: 3000000\r\n"
        f"Authorization: Bot {sandbox.state.application.token}\r\n"
        f"Content-Type: {content_type}\r\nExpect: 100-continue\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", _port(sandbox))
    writer.write(head.encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(beginning)
    await writer.drain()
    writer.close()

    assert await logged.get() == f"DEBUG client left before its body's end: POST {path}"
    await writer.wait_closed()
    assert sandbox.violations.snapshot() == []
    assert (await rest.get(f"/channels/{rest.places['channel_id']}/messages")).body == []


async def test_too_large_a_json_body_is_refused(rest: Rest) -> None:
    """413 with 40005, in every form."""
    body = json.dumps({"content": "x" * 9 * 1024 * 1024}).encode()
    with pytest.warns(ResourceWarning):
        status, told = await send(rest, body, "application/json")
    assert (status, told["code"]) == (413, 40005)


@pytest.mark.parametrize("header", [None, "Bot wrong", "Bearer {token}", "{token}"])
async def test_without_the_token_nothing_is_told(
    sandbox: Sandbox, rest: Rest, header: str | None
) -> None:
    """401, whatever else is wrong."""
    url = str(sandbox.addresses["discord_api_base_url"]) + "/channels/1/messages"
    headers = (
        {}
        if header is None
        else {"Authorization": header.format(token=sandbox.state.application.token)}
    )
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert response.status == 401
        assert await response.json() == {"message": "401: Unauthorized", "code": 0}


@pytest.mark.parametrize("channel_id", ["abc", "-1", "1.5", "9" * 30, "%20", "１"])
async def test_an_id_that_is_none_is_told_so(rest: Rest, channel_id: str) -> None:
    """50035 at the name of the parameter."""
    refused = await rest.call("GET", "/channels/{channel_id}", channel_id=channel_id)
    assert (refused.status, refused.body["code"]) == (400, 50035)
    assert refused.body["errors"]["channel_id"]["_errors"][0]["code"] == "NUMBER_TYPE_COERCE"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/channels/1", 10003),
        ("GET", "/guilds/1", 10004),
        ("GET", "/guilds/{guild_id}/members/1", 10007),
        ("GET", "/channels/{channel_id}/messages/1", 10008),
        ("GET", "/guilds/{guild_id}/roles/1", 10011),
        ("GET", "/users/1", 10013),
        ("PUT", "/channels/{channel_id}/messages/1/reactions/x/@me", 10008),
        ("POST", "/webhooks/1/token", 10015),
        ("GET", "/applications/{application_id}/entitlements/1", 10029),
        ("POST", "/interactions/1/token/callback", 10062),
        ("GET", "/applications/{application_id}/commands/1", 10063),
        ("GET", "/applications/1/commands", 50001),
        ("GET", "/applications/1", 10002),
        ("POST", "/users/@me/channels", 10013),
    ],
)
async def test_what_is_not_there_has_its_own_code(
    rest: Rest, method: str, path: str, code: int
) -> None:
    """Never a mere 404."""
    bodies = {"/interactions/1/token/callback": {"type": 5}, "/webhooks/1/token": {"content": "x"}}
    body = bodies.get(path, {"recipient_id": "1"} if method == "POST" else None)
    assert (await rest.call(method, path, body)).body["code"] == code
