"""The ground in front, with grass or ripples of sand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import mix
from sandbox.painter.land import hazy, ridge, skyline
from sandbox.painter.words import Scene, Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline

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


def _clamped(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, channel)) for channel in colour)
    return red, green, blue
