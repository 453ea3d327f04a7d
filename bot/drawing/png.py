"""Turns drawings into PNGs. Needs the extra `charts` (resvg-py) and fonts.

The library holds Python's lock while it draws, so one picture is drawn at a time: whatever else
the bot does waits for one drawing at most, however many members look at theirs.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable


ZOOM = 1.5  # pixels a unit: 960 for a panel's 640, which a phone shows on about as many

log = structlog.get_logger("bot.drawing")
_one_at_a_time = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")


def is_installed() -> bool:
    """Whether it is worth making a drawing at all."""
    return find_spec("resvg_py") is not None


async def pngs_of(svgs: Iterable[str], *, zoom: float = ZOOM) -> tuple[bytes, ...] | None:
    """All of them, each drawn in a thread; None if they cannot be drawn: then words must do."""
    if not is_installed():
        return None
    loop = asyncio.get_running_loop()
    drawn = []
    for svg in svgs:
        png = await loop.run_in_executor(_one_at_a_time, _draw, svg, zoom)
        if png is None:
            return None
        drawn.append(png)
    return tuple(drawn)


def _draw(svg: str, zoom: float) -> bytes | None:
    import resvg_py

    if not has_letters():
        return None
    try:
        return resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom)
    except ValueError as error:
        log.warning("chart_not_drawn", error=str(error))
        return None


@cache
def has_letters(*, skip_system_fonts: bool = False) -> bool:
    """Whether there is a font: without one everything but the words would be drawn."""
    import resvg_py

    pages = {
        resvg_py.svg_to_bytes(
            svg_string='<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">'
            f'<text y="24" font-family="Noto Sans, DejaVu Sans, sans-serif">{words}</text></svg>',
            skip_system_fonts=skip_system_fonts,
        )
        for words in ("A", " ")
    }
    return len(pages) == 2
