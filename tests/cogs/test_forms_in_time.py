"""While the database is slow, each press is answered in Discord's three seconds all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.features.imagine.drafts import DraftService
from cogs.answers import promptly
from tests.cogs.playing import Scene, is_private, words
from tests.cogs.test_buttons import STRANGER, post_result
from tests.cogs.test_hand_forms import ASKED, EDIT, FILLED
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_LATE = "Try again in a few minutes"


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Callable[[type, str], asyncio.Event]:
    """Lets a look at the database wait for an event, and nobody be patient."""

    def held(kind: type, name: str) -> asyncio.Event:
        is_read, read = asyncio.Event(), getattr(kind, name)

        async def slowly(*asked: Any, **how: Any) -> Any:
            await is_read.wait()
            return await read(*asked, **how)

        monkeypatch.setattr(kind, name, slowly)
        assert promptly.__kwdefaults__ is not None
        monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.001)
        return is_read

    return held


async def told(scene: Scene, started: dict[str, Any], is_read: asyncio.Event) -> list[Any]:
    """The messages that it has led to, once it was acknowledged and then read."""
    async with asyncio.timeout(PATIENCE_S):
        await scene.acknowledged(started)
    is_read.set()
    settled = await scene.control.settled(started)
    assert not settled.get("modal")
    return list(settled["messages"])


async def pressed(
    scene: Scene, message: dict[str, Any], verb: str, is_read: asyncio.Event
) -> list[Any]:
    act: dict[str, Any] = {"custom_id": f"zeuxis:2:{verb}:1"}
    if verb in ("alt", "report"):
        act = {"custom_id": "zeuxis:2:more:1", "values": [verb]}
    started = await scene.control.act(
        "component", message_id=message["id"], channel=message["channel_id"], **act
    )
    return await told(scene, started, is_read)


async def test_an_edit_that_is_refused_late_comes_back(scene: Scene, hold: Any) -> None:
    """For whoever typed it alone."""
    await scene.imagine("a cat", options=ASKED)
    await scene.press(await post_result(scene), "edit", member=STRANGER)
    is_kept = hold(DraftService, "keep_typed")
    wrong = {**FILLED, "seed": "seven"}
    started = await scene.control.act("modal", custom_id=EDIT, fields=wrong, member=STRANGER)
    (back,) = await told(scene, started, is_kept)
    assert "two cats" in words(back)
    assert is_private(back)
