"""The menus of messages: each does what the same hand of the picture does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.queue import reports, shown
from bot.queue.records import ChannelId, InteractionId, JobId, MessageId
from bot.texts.cards import Verb
from tests.cogs.playing import Scene, is_private, parts, post_button, words
from tests.cogs.test_buttons import FIRST, SECOND, STRANGER
from tests.cogs.test_hand_forms import REPORT
from tests.cogs.test_hands import gallery, hung

if TYPE_CHECKING:
    from bot.db import Transaction

MENUS = pytest.mark.parametrize("name", ["Reimagine", "Show prompt", "Report"])
ALL = {"reason": "other", "words": "look"}


async def used(scene: Scene, name: str, message: dict[str, Any], **act: Any) -> dict[str, Any]:
    """What whoever used a message's menu sees then."""
    started = await scene.control.act(
        "message_command",
        name=name,
        message_id=message["id"],
        channel=message["channel_id"],
        **act,
    )
    await scene.acknowledged(started)
    return await scene.seen(started)


async def two_on_one(scene: Scene) -> dict[str, Any]:
    """A message that shows two pictures."""
    message, _ = await gallery(scene)
    await scene.service.database.write(
        lambda tx: tx.execute("UPDATE picture SET message_id = ?", (int(message["id"]),))
    )
    return message


def reported(tx: Transaction, job_id: JobId) -> int:
    return reports.reports_of(tx, job_id).count


@MENUS
async def test_a_message_that_shows_nothing_of_ours_is_answered(scene: Scene, name: str) -> None:
    """A button of a picture that no database knows."""
    message = await post_button(scene, Verb.REROLL, scene.control.channel("pictures"), JobId(77))
    (answer,) = (await used(scene, name, message))["messages"]
    assert is_private(answer)
    assert "shows no picture of mine" in words(answer)


async def test_a_picture_is_painted_anew_by_whoever_wants(scene: Scene) -> None:
    await used(scene, "Reimagine", await hung(scene), member=STRANGER)
    job = await scene.service.jobs.job(SECOND)
    assert (job.request.prompt, job.origin.parent_id) == ("a cat", FIRST)
    assert job.origin.user_id == int(scene.control.member(STRANGER))


async def test_its_words_are_shown_to_be_copied(scene: Scene) -> None:
    (answer,) = (await used(scene, "Show prompt", await hung(scene)))["messages"][-1:]
    assert is_private(answer)
    assert "```\na cat\n```" in words(answer)


async def test_it_is_reported_with_its_form(scene: Scene) -> None:
    seen = await used(scene, "Report", await hung(scene), member=STRANGER)
    assert seen["modal"]["custom_id"] == REPORT
    await scene.submit(seen, REPORT, fields=ALL, member=STRANGER)
    assert await scene.service.database.read(reported, FIRST) == 1


async def test_a_message_that_shows_it_again_reports_it_too(scene: Scene) -> None:
    await hung(scene)
    copy = await post_button(scene, Verb.REROLL, scene.control.channel("pictures"), FIRST)
    write = scene.service.database.write
    await write(shown.begin_repost, InteractionId(5), FIRST, ChannelId(1))
    shown_again = shown.Repost(
        interaction_id=InteractionId(5),
        channel_id=ChannelId(1),
        message_id=MessageId(int(copy["id"])),
    )
    await write(shown.record_repost, FIRST, shown_again, now_us=1)
    seen = await used(scene, "Report", copy)
    assert seen["modal"]["custom_id"] == REPORT


@MENUS
async def test_of_several_pictures_one_is_chosen_first(scene: Scene, name: str) -> None:
    """In private; then it is done at once, to that one alone."""
    message = await two_on_one(scene)
    (answer,) = (await used(scene, name, message))["messages"]
    assert is_private(answer)
    assert "Which picture?" in words(answer)
    (menu,) = [one for one in parts(answer) if one["type"] == 3]
    verb = menu["custom_id"].split(":")[2]
    seen = await scene.press({**answer, "values": ["2"]}, verb)
    if name == "Report":
        assert seen["modal"]["custom_id"] == "zeuxis:2:report:2"
    elif name == "Show prompt":
        assert "```\na dog\n```" in words(seen["messages"][-1])
    else:
        assert (await scene.service.jobs.job(JobId(3))).origin.parent_id == SECOND


async def test_a_picture_that_is_deleted_is_no_choice(scene: Scene) -> None:
    """The other one is meant."""
    message = await two_on_one(scene)
    await scene.service.database.write(
        lambda tx: tx.execute("UPDATE picture SET state = 'deleted' WHERE job_id = 1")
    )
    seen = await used(scene, "Report", message)
    assert seen["modal"]["custom_id"] == "zeuxis:2:report:2"
