"""What the moderation endpoint thinks, and how often it may be asked.

GET /moderations                                     both
PUT /moderations {"scores": [{"scores": {"violence": 0.9}, "contains": "war", "times": 1}]}
                                                     these in the place of all others; [] for none
PUT /moderations {"requests_per_minute": 10}         the limit from now on
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode
from sandbox.zimage.opinions import ScoreOrder  # noqa: TC001 - msgspec reads it at run time

if TYPE_CHECKING:
    from sandbox.zimage.moderations import Moderations


class ModerationChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays."""

    scores: list[ScoreOrder] | None = None
    requests_per_minute: Annotated[int, Meta(ge=1)] | None = None


def add_moderations(app: web.Application, moderations: Moderations) -> None:
    """Adds both calls to the control interface."""

    def shown() -> web.Response:
        body = {
            "scores": moderations.opinions.snapshot(),
            "requests_per_minute": moderations.limit.most,
        }
        return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)

    async def show(_: web.Request) -> web.Response:
        return shown()

    async def change(request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=ModerationChange)
        if asked.scores is not None:
            moderations.opinions.order(asked.scores)
        if asked.requests_per_minute is not None:
            moderations.limit.most = asked.requests_per_minute
        return shown()

    app.router.add_get("/moderations", show)
    app.router.add_put("/moderations", change)
