"""How much processor and memory a picture costs on its way from storage to Discord, over TLS.

Each way runs in a process of its own, the server in another, all on this machine; the pictures are
3 MB and stay encrypted on both sides, as in life. Processor time is held against plain aiohttp,
which streams the same bytes and looks at none; both take turns within one process, since it is
their ratio that counts. `naive` is what bots usually do: the whole picture in a BytesIO, then
discord.File.

Checking and stamping may add 15 % to plain aiohttp's time: more would mean that our own code had
come between the sockets again. Memory is felt sooner: fifty pictures at once may take 125 MB, a
quarter of a small machine's, and ten thousand, one after the other, nothing that stays.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.relay.stand import Stand, standing

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS = 3
_PICTURE_BYTES = 3_000_000
_AT_ONCE = 50
_CPU_LIMIT = 1.15  # times plain aiohttp: what checking and stamping may add
_MEMORY_LIMIT_MB = 2.5
_GROWTH_LIMIT_MB = 10.0


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The figures, one after the other."""
    with standing(_PICTURE_BYTES) as stand:
        yield _cpu(stand, turns=6 if quick else 30)
        yield _memory(stand)
        yield _growth(stand, count=200 if quick else 10_000)


def _cpu(stand: Stand, *, turns: int) -> dict[str, object]:
    """The floor opens a connection for each download, as we do on purpose; `over_kept` is the ratio
    to one that keeps them, `bot` what it is with discord.py, whose part is not ours.
    """
    ways = ("plain", "kept", "ours", "bot", "naive")
    rounds = [
        stand.cost(*ways, count=12, at_once=4, turns=turns, warm_up=8).cpu_ms
        for _ in range(_ROUNDS)
    ]
    ratios = [ms["ours"] / ms["plain"] for ms in rounds]
    return {
        "name": "relay_cpu_per_picture",
        "value": round(median(ratios), 2),
        "unit": "× plain aiohttp",
        "limit": _CPU_LIMIT,
        "holds": _twice_within(ratios, _CPU_LIMIT),
        "beside": {
            "rounds": [round(ratio, 2) for ratio in ratios],
            "ms": {way: round(median(ms[way] for ms in rounds), 2) for way in ways},
            "bot": round(median(ms["bot"] / ms["plain"] for ms in rounds), 2),
            "over_kept": round(median(ms["ours"] / ms["kept"] for ms in rounds), 2),
            "naive": round(median(ms["naive"] / ms["plain"] for ms in rounds), 2),
        },
    }


def _memory(stand: Stand) -> dict[str, object]:
    peaks_mb = [_peak_mb(stand, "bot") for _ in range(_ROUNDS)]
    return {
        "name": "relay_memory_per_picture",
        "value": round(median(peaks_mb), 2),
        "unit": f"MB a picture, {_AT_ONCE} at once",
        "limit": _MEMORY_LIMIT_MB,
        "holds": _twice_within(peaks_mb, _MEMORY_LIMIT_MB),
        "beside": {
            "rounds": [round(peak_mb, 2) for peak_mb in peaks_mb],
            "picture_mb": round(stand.picture_bytes / 1e6, 1),
            "plain": round(_peak_mb(stand, "plain"), 2),
            "naive": round(_peak_mb(stand, "naive"), 2),
        },
    }


def _peak_mb(stand: Stand, way: str) -> float:
    return stand.cost(way, count=_AT_ONCE, at_once=_AT_ONCE, warm_up=8).peak_mb / _AT_ONCE


def _growth(stand: Stand, *, count: int) -> dict[str, object]:
    ours = stand.cost("bot", count=count, at_once=4)
    naive_count = min(count, 1000)
    return {
        "name": "relay_memory_growth",
        "value": round(ours.peak_mb, 1),
        "unit": f"MB over {count} pictures, 4 at a time",
        "limit": _GROWTH_LIMIT_MB,
        "holds": ours.peak_mb <= _GROWTH_LIMIT_MB,
        "beside": {
            "kept_mb": round(ours.kept_mb, 1),
            "naive_mb": round(stand.cost("naive", count=naive_count, at_once=4).peak_mb, 1),
            "naive_pictures": naive_count,
        },
    }


def _twice_within(ratios: list[float], limit: float) -> bool:
    return sum(ratio <= limit for ratio in ratios) >= 2
