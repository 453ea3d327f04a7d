"""A picture from a prompt: decide on a theme, paint from far to near, label, finish."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sandbox.painter.canvas import Canvas
from sandbox.painter.colours import PALETTES
from sandbox.painter.easel import Easel, Noise, unit
from sandbox.painter.land import paint_city, paint_ground, paint_land, paint_water
from sandbox.painter.marks import coarse, paint_label, paint_paper_edge, paint_seal
from sandbox.painter.png import finished, plain
from sandbox.painter.sky import field_rows, paint_lights, sky
from sandbox.painter.subjects import (
    paint_balloon,
    paint_birds,
    paint_boat,
    paint_cat,
    paint_dog,
    paint_flowers,
    paint_grapes,
    paint_house,
    paint_lighthouse,
    paint_person,
    paint_tree,
)
from sandbox.painter.words import WET, Scene, Style, Subject, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.painter.colours import Palette
    from sandbox.painter.shapes import Point
    from sandbox.painter.words import Theme

GRAIN_BITS = 2
LONGEST_PX = 4096  # beyond it a gradient has to do
_SQUARES = 160  # of pixel art along the longer side
_STANDING: dict[Subject, tuple[Callable[[Easel, Point, float], None], float]] = {
    Subject.LIGHTHOUSE: (paint_lighthouse, 0.4),
    Subject.TREE: (paint_tree, 0.46),
    Subject.HOUSE: (paint_house, 0.17),
    Subject.PERSON: (paint_person, 0.24),
    Subject.FLOWERS: (paint_flowers, 0.24),
    Subject.DOG: (paint_dog, 0.34),
    Subject.CAT: (paint_cat, 0.4),
}


def picture(
    prompt: str,
    *,
    seed: int,
    width_px: int,
    height_px: int,
    grain_bits: int = GRAIN_BITS,
    xmp: bytes | None = None,
) -> bytes:
    """A PNG, the same bytes for the same arguments; `grain_bits` from 0 to 7 sets its size.

    With 2 it has about 1 MB at 1024*1024, with 7 about 3 MB.
    """
    if max(width_px, height_px) > LONGEST_PX:
        return plain(prompt, seed=seed, width_px=width_px, height_px=height_px, xmp=xmp)
    chance = Random(f"{seed}\n{prompt}")
    chosen = theme(prompt, chance)
    if chosen.style is Style.PIXELS:
        square_px = max(1, max(width_px, height_px) // _SQUARES)
        small = (-(-width_px // square_px), -(-height_px // square_px))
        canvas = coarse(_painted(chosen, chance, *small), width_px, height_px, square_px=square_px)
    else:
        canvas = _painted(chosen, chance, width_px, height_px)
    paint_label(canvas, seed)
    return finished(canvas, chance, grain_bits=grain_bits, xmp=xmp)


def _palette(chosen: Theme) -> Palette:
    palette = PALETTES[chosen.palette]
    if chosen.style is Style.WATERCOLOUR:
        return palette.washed(0.1)
    return palette.in_ink() if chosen.style is Style.INK else palette


def _painted(chosen: Theme, chance: Random, width_px: int, height_px: int) -> Canvas:
    easel = _prepared(chosen, chance, width_px, height_px)
    paint_lights(easel)
    if Subject.BIRDS in chosen.subjects or chance.random() < 0.25:
        paint_birds(easel)
    paint_land(easel)
    if chosen.scene is Scene.CITY:
        paint_city(easel)
    if chosen.scene in WET:
        paint_water(easel)
    _paint_subjects(easel)
    if chosen.style is Style.WATERCOLOUR:
        paint_paper_edge(easel)
    if chosen.style is Style.INK:
        paint_seal(easel)
    return easel.canvas


def _prepared(chosen: Theme, chance: Random, width_px: int, height_px: int) -> Easel:
    palette = _palette(chosen)
    noise, unit_px = Noise(chance), unit(width_px, height_px)
    horizon_px = height_px * chance.uniform(0.56, 0.64)
    sun_x_px = width_px * chance.choice((chance.uniform(0.2, 0.36), chance.uniform(0.64, 0.8)))
    sun_y_px = horizon_px - unit_px * chance.uniform(0.22, 0.4)
    colour_at = sky(
        palette,
        noise,
        unit_px=unit_px,
        horizon_px=horizon_px,
        sun=(sun_x_px, sun_y_px),
        is_blotchy=chosen.style is Style.WATERCOLOUR,
    )
    rows = list(field_rows(width_px, height_px, colour_at))
    return Easel(
        canvas=Canvas(width_px, height_px, rows),
        chance=chance,
        noise=noise,
        palette=palette,
        theme=chosen,
        horizon_px=horizon_px,
        sun_x_px=sun_x_px,
        sun_y_px=sun_y_px,
    )


def _paint_subjects(easel: Easel) -> None:
    subjects, unit_px = easel.theme.subjects, easel.unit_px
    if Subject.BALLOON in subjects:
        x = easel.width_px - easel.sun_x_px
        paint_balloon(easel, (x, easel.horizon_px * 0.62), unit_px * 0.24)
    if Subject.BOAT in subjects and easel.theme.scene in WET:
        x = easel.width_px * easel.chance.uniform(0.3, 0.7)
        paint_boat(easel, (x, easel.horizon_px + unit_px * 0.07), unit_px * 0.2)
    ground_at = paint_ground(easel)
    standing = [one for one in _STANDING if one in subjects]
    for number, subject in enumerate(standing):
        paint, tall = _STANDING[subject]
        away = (number + 1) / (len(standing) + 1) if len(standing) > 1 else _beside(easel)
        x = easel.width_px * away
        paint(easel, (x, ground_at(x) + unit_px * 0.012), unit_px * tall)
    if Subject.GRAPES in subjects:
        paint_grapes(easel, (_beside(easel) * easel.width_px, unit_px * 0.16), unit_px * 0.62)


def _beside(easel: Easel) -> float:
    """Across from the light, towards the middle."""
    return 0.62 if easel.sun_x_px < easel.width_px / 2 else 0.38
