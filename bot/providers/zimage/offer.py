"""What Z-Image offers, and what it costs.

Source: Z-Image API reference (2025-12-23). `size`: total pixels between 512×512 and 2048×2048, 33
recommended sizes in three tiers. A prompt of at most 800 characters (each Chinese character,
letter, digit or symbol counts one; we count code points); the service cuts a longer one without a
word, so we refuse it with its count. A seed from 0 to 2147483647.

Sides that are no multiple of 16 are not documented; the open weights refuse them, so they are
rounded here and the member is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.providers.image import Offer, Prices, Recommended, Size

if TYPE_CHECKING:
    from bot.providers.image import ImageRequest

_NAMES = {
    "1:1": ("square", "avatar"),
    "2:3": ("portrait", "poster"),
    "3:2": ("landscape", "photo"),
    "3:4": ("portrait", "book"),
    "4:3": ("landscape", "classic"),
    "7:9": ("portrait", "card"),
    "9:7": ("landscape", "print"),
    "9:16": ("tall", "phone", "story"),
    "9:21": ("tall", "banner", "bookmark"),
    "16:9": ("wide", "screen", "video"),
    "21:9": ("wide", "cinema", "ultrawide"),
}
_TIERS = {
    1024: "1024*1024 832*1248 1248*832 864*1152 1152*864 896*1152 1152*896 720*1280 576*1344"
    " 1280*720 1344*576",
    1280: "1280*1280 1024*1536 1536*1024 1104*1472 1472*1104 1120*1440 1440*1120 864*1536 720*1680"
    " 1536*864 1680*720",
    1536: "1536*1536 1248*1872 1872*1248 1296*1728 1728*1296 1344*1728 1728*1344 1152*2048 864*2016"
    " 2048*1152 2016*864",
}
_TIER_NAMES = {1024: ("small", "fast"), 1280: ("medium",), 1536: ("large", "big")}


def _sizes(texts: str) -> tuple[Size, ...]:
    return tuple(Size(*map(int, text.split("*"))) for text in texts.split())


def _recommended() -> tuple[Recommended, ...]:
    return tuple(
        Recommended(
            size=size,
            ratio=ratio,
            tier_px=tier_px,
            names=(*names, *_TIER_NAMES[tier_px]),
        )
        for tier_px, texts in _TIERS.items()
        for (ratio, names), size in zip(_NAMES.items(), _sizes(texts), strict=True)
    )


OFFER = Offer(
    min_area_px=512 * 512,
    max_area_px=2048 * 2048,
    side_step_px=16,
    # The reference names no limit of the ratio; beyond this one pictures fall apart, and 4096*200
    # is a slip of the finger more often than a wish.
    max_ratio=8,
    recommended=_recommended(),
    # One screen of a phone, the shapes that people ask for most.
    common=_sizes("1024*1024 1248*832 832*1248 1280*720 720*1280 1536*1536 2048*1152"),
    default_size=Size(1024, 1024),
    prompt_limit=800,
    negative_limit=500,  # documented for the sibling qwen-image only
    max_seed=2_147_483_647,
    rewrites=True,
)


# Per picture of z-image-turbo, whatever its size; rewriting doubles it (the model's page, 2026-08).
LIST_PRICES = {
    "singapore": Prices(plain_micros=15_000, rewritten_micros=30_000),
    "beijing": Prices(plain_micros=14_340, rewritten_micros=28_680),
}


def price(request: ImageRequest, prices: Prices) -> int:
    """Micro-dollars per picture, whatever its size (the model's page, 2026)."""
    return prices.rewritten_micros if request.rewrite else prices.plain_micros
