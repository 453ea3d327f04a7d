"""What is no picture is said to be none, and nobody is asked for it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import LinkNotAllowed
from tests.cogs.playing import is_private, words
from tests.cogs.test_hands import hung
from tests.cogs.test_menus import used

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

UNREAD = "I could not look at this file."


async def provenance(scene: Scene, filename: str) -> str:
    file = {"filename": filename, "content_base64": base64.b64encode(b"no picture").decode()}
    settled: Any = await scene.command("provenance", options={"picture": file})
    (answer,) = settled["messages"]
    assert is_private(answer)
    return words(answer)


@pytest.mark.parametrize("filename", ["notes.txt", "song.mp3", "some.png"])
async def test_what_cannot_be_looked_at_is_said_to_be_so(scene: Scene, filename: str) -> None:
    """The last one says that it is a picture, and lies on a host that is not asked."""
    said = await provenance(scene, filename)
    assert UNREAD in said
    assert "charged" not in said
    assert LinkNotAllowed.__name__ not in said


async def test_menu_of_a_message_tells_its_member_all_and_others_no_words(scene: Scene) -> None:
    message = await hung(scene)
    (mine,) = (await used(scene, "Where from?", message))["messages"][-1:]
    assert "by this message" in words(mine)
    assert "a cat" in words(mine)
    (other,) = (await used(scene, "Where from?", message, member=1))["messages"][-1:]
    assert is_private(other)
    assert "a cat" not in words(other)
