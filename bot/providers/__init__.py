"""Who draws: what every provider answers to; each has a package of its own.

A second one is a class and its `Offer`, set up in bot/app. Texts still name Z-Image: those
for members, with its step of 16 pixels, and what the account's watch tells the operator to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from bot.providers.image import ImageRequest, Prices

if TYPE_CHECKING:
    from bot.providers.image import Offer, Outcome

OnSend = Callable[[], Awaitable[None]]
Pricing = Callable[[ImageRequest, Prices], int]  # micro-dollars; computes, and nothing else


class Quota(Struct, frozen=True, kw_only=True):
    """The account's ceiling for the model: requests per period."""

    requests: int
    period_s: int

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.period_s


class Provider(Protocol):
    """One account that draws."""

    @property
    def name(self) -> str:
        """Of the model, as each picture's provenance tells it, such as z-image-turbo."""

    @property
    def offer(self) -> Offer:
        """What may be asked of it."""

    def price(self, request: ImageRequest, prices: Prices, /) -> int:
        """Micro-dollars for one picture at these prices; called inside a transaction."""

    async def draw(self, request: ImageRequest, *, on_send: OnSend) -> Outcome:
        """Has the picture drawn. Sends the request exactly once, or not at all.

        `on_send` is awaited once the connection is open, right before the first byte leaves; what
        it raises stops the request and comes out as it is. If this is cancelled or the process
        ends after that, the picture may be drawn and billed.

        Raises:
            ProviderError: each of its kinds; `retry` says what may be done.
        """

    async def check_key(self) -> None:
        """Raises KeyRejected, or another ProviderError, unless the account may draw. Free."""

    async def quota(self) -> Quota | None:
        """None if it does not tell. Free, and raises nothing."""
