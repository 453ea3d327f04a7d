"""What stands, sails or flies in a picture: animals, a person, buildings, vessels, plants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, LAMPLIGHT, WHITE, mix
from sandbox.painter.shapes import Figure, box, ellipse, placed, smooth, stroke

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline, Point

_BODY = smooth(
    [
        (-0.12, -0.64),
        (-0.19, -0.44),
        (-0.26, -0.18),
        (-0.22, -0.02),
        (0.0, 0.01),
        (0.22, -0.02),
        (0.26, -0.18),
        (0.19, -0.44),
        (0.12, -0.64),
    ]
)
_TAIL = stroke(
    [(0.16, -0.05), (0.36, -0.03), (0.47, -0.13), (0.45, -0.27), (0.5, -0.38)],
    [0.1, 0.1, 0.09, 0.08, 0.05],
)
_EAR = [(-0.185, -0.76), (-0.17, -0.985), (-0.03, -0.875)]
_INNER_EAR = [(-0.155, -0.82), (-0.15, -0.93), (-0.075, -0.875)]
_FLOPPY_EAR = smooth(
    [(-0.11, -0.9), (-0.2, -0.86), (-0.25, -0.7), (-0.215, -0.6), (-0.16, -0.68), (-0.12, -0.8)]
)
_FURS: tuple[Colour, ...] = (
    (214, 128, 58),
    (90, 88, 94),
    (58, 54, 60),
    (226, 216, 202),
    (150, 112, 78),
)
_EYE = [(-0.115, -0.745), (-0.08, -0.775), (-0.04, -0.745)]


def paint_cat(easel: Easel, foot: Point, size_px: float) -> None:
    """Sits and smiles."""
    fur, shade, figure = _furred(easel, foot, size_px)
    dark, pale = mix(fur, BLACK, 0.45), mix(fur, WHITE, 0.55)
    figure.part(_TAIL, shade)
    figure.part(_BODY, shade)
    figure.part(ellipse(0, -0.3, 0.1, 0.24), pale, 0.35)
    figure.both(ellipse(-0.075, -0.03, 0.075, 0.045), mix(fur, WHITE, 0.25))
    for height, edge in ((-0.5, 0.165), (-0.38, 0.195), (-0.26, 0.225)):
        stripe = stroke([(-edge, height + 0.04), (0.1 - edge, height)], [0.03, 0.006])
        figure.both(stripe, dark, 0.4)
    figure.both(_EAR, fur)
    figure.both(_INNER_EAR, mix(fur, (236, 150, 150), 0.6), 0.8)
    figure.part(ellipse(0, -0.74, 0.19, 0.155), shade)
    for place in (-0.05, 0.0, 0.05):
        figure.part(stroke([(place * 1.3, -0.885), (place, -0.82)], [0.024, 0.008]), dark, 0.45)
    figure.both(ellipse(-0.055, -0.675, 0.065, 0.05), pale, 0.85)
    _face(figure, ink=mix(fur, BLACK, 0.85))
    for tilt in (-0.02, 0.01, 0.04):
        whisker = stroke([(-0.07, -0.675), (-0.3, -0.69 + tilt)], [0.007, 0.003])
        figure.both(whisker, mix(pale, WHITE, 0.5), 0.8)


def paint_dog(easel: Easel, foot: Point, size_px: float) -> None:
    """Sits and looks."""
    fur, shade, figure = _furred(easel, foot, size_px)
    dark, pale = mix(fur, BLACK, 0.4), mix(fur, WHITE, 0.5)
    figure.part(stroke([(0.2, -0.08), (0.36, -0.16), (0.4, -0.32)], [0.1, 0.08, 0.04]), shade)
    figure.part(_BODY, shade)
    figure.part(ellipse(0, -0.34, 0.11, 0.22), pale, 0.6)
    figure.both(ellipse(-0.085, -0.03, 0.085, 0.05), pale)
    figure.part(ellipse(0, -0.75, 0.165, 0.165), shade)
    figure.both(_FLOPPY_EAR, dark)
    figure.part(ellipse(0, -0.675, 0.085, 0.075), pale)
    figure.both(ellipse(-0.07, -0.78, 0.02, 0.024), mix(fur, BLACK, 0.9))
    figure.both(ellipse(-0.075, -0.787, 0.006), WHITE)
    figure.part(ellipse(0, -0.71, 0.034, 0.024), mix(fur, BLACK, 0.9))
    figure.part(ellipse(0, -0.625, 0.022, 0.032), (226, 110, 110))


def paint_birds(easel: Easel) -> None:
    """A loose flock in the sky."""
    chance, unit_px = easel.chance, easel.unit_px
    x, y = easel.width_px * chance.uniform(0.25, 0.6), easel.horizon_px * chance.uniform(0.2, 0.42)
    ink = mix(easel.palette.dark, easel.palette.middle, 0.15)
    for number in range(chance.randrange(6, 11)):
        span = unit_px * chance.uniform(0.018, 0.034) * (1.25 if number == 0 else 1)
        dx, dy = chance.gauss(0, 0.13) * unit_px, chance.gauss(0, 0.06) * unit_px
        lift = chance.uniform(0.35, 0.75)
        wings = [(-1.0, -lift), (-0.5, -lift * 0.9), (0.0, 0.0), (0.5, -lift * 0.9), (1.0, -lift)]
        outline = stroke(wings, [0.04, 0.17, 0.22, 0.17, 0.04])
        easel.canvas.fill(placed(outline, (x + dx, y + dy), span), ink)


def _furred(
    easel: Easel, foot: Point, size_px: float
) -> tuple[Colour, Callable[[int], Colour], Figure]:
    named = easel.theme.colour or easel.chance.choice(_FURS)
    fur = easel.lit(named)
    figure = Figure(easel.canvas, foot, size_px, flip=easel.chance.random() < 0.5)
    shadow = ellipse(0.06, 0.0, 0.42, 0.05)
    figure.part(shadow, mix(easel.palette.dark, BLACK, 0.5), 0.35)
    top, deep = mix(fur, easel.palette.light, 0.14), mix(fur, BLACK, 0.3)

    def shade(row: int) -> Colour:
        return mix(top, deep, min(1.0, max(0.0, (row - foot[1] + size_px) / size_px)))

    return fur, shade, figure


def _face(figure: Figure, ink: Colour) -> None:
    figure.both(stroke(_EYE, [0.012, 0.026, 0.012]), ink)
    figure.part(smooth([(-0.022, -0.71), (0.022, -0.71), (0.0, -0.685)]), (196, 96, 96))
    figure.both(stroke([(0, -0.685), (-0.02, -0.66), (-0.055, -0.662)], [0.01, 0.012, 0.006]), ink)


_COAT = smooth(
    [
        (-0.07, -0.78),
        (-0.14, -0.4),
        (-0.2, -0.1),
        (0.0, -0.07),
        (0.2, -0.1),
        (0.12, -0.45),
        (0.07, -0.78),
    ]
)


def paint_person(easel: Easel, foot: Point, size_px: float) -> None:
    """A walker with a hat and a stick, seen from behind."""
    coat = easel.lit(easel.theme.colour or easel.palette.accent)
    dark = mix(easel.palette.dark, BLACK, 0.35)
    flip = easel.chance.random() < 0.5
    parts: list[tuple[Outline, Colour]] = [
        (stroke([(-0.06, -0.12), (-0.07, 0.0)], [0.07, 0.06]), dark),
        (stroke([(0.06, -0.12), (0.07, 0.0)], [0.07, 0.06]), dark),
        (_COAT, coat),
        (
            stroke([(0.05, -0.7), (0.16, -0.55), (0.24, -0.48)], [0.07, 0.07, 0.05]),
            mix(coat, BLACK, 0.25),
        ),
        (stroke([(0.25, -0.62), (0.26, 0.01)], [0.02, 0.02]), dark),
        (ellipse(0, -0.84, 0.07, 0.08), mix((226, 178, 146), dark, 0.25)),
        (
            smooth(
                [
                    (-0.15, -0.86),
                    (0.0, -0.89),
                    (0.15, -0.86),
                    (0.06, -0.9),
                    (0.04, -0.99),
                    (-0.04, -0.99),
                    (-0.06, -0.9),
                ]
            ),
            dark,
        ),
    ]
    figure = Figure(easel.canvas, foot, size_px, flip=flip)
    for outline, colour in parts:
        figure.part(outline, colour)


_ROOF = [(-0.62, -0.52), (0.0, -1.0), (0.62, -0.52)]


def paint_house(easel: Easel, foot: Point, size_px: float) -> None:
    """A cottage with a lit window and smoke."""
    palette, figure = easel.palette, Figure(easel.canvas, foot, size_px)
    wall = easel.lit(easel.theme.colour or (224, 204, 176))
    smoke = mix(palette.low, WHITE, 0.3)
    for step in range(7):
        puff = ellipse(0.34 + 0.05 * step, -1.05 - 0.13 * step, 0.05 + 0.02 * step)
        figure.part(puff, smoke, 0.32 - 0.035 * step)
    figure.part(box(0.27, -1.0, 0.39, -0.6), mix(wall, BLACK, 0.4))
    figure.part(box(-0.5, -0.55, 0.5, 0.06), wall)
    figure.part(box(0.2, -0.55, 0.5, 0.06), mix(wall, palette.dark, 0.25))
    figure.part(_ROOF, mix(palette.accent, palette.dark, 0.35))
    pane = LAMPLIGHT if palette.is_dark else mix(LAMPLIGHT, palette.low, 0.45)
    for left in (-0.34, 0.24):
        figure.part(box(left, -0.38, left + 0.15, -0.2), pane)
    figure.part(box(-0.07, -0.34, 0.09, 0.06), mix(palette.dark, palette.accent, 0.25))


def paint_lighthouse(easel: Easel, foot: Point, size_px: float) -> None:
    """Striped; at night with its beam."""
    palette, figure = easel.palette, Figure(easel.canvas, foot, size_px)
    if palette.is_dark:
        for reach in (0.9, 1.7, 3.0):
            fan = reach * 0.11
            beam = [(0.0, -0.93), (reach, -0.97 - fan), (reach, -0.93 + fan)]
            figure.both(beam, LAMPLIGHT, 0.1)
    for step in range(5):
        low, high = 0.17 * step, 0.17 * (step + 1)
        wide, narrow = 0.15 - low * 0.08, 0.15 - high * 0.08
        colour = easel.lit(palette.accent if step % 2 else (240, 236, 230))
        figure.part([(-wide, -low), (-narrow, -high), (narrow, -high), (wide, -low)], colour)
        shaded = [(0.03, -low), (0.03, -high), (narrow, -high), (wide, -low)]
        figure.part(shaded, palette.dark, 0.25)
    figure.part(box(-0.12, -0.88, 0.12, -0.85), mix(palette.dark, BLACK, 0.2))
    figure.part(box(-0.06, -0.98, 0.06, -0.88), LAMPLIGHT)
    figure.part([(-0.09, -0.98), (0.0, -1.08), (0.09, -0.98)], easel.lit(palette.accent))


_HULL = smooth(
    [(-0.5, -0.12), (-0.36, 0.05), (0.0, 0.08), (0.34, 0.05), (0.56, -0.14), (0.0, -0.07)]
)
_MAIN_SAIL = smooth([(0.03, -1.0), (0.12, -0.6), (0.36, -0.17), (0.16, -0.15), (0.04, -0.16)])
_FORE_SAIL = smooth([(-0.02, -0.92), (-0.05, -0.5), (-0.04, -0.18), (-0.22, -0.16), (-0.38, -0.2)])
_BALLOON = smooth(
    [
        (0.0, -1.0),
        (0.36, -0.86),
        (0.42, -0.6),
        (0.14, -0.22),
        (0.0, -0.2),
        (-0.14, -0.22),
        (-0.42, -0.6),
        (-0.36, -0.86),
    ]
)


def paint_boat(easel: Easel, foot: Point, size_px: float) -> None:
    """Under sail, with its image in the water."""
    figure = Figure(easel.canvas, foot, size_px, flip=easel.chance.random() < 0.5)
    sail = mix(easel.theme.colour or (246, 238, 224), easel.palette.low, 0.2)
    hull = mix(easel.palette.dark, easel.palette.accent, 0.3)
    parts = (
        (_MAIN_SAIL, sail),
        (_FORE_SAIL, mix(sail, easel.palette.accent, 0.25)),
        (_HULL, hull),
    )
    for outline, colour in parts:
        figure.part([(x, -y * 0.8 + 0.1) for x, y in outline], colour, 0.22)
    for outline, colour in parts:
        figure.part(outline, colour)
    figure.part(stroke([(0, -0.05), (0.01, -1.04)], [0.025, 0.012]), hull)


def paint_balloon(easel: Easel, foot: Point, size_px: float) -> None:
    """A striped balloon with its basket; `foot` is the basket's."""
    palette = easel.palette
    first = mix(easel.theme.colour or palette.accent, palette.low, 0.15)
    second = mix((248, 236, 214), palette.low, 0.25)
    figure = Figure(easel.canvas, foot, size_px)
    figure.part(_BALLOON, first)
    right_half = [(x, y) for x, y in _BALLOON if x >= 0][1:-1]
    for left, right in ((-0.72, -0.42), (-0.14, 0.14), (0.42, 0.72)):
        gore = [(x * left, y) for x, y in right_half]
        figure.part([*gore, *((x * right, y) for x, y in reversed(right_half))], second)
    shade = [*((x * 0.55, y) for x, y in right_half), *reversed(right_half)]
    shaded = Figure(easel.canvas, foot, size_px, flip=easel.sun_x_px > foot[0])
    shaded.part(shade, palette.dark, 0.16)
    basket = mix((130, 86, 50), palette.dark, 0.3)
    for side in (-1, 1):
        figure.part(stroke([(side * 0.11, -0.22), (side * 0.06, -0.09)], [0.008, 0.008]), basket)
    figure.part([(-0.07, -0.09), (0.07, -0.09), (0.055, 0.0), (-0.055, 0.0)], basket)


