"""The measures of the house count what they say."""

from __future__ import annotations

import pytest

from benchmarks.house.shape import ROOMS, measured, room_of
from benchmarks.house.trace import legs_of

TEXT = '''"""A module
of three lines."""

import os  # imports are no names of its own

LIMIT = 3  # a constant
_hidden = 4


class Box:
    """One."""

    size: int

    def open(self) -> None:
        """Two lines
        of docstring."""

        # a comment
        text = """one
        string"""
        print(text)

    def _lock(self) -> None: ...


class _Lid:
    def turn(self) -> None: ...
'''


def test_a_module_is_measured() -> None:
    """Lines of strings are code unless they document; a hidden class's methods are hidden."""
    module = measured("box.py", TEXT)
    assert (module.lines, module.code_lines) == (28, 12)
    assert module.functions == ((8, "box.py:open"), (1, "box.py:_lock"), (1, "box.py:turn"))
    assert module.classes == ("Box", "_Lid")
    assert module.public_names == 3, "LIMIT, Box, Box.open"


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("bot/queue/rows.py", "bot + cogs"),
        ("cogs/imagine.py", "bot + cogs"),
        ("sandbox/server.py", "sandbox"),
        ("sandbox/tests/test_server.py", "tests"),
        ("tests/data/write.py", "tests"),
        ("benchmarks/pace.py", None),
        ("setup.py", None),
    ],
)
def test_a_file_belongs_to_one_room(path: str, room: str | None) -> None:
    """Tests are tests wherever they stand."""
    assert room_of(path) == room
    assert room is None or room in ROOMS.values()


def test_calls_belong_to_the_leg_of_their_task() -> None:
    """Of what it asks, of what its children ask, or of who made it; else to none."""
    main, reader, command, loop, call, helper, clock = range(1, 8)
    notes = {
        "parents": {
            **{str(task): main for task in (reader, loop, clock)},
            str(main): 0,
            str(command): reader,
            str(call): loop,
            str(helper): call,
        },
        "requests": [
            ("POST", "http://a/api/v10/interactions/1/t/callback", command),
            ("POST", "http://a/services/aigc/multimodal-generation/generation", call),
        ],
        "calls": [
            *(("gateway", reader), ("cog", command), ("cog", command), ("claim", loop)),
            *(("zimage", call), ("answer", helper), ("watch", clock), ("main", main)),
        ],
    }
    legs = legs_of(notes)
    assert legs["submit"].files == ("cog", "gateway")
    assert (legs["submit"].calls, legs["submit"].changes) == (3, 1)
    assert legs["call"].files == ("answer", "claim", "zimage")
    assert legs["deliver"].files == ()
    assert len(legs["in all"].files) == 5
    assert legs["beside"].files == ("main", "watch")
