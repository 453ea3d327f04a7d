"""Draws with the official SDK of Z-Image's provider; says in lines of JSON what came back.

Asks with both of its asynchronous classes that fit Z-Image, in turns: first for pictures, without
and with rewriting, then so many times more as errors are to be met.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from typing import TYPE_CHECKING

import aiohttp
import dashscope
from dashscope import AioMultiModalConversation
from dashscope.aigc.image_generation import AioImageGeneration
from yarl import URL

if TYPE_CHECKING:
    from dashscope.api_entities.dashscope_response import DashScopeAPIResponse

PROMPT = "a sitting orange cat, 水彩"
CLASSES = itertools.cycle((AioImageGeneration, AioMultiModalConversation))


async def main() -> None:
    dashscope.base_http_api_url = os.environ["DASHSCOPE_BASE_URL"]
    for rewriting, asker in itertools.product((False, True), (0, 1)):
        answer = await ask(size="768*512", prompt_extend=rewriting, seed=7)
        say("drawn", rewriting=rewriting, asker=asker, **await seen(answer))
    for _ in range(int(os.environ["ERRORS"])):
        answer = await ask(prompt_extend=False)
        say("failed", status=answer.status_code, code=answer.code, message=answer.message)
    say("end")
    await asyncio.Event().wait()  # until it is told to end


async def ask(**parameters: object) -> DashScopeAPIResponse:
    return await next(CLASSES).call(
        model="z-image-turbo",
        api_key=os.environ["DASHSCOPE_API_KEY"],
        messages=[{"role": "user", "content": [{"text": PROMPT}]}],
        request_timeout=20,
        **parameters,
    )


async def seen(answer: DashScopeAPIResponse) -> dict[str, object]:
    """What a user of the SDK would look at, and the picture behind the link."""
    message = answer.output.choices[0].message
    parts = {name: value for part in message.content for name, value in part.items()}
    return {
        "status": answer.status_code,
        "request_id": answer.request_id,
        "text": parts["text"],
        "reasoning": message.get("reasoning_content"),
        "width": answer.usage["width"],
        "height": answer.usage["height"],
        "total_tokens": answer.usage["total_tokens"],
        "head": (await downloaded(parts["image"]))[:24].hex(),
    }


async def downloaded(url: str) -> bytes:
    async with (
        aiohttp.ClientSession() as session,
        session.get(URL(url, encoded=True)) as response,
    ):
        return await response.read()


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


asyncio.run(main())
