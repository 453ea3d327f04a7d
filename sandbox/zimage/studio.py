"""Paints results: landscapes in processes of their own, two at a time, gradients in a thread.

Painting is arithmetic in Python and keeps the interpreter to itself: in threads, two pictures and
the server would hold each other up several times over. A process of its own costs some 40 ms more
and gives its memory back.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.painter import plain
from sandbox.zimage.account import Pictures

if TYPE_CHECKING:
    from sandbox.zimage.account import ZImageSettings
    from sandbox.zimage.storage import Recipe

_AT_A_TIME = 2
_HERE = Path(__file__).parents[2]  # from where `sandbox` can be imported


class PaintFailed(Exception):
    """The painter ended without a picture; what it said went to standard error."""


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
        order = {"seed": recipe.seed, "width_px": width_px, "height_px": height_px}
        async with self._places:
            if self._settings.pictures is Pictures.PLAIN:
                return await asyncio.to_thread(plain, recipe.prompt, **order, xmp=xmp)
            return await _painted(
                {
                    **order,
                    "prompt": recipe.prompt,
                    "grain_bits": self._settings.grain_bits,
                    "xmp": None if xmp is None else xmp.decode(),
                }
            )


async def _painted(order: dict[str, object]) -> bytes:
    """Raises PaintFailed; a painter whose picture nobody waits for any more is killed."""
    painter = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-m", "sandbox.painter", cwd=_HERE, stdin=PIPE, stdout=PIPE
    )
    try:
        png, _ = await painter.communicate(json.dumps(order).encode())
    finally:
        if painter.returncode is None:
            painter.kill()
            await painter.wait()
    if painter.returncode:
        raise PaintFailed(f"painter ended with {painter.returncode}: {order}")
    return png
