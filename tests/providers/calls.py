"""The request that most tests make, the answer to it, and a client to make it with."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from bot.errors import ProviderError
from bot.providers.image import ImageRequest, Size
from bot.providers.zimage import OFFER, Timeouts, ZImageClient

if TYPE_CHECKING:
    import aiohttp

    from tests.providers.raw_server import RawServer

KEY = "sk-0123456789abcdef-never-shown"
REQUEST = OFFER.image_request(
    prompt="a sitting orange cat", size=Size(1024, 1024), seed=7, rewrite=False
)
LINK = "https://dashscope-result-sg.oss.aliyuncs.com/7d/a.png?Expires=1&Signature=a%2Bb%3D"
DRAWN: dict[str, object] = {
    "output": {
        "choices": [
            {
                "finish_reason": "stop",
                "message": {
                    "content": [{"image": LINK}, {"text": "a sitting orange cat"}],
                    "reasoning_content": "",
                    "role": "assistant",
                },
            }
        ]
    },
    "usage": {"height": 1024, "image_count": 1, "input_tokens": 0, "width": 1024},
    "request_id": "abf1645b-b630-433a-92f6-1",
}
DRAWN_JSON = json.dumps(DRAWN).encode()


def client(
    session: aiohttp.ClientSession, base_url: str, *, timeouts: Timeouts | None = None
) -> ZImageClient:
    return ZImageClient(
        session, base_url=base_url, api_key=KEY, model="z-image-turbo", timeouts=timeouts
    )


async def failing(
    session: aiohttp.ClientSession, server: RawServer, request: ImageRequest = REQUEST
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client(session, server.base_url).draw(request)
    return caught.value


async def turn_the_loop() -> None:
    """Lets what has arrived at a socket be noticed."""
    for _ in range(20):
        await asyncio.sleep(0)