_GRAPE = 0.085  # its radius
_CROWN = (
    (0.0, -0.72, 0.24),
    (-0.24, -0.62, 0.17),
    (0.25, -0.64, 0.17),
    (-0.12, -0.84, 0.16),
    (0.14, -0.83, 0.16),
)
_BLOSSOM = {"spring": (246, 178, 196), "autumn": (214, 104, 40), "winter": (236, 240, 246)}


def paint_tree(easel: Easel, foot: Point, size_px: float) -> None:
    """A trunk, its boughs, and leaves in the colour of the season."""
    chance, palette = easel.chance, easel.palette
    figure = Figure(easel.canvas, foot, size_px)
    bark = mix(palette.dark, (70, 46, 34), 0.5)
    lean = chance.uniform(-0.08, 0.08)
    figure.part(stroke([(0, 0.03), (0.02, -0.25), (lean, -0.6)], [0.13, 0.075, 0.03]), bark)
    for side in (-1, 1):
        bough = [(0.01, -0.3), (side * 0.16 + lean, -0.5), (side * 0.28 + lean, -0.66)]
        figure.part(stroke(bough, [0.05, 0.03, 0.015]), bark)
    green = mix(palette.dark, (96, 150, 80), 0.6)
    leaf = easel.lit(easel.theme.colour or _BLOSSOM.get(easel.theme.palette, green))
    for shade, offset, size, alpha in (
        (mix(leaf, palette.dark, 0.4), 0.03, 1.0, 0.94),
        (leaf, 0.0, 1.0, 0.94),
        (mix(leaf, palette.light, 0.35), -0.045, 0.55, 0.5),
    ):
        for x, y, radius in _CROWN:
            spot = ellipse(x + lean + offset * 0.6, y + offset, radius * size)
            figure.part(_leafy(spot, chance.random()), shade, alpha)


