"""Draws who waits how long: `python -m benchmarks.simulator.picture < RUN > fairness.svg`.

RUN is what `python -m benchmarks fairness` printed. One row for each group of jobs and load, one
mark for each scheduler, the p99 of the wait on a logarithmic axis.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GROUPS = {
    "lone": ("Lone jobs", "the guild had nothing waiting"),
    "light_guild": ("Light guilds", "ask for at most half of their share"),
    "light_user": ("Light members of heavy guilds", "ask for at most half of a member’s share"),
}
SCHEDULERS = {
    "gps": "fluid ideal (GPS)",
    "ours": "Zeuxis",
    "round_robin": "round robin",
    "fifo": "first come, first served",
}
TICKS = {0: "1", 1: "10", 2: "100", 3: "1,000", 4: "10,000", 5: "100,000", 6: "1,000,000"}
TIMES = {
    0: "½ s",
    1: "5 s",
    2: "50 s",
    3: "8 min",
    4: "83 min",
    5: "14 h",
    6: "6 days",
}  # at 2 per second
WIDTH, LEFT, RIGHT, TOP = 860, 160, 815, 96
ROW, GROUP = 26, 46
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .card { fill: #ffffff; stroke: #d1d9e0 } .quiet { fill: #59636e } .title { font-weight: 600 }
    .grid { stroke: #d1d9e0 } .span { stroke: #8c959f; stroke-width: 1.5 }
    .gps { fill: none; stroke: #1f2328; stroke-width: 1.5 } .ours { fill: #0969da }
    .round_robin { fill: #bc4c00 } .fifo { fill: #8250df }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc } .card { fill: #0d1117; stroke: #3d444d } .quiet { fill: #9198a1 }
      .grid { stroke: #2a313c } .span { stroke: #656c76 }
      .gps { stroke: #f0f6fc } .ours { fill: #4493f8 }
      .round_robin { fill: #f0883e } .fifo { fill: #ab7df8 }
    }"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one group waited at one load, in slots, by scheduler."""

    group: str
    load: float
    waits: dict[str, float]


def rows(lines: Iterable[str]) -> list[Row]:
    """Of a run; other figures are passed over. Ordered as they are drawn."""
    found = []
    for figure in map(json.loads, lines):
        group, _, load = figure["name"].removeprefix("fairness_").partition("_load_")
        if group in GROUPS:
            found.append(Row(group, float(load), _waits(figure)))
    return sorted(found, key=lambda row: (list(GROUPS).index(row.group), row.load))


def _waits(figure: dict[str, Any]) -> dict[str, float]:
    ideal = figure["beside"]["gps_p99_slots"]
    ratios = {"gps": 1.0, "ours": figure["value"], **figure["beside"]}
    return {name: ratios[name] * ideal for name in SCHEDULERS}


def draw(found: list[Row]) -> str:
    """The picture as SVG, readable on light and dark grounds."""
    bottom = TOP + GROUP * len({row.group for row in found}) + ROW * len(found)
    parts = [
        *_legend(),
        *_axis(bottom),
        *(part for group in GROUPS for part in _group(group, found)),
    ]
    inside = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 66}"'
        ' role="img" aria-labelledby="title">\n'
        '  <title id="title">How long 99 of 100 jobs waited at most, by scheduler</title>\n'
        f"  <style>{STYLE}\n  </style>\n"
        f'  <rect class="card" x="1" y="1" width="{WIDTH - 2}" height="{bottom + 64}" rx="8"/>\n'
        f"{inside}\n</svg>\n"
    )


def _legend() -> Iterator[str]:
    yield _text(24, 32, "How long 99 of 100 jobs waited at most", "title")
    yield _text(WIDTH - 24, 32, "further left is better", "quiet", anchor="end")
    x = 24.0
    for name, label in SCHEDULERS.items():
        yield _mark(name, x + 7, 57)
        yield _text(x + 20, 62, label)
        x += 44 + 6.4 * len(label)


def _axis(bottom: int) -> Iterator[str]:
    for exponent, label in TICKS.items():
        x = _x(10**exponent)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{bottom}"/>'
        yield _text(x, bottom + 20, label, anchor="middle")
        yield _text(x, bottom + 38, TIMES[exponent], "quiet", anchor="middle")
    yield _text(24, bottom + 20, "slots")
    yield _text(24, bottom + 38, "at 2 per second", "quiet")


def _group(group: str, found: list[Row]) -> Iterator[str]:
    before = [row for row in found if list(GROUPS).index(row.group) < list(GROUPS).index(group)]
    mine = [row for row in found if row.group == group]
    y = TOP + ROW * len(before) + GROUP * len({row.group for row in before}) + 22
    title, meaning = GROUPS[group]
    yield (
        f'<text x="24" y="{y}"><tspan class="title">{title}</tspan>'
        f'<tspan class="quiet"> · {meaning}</tspan></text>'
    )
    for place, row in enumerate(mine, start=1):
        yield from _row(row, y + place * ROW)


def _row(row: Row, y: int) -> Iterator[str]:
    ends = _x(min(row.waits.values())), _x(max(row.waits.values()))
    yield _text(24, y + 5, f"load {row.load}", "quiet")
    yield f'<line class="span" x1="{ends[0]}" x2="{ends[1]}" y1="{y}" y2="{y}"/>'
    for name in reversed(SCHEDULERS):  # the ring of the ideal last, around what equals it
        yield _mark(name, _x(row.waits[name]), y)


def _mark(name: str, x: float, y: int) -> str:
    match name:
        case "gps":
            return f'<circle class="gps" cx="{x}" cy="{y}" r="8"/>'
        case "ours":
            return f'<circle class="ours" cx="{x}" cy="{y}" r="5"/>'
        case "round_robin":
            return f'<rect class="round_robin" x="{x - 5:.1f}" y="{y - 5}" width="10" height="10"/>'
        case _:
            return f'<path class="{name}" d="M{x} {y - 8}l8 8-8 8-8-8z"/>'


def _x(slots: float) -> float:
    lowest, highest = min(TICKS), max(TICKS)
    part = (math.log10(slots) - lowest) / (highest - lowest)
    return round(LEFT + part * (RIGHT - LEFT), 1)


def _text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text}</text>'


if __name__ == "__main__":
    sys.stdout.write(draw(rows(sys.stdin)))
