"""A made-up provider whose offer differs from Z-Image's in every number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.providers import Quota
from bot.providers.image import Offer, Outcome, Recommended, Size

if TYPE_CHECKING:
    from bot.providers import OnSend
    from bot.providers.image import ImageRequest, Prices

OFFER = Offer(
    min_area_px=200 * 200,
    max_area_px=1000 * 1000,
    side_step_px=50,
    max_ratio=4,
    recommended=(
        Recommended(size=Size(600, 600), ratio="1:1", tier_px=600, names=("square",)),
        Recommended(size=Size(750, 500), ratio="3:2", tier_px=600, names=("landscape", "easel")),
    ),
    common=(Size(750, 500),),
    default_size=Size(600, 600),
    prompt_limit=80,
    negative_limit=None,
    max_seed=9,
    rewrites=False,
)


@dataclass
class Easel:
    """Draws whatever it is asked for, and is paid by the pixel."""

    name: str = "easel-1"
    offer: Offer = OFFER
    drawn: list[ImageRequest] = field(default_factory=list)

    def price(self, request: ImageRequest, _prices: Prices, /) -> int:
        return request.size.area_px // 100

    async def draw(self, request: ImageRequest, *, on_send: OnSend) -> Outcome:
        await on_send()
        self.drawn.append(request)
        return Outcome(
            url="https://easel.example/17.png",
            shown_prompt=request.prompt,
            size=request.size,
            provider_request_id="17",
            duration_us=1_000_000,
        )

    async def check_key(self) -> None:
        """Everybody may draw."""

    async def quota(self) -> Quota | None:
        return Quota(requests=30, period_s=60)
