"""What every part of a picture is painted with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.painter.colours import mix

if TYPE_CHECKING:
    from random import Random

    from sandbox.painter.canvas import Canvas
    from sandbox.painter.colours import Colour, Palette
    from sandbox.painter.words import Theme

_LONGEST = 6  # times the unit, or things would be too small and too many


def unit(width_px: int, height_px: int) -> float:
    """The shorter side, but of a picture that is all too long."""
    return max(float(min(width_px, height_px)), max(width_px, height_px) / _LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Easel:
    """Places are in pixels; `unit_px` is what things are sized by."""

    canvas: Canvas
    chance: Random
    noise: Noise
    palette: Palette
    theme: Theme
    horizon_px: float
    sun_x_px: float
    sun_y_px: float

    @property
    def width_px(self) -> int:
        return self.canvas.width_px

    @property
    def height_px(self) -> int:
        return self.canvas.height_px

    @property
    def unit_px(self) -> float:
        return unit(self.canvas.width_px, self.canvas.height_px)

    def lit(self, colour: Colour) -> Colour:
        """A thing's own colour in the light of the day."""
        palette = self.palette
        return mix(colour, palette.near, 0.45) if palette.is_dark else mix(colour, palette.low, 0.1)


_PERIOD = 256


class Noise:
    """A smooth function of the plane with values from 0 to 1, of about one bump per unit."""

    def __init__(self, chance: Random) -> None:
        self._values = [chance.random() for _ in range(_PERIOD)]
        self._order = list(range(_PERIOD))
        chance.shuffle(self._order)

    def at(self, x: float, y: float = 0.0) -> float:
        column, row = int(x // 1), int(y // 1)
        dx, dy = x - column, y - row
        sx, sy = dx * dx * (3 - 2 * dx), dy * dy * (3 - 2 * dy)
        values, order = self._values, self._order
        above, below = order[row % _PERIOD], order[(row + 1) % _PERIOD]
        a, b = values[(column + above) % _PERIOD], values[(column + 1 + above) % _PERIOD]
        c, d = values[(column + below) % _PERIOD], values[(column + 1 + below) % _PERIOD]
        top = a + (b - a) * sx
        return top + (c + (d - c) * sx - top) * sy

    def layered(self, x: float, y: float = 0.0, *, octaves: int) -> float:
        """Each octave is twice as fine and half as strong as the one before."""
        total, weight = 0.0, 0.5
        for _ in range(octaves):
            total += weight * self.at(x, y)
            x, y, weight = 2.03 * x + 17.1, 2.03 * y + 5.7, weight / 2
        return total / (1 - weight * 2)
