"""A cat, a dog, birds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, WHITE, mix
from sandbox.painter.figure import Figure
from sandbox.painter.shapes import ellipse, placed, smooth, stroke

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Point

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
    fur, shade, figure = _coat(easel, foot, size_px)
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
    fur, shade, figure = _coat(easel, foot, size_px)
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


def _coat(
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
