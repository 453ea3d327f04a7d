"""A canvas of rows, and polygons filled on it with soft edges.

A polygon is cut by four lines in every row of pixels. Each cut enters and leaves the polygon at
some places; a pixel is covered by the share of each cut that runs through it. Between two places
where the cover changes, a run of pixels is laid at once.

Speed comes from laying runs instead of pixels. The common row, a shape with one left and one right
side that are steep, has a way of its own: a solid run, and few pixels on both sides.

A row is a byte string, three bytes per pixel. Python works through bytes one at a time too slowly
for pictures, but its integers can be of any length: a row read as one big number holds a value in
every byte or pair of bytes ("lane"), and one multiplication scales them all, as long as no lane
overflows into its neighbour.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.painter.colours import Colour
    from sandbox.painter.shapes import Point

    Paint = Colour | Callable[[int], Colour]

OPAQUE = 256
_CUTS = 4
_CUTS_OF_LARGE = 2  # pixels are finer there
_LARGE_PX = 1600
_SOLID = 0.99
_STEEP_PX = 4  # how far a side moves within a row at most
_FEW_PX = 3  # up to here pixels are mixed one by one
_MANY_SIDES, _CROWD = 8, 24  # from here on half of the cuts must do, and one cut


class Canvas:
    """Pixels as rows of RGB; what lies outside is cut off silently."""

    def __init__(self, width_px: int, height_px: int, rows: list[bytearray]) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self.rows = rows
        self._cuts = _CUTS if max(width_px, height_px) < _LARGE_PX else _CUTS_OF_LARGE

    def fill(self, polygon: Sequence[Point], paint: Paint, *, alpha: float = 1.0) -> None:
        """Fills a polygon by the even-odd rule; `paint` may depend on the row."""
        count = self._cuts
        first, cuts = self._cuts_through(polygon)
        flat = None if callable(paint) else bytes(paint)
        for number in range(0, len(cuts), count):
            row_cuts = cuts[number : number + count]
            y = (first + number) // count
            if any(row_cuts):
                pixel = flat or bytes(paint(y))  # type: ignore[operator]  # callable if not flat
                self._lay(self.rows[y], row_cuts, pixel, alpha)

    def fill_below(self, skyline: Sequence[Point], paint: Paint) -> None:
        """Fills everything under a skyline that runs across the whole canvas."""
        lowest = min(self.height_px, max(0, int(max(y for _, y in skyline)) + 1))
        self.fill([*skyline, (self.width_px, lowest), (0.0, lowest)], paint)
        for y in range(lowest, self.height_px):
            colour = paint(y) if callable(paint) else paint
            self.rows[y][:] = bytes(colour) * self.width_px

    def fill_box(
        self, box: tuple[float, float, float, float], colour: Colour, *, alpha: float = 1.0
    ) -> None:
        """Fills left, top, right, bottom, rounded to whole pixels."""
        left, right = max(0, round(box[0])), min(self.width_px, round(box[2]))
        if left >= right:
            return
        for y in range(max(0, round(box[1])), min(self.height_px, round(box[3]))):
            _run(self.rows[y], left, right, bytes(colour), alpha)

    def _cuts_through(self, polygon: Sequence[Point]) -> tuple[int, list[list[float]]]:
        """Where each cut crosses the outline, from the first cut of a row on."""
        count, last = self._cuts, self.height_px * self._cuts
        highest, lowest = min(y for _, y in polygon), max(y for _, y in polygon)
        top = max(0, int(highest)) * count
        cuts: list[list[float]] = [[] for _ in range(min(last, (int(lowest) + 1) * count) - top)]
        x0, y0 = polygon[-1]
        for x1, y1 in polygon:
            (ax, ay), (bx, by) = ((x0, y0), (x1, y1)) if y0 < y1 else ((x1, y1), (x0, y0))
            x0, y0 = x1, y1
            first, end = max(top, _cut_below(ay * count)), min(last, _cut_below(by * count))
            if first >= end:
                continue
            slope = (bx - ax) / (by - ay) / count
            x = ax + ((first + 0.5) - ay * count) * slope
            for crossed in cuts[first - top : end - top]:
                crossed.append(x)
                x += slope
        return top, cuts

    def _lay(self, row: bytearray, cuts: list[list[float]], pixel: bytes, alpha: float) -> None:
        count = len(cuts[0])
        if count > _MANY_SIDES:
            cuts = cuts[::2] if count <= _CROWD else cuts[:1]
        for places in cuts:
            places.sort()
        if any(len(places) != count for places in cuts):
            self._lay_any(row, cuts, pixel, alpha)
            return
        sides = [_Side(places, self.width_px) for places in zip(*cuts, strict=True)]
        if any(side.to - side.at > _STEEP_PX for side in sides) or any(
            after.at < before.to for before, after in zip(sides[1::2], sides[2::2], strict=False)
        ):
            self._lay_any(row, cuts, pixel, alpha)
            return
        for left, right in zip(sides[::2], sides[1::2], strict=True):
            _between(row, left, right, pixel, alpha)

    def _lay_any(self, row: bytearray, cuts: list[list[float]], pixel: bytes, alpha: float) -> None:
        share, width_px = alpha / len(cuts), self.width_px
        changes: dict[int, float] = {}
        for places in cuts:
            places.sort()
            sign = share
            for place in places:
                at = min(max(place, 0.0), width_px)
                whole = int(at)
                part = (at - whole) * sign
                changes[whole] = changes.get(whole, 0.0) + sign - part
                changes[whole + 1] = changes.get(whole + 1, 0.0) + part
                sign = -sign
        cover, left = 0.0, 0
        for right in sorted(changes):
            if cover > 0.01:  # less cannot be seen
                _run(row, left, min(right, width_px), pixel, cover)
            cover += changes[right]
            left = right


def mixed(under: bytes | bytearray, over: bytes | bytearray, alpha: int) -> bytes:
    """Two rows of the same length; `alpha` of OPAQUE is the share of the second."""
    length = len(under)
    lanes = _even_lanes(length)
    rest = OPAQUE - alpha
    a, b = int.from_bytes(under, "little"), int.from_bytes(over, "little")
    even = ((a & lanes) * rest + (b & lanes) * alpha) >> 8 & lanes
    odd = ((a >> 8 & lanes) * rest + (b >> 8 & lanes) * alpha) & (lanes << 8)
    return (even | odd).to_bytes(length + 1, "little")[:length]


@lru_cache(maxsize=4096)
def _even_lanes(length: int) -> int:
    """255 in every other byte."""
    return int.from_bytes(b"\xff\0" * ((length + 1) // 2), "little")


def _run(row: bytearray, left: int, right: int, pixel: bytes, cover: float) -> None:
    if left >= right:
        return
    if cover >= _SOLID:
        row[3 * left : 3 * right] = pixel * (right - left)
        return
    share = round(cover * OPAQUE)
    if right - left <= _FEW_PX:
        for at in range(3 * left, 3 * right, 3):
            _dab(row, at, pixel, share)
        return
    row[3 * left : 3 * right] = mixed(row[3 * left : 3 * right], pixel * (right - left), share)


class _Side:
    """Where the cuts of one row cross one side of a shape, and the pixels that it touches."""

    __slots__ = ("at", "places", "to")

    def __init__(self, places: Sequence[float], width_px: int) -> None:
        low, high = min(places), max(places)
        if low < 0 or high > width_px:
            places = [min(max(place, 0.0), width_px) for place in places]
            low, high = min(places), max(places)
        self.places = places
        self.at = int(low)
        self.to = min(int(high) + 1, width_px)

    def share_right(self, x: int) -> float:
        """How much of a pixel lies right of the side, summed over the cuts."""
        share = 0.0
        for place in self.places:
            right = x + 1 - place
            share += 0.0 if right < 0 else 1.0 if right > 1 else right
        return share


def _between(row: bytearray, left: _Side, right: _Side, pixel: bytes, alpha: float) -> None:
    scale = alpha * OPAQUE / len(left.places)
    if left.to > right.at:
        for x in range(left.at, right.to):
            share = left.share_right(x) - right.share_right(x)
            _dab(row, 3 * x, pixel, int(max(0.0, share) * scale))
        return
    for x in range(left.at, left.to):
        _dab(row, 3 * x, pixel, int(left.share_right(x) * scale))
    _run(row, left.to, right.at, pixel, alpha)
    for x in range(right.at, right.to):
        _dab(row, 3 * x, pixel, int((len(right.places) - right.share_right(x)) * scale))


def _dab(row: bytearray, at: int, pixel: bytes, share: int) -> None:
    rest = OPAQUE - share
    row[at] = (row[at] * rest + pixel[0] * share) >> 8
    row[at + 1] = (row[at + 1] * rest + pixel[1] * share) >> 8
    row[at + 2] = (row[at + 2] * rest + pixel[2] * share) >> 8


def _cut_below(at: float) -> int:
    """The first cut at or below a height, both counted in cuts."""
    return -int(-(at - 0.5) // 1)
