"""A smooth field of colours, computed at the nodes of a coarse grid and drawn out in between.

Skies, glows and clouds have no edges, so one node in 8 to 64 pixels is enough. The way from node
to node is linear, first along the rows and then down the columns, with a whole row in one big
integer of 16-bit lanes (see colours): weights go up to the step of the grid, 64 at most, so no lane
overflows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.painter.colours import Colour

_NODES = 32  # along the longer side, about
_STEPS_PX = (8, 16, 32, 64)


def field_rows(
    width_px: int, height_px: int, colour_at: Callable[[float, float], Colour]
) -> Iterator[bytearray]:
    """The rows of the field, from above; `colour_at` takes a place in pixels."""
    longer_px = max(width_px, height_px)
    step_px = next((one for one in _STEPS_PX if one * _NODES >= longer_px), _STEPS_PX[-1])
    across = -(-width_px // step_px) + 1
    upper = _drawn_out([colour_at(x * step_px, 0) for x in range(across)], step_px)
    for top_px in range(0, height_px, step_px):
        nodes = [colour_at(x * step_px, top_px + step_px) for x in range(across)]
        lower = _drawn_out(nodes, step_px)
        yield from _between(
            upper, lower, step_px, rows=min(step_px, height_px - top_px), width_px=width_px
        )
        upper = lower


def _drawn_out(nodes: list[Colour], step_px: int) -> int:
    """One row of nodes as pixels, three lanes each."""
    cells = len(nodes) - 1
    shift = step_px.bit_length() - 1
    lanes = _low_bytes(len(nodes))
    row = bytearray(cells * step_px * 6)
    for channel in range(3):
        left = _spread(bytes(node[channel] for node in nodes))
        right = left >> 16
        for offset in range(step_px):
            between = (left * (step_px - offset) + right * offset) >> shift & lanes
            at = (offset * 3 + channel) * 2
            row[at :: step_px * 6] = between.to_bytes(2 * cells + 2, "little")[: 2 * cells : 2]
    return int.from_bytes(row, "little")


def _between(
    upper: int, lower: int, step_px: int, *, rows: int, width_px: int
) -> Iterator[bytearray]:
    shift = step_px.bit_length() - 1
    lanes_count = -(-width_px // step_px) * step_px * 3
    lanes = _low_bytes(lanes_count)
    for offset in range(rows):
        row = (upper * (step_px - offset) + lower * offset) >> shift & lanes
        yield bytearray(row.to_bytes(2 * lanes_count, "little")[: 6 * width_px : 2])


def _spread(values: bytes) -> int:
    lanes = bytearray(2 * len(values))
    lanes[::2] = values
    return int.from_bytes(lanes, "little")


def _low_bytes(lanes: int) -> int:
    return int.from_bytes(b"\xff\0" * lanes, "little")
