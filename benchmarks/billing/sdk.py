"""Calls Z-Image with the official SDK, in the SDK's own venv; prints how the calls ended."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

import dashscope  # installed in a venv of its own
from dashscope.aigc.image_generation import (
    AioImageGeneration,
)


async def main() -> None:
    task = json.loads(sys.argv[1])
    dashscope.base_http_api_url = task["base_url"]
    ends: Counter[str] = Counter()
    seeds = iter(range(task["calls"]))

    async def work() -> None:
        for seed in seeds:
            try:
                answer = await AioImageGeneration.call(
                    model="z-image-turbo",
                    api_key=task["api_key"],
                    messages=[{"role": "user", "content": [{"text": "a cat"}]}],
                    size="512*512",
                    prompt_extend=False,
                    seed=seed,
                    request_timeout=30,
                )
                ends["drawn" if answer.status_code == 200 else "failed"] += 1
            except Exception:  # noqa: BLE001 - whatever the SDK raises, the call has ended
                ends["lost"] += 1

    await asyncio.gather(*(work() for _ in range(task["at_once"])))
    print(json.dumps(ends))


asyncio.run(main())
