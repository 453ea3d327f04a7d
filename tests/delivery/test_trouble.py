"""What an answer means for the next step."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from bot.delivery.trouble import DELIVERY_ERRORS, Trouble, trouble_of
from bot.errors import (
    DownloadFailed,
    LinkExpired,
    LinkNotAllowed,
    NotAPicture,
    PictureTooLarge,
    StorageUnavailable,
)
from tests.delivery.scripted import answer

TABLE: list[tuple[BaseException, Trouble]] = [
    (answer(500), Trouble.LATER),
    (answer(502, 0), Trouble.LATER),
    (answer(503, 50001), Trouble.LATER),
    (answer(401), Trouble.LATER),
    (answer(401, 40001), Trouble.LATER),
    (answer(403), Trouble.LATER),
    (answer(404), Trouble.LATER),
    (answer(429), Trouble.LATER),
    (answer(429, 20028), Trouble.LATER),
    (answer(429, 30046), Trouble.GONE),
    (answer(400, 30046), Trouble.GONE),
    (answer(404, 10008), Trouble.GONE),
    (answer(400, 50083), Trouble.ARCHIVED),
    (answer(413), Trouble.SMALLER),
    (answer(413, 40005), Trouble.SMALLER),
    (answer(400, 40005), Trouble.SMALLER),
    (answer(400, 50035), Trouble.NEVER),
    (answer(403, 50013), Trouble.ELSEWHERE),
    (answer(403, 50007), Trouble.ELSEWHERE),
    (answer(404, 10003), Trouble.CLOSED),
    (answer(404, 10004), Trouble.CLOSED),
    (answer(403, 50001), Trouble.CLOSED),
    (answer(400, 160005), Trouble.CLOSED),
    (answer(403, 20009), Trouble.CONTENT),
    (answer(400, 200000), Trouble.CONTENT),
    (answer(400, 200001), Trouble.CONTENT),
    (answer(400, 240000), Trouble.CONTENT),
    (answer(400, 40003), Trouble.LATER),
    (answer(400, 160006), Trouble.ELSEWHERE),
    (discord.RateLimited(60.0), Trouble.LATER),
    (aiohttp.ClientPayloadError(), Trouble.LATER),
    (ConnectionResetError(), Trouble.LATER),
    (TimeoutError(), Trouble.LATER),
    (StorageUnavailable("full"), Trouble.LATER),
    (DownloadFailed("cut"), Trouble.LATER),
    (LinkExpired("gone"), Trouble.NEVER),
    (LinkNotAllowed("http"), Trouble.NEVER),
    (NotAPicture("html"), Trouble.NEVER),
    (PictureTooLarge(size_bytes=2, limit_bytes=1), Trouble.NEVER),
]


@pytest.mark.parametrize(
    ("error", "trouble"), TABLE, ids=[f"{type(one).__name__} {one}"[:50] for one, _ in TABLE]
)
def test_each_error_has_its_trouble(error: BaseException, trouble: Trouble) -> None:
    """And each is one that a delivery expects."""
    assert trouble_of(error) is trouble
    assert isinstance(error, DELIVERY_ERRORS)
