"""Paints results, and knows them again.

Landscapes are painted in processes of their own, two at a time, gradients in a thread. Painting is
arithmetic in Python and keeps the interpreter to itself: in threads, two pictures and the server
would hold each other up several times over. A process of its own costs some 40 ms more and gives
its memory back.

A client may have written into a picture's file, then its pixels' compressed bytes are still the
same; or scaled it and changed its format, then it looks like one of the last that were painted. The
latter is seen with Pillow alone (the extra `pictures`).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import sys
from asyncio.subprocess import PIPE
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.discord.media import can_scale
from sandbox.painter import plain
from sandbox.zimage.account import Pictures

if TYPE_CHECKING:
    from sandbox.zimage.account import ZImageSettings
    from sandbox.zimage.storage import Recipe

KEPT = 10_000
COMPARED = 32
"""The last pictures fetched that a changed one is compared with; they stay in memory."""

_AT_A_TIME = 2
_HERE = Path(__file__).parents[2]  # from where `sandbox` can be imported
_SIDE_PX = 16
_ALIKE = 12.0
"""The largest mean difference of two small pictures' channels, of 255, that counts as none."""


class PaintFailed(Exception):
    """The painter ended without a picture; what it said went to standard error."""


class Studio:
    """The same recipe gives the same bytes."""

    def __init__(self, settings: ZImageSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(_AT_A_TIME)
        self.seen = SeenPictures()

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
                png = await asyncio.to_thread(plain, recipe.prompt, **order, xmp=xmp)
            else:
                png = await _painted(
                    {
                        **order,
                        "prompt": recipe.prompt,
                        "grain_bits": self._settings.grain_bits,
                        "xmp": None if xmp is None else xmp.decode(),
                    }
                )
        self.seen.note(png, recipe.prompt)
        return png


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


@dataclass(slots=True)
class _Fetched:
    png: bytes
    prompt: str
    small: bytes | None = None


class SeenPictures:
    """Remembers what was painted."""

    def __init__(self) -> None:
        self._prompts: OrderedDict[str, str] = OrderedDict()
        self._fetched: OrderedDict[str, _Fetched] = OrderedDict()

    def note(self, png: bytes, prompt: str) -> None:
        """Remembers a picture that is about to be sent."""
        key = _pixels(png)
        self._prompts[key] = prompt
        self._fetched[key] = _Fetched(png, prompt)
        if len(self._prompts) > KEPT:
            self._prompts.popitem(last=False)
        if len(self._fetched) > COMPARED:
            self._fetched.popitem(last=False)

    def prompt_of(self, content: bytes) -> str | None:
        """The prompt, None if the picture is not one of those or has been changed too much.

        Takes a few milliseconds for each picture that it is compared with for the first time.
        """
        known = self._prompts.get(_pixels(content))
        if known is not None or not can_scale():
            return known
        wanted = _small(content)
        if wanted is None:
            return None
        found = [(self._distance(each, wanted), each.prompt) for each in self._fetched.values()]
        distance, prompt = min(found, default=(_ALIKE, ""))
        return prompt if distance < _ALIKE else None

    def _distance(self, fetched: _Fetched, wanted: bytes) -> float:
        if fetched.small is None:
            fetched.small = _small(fetched.png) or b""
        if len(fetched.small) != len(wanted):
            return 255.0
        pairs = zip(fetched.small, wanted, strict=True)
        return sum(abs(a - b) for a, b in pairs) / len(wanted)


def _pixels(content: bytes) -> str:
    """What stays the same in a PNG whatever is written beside its pixels."""
    start = content.find(b"IDAT")
    if start < 0:
        return ""
    end = content.rfind(b"IDAT")
    end += 4 + int.from_bytes(content[max(end - 4, 0) : end], "big")
    return hashlib.sha256(content[start:end]).hexdigest()


def _small(content: bytes) -> bytes | None:
    """The picture in a few pixels, None if it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as opened:
            return (
                opened.convert("RGB").resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX).tobytes()
            )
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        return None
