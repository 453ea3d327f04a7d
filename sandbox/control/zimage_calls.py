"""The local Z-Image as a test and the page's drawer see and set it.

GET /zimage/ledger                        all that it did
GET /painter                              the ledger's sums, its last requests, speed and limit
PUT /painter {"latency_scale": 0.5}       0 answers at once, 1 takes as long as the real service
PUT /painter {"requests_per_second": 4}   the account's limit from now on
GET /moderations                          the moderation endpoint's scores by order, and its limit
PUT /moderations {"scores": [{"scores": {"violence": 0.9}, "contains": "war", "times": 1}]}
                                          these in the place of all others; [] for none
PUT /moderations {"requests_per_minute": 10}   the limit from now on
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from sandbox.control.calls import read_body
from sandbox.zimage.opinions import ScoreOrder  # noqa: TC001 - msgspec reads it at run time

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.shapes import JsonObject
    from sandbox.zimage import ZImage

LAST_REQUESTS = 30


class PainterChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the painter is to be from now on; what is being painted keeps its time."""

    latency_scale: Annotated[float, Meta(ge=0, le=100)] | None = None
    requests_per_second: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None


class ModerationChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays."""

    scores: list[ScoreOrder] | None = None
    requests_per_minute: Annotated[int, Meta(ge=1)] | None = None


async def ledger(zimage: ZImage, _: web.Request) -> object:
    return zimage.ledger.snapshot()


async def painter(zimage: ZImage, _: web.Request) -> object:
    return _painter(zimage)


async def change_painter(zimage: ZImage, request: web.Request) -> object:
    asked = await read_body(request, PainterChange)
    if asked.latency_scale is not None:
        zimage.latency_scale = asked.latency_scale
    if asked.requests_per_second is not None:
        zimage.limit.change(asked.requests_per_second)
    return _painter(zimage)


async def moderations(zimage: ZImage, _: web.Request) -> object:
    return _moderations(zimage)


async def change_moderations(zimage: ZImage, request: web.Request) -> object:
    asked = await read_body(request, ModerationChange)
    if asked.scores is not None:
        zimage.moderations.opinions.order(asked.scores)
    if asked.requests_per_minute is not None:
        zimage.moderations.limit.most = asked.requests_per_minute
    return _moderations(zimage)


def _painter(zimage: ZImage) -> JsonObject:
    ledger = zimage.ledger
    return {
        "latency_scale": zimage.latency_scale,
        "requests_per_second": zimage.limit.requests_per_second,
        **ledger.sums(),
        "chats": len(ledger.chats),
        "chats_micros": sum(chat.cost_micros for chat in ledger.chats),
        "last": [entry.snapshot() for entry in islice(reversed(ledger.entries), LAST_REQUESTS)],
    }


def _moderations(zimage: ZImage) -> JsonObject:
    moderations = zimage.moderations
    return {
        "scores": moderations.opinions.snapshot(),
        "requests_per_minute": moderations.limit.most,
    }


ZIMAGE_CALLS = (
    ("GET", "/zimage/ledger", ledger),
    ("GET", "/painter", painter),
    ("PUT", "/painter", change_painter),
    ("GET", "/moderations", moderations),
    ("PUT", "/moderations", change_moderations),
)
