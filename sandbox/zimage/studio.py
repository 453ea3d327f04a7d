"""Paints results in worker threads, two at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox.painter import picture, plain
from sandbox.zimage.settings import Pictures

if TYPE_CHECKING:
    from sandbox.zimage.results import Recipe
    from sandbox.zimage.settings import ZImageSettings

_AT_A_TIME = 2  # a canvas of 2048*2048 takes 13 MB


class Studio:
    """The same recipe gives the same bytes."""

    def __init__(self, settings: ZImageSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(_AT_A_TIME)

    async def paint(
        self,
        recipe: Recipe,
        *,
        size_px: tuple[int, int] | None = None,
        xmp: bytes | None = None,
    ) -> bytes:
        """The PNG of a recipe; `size_px` (width, height) instead of its own."""
        width_px, height_px = size_px or (recipe.width_px, recipe.height_px)
        async with self._places:
            return await asyncio.to_thread(self._png, recipe, width_px, height_px, xmp)

    def _png(self, recipe: Recipe, width_px: int, height_px: int, xmp: bytes | None) -> bytes:
        if self._settings.pictures is Pictures.PLAIN:
            return plain(
                recipe.prompt, seed=recipe.seed, width_px=width_px, height_px=height_px, xmp=xmp
            )
        return picture(
            recipe.prompt,
            seed=recipe.seed,
            width_px=width_px,
            height_px=height_px,
            grain_bits=self._settings.grain_bits,
            xmp=xmp,
        )
