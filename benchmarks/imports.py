"""What starting costs: import time and resident memory, beside discord.py alone.

A start that took twice as long as discord.py's half second would be felt by whoever tries a
setting again and again, and half as much memory again on the smallest machines that are rented.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

WAYS = {
    "discord": "import discord",
    "help": "import runpy, sys; sys.argv[1:] = ['--help'];"
    " runpy.run_module('bot', run_name='__main__')",
    "bot": "import bot.app",
}
TIME_LIMIT, MEMORY_LIMIT = 2.0, 1.5
# The most that was resident since the exec; getrusage would count the parent's before it.
# Without rich, which structlog imports where it is: a checker brings it, and no installation.
_BEFORE = (
    "import atexit, sys; sys.modules['rich'] = None; atexit.register(lambda: sys.stderr.write("
    "next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))));"
)


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """`bot` is all that `zeuxis run` loads; `help` loads almost nothing, on purpose."""
    _, *rounds = [  # the first one leaves compiled modules behind, as installing does
        {way: _cost(code) for way, code in WAYS.items()} for _ in range(4 if quick else 10)
    ]
    middle = {
        way: (median(one[way][0] for one in rounds), median(one[way][1] for one in rounds))
        for way in WAYS
    }
    beside = {way: {"s": round(s, 3), "mb": round(mb, 1)} for way, (s, mb) in middle.items()}
    for way in ("help", "bot"):
        ratios = [middle[way][n] / middle["discord"][n] for n in (0, 1)]
        for what, ratio, limit in zip(
            ("time", "memory"), ratios, (TIME_LIMIT, MEMORY_LIMIT), strict=True
        ):
            yield {
                "name": f"import_{way}_{what}",
                "value": round(ratio, 2),
                "unit": "× discord.py alone",
                "limit": limit,
                "holds": ratio <= limit,
                "beside": beside,
            }


def _cost(code: str) -> tuple[float, float]:
    """Seconds and megabytes of a fresh interpreter, its own start among them."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return time.monotonic() - began_s, int(done.stderr.split()[-2]) / 1024
