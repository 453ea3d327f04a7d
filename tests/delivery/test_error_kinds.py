"""What an answer means for the next step."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.errors import (
    DownloadFailed,
    LinkExpired,
    LinkNotAllowed,
    NotAPicture,
    PictureTooLarge,
    StorageUnavailable,
)
from tests.delivery.scripted import answer

TABLE: list[tuple[BaseException, ErrorKind]] = [
    (answer(500), ErrorKind.LATER),
    (answer(502, 0), ErrorKind.LATER),
    (answer(503, 50001), ErrorKind.LATER),
    (answer(401), ErrorKind.LATER),
    (answer(401, 40001), ErrorKind.LATER),
    (answer(403), ErrorKind.LATER),
    (answer(404), ErrorKind.LATER),
    (answer(429), ErrorKind.LATER),
    (answer(429, 20028), ErrorKind.LATER),
    (answer(429, 30046), ErrorKind.GONE),
    (answer(400, 30046), ErrorKind.GONE),
    (answer(404, 10008), ErrorKind.GONE),
    (answer(404, 10015), ErrorKind.EXPIRED),
    (answer(401, 50027), ErrorKind.EXPIRED),
    (answer(400, 50083), ErrorKind.ARCHIVED),
    (answer(413), ErrorKind.SMALLER),
    (answer(413, 40005), ErrorKind.SMALLER),
    (answer(400, 40005), ErrorKind.SMALLER),
    (answer(400, 50035), ErrorKind.NEVER),
    (answer(403, 50013), ErrorKind.ELSEWHERE),
    (answer(403, 50007), ErrorKind.ELSEWHERE),
    (answer(404, 10003), ErrorKind.CLOSED),
    (answer(404, 10004), ErrorKind.CLOSED),
    (answer(403, 50001), ErrorKind.CLOSED),
    (answer(400, 160005), ErrorKind.CLOSED),
    (answer(403, 20009), ErrorKind.CONTENT),
    (answer(400, 200000), ErrorKind.CONTENT),
    (answer(400, 200001), ErrorKind.CONTENT),
    (answer(400, 240000), ErrorKind.CONTENT),
    (answer(400, 40003), ErrorKind.LATER),
    (answer(400, 160006), ErrorKind.ELSEWHERE),
    (discord.RateLimited(60.0), ErrorKind.LATER),
    (discord.ClientException("not connected"), ErrorKind.LATER),
    (aiohttp.ClientPayloadError(), ErrorKind.LATER),
    (ConnectionResetError(), ErrorKind.LATER),
    (TimeoutError(), ErrorKind.LATER),
    (StorageUnavailable("full"), ErrorKind.LATER),
    (DownloadFailed("cut"), ErrorKind.LATER),
    (LinkExpired("gone"), ErrorKind.NEVER),
    (LinkNotAllowed("http"), ErrorKind.NEVER),
    (NotAPicture("html"), ErrorKind.NEVER),
    (PictureTooLarge(size_bytes=2, limit_bytes=1), ErrorKind.NEVER),
]


@pytest.mark.parametrize(
    ("error", "kind"), TABLE, ids=[f"{type(one).__name__} {one}"[:50] for one, _ in TABLE]
)
def test_each_error_is_of_one_kind(error: BaseException, kind: ErrorKind) -> None:
    """And each is one that a delivery expects."""
    assert error_kind(error) is kind
    assert isinstance(error, DELIVERY_ERRORS)
