"""What every part of a picture is painted with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.painter.colours import mix

if TYPE_CHECKING:
    from random import Random

    from sandbox.painter.canvas import Canvas
    from sandbox.painter.colours import Colour, Palette
    from sandbox.painter.noise import Noise
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
