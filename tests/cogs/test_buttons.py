"""The buttons, pressed by those who may and by those who may not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import discord
import pytest
from structlog.testing import capture_logs

from bot.domain.ids import InteractionId, JobId
from bot.domain.job import JobState
from bot.replies.result_card import result_card
from bot.replies.texts import Texts
from cogs import setup_cogs
from tests.cogs.conftest import connected
from tests.cogs.playing import Scene, buttons, is_private, words

if TYPE_CHECKING:
    from bot.client import ImageBot

FIRST, SECOND = JobId(1), JobId(2)
REQUESTER, STRANGER, MODERATOR = 0, 1, 3
PICTURE = "https://pictures.example/grapes.png"


async def post_result(scene: Scene, job_id: JobId = FIRST) -> dict[str, Any]:
    """Posts a result as delivery does, without a file."""
    job = replace(await scene.service.job(FIRST), id=job_id)
    channel = scene.bot.get_partial_messageable(int(scene.control.channel("pictures")))
    sent = await channel.send(view=result_card(job, PICTURE, "grapes", Texts("en-US")))
    (message,) = [
        one for one in await scene.control.messages("pictures") if one["id"] == str(sent.id)
    ]
    return message


@pytest.mark.parametrize("member", [REQUESTER, MODERATOR])
async def test_waiting_picture_is_cancelled_by_its_member_or_a_moderator(
    scene: Scene, member: int
) -> None:
    """The status message says so at once, and its button is gone."""
    message = await scene.imagine()
    seen = await scene.press(message, "cancel", member=member)
    assert seen["acknowledged_how"] == "update"
    (changed,) = seen["messages"]
    assert "Cancelled\nNothing was charged." in words(changed)
    assert buttons(changed) == []
    assert (await scene.service.job(FIRST)).state is JobState.CANCELLED


async def test_cancelling_counts_even_if_its_answer_never_arrives(scene: Scene) -> None:
    """Delivery tells it to the status message then."""
    message = await scene.imagine()
    await refuse(scene, "POST */callback", 404, 10062)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(scene.bot.wait_for("interaction"))
            await scene.control.act(
                "component", message_id=message["id"], custom_id="zeuxis:cancel:1"
            )
        await all_presses_handled()
    assert (await scene.service.job(FIRST)).state is JobState.CANCELLED
    assert [one["code"] for one in logs if one["event"] == "interaction not answered"] == [10062]


async def test_stranger_may_not_cancel(scene: Scene) -> None:
    """They alone are told, in their language, and the picture still waits."""
    message = await scene.imagine()
    seen = await scene.press(message, "cancel", member=STRANGER, locale="fr")
    told = seen["messages"][-1]
    assert is_private(told)
    assert words(told).startswith("Cette image appartient à quelqu'un d'autre.")
    assert (await scene.service.job(FIRST)).state is JobState.QUEUED


async def test_finished_picture_cannot_be_cancelled(scene: Scene) -> None:
    """Somebody pressed a button that was already old on their screen."""
    message = await scene.imagine()
    await scene.service.cancel(FIRST, by=int(scene.control.member()), may_moderate=False)
    seen = await scene.press(message, "cancel")
    assert words(seen["messages"][-1]).startswith("Too late")


@pytest.mark.parametrize(("verb", "is_same_seed"), [("reroll", False), ("again", True)])
async def test_another_picture_of_the_same_wish_is_a_new_job(
    scene: Scene, verb: str, is_same_seed: bool
) -> None:
    """Anybody may ask, it is theirs then, and the answer is its status message."""
    options = {"seed": 5, "size": "wide", "rewrite": False, "negative": "dogs"}
    await scene.imagine(options=options)
    seen = await scene.press(await post_result(scene), verb, member=STRANGER)
    assert await scene.service.recorded.get() == SECOND
    first, second = await scene.service.job(FIRST), await scene.service.job(SECOND)
    assert second.request == replace(first.request, seed=second.request.seed)
    assert (second.request.seed == 5) == is_same_seed
    assert second.origin.parent_id == FIRST
    assert second.origin.user_id == int(scene.control.member(STRANGER))
    (status,) = [
        one for one in seen["messages"] if one["id"] == str(second.posting.status_message_id)
    ]
    assert "job 2" in words(status)


@pytest.mark.parametrize("member", [REQUESTER, MODERATOR])
async def test_picture_is_deleted_by_its_member_or_a_moderator(scene: Scene, member: int) -> None:
    """It is gone, and the status message says that it was deleted."""
    status = await scene.imagine()
    result = await post_result(scene)
    await scene.press(result, "delete", member=member)
    pictures = scene.sandbox.state.messages[result["channel_id"]]
    await scene.until(lambda: result["id"] not in pictures)
    await scene.until(lambda: pictures[status["id"]].edited_at_us is not None)
    left = await scene.control.messages("pictures")
    assert [one["id"] for one in left] == [status["id"]]


async def test_stranger_may_not_delete(scene: Scene) -> None:
    """The picture stays."""
    await scene.imagine()
    result = await post_result(scene)
    seen = await scene.press(result, "delete", member=STRANGER)
    assert is_private(seen["messages"][-1])
    assert result["id"] in [one["id"] for one in await scene.control.messages("pictures")]


async def test_picture_that_discord_does_not_let_go_is_told(scene: Scene) -> None:
    """The member is not left with a button that does nothing."""
    await scene.imagine()
    result = await post_result(scene)
    await refuse(scene, "DELETE */messages/*", 403, 50083)
    seen = await scene.press(result, "delete")
    told = scene.sandbox.state.interactions[seen["interaction_id"]].message_ids
    await scene.until(lambda: len(told) == 1)
    answer = await scene.control.get(f"/interactions/{seen['interaction_id']}")
    assert words(answer["messages"][-1]).startswith("Discord did not let me delete")


async def test_picture_that_is_gone_already_counts_as_deleted(scene: Scene) -> None:
    """A moderator was quicker, or it was pressed twice."""
    status = await scene.imagine()
    result = await post_result(scene)
    await refuse(scene, "DELETE */messages/*", 404, 10008)
    await scene.press(result, "delete")
    shown = scene.sandbox.state.messages[status["channel_id"]][status["id"]]
    await scene.until(lambda: shown.edited_at_us is not None)
    assert "The picture was deleted." in words((await scene.control.messages("pictures"))[0])


@pytest.mark.parametrize(("status", "code"), [(404, 10008), (403, 50001)])
async def test_status_message_that_cannot_be_reached_holds_nothing_up(
    scene: Scene, status: int, code: int
) -> None:
    """The picture is deleted all the same, and the log knows."""
    await scene.imagine()
    result = await post_result(scene)
    await refuse(scene, "PATCH */messages/*", status, code)
    with capture_logs() as logs:
        await press_to_the_end(scene, result)
    assert [one["job"] for one in logs if one["event"] == "status message not changed"] == [1]
    assert result["id"] not in [one["id"] for one in await scene.control.messages("pictures")]


async def test_picture_without_a_known_status_message_is_deleted(scene: Scene) -> None:
    """Its answer had been lost."""
    await scene.imagine()
    result = await post_result(scene)
    origin = (await scene.service.job(FIRST)).origin
    request = (await scene.service.job(FIRST)).request
    await scene.service.submit(request, replace(origin, interaction_id=InteractionId(2)))
    result = await post_result(scene, SECOND)
    await press_to_the_end(scene, result, job=2)
    assert result["id"] not in [one["id"] for one in await scene.control.messages("pictures")]


async def refuse(scene: Scene, match: str, status: int, code: int) -> None:
    """From now on Discord answers these requests so."""
    fault = {
        "server": "discord",
        "kind": "status",
        "match": match,
        "status": status,
        "content_type": "application/json",
        "body": f'{{"code": {code}, "message": "no"}}',
    }
    await scene.control.call("PUT", "/faults", [fault])


async def press_to_the_end(scene: Scene, message: dict[str, Any], *, job: int = 1) -> None:
    """Presses delete and waits until the bot has done all it does about it."""
    await scene.press(message, "delete", job=job)
    await all_presses_handled()


async def all_presses_handled() -> None:
    """discord.py carries out each press in a task of its own."""
    await asyncio.gather(*(one for one in asyncio.all_tasks() if "dynamic-item" in one.get_name()))


async def test_button_of_a_forgotten_job_says_so(scene: Scene) -> None:
    """Its data was deleted, its message is still there."""
    await scene.imagine()
    result = await post_result(scene, JobId(404))
    for verb in ("reroll", "again", "delete"):
        seen = await scene.press(result, verb, job=404)
        assert words(seen["messages"][-1]) == "I no longer know this picture."


async def test_buttons_work_after_a_restart_of_the_bot(scene: Scene) -> None:
    """They carry what they do; no process remembers them."""
    message = await scene.imagine()
    await scene.bot.close()

    async def prepare(bot: ImageBot) -> None:
        await setup_cogs(bot, service=scene.service, random=Random(8))

    async with connected(scene.sandbox, prepare):
        seen = await scene.press(message, "cancel")
        assert "Cancelled" in words(seen["messages"][0])


async def test_cards_are_not_kept_in_memory(scene: Scene) -> None:
    """A million messages with buttons cost nothing."""
    await scene.imagine()
    await post_result(scene)
    store = scene.bot._connection._view_store
    assert store._views == {}
    assert store._synced_message_views == {}
    assert len(store._dynamic_items) == 1
    assert isinstance(scene.bot, discord.Client)
    assert not [task for task in asyncio.all_tasks() if "view-timeout" in task.get_name()]
