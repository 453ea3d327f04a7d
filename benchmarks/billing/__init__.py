"""What a call costs when connections are cut after the picture was billed.

The same calls meet the same faults twice: made by the bot's client, and by the official SDK (its
asynchronous class, in a process and a venv of its own: run `benchmarks/billing/install` once). The
ledger of the local Z-Image counts; every picture that it drew is billed, asked for once or twice.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import AnswerLost
from bot.providers.image import Size
from bot.providers.zimage import OFFER, ZImageClient, open_session
from sandbox.zimage import FAST, Serving, serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Ways = Callable[[Serving, int], Awaitable[Counter[str]]]

_CALLS, _QUICK_CALLS, _AT_ONCE = 500, 100, 8
_SDK = Path(__file__).with_name("sdk.py")
_SDK_PYTHON = Path(__file__).parents[2] / ".peers" / "dashscope" / "bin" / "python"
# Cut before the answer's first byte, and within its body: both after the bill.
_CUTS: tuple[dict[str, object], ...] = (
    {"server": "zimage", "kind": "drop_after", "match": "POST *", "probability": 0.2},
    {
        "server": "zimage",
        "kind": "cut_body",
        "match": "POST *",
        "probability": 0.1,
        "after_bytes": 9,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bill:
    """What the ledger says, and what the caller knows."""

    posts: int
    billed: int
    ends: Counter[str]


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The figure: bills per call. Exactly one, every time."""
    calls = _QUICK_CALLS if quick else _CALLS
    ours = asyncio.run(_bill(_call_with_ours, calls))
    sdk = asyncio.run(_bill(_call_with_sdk, calls)) if _SDK_PYTHON.exists() else None
    if sdk is None:
        print("billing: no official SDK beside; run benchmarks/billing/install", file=sys.stderr)
    known = ours.ends["drawn"] + ours.ends["lost"]
    yield {
        "name": "bills_per_call",
        "value": ours.billed / calls,
        "unit": f"bills per call, {calls} calls, 28 % cut after the bill",
        "limit": 1.0,
        "holds": ours.billed == ours.posts == known == calls,
        "beside": {"ours": _shown(ours), "official_sdk": _shown(sdk) if sdk else None},
    }


async def _bill(call_all: Ways, calls: int) -> _Bill:
    async with serving(replace(FAST, seed=7)) as stand:
        stand.order(*_CUTS)
        ends = await call_all(stand, calls)
        posts = stand.faults.snapshot()[0]["seen"]
        assert isinstance(posts, int)
        return _Bill(posts=posts, billed=stand.zimage.ledger.billed, ends=ends)


async def _call_with_ours(stand: Serving, calls: int) -> Counter[str]:
    ends: Counter[str] = Counter()
    seeds = iter(range(calls))
    async with open_session() as session:
        client = ZImageClient(
            session, base_url=stand.base_url, api_key=stand.api_key, model="z-image-turbo"
        )

        async def work() -> None:
            for seed in seeds:
                request = OFFER.image_request(
                    prompt="a cat", size=Size(512, 512), seed=seed, rewrite=False
                )
                try:
                    await client.draw(request)
                    ends["drawn"] += 1
                except AnswerLost:
                    ends["lost"] += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
    return ends


async def _call_with_sdk(stand: Serving, calls: int) -> Counter[str]:
    task = {"base_url": stand.base_url, "api_key": stand.api_key, "calls": calls}
    process = await asyncio.create_subprocess_exec(
        _SDK_PYTHON, _SDK, json.dumps({**task, "at_once": _AT_ONCE}), stdout=PIPE, stderr=PIPE
    )
    told, _ = await process.communicate()
    return Counter(json.loads(told.splitlines()[-1]))


def _shown(bill: _Bill) -> dict[str, object]:
    return {"posts": bill.posts, "billed": bill.billed, **bill.ends}
