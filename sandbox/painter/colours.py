"""Colours, and those of a picture by time of day and season."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
LAMPLIGHT: Colour = (255, 214, 128)
_PAPER, _INK = (240, 234, 220), (40, 38, 40)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second, from 0 to 1."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """From the sky down to the ground in front."""

    top: Colour
    middle: Colour
    low: Colour  # the sky above the horizon, and the haze
    light: Colour  # sun or moon, and what they shine on
    far: Colour  # the farthest ridge
    near: Colour  # the ground in front
    water: Colour
    accent: Colour  # flowers, sails, roofs
    is_dark: bool = False  # stars and lit windows

    @property
    def dark(self) -> Colour:
        """For outlines and shadows; the ground itself, but where that is snow."""
        return self.near if _brightness(self.near) < 0.5 else (62, 72, 96)

    def washed(self, share: float) -> Palette:
        """Thinned with white, as with water."""
        return self._each(lambda colour: mix(colour, WHITE, share))

    def in_ink(self) -> Palette:
        """Greys on warm paper, and red for the seal."""
        grey = self._each(lambda colour: mix(_PAPER, _INK, 1 - _brightness(colour)))
        return replace(grey, light=(250, 246, 236), accent=(170, 40, 34), is_dark=False)

    def _each(self, change: Callable[[Colour], Colour]) -> Palette:
        return Palette(
            top=change(self.top),
            middle=change(self.middle),
            low=change(self.low),
            light=change(self.light),
            far=change(self.far),
            near=change(self.near),
            water=change(self.water),
            accent=change(self.accent),
            is_dark=self.is_dark,
        )


def _brightness(colour: Colour) -> float:
    return (0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]) / 255


PALETTES: dict[str, Palette] = {
    "dawn": Palette(
        top=(104, 134, 190),
        middle=(212, 172, 188),
        low=(253, 218, 184),
        light=(255, 240, 208),
        far=(172, 156, 186),
        near=(50, 48, 80),
        water=(120, 130, 170),
        accent=(222, 110, 96),
    ),
    "day": Palette(
        top=(58, 128, 200),
        middle=(128, 184, 226),
        low=(226, 240, 240),
        light=(255, 251, 228),
        far=(148, 184, 206),
        near=(30, 74, 62),
        water=(44, 116, 160),
        accent=(226, 86, 60),
    ),
    "golden": Palette(
        top=(74, 100, 152),
        middle=(224, 152, 110),
        low=(255, 216, 144),
        light=(255, 234, 168),
        far=(186, 130, 120),
        near=(52, 34, 52),
        water=(130, 96, 110),
        accent=(196, 64, 48),
    ),
    "dusk": Palette(
        top=(36, 34, 86),
        middle=(126, 70, 128),
        low=(248, 144, 112),
        light=(255, 200, 150),
        far=(120, 78, 126),
        near=(24, 18, 44),
        water=(60, 44, 96),
        accent=(240, 96, 90),
        is_dark=True,
    ),
    "night": Palette(
        top=(8, 12, 36),
        middle=(20, 36, 78),
        low=(62, 86, 132),
        light=(232, 236, 250),
        far=(44, 62, 106),
        near=(6, 10, 24),
        water=(14, 26, 60),
        accent=(206, 90, 80),
        is_dark=True,
    ),
    "winter": Palette(
        top=(132, 164, 200),
        middle=(190, 208, 226),
        low=(244, 240, 236),
        light=(255, 250, 240),
        far=(194, 208, 224),
        near=(232, 238, 244),
        water=(120, 150, 180),
        accent=(180, 50, 50),
    ),
    "autumn": Palette(
        top=(108, 144, 178),
        middle=(214, 192, 160),
        low=(252, 228, 178),
        light=(255, 244, 206),
        far=(196, 152, 108),
        near=(78, 40, 24),
        water=(96, 110, 120),
        accent=(206, 84, 28),
    ),
    "spring": Palette(
        top=(120, 176, 216),
        middle=(192, 220, 228),
        low=(252, 236, 232),
        light=(255, 252, 236),
        far=(162, 196, 178),
        near=(44, 92, 62),
        water=(90, 150, 170),
        accent=(236, 130, 160),
    ),
}
