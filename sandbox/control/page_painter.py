"""The local Z-Image as the page's drawer shows it, how fast it paints and how much it takes.

GET /painter                              the ledger's sums, its last requests, speed and limit
PUT /painter {"latency_scale": 0.5}       0 answers at once, 1 takes as long as the real service
PUT /painter {"requests_per_second": 4}   the account's limit from now on
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject
    from sandbox.zimage.service import ZImage

LAST_REQUESTS = 30


class Change(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the painter is to be from now on; what is being painted keeps its time."""

    latency_scale: Annotated[float, Meta(ge=0, le=100)] | None = None
    requests_per_second: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None


def add_painter(app: web.Application, zimage: ZImage) -> None:
    """Adds both calls to the control interface."""

    async def show(_: web.Request) -> web.Response:
        return _json(_view(zimage))

    async def change(request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=Change)
        if asked.latency_scale is not None:
            zimage.latency_scale = asked.latency_scale
        if asked.requests_per_second is not None:
            zimage.limit.change(asked.requests_per_second)
        return _json(_view(zimage))

    app.router.add_get("/painter", show)
    app.router.add_put("/painter", change)


def _view(zimage: ZImage) -> JsonObject:
    ledger = zimage.ledger
    return {
        "latency_scale": zimage.latency_scale,
        "requests_per_second": zimage.limit.requests_per_second,
        "accepted": ledger.accepted,
        "generated": ledger.generated,
        "billed": ledger.billed,
        "downloaded": ledger.downloaded,
        "throttled": ledger.throttled,
        "peak_per_second": ledger.peak_per_second,
        "chats": len(ledger.chats),
        "chats_micros": sum(chat.cost_micros for chat in ledger.chats),
        "last": [entry.snapshot() for entry in islice(reversed(ledger.entries), LAST_REQUESTS)],
    }


def _json(body: object) -> web.Response:
    return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)