def paint_flowers(easel: Easel, foot: Point, size_px: float) -> None:
    """A tuft of them, of one kind."""
    chance, palette = easel.chance, easel.palette
    figure = Figure(easel.canvas, foot, size_px)
    colour = easel.lit(easel.theme.colour or palette.accent)
    stem = mix(palette.dark, (70, 130, 70), 0.5)
    petals = chance.choice((5, 6, 8))
    for number in range(9):
        low_x, tall = (number - 4) * 0.14 + chance.gauss(0, 0.03), chance.uniform(0.35, 0.8)
        x = low_x + chance.gauss(0, 0.06)
        bend = ((low_x + x) / 2 + 0.02, -tall / 2)
        figure.part(stroke([(low_x, 0.1), bend, (x, -tall)], [0.018] * 3), stem)
        radius = chance.uniform(0.05, 0.075)
        tone = mix(colour, chance.choice((WHITE, palette.accent)), chance.uniform(0, 0.35))
        for petal in range(petals):
            angle = math.tau * (petal / petals + number * 0.07)
            there = (x + radius * math.cos(angle), radius * math.sin(angle) - tall)
            figure.part(ellipse(*there, radius * 0.62), tone)
        figure.part(ellipse(x, -tall, radius * 0.55), easel.lit((246, 200, 84)))


