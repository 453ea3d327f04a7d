"""/queue, as members use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.ids import JobId
from bot.domain.job import JobState
from tests.cogs.playing import buttons, is_private, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene


async def test_queue_lists_what_the_member_has_waiting(scene: Scene) -> None:
    """Their own pictures with places and cancel buttons, for them alone."""
    await scene.imagine("first grapes")
    await scene.imagine("second grapes")
    await scene.imagine("somebody else's", member=1)
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    assert is_private(answer)
    assert "> first grapes" in words(answer)
    assert "> second grapes" in words(answer)
    assert "somebody else" not in words(answer)
    assert "This server: 3 waiting" in words(answer)
    assert [one["custom_id"] for one in buttons(answer)] == [
        *("zeuxis:why:1", "zeuxis:cancel:1"),
        *("zeuxis:why:2", "zeuxis:cancel:2"),
    ]


async def test_empty_queue_is_answered_in_the_member_s_language(scene: Scene) -> None:
    """With the way to fill it."""
    (answer,) = (await scene.command("queue", locale="ko"))["messages"]
    assert "/imagine으로 시작해 보세요" in words(answer)


async def test_picture_is_cancelled_from_the_list(scene: Scene) -> None:
    """The list changes in place; the other picture still waits."""
    await scene.imagine("first grapes")
    await scene.imagine("second grapes")
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    seen = await scene.press(answer, "cancel", job=1)
    assert (await scene.service.job(JobId(1))).state is JobState.CANCELLED
    (changed,) = [one for one in seen["messages"] if one["id"] == answer["id"]]
    assert "first grapes" not in words(changed)
    assert "second grapes" in words(changed)
