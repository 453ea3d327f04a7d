"""The land: ridges behind ridges, each paler the farther it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import mix
from sandbox.painter.shapes import ellipse
from sandbox.painter.words import Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline

_POINTS = 120


def paint_land(easel: Easel) -> None:
    """Everything between the sky and the ground in front."""
    match easel.theme.scene:
        case Scene.MOUNTAINS:
            _layers(easel, count=5, rise=0.42, relief=0.30, wave=0.62, is_sharp=True, until=0.5)
        case Scene.LAKE:
            _layers(easel, count=4, rise=0.26, relief=0.24, wave=0.55, is_sharp=True, until=0.0)
        case Scene.HILLS:
            _layers(easel, count=5, rise=0.12, relief=0.2, wave=0.5, is_sharp=False, until=0.6)
        case Scene.FOREST:
            _layers(easel, count=1, rise=0.25, relief=0.2, wave=0.6, is_sharp=True, until=0.2)
            _woods(easel)
        case Scene.DESERT:
            _layers(easel, count=4, rise=0.1, relief=0.2, wave=0.65, is_sharp=False, until=0.6)
        case Scene.SEA:
            _layers(easel, count=2, rise=0.07, relief=0.07, wave=0.5, is_sharp=True, until=0.0)
        case Scene.CITY:
            _layers(easel, count=1, rise=0.14, relief=0.12, wave=0.6, is_sharp=False, until=0.0)
        case Scene.SPACE:
            _layers(easel, count=2, rise=0.02, relief=0.1, wave=0.5, is_sharp=True, until=0.4)


def ridge(
    easel: Easel, *, base_px: float, relief_px: float, wave_px: float, is_sharp: bool
) -> Callable[[float], float]:
    """A skyline as height (y, px) over x: `relief_px` from valley to peak above `base_px`."""
    noise, shift = easel.noise, easel.chance.uniform(0, 200)

    def y_at(x: float) -> float:
        height = noise.layered(x / wave_px + shift, shift, octaves=4 if is_sharp else 2)
        if is_sharp:
            height = 1 - abs(2 * height - 1) * 1.5
        return base_px - relief_px * height

    return y_at


def skyline(easel: Easel, y_at: Callable[[float], float]) -> Outline:
    """A ridge from edge to edge."""
    places = (easel.width_px * (number / _POINTS) for number in range(_POINTS + 1))
    return [(x, y_at(x)) for x in places]


def hazy(
    easel: Easel, colour: Colour, *, top_px: float, depth_px: float, haze: float
) -> Callable[[int], Colour]:
    """The colour of a ridge by row: clear at its crest, in the mist at its foot."""
    mist = easel.palette.low

    def colour_at(y: int) -> Colour:
        share = min(1.0, max(0.0, (y - top_px) / depth_px))
        return mix(colour, mist, haze * share**1.4)

    return colour_at


def _layers(
    easel: Easel,
    *,
    count: int,
    rise: float,
    relief: float,
    wave: float,
    is_sharp: bool,
    until: float,
) -> None:
    """From far to near: `rise` units above the horizon down to `until` of what is below it."""
    unit_px, palette = easel.unit_px, easel.palette
    drop_px = until * (easel.height_px - easel.horizon_px)
    for number in range(count):
        near = number / max(1, count - 1)
        base_px = easel.horizon_px + drop_px * near - unit_px * rise * (1 - near) * 0.35
        relief_px = unit_px * relief * (1.15 - 0.55 * near)
        y_at = ridge(
            easel,
            base_px=base_px,
            relief_px=relief_px,
            wave_px=unit_px * wave * (1.1 - 0.3 * near),
            is_sharp=is_sharp,
        )
        colour = mix(palette.far, palette.near, near**1.5 * 0.72)
        paint = hazy(
            easel,
            colour,
            top_px=base_px - relief_px,
            depth_px=relief_px + unit_px * 0.16,
            haze=0.72 - 0.4 * near,
        )
        easel.canvas.fill_below(skyline(easel, y_at), paint)
        if is_sharp and number < count - 1:
            _shine(easel, y_at, relief_px, colour)
        if easel.theme.scene is Scene.HILLS and number:
            _bushes(easel, y_at, near, mix(colour, palette.dark, 0.3))


def _shine(easel: Easel, y_at: Callable[[float], float], relief_px: float, colour: Colour) -> None:
    """The slopes that look at the light."""
    away = 1 if easel.sun_x_px < easel.width_px / 2 else -1
    reach_px = relief_px * 0.5
    points = _POINTS
    step_px = easel.width_px / points
    upper, lower = [], []
    for number in range(points + 1):
        x = number * step_px
        y, ahead = y_at(x), y_at(x + away * step_px * 2)
        slope = max(0.0, min(1.0, (y - ahead) / step_px * -0.5))
        rough = easel.noise.at(x / easel.unit_px * 40, 3.3)
        upper.append((x, y))
        lower.append((x - away * reach_px * slope * 0.3, y + reach_px * slope * (0.4 + rough)))
    light = mix(colour, easel.palette.light, 0.28)
    easel.canvas.fill([*upper, *reversed(lower)], light, alpha=0.55)


def _bushes(easel: Easel, y_at: Callable[[float], float], near: float, colour: Colour) -> None:
    """Groups of round trees on a hill."""
    chance, radius_px = easel.chance, easel.unit_px * (0.008 + 0.016 * near)
    for _ in range(3):
        x = chance.random() * easel.width_px
        for _ in range(chance.randrange(2, 5)):
            x += radius_px * chance.uniform(1.2, 2.2)
            tall_px = radius_px * chance.uniform(0.8, 1.4)
            bush = ellipse(x, y_at(x) - tall_px * 0.6, radius_px, tall_px)
            easel.canvas.fill(bush, colour)


def _woods(easel: Easel) -> None:
    unit_px, palette = easel.unit_px, easel.palette
    drop_px = easel.height_px - easel.horizon_px
    for number in range(4):
        near = number / 3
        base_px = easel.horizon_px + drop_px * (-0.06 + 0.72 * near)
        tall_px = unit_px * (0.13 + 0.16 * near)
        ground = ridge(
            easel, base_px=base_px, relief_px=unit_px * 0.08, wave_px=unit_px, is_sharp=False
        )
        colour = mix(palette.far, palette.near, 0.2 + 0.7 * near)
        paint = hazy(
            easel, colour, top_px=base_px - tall_px * 1.5, depth_px=tall_px * 2.4, haze=0.75
        )
        easel.canvas.fill_below(_pines(easel, ground, tall_px), paint)


def _pines(easel: Easel, ground: Callable[[float], float], tall_px: float) -> Outline:
    """A skyline of pines: each a stair of boughs up to its top and down again."""
    chance, outline = easel.chance, []
    x = -tall_px * 0.2
    while x < easel.width_px:
        height_px = tall_px * chance.uniform(0.55, 1.15)
        half_px = height_px * chance.uniform(0.15, 0.2)
        foot_px = ground(x) + tall_px * 0.25
        steps = 5
        for number in range(steps):
            share = number / steps
            reach_px = half_px * (1 - share)
            outline.append((x - reach_px, foot_px - height_px * share))
            outline.append((x - reach_px * 0.5, foot_px - height_px * (share + 0.06)))
        outline.append((x, foot_px - height_px))
        for number in reversed(range(steps)):
            share = number / steps
            reach_px = half_px * (1 - share)
            outline.append((x + reach_px * 0.5, foot_px - height_px * (share + 0.06)))
            outline.append((x + reach_px, foot_px - height_px * share))
        x += half_px * chance.uniform(1.2, 2.4)
    return outline
