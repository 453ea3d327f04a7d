"""Value noise: random values on a lattice, smoothly joined, in several octaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

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
