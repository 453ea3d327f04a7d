"""How an end reaches its member: edit, else a new message, else for them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.delivery.outbox import FIRST_ANSWER_S
from tests.delivery.scripted import answer

if TYPE_CHECKING:
    from tests.delivery.scene import Scene

REFUSAL = "content check refused this prompt"


async def test_an_end_is_told_by_an_edit(scene: Scene) -> None:
    """The message that the member watches."""
    job = await scene.refused()
    await scene.deliver()
    assert scene.discord.asked == ["edit 10"]
    assert REFUSAL in scene.status(job)
    assert await scene.due() == []


@pytest.mark.parametrize("error", [answer(404, 10008), answer(429, 30046)], ids=str)
async def test_what_cannot_be_edited_is_told_by_a_new_message(
    scene: Scene, error: Exception
) -> None:
    """The old one was deleted, or is older than an hour and was edited too often."""
    job = await scene.refused()
    scene.discord.refuse("edit", error)
    await scene.deliver()
    assert scene.discord.asked == ["edit 10", "search 10", "send 10"]
    assert REFUSAL in scene.discord.in_channel(10)[-1].text
    posting = (await scene.job(job)).posting
    assert posting.status_message_id == max(scene.discord.messages)


async def test_an_answer_that_no_row_knows_is_found_and_edited(scene: Scene) -> None:
    """A crash came between Discord's answer and its record."""
    job = await scene.submitted(is_answered=False)
    await scene.answer(job, is_stored=False)
    await scene.give_up(await scene.claimed())
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    (told,) = scene.discord.in_channel(10)
    assert REFUSAL in told.text


async def test_a_new_message_whose_answer_was_lost_is_not_sent_twice(scene: Scene) -> None:
    """It is recognised by what it says."""
    await scene.refused()
    scene.discord.refuse("edit", answer(404, 10008), times=2)
    scene.discord.refuse("send", ConnectionResetError(), times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    assert len([said for said in scene.discord.in_channel(10) if REFUSAL in said.text]) == 1


async def test_the_last_way_is_the_interaction_s_token(scene: Scene) -> None:
    """It needs no permission."""
    await scene.refused(token="aW50ZXJ")
    for verb in ("edit", "search", "send"):
        scene.discord.refuse(verb, answer(403, 50013))
    await scene.deliver()
    assert REFUSAL in scene.discord.whispers["aW50ZXJ"].text
    assert await scene.due() == []


async def test_a_dead_token_is_not_tried(scene: Scene) -> None:
    """Discord counts refused requests."""
    await scene.refused(token="aW50ZXJ")
    for verb in ("edit", "search", "send"):
        scene.discord.refuse(verb, answer(403, 50013))
    scene.clock.advance(16 * 60)
    with capture_logs() as logs:
        await scene.deliver()
    assert "whisper" not in scene.discord.asked
    assert "nowhere to tell it" in [one["event"] for one in logs]
    assert await scene.due() == []


async def test_a_way_that_may_open_again_is_waited_for(scene: Scene) -> None:
    """A new message beside the old one would say it twice."""
    job = await scene.refused()
    scene.discord.refuse("edit", answer(503), times=1)
    await scene.deliver()
    assert len(scene.discord.messages) == 1
    await scene.deliver_for(5)
    assert REFUSAL in scene.status(job)
