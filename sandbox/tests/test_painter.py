"""The painter: exactly the size, the same bytes each time, and what the prompt names."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.painter import picture, plain
from sandbox.painter.canvas import Canvas, mixed
from sandbox.painter.colours import PALETTES
from sandbox.painter.png import grained
from sandbox.painter.sky import field_rows
from sandbox.painter.words import Scene, Style, Subject, theme
from sandbox.tests.png_reader import read

GOLDEN = {
    (512, 512): "dd7bbf0a6af4c276",
    (1024, 1024): "840ebbcd11173f80",
    (672, 288): "1722f39f437904c6",
    (288, 672): "7bb5d2e218318e82",
}
PROMPTS = [
    "a lake in the mountains at sunset, a boat",
    "a sitting orange cat, 水彩",
    "city at night",
    "forest in the mist, birds",
    "planet, galaxy",
    "水墨 山水 舟",
    "pixel art house in winter, snow",
    "a dog, a balloon, flowers and a tree on a hill",
    "lighthouse by the sea at dusk",
    "desert, a traveller with a stick, person",
    "grapes",
]


def painted(prompt: str = "a cat by the sea", seed: int = 7, **more: int) -> bytes:
    asked = {"width_px": 160, "height_px": 200, **more}
    return picture(prompt, seed=seed, **asked)  # type: ignore[arg-type]  # all are numbers


@pytest.mark.parametrize(("size", "digest"), GOLDEN.items())
def test_pictures_stay_as_they_are(size: tuple[int, int], digest: str) -> None:
    """A change of the pixels of a known picture is a change that users see."""
    png = picture("a sitting orange cat, 水彩", seed=7, width_px=size[0], height_px=size[1])
    found = read(png)
    assert (found.width_px, found.height_px) == size
    assert hashlib.sha256(b"".join(found.rows)).hexdigest()[:16] == digest


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_scene_is_painted_the_same_twice(prompt: str) -> None:
    """Byte by byte, and differently from another seed's."""
    first = painted(prompt)
    assert read(first).kinds[:2] == [b"IHDR", b"sRGB"]
    assert first == painted(prompt)
    assert first != painted(prompt, seed=8)


@pytest.mark.parametrize(
    ("width_px", "height_px"),
    [(1, 1), (1, 300), (300, 1), (16, 16), (17, 33), (64, 2000), (2000, 64), (263, 257)],
)
@pytest.mark.parametrize("prompt", ["a cat, 水彩", "pixel city", "planet", "水墨 boat, tree"])
def test_any_size_is_painted_exactly(width_px: int, height_px: int, prompt: str) -> None:
    """The smallest, the longest, and those that divide by nothing."""
    found = read(painted(prompt, width_px=width_px, height_px=height_px))
    assert (found.width_px, found.height_px) == (width_px, height_px)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.integers(0, 2**31 - 1))
def test_no_prompt_is_too_strange(prompt: str, seed: int) -> None:
    """Whatever the words: a sound picture."""
    read(picture(prompt, seed=seed, width_px=96, height_px=80))


@pytest.mark.parametrize(
    ("prompt", "scene", "subjects"),
    [
        ("a black cat in Tokyo", Scene.CITY, (Subject.CAT,)),
        ("一只猫在海边", Scene.SEA, (Subject.CAT,)),
        ("a catalogue of concatenation by the sea", Scene.SEA, None),
        ("a boat below the mountains", Scene.LAKE, (Subject.BOAT,)),
        ("a boat in the woods", Scene.SEA, (Subject.BOAT,)),
        ("galaxy", Scene.SPACE, None),
        ("birds and grapes on a hill", Scene.HILLS, (Subject.BIRDS, Subject.GRAPES)),
    ],
)
def test_the_prompts_words_choose_what_is_painted(
    prompt: str, scene: Scene, subjects: tuple[Subject, ...] | None
) -> None:
    """Whole words, or Chinese anywhere."""
    chosen = theme(prompt, Random(3))
    assert chosen.scene is scene
    assert subjects is None or chosen.subjects == subjects
    assert Subject.CAT not in chosen.subjects or subjects is not None


def test_styles_seasons_and_colours_are_read() -> None:
    """And a palette that does not fit a scene is not forced on it."""
    assert theme("a fox, watercolor", Random(1)).style is Style.WATERCOLOUR
    assert theme("snowy village", Random(1)).palette == "winter"
    assert theme("an orange cat", Random(1)).colour == theme("橘猫", Random(1)).colour
    assert theme("an orange cat", Random(1)).colour is not None
    assert theme("planet in snow", Random(1)).palette == "night"
    assert {theme("x", Random(seed)).palette for seed in range(200)} == set(PALETTES) - {"winter"}


def test_the_label_says_where_the_picture_comes_from() -> None:
    """A light text on a dark strip in the lower left corner."""
    found = read(painted("snow", width_px=512, height_px=512, grain_bits=0))
    strip = [row[: 3 * 200] for row in found.rows[-12:-5]]
    assert sum(row.count(b"\xfa\xf8\xf2") for row in strip) > 150
    assert painted(seed=7) != painted(seed=8)


