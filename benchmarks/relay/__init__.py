"""How much memory and processor a picture costs on its way from storage to Discord, over TLS.

Each way runs in a fresh process, the server in another, all on this machine; the pictures are 3 MB
and stay encrypted on both sides, as in life. `naive` is what bots usually do: the whole picture in
a BytesIO, then discord.File.
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
_MEMORY_LIMIT = 0.7  # of the payload in flight
_CPU_LIMIT = 3.0  # times bare sockets: nine milliseconds, one in fifty at two pictures a second
_GROWTH_LIMIT_MB = 10.0


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The figures, one after the other."""
    with standing(_PICTURE_BYTES) as stand:
        yield _memory(stand)
        yield _processor(stand, count=40 if quick else 150)
        yield _growth(stand, count=400 if quick else 10_000)


def _memory(stand: Stand) -> dict[str, object]:
    payload_mb = _AT_ONCE * stand.picture_bytes / 1e6
    ratios = [_peak_mb(stand, "ours") / payload_mb for _ in range(_ROUNDS)]
    return {
        "name": "relay_memory_50_at_once",
        "value": round(median(ratios), 3),
        "unit": "× payload in flight",
        "limit": _MEMORY_LIMIT,
        "holds": _twice_within(ratios, _MEMORY_LIMIT),
        "beside": {
            "rounds": [round(ratio, 3) for ratio in ratios],
            "payload_mb": round(payload_mb, 1),
            "naive": round(_peak_mb(stand, "naive") / payload_mb, 3),
        },
    }


def _peak_mb(stand: Stand, way: str) -> float:
    return stand.cost(way, count=_AT_ONCE, at_once=_AT_ONCE, warm_up=8).peak_mb


def _processor(stand: Stand, *, count: int) -> dict[str, object]:
    """The floor is bare sockets, which carry a broken picture as gladly as a whole one. Beside it
    stand sockets that take the CRC-32 and the SHA-256 as well: no relay that checks can go below.
    """
    ways = ("raw", "ours", "checked", "naive")
    rounds = [
        {way: stand.cost(way, count=count, at_once=4, warm_up=8).cpu_ms for way in ways}
        for _ in range(_ROUNDS)
    ]
    ratios = [costs["ours"] / costs["raw"] for costs in rounds]
    return {
        "name": "relay_processor_per_picture",
        "value": round(median(ratios), 2),
        "unit": "× raw sockets",
        "limit": _CPU_LIMIT,
        "holds": _twice_within(ratios, _CPU_LIMIT),
        "beside": {
            "rounds": [round(ratio, 2) for ratio in ratios],
            "ms": {way: round(median(costs[way] for costs in rounds), 2) for way in ways},
            "checked": round(median(c["checked"] / c["raw"] for c in rounds), 2),
            "naive": round(median(c["naive"] / c["raw"] for c in rounds), 2),
            "over_checked": round(median(c["ours"] / c["checked"] for c in rounds), 2),
        },
    }


def _growth(stand: Stand, *, count: int) -> dict[str, object]:
    ours = stand.cost("ours", count=count, at_once=4)
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