def paint_grapes(easel: Easel, foot: Point, size_px: float) -> None:
    """A bunch that birds would come to peck; it hangs from above, `foot` is its stalk's end."""
    chance, figure = easel.chance, Figure(easel.canvas, foot, size_px)
    colour = easel.theme.colour or (96, 44, 112)
    leaf = mix((96, 140, 70), easel.palette.dark, 0.15)
    figure.part(stroke([(0, -0.4), (0.02, -0.2), (0, 0.1)], [0.035] * 3), (96, 70, 46))
    for angle, reach in ((-2.6, 0.36), (-0.5, 0.34), (-2.0, 0.25)):
        x, y = math.cos(angle) * 0.24, math.sin(angle) * 0.08
        outline = _leafy(ellipse(x, y, reach * 0.62, reach * 0.46), 0.35, lobes=5, depth=0.22)
        figure.part(outline, mix(leaf, BLACK, chance.uniform(0, 0.25)))
    for row, count in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for number in range(count):
            x = (number - (count - 1) / 2) * _GRAPE * 1.62 + chance.gauss(0, 0.06) * _GRAPE
            y = 0.12 + row * _GRAPE * 1.38 + chance.gauss(0, 0.06) * _GRAPE
            shade = chance.choice((WHITE, BLACK, (40, 30, 90)))
            _grape(figure, (x, y), mix(colour, shade, chance.uniform(0, 0.2)))


def _grape(figure: Figure, at: Point, tone: Colour) -> None:
    x, y = at
    for shift, size, colour, alpha in (
        (0.0, 1.0, mix(tone, BLACK, 0.4), 1.0),
        (0.07, 0.88, tone, 1.0),
        (0.27, 0.5, mix(tone, WHITE, 0.25), 0.6),
        (0.38, 0.17, WHITE, 0.75),
    ):
        spot = ellipse(x - _GRAPE * shift, y - _GRAPE * shift, _GRAPE * size)
        figure.part(spot, colour, alpha)


def _leafy(outline: Outline, phase: float, *, lobes: int = 9, depth: float = 0.07) -> Outline:
    """Pulls an outline in and out around its middle."""
    count = len(outline)
    cx, cy = sum(px for px, _ in outline) / count, sum(py for _, py in outline) / count
    scales = [
        1 + depth * math.sin(math.tau * (lobes * number / count + phase)) for number in range(count)
    ]
    return [
        (cx + (px - cx) * scale, cy + (py - cy) * scale)
        for (px, py), scale in zip(outline, scales, strict=True)
    ]