def test_grain_makes_the_file_larger() -> None:
    """From a fifth of the pixels' bytes to nearly all of them."""
    sizes = [
        len(painted("sea", width_px=512, height_px=512, grain_bits=bits)) for bits in (0, 2, 7)
    ]
    raw = 512 * 512 * 3
    assert [round(size / raw, 1) for size in sizes] == [0.2, 0.4, 1.0]


def test_the_providers_metadata_stands_before_the_pixels() -> None:
    """As an iTXt chunk with an XMP packet."""
    png = picture("x", seed=1, width_px=64, height_px=64, xmp=b"<x:xmpmeta/>")
    assert read(png).kinds == [b"IHDR", b"sRGB", b"iTXt", b"IDAT", b"IEND"]
    assert b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>" in png


def test_a_plain_picture_is_small_and_exact() -> None:
    """A gradient that depends on prompt and seed."""
    png = plain("x", seed=1, width_px=256, height_px=100, xmp=None)
    found = read(png)
    assert (found.width_px, found.height_px) == (256, 100)
    assert len(png) < 2_000
    assert png != plain("y", seed=1, width_px=256, height_px=100, xmp=None)


def test_a_picture_longer_than_any_screen_is_a_gradient() -> None:
    """Of exactly the size; a landscape of so many rows would take too long."""
    png = picture("x", seed=1, width_px=1, height_px=4097)
    assert png == plain("x", seed=1, width_px=1, height_px=4097, xmp=None)
    assert (read(png).width_px, read(png).height_px) == (1, 4097)


@given(st.binary(max_size=64), st.data())
def test_rows_are_mixed_like_single_bytes(under: bytes, data: st.DataObject) -> None:
    """The big number does what byte by byte arithmetic would."""
    over = data.draw(st.binary(min_size=len(under), max_size=len(under)))
    alpha = data.draw(st.integers(0, 256))
    expected = bytes((a * (256 - alpha) + b * alpha) >> 8 for a, b in zip(under, over, strict=True))
    assert mixed(under, over, alpha) == expected


@given(st.binary(min_size=1, max_size=300), st.integers(0, 7))
def test_grain_never_leaves_the_range_of_a_byte(pixels: bytes, bits: int) -> None:
    """Every byte stays within its squeezed value and the noise above it."""
    found = grained(pixels, Random(1), bits)
    floor = [value * (256 - (1 << bits)) // 255 if bits else value for value in pixels]
    assert all(low <= byte < low + (1 << bits) for low, byte in zip(floor, found, strict=True))


def test_a_field_passes_through_its_nodes() -> None:
    """And is straight between them."""
    rows = list(field_rows(40, 24, lambda x, y: (int(min(255, x * 4)), int(y * 8), 7)))
    assert len(rows) == 24
    assert [row[0] for row in rows[:1]] == [0]
    assert [rows[0][3 * x] for x in range(0, 40, 8)] == [0, 32, 64, 96, 128]
    assert rows[0][3 * 4] == 16
    assert rows[12][1] == 96
    assert {row[2] for row in rows} == {7}


def blank(width_px: int = 20, height_px: int = 10) -> Canvas:
    return Canvas(width_px, height_px, [bytearray(3 * width_px) for _ in range(height_px)])


def test_a_shape_covers_what_it_covers() -> None:
    """Whole pixels whole, halves by half, nothing outside."""
    canvas = blank()
    canvas.fill([(2.5, 1), (8, 1), (8, 4), (2.5, 4)], (200, 100, 50))
    red = [list(row[::3]) for row in canvas.rows]
    assert red[0] == red[4] == [0] * 20
    assert red[1] == red[3] == [0, 0, 100, 200, 200, 200, 200, 200] + [0] * 12


def test_a_flat_edge_is_soft_too() -> None:
    """Half a row covered gives half the colour."""
    canvas = blank()
    canvas.fill([(0, 2.5), (20, 2.5), (20, 5), (0, 5)], (200, 200, 200))
    assert [row[30] for row in canvas.rows] == [0, 0, 100, 200, 200, 0, 0, 0, 0, 0]


def test_a_hole_stays_empty() -> None:
    """Even and odd."""
    canvas = blank()
    outer = [(1.0, 1.0), (15.0, 1.0), (15.0, 9.0), (1.0, 9.0), (1.0, 1.0)]
    inner = [(5.0, 3.0), (10.0, 3.0), (10.0, 6.0), (5.0, 6.0), (5.0, 3.0)]
    canvas.fill([*outer, *inner], (9, 9, 9))
    assert list(canvas.rows[4][::3]) == [0] + [9] * 4 + [0] * 5 + [9] * 5 + [0] * 5


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(-30, 50), st.floats(-30, 40)).map(
            lambda point: (float(point[0]), float(point[1]))
        ),
        min_size=3,
        max_size=9,
    ),
    st.floats(0.0, 1.0),
)
def test_no_polygon_breaks_the_canvas(polygon: list[tuple[float, float]], alpha: float) -> None:
    """Inside, outside or across: rows keep their length and colours their range."""
    canvas = blank()
    canvas.fill(polygon, (255, 255, 255), alpha=alpha)
    canvas.fill(polygon, (0, 128, 255), alpha=alpha)
    assert [len(row) for row in canvas.rows] == [60] * 10
