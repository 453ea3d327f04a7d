"""Below the sky: ridges behind ridges, a city on the horizon, water, and the ground in front."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.canvas import OPAQUE, mixed
from sandbox.painter.colours import LAMPLIGHT, mix
from sandbox.painter.shapes import ellipse
from sandbox.painter.words import Scene, Subject

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


_MAX_HOUSES = 60


def paint_city(easel: Easel) -> None:
    """Stands on the horizon."""
    palette = easel.palette
    for near, tallest in ((0.3, 0.46), (0.62, 0.32), (0.9, 0.17)):
        colour = mix(palette.far, palette.near, near)
        _row_of_houses(easel, colour, tallest * easel.unit_px)


def _row_of_houses(easel: Easel, colour: Colour, tallest_px: float) -> None:
    chance, unit_px = easel.chance, easel.unit_px
    x = -unit_px * 0.03
    least_px = max(unit_px * 0.035, easel.width_px / _MAX_HOUSES)
    while x < easel.width_px:
        width_px = least_px * chance.uniform(1.0, 2.2)
        middle = 1 - abs((x + width_px / 2) / easel.width_px - 0.5)
        height_px = tallest_px * chance.uniform(0.4, 1.0) * (0.5 + middle * 0.6)
        _house(easel, (x, easel.horizon_px - height_px, x + width_px, easel.horizon_px), colour)
        x += width_px * chance.uniform(0.9, 1.12)


def _house(easel: Easel, box: tuple[float, float, float, float], colour: Colour) -> None:
    left, top, right, bottom = box
    canvas, chance = easel.canvas, easel.chance
    wall = mix(colour, easel.palette.low, chance.uniform(0, 0.12))
    canvas.fill_box(box, wall)
    side = (right - left) * 0.3
    lit_left = easel.sun_x_px < (left + right) / 2
    shine = (left, top, left + side, bottom) if lit_left else (right - side, top, right, bottom)
    canvas.fill_box(shine, easel.palette.light, alpha=0.1)
    kind = chance.random()
    middle = (left + right) / 2
    if kind < 0.25:
        mast_px = (right - left) * 0.04
        canvas.fill_box(
            (middle - mast_px, top - (right - left) * 0.6, middle + mast_px, top), colour
        )
    elif kind < 0.5:
        canvas.fill([(left, top), (middle, top - (right - left) * 0.35), (right, top)], colour)
    _windows(easel, box, wall)


def _windows(easel: Easel, box: tuple[float, float, float, float], wall: Colour) -> None:
    left, top, right, bottom = box
    chance, palette = easel.chance, easel.palette
    step_px = max(5.0, easel.unit_px * 0.013)
    size_px = step_px * 0.45
    lit, alpha = (LAMPLIGHT, 0.85) if palette.is_dark else (palette.light, 0.22)
    pane = mix(wall, lit, alpha)
    share = 0.32 if palette.is_dark else 0.5
    y = top + step_px * 0.7
    while y + size_px < bottom - step_px * 0.4:
        x = left + step_px * 0.6
        while x + size_px < right - step_px * 0.3:
            if chance.random() < share:
                easel.canvas.fill_box((x, y, x + size_px, y + size_px * 1.3), pane)
            x += step_px
        y += step_px * 1.25


def paint_water(easel: Easel) -> None:
    """From the horizon down."""
    horizon = round(easel.horizon_px)
    depth_px = easel.height_px - horizon
    for y in range(horizon, easel.height_px):
        depth = (y - horizon) / depth_px
        easel.canvas.rows[y] = _reflected(easel, y, horizon, depth)
    _glitter(easel, horizon, depth_px)


def _reflected(easel: Easel, y: int, horizon: int, depth: float) -> bytearray:
    rows, unit_px = easel.canvas.rows, easel.unit_px
    away_px = y - horizon
    wobble = math.sin(away_px / (unit_px * (0.006 + 0.012 * depth))) * (0.4 + 3 * depth)
    above = max(0, min(horizon - 1, round(horizon - 1 - away_px * 1.15 - wobble * unit_px * 0.004)))
    shift = round(wobble * unit_px * 0.0022) * 3
    source = rows[above]
    moved = (
        source[shift:] + source[-3:] * (shift // 3)
        if shift > 0
        else (source[:3] * (-shift // 3) + source[: shift or None])
    )
    tint = mix(easel.palette.water, easel.palette.near, 0.55 * depth)
    share = round(OPAQUE * (0.3 + 0.42 * depth))
    return bytearray(mixed(moved, bytes(tint) * easel.width_px, share))


def _glitter(easel: Easel, horizon: int, depth_px: int) -> None:
    chance, unit_px, light = easel.chance, easel.unit_px, easel.palette.light
    for _ in range(170):
        depth = chance.random() ** 1.6
        spread_px = unit_px * (0.035 + 0.2 * depth)
        x = easel.sun_x_px + chance.gauss(0, 0.5) * spread_px
        y = horizon + 1 + depth * depth_px * 0.85
        half_px = unit_px * (0.006 + 0.03 * depth) * chance.uniform(0.5, 1.2)
        thick_px = max(1.0, unit_px * (0.0012 + 0.002 * depth))
        alpha = chance.uniform(0.2, 0.7) * (1 - 0.5 * depth)
        easel.canvas.fill_box((x - half_px, y, x + half_px, y + thick_px), light, alpha=alpha)


_ROCKY = frozenset({Scene.SPACE, Scene.DESERT})
_ON_GROUND = frozenset(Subject) - {Subject.BIRDS, Subject.BOAT, Subject.BALLOON, Subject.GRAPES}


def paint_ground(easel: Easel) -> Callable[[float], float]:
    """Paints the ground; its skyline, for whoever stands on it."""
    unit_px, palette, scene = easel.unit_px, easel.palette, easel.theme.scene
    is_stood_on = not _ON_GROUND.isdisjoint(easel.theme.subjects)
    high = 0.1 if is_stood_on else 0.03
    y_at = ridge(
        easel,
        base_px=easel.height_px - unit_px * high,
        relief_px=unit_px * (0.12 if is_stood_on else 0.09),
        wave_px=unit_px * 0.9,
        is_sharp=False,
    )
    colour = mix(palette.near, palette.far, 0.12 if scene not in _ROCKY else 0.3)
    top_px = easel.height_px - unit_px * (high + 0.12)
    paint = hazy(easel, colour, top_px=top_px, depth_px=unit_px * 0.3, haze=-0.12)
    easel.canvas.fill_below(skyline(easel, y_at), lambda y: _clamped(paint(y)))
    if scene not in _ROCKY:
        easel.canvas.fill_below(_grass(easel, y_at), _clamped(mix(colour, palette.near, 0.6)))
    return y_at


def _grass(easel: Easel, y_at: Callable[[float], float]) -> Outline:
    """Blades along the skyline, bent by one wind."""
    chance, unit_px = easel.chance, easel.unit_px
    bend, outline, x = chance.uniform(-0.5, 0.5), [], 0.0
    while x < easel.width_px:
        y = y_at(x)
        tall_px = unit_px * 0.045 * (0.25 + easel.noise.at(x / unit_px * 5, 9.1) ** 2 * 1.6)
        tall_px *= chance.uniform(0.5, 1.1)
        wide_px = unit_px * 0.0042
        outline += [(x, y + 2), (x + bend * tall_px, y - tall_px), (x + wide_px, y + 2)]
        x += unit_px * chance.uniform(0.006, 0.014)
    return [*outline, (easel.width_px, y_at(easel.width_px) + 2)]


def _clamped(colour: Colour) -> Colour:
    red, green, blue = (max(0, min(255, channel)) for channel in colour)
    return red, green, blue
