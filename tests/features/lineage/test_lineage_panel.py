"""The panel's own arithmetic: lines of words, and nothing outside of it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import example, given
from hypothesis import strategies as st

from bot.drawing.svg import width_of
from bot.features.lineage.svg import Portrait, family_panel, lines_of, panel_size
from bot.providers.image import Size

SVG = "{http://www.w3.org/2000/svg}"


def test_words_break_at_blanks_and_the_last_line_is_cut() -> None:
    assert lines_of("a fox in the snow", 100, 20, 3) == ["a fox in", "the snow"]
    assert lines_of("a fox in the snow and rain", 100, 20, 2) == ["a fox in", "the sno…"]
    assert lines_of("夕暮れの雪原", 60, 20, 3) == ["夕暮れ", "の雪原"]
    assert lines_of("", 100, 20, 3) == []


@example("0 AAA\U0001fbcb \U0001fbfa 0", 122, 2)  # where a sum of parts was rounded down
@given(st.text(max_size=80), st.integers(40, 200), st.integers(1, 4))
def test_no_line_is_wider_than_its_room(words: str, width: int, most: int) -> None:
    lines = lines_of(words, width, 20, most)
    assert len(lines) <= most
    assert all(width_of(line, 20) <= width for line in lines)


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 4096), st.integers(1, 4096)),
        min_size=1,
        max_size=12,
    ),
    st.text(max_size=30),
)
def test_everything_is_within_the_panel(each: list[tuple[int, int, int]], words: str) -> None:
    portraits = [
        Portrait(
            parent=None if index == 0 else min(parent, index - 1),
            place="1.1",
            size=Size(width, height),
            changes=(words, "new seed"),
            words=words,
            more="+ 3 more" * (index % 2),
            is_asked=index == 0,
            is_direct=index % 3 != 0,
        )
        for index, (parent, width, height) in enumerate(each)
    ]
    svg = family_panel(portraits, head="Lineage", below=words, language="en")
    drawing = ET.fromstring(svg)
    width, height = panel_size(portraits)
    assert (drawing.get("width"), drawing.get("height")) == (str(width), str(height))
    for one in drawing.iter(f"{SVG}text"):
        assert 0 <= float(one.get("x", -1)) <= width
        assert 0 <= float(one.get("y", -1)) <= height
    for one in drawing.iter(f"{SVG}line"):
        for name, most in (("x1", width), ("x2", width), ("y1", height), ("y2", height)):
            assert 0 <= float(one.get(name, -1)) <= most


def test_words_between_parent_and_child_are_not_struck_through() -> None:
    """The line that was drawn there before is covered."""
    parent, child = (
        Portrait(
            parent=one, place="1", size=Size(64, 64), changes=("new seed",) * (one is not None)
        )
        for one in (None, 0)
    )
    drawing = ET.fromstring(family_panel([parent, child], head="", below="", language="en"))
    drawn = list(drawing.iter())
    (words,) = [one for one in drawn if "new seed" in (one.text or "")]
    covers = drawn[drawn.index(words) - 1]
    line = next(one for one in drawn if one.tag == f"{SVG}line")
    assert covers.tag == f"{SVG}rect"
    assert drawn.index(line) < drawn.index(covers)
    left, top, width, height = (float(covers.get(one, 0)) for one in ("x", "y", "width", "height"))
    assert left <= float(words.get("x", 0)) <= left + width
    assert top <= float(words.get("y", 0)) <= top + height


def test_the_picture_that_was_asked_for_is_framed_twice() -> None:
    """In gold, both around the picture's own frame and as far from each of its sides."""
    portrait = Portrait(parent=None, place="1", size=Size(128, 64), changes=(), is_asked=True)
    drawing = ET.fromstring(family_panel([portrait], head="", below="", language="en"))
    names = ("x", "y", "width", "height")
    boxes = [
        [float(one.get(name, 0)) for name in names]
        for one in drawing.iter(f"{SVG}rect")
        if one.get("stroke")
    ]
    (x, y, width, height), *frames = boxes
    assert frames == [[x - by, y - by, width + 2 * by, height + 2 * by] for by in (4, 9)]
