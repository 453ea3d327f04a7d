"""Turns drawings into PNGs. Needs the extra `charts` (resvg-py) and fonts.

They are drawn in a process of their own, since the library holds Python's lock: here, whatever else
the bot does would wait, and Discord waits three seconds. One at a time, so that members who look
at theirs all at once do not take the whole machine.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable


ZOOM = 1.5  # pixels a unit: 960 for a panel's 640, which a phone shows on about as many
LONGEST_S = 20.0  # of one process; the largest tree takes one

_PROGRAM = Path(__file__).with_name("resvg.py")

log = structlog.get_logger("bot.drawing")
_one_at_a_time = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")


def is_installed() -> bool:
    """Whether it is worth making a drawing at all."""
    return find_spec("resvg_py") is not None


async def pngs_of(svgs: Iterable[str], *, zoom: float = ZOOM) -> tuple[bytes, ...] | None:
    """All of them; None if one cannot be drawn: then words must do."""
    if not is_installed():
        return None
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_one_at_a_time, _draw, tuple(svgs), zoom)


def _draw(svgs: tuple[str, ...], zoom: float) -> tuple[bytes, ...] | None:
    """Waits for the process, which is killed if it takes too long."""
    try:
        # -P: what is imported comes from where it is installed, not from beside the file.
        done = subprocess.run(  # noqa: S603 - as above
            [sys.executable, "-P", str(_PROGRAM)],
            input=msgspec.msgpack.encode({"svgs": svgs, "zoom": zoom}),
            capture_output=True,
            timeout=LONGEST_S,
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=tuple[bytes, ...])
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        log.warning("chart_not_drawn", error=said[-200:] or f"status {error.returncode}")
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        log.warning("chart_not_drawn", error=type(error).__name__)
    return None
