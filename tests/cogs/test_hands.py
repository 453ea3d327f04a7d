"""Resize, keep, show prompt, pick: what a picture's hands answer without a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.queue import shown
from bot.queue.records import ChannelId, JobId, UserId
from bot.refusals import UnknownJob
from bot.texts import Texts
from bot.texts.cards import Card, Colour, Verb, job_select
from bot.texts.result_cards import picture_choice
from tests.cogs.playing import Scene, buttons, is_private, parts, words
from tests.cogs.test_buttons import (
    FIRST,
    MODERATOR,
    REQUESTER,
    SECOND,
    STRANGER,
    UNKNOWN,
    post_result,
    pressing,
    record_post,
)
from tests.cogs.test_hand_forms import ASKED, rewritten

if TYPE_CHECKING:
    from bot.queue.records import Job

WHOEVER = pytest.mark.parametrize("member", [REQUESTER, STRANGER, MODERATOR])


async def hung(scene: Scene, **options: Any) -> dict[str, Any]:
    """A picture with its hands."""
    await scene.imagine("a cat", options={**ASKED, **options})
    return await post_result(scene)


def menu(message: dict[str, Any]) -> dict[str, Any]:
    (found,) = [one for one in parts(message) if one["type"] == 3]
    return dict(found)


@WHOEVER
async def test_another_size_is_painted_with_the_same_seed_and_words(
    scene: Scene, member: int
) -> None:
    """Chosen from a private menu, in which the present size is not."""
    seen = await scene.press(await hung(scene), "resize", member=member)
    (answer,) = seen["messages"][-1:]
    assert is_private(answer)
    offered = [one["value"] for one in menu(answer)["options"]]
    assert "1024*1024" not in offered
    assert len(offered) == 25
    await scene.press({**answer, "values": ["1280*720"]}, "size", member=member)
    first, second = await scene.service.jobs.job(FIRST), await scene.service.jobs.job(SECOND)
    assert second.request.size == Size(1280, 720)
    assert second.request.seed == first.request.seed
    assert second.request.prompt == first.request.prompt
    assert second.origin.parent_id == FIRST


async def test_only_sizes_that_staff_allow_are_offered(scene: Scene) -> None:
    """And a menu from before they changed their mind is refused."""
    guild_id = int(scene.control.guild["id"])
    result = await hung(scene)
    seen = await scene.press(result, "resize")
    old = seen["messages"][-1]
    key = Key(Scope.GUILD, guild_id, "largest_area_px", guild_id)
    await scene.service.database.write(set_policy, key, 1100 * 1100, by="7", now_us=1)
    (answer,) = (await scene.press(result, "resize"))["messages"][-1:]
    for one in menu(answer)["options"]:
        width_px, height_px = map(int, one["value"].split("*"))
        assert width_px * height_px <= 1100 * 1100
    large = [one["value"] for one in menu(old)["options"] if one["value"].startswith("2048")]
    seen = await scene.press({**old, "values": large[:1]}, "size")
    assert "larger than is allowed here" in words(seen["messages"][-1])
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


@WHOEVER
async def test_a_picture_is_kept_for_whoever_presses(scene: Scene, member: int) -> None:
    """They alone hear of it, and how to find it; pressed once more it is kept no longer."""
    result = await hung(scene)
    user_id = UserId(int(scene.control.member(member)))
    (answer,) = (await scene.press(result, "keep", member=member))["messages"][-1:]
    assert is_private(answer)
    assert "You keep this picture. Find it again with /history kept." in words(answer)
    assert await scene.service.database.read(shown.is_kept, FIRST, user_id)
    (answer,) = (await scene.press(result, "keep", member=member))["messages"][-1:]
    assert words(answer) == "You no longer keep this picture."
    assert not await scene.service.database.read(shown.is_kept, FIRST, user_id)


@WHOEVER
async def test_all_words_are_shown_to_whoever_asks(scene: Scene, member: int) -> None:
    """To be copied, with the reasons folded."""
    result = await hung(scene)
    await scene.service.database.write(rewritten("a red cat"))
    await scene.service.database.write(
        lambda tx: tx.execute("UPDATE picture SET reasoning = 'cats are red'")
    )
    (answer,) = (await scene.press(result, "prompt", member=member))["messages"][-1:]
    assert is_private(answer)
    said = words(answer)
    assert "```\na cat\n```" in said
    assert "**Left out**\n```\ndogs\n```" in said
    assert "```\na red cat\n```" in said
    assert "||cats are red||" in said
    assert "-# 1024 × 1024 · seed 5 · job 1" in said


async def test_words_that_no_message_holds_come_as_a_file(scene: Scene) -> None:
    result = await hung(scene)
    await scene.service.database.write(rewritten("a red cat " * 500))
    (answer,) = (await scene.press(result, "prompt"))["messages"][-1:]
    assert [one["filename"] for one in answer["attachments"]] == ["prompt-1.txt"]


async def gallery(scene: Scene) -> tuple[dict[str, Any], list[Job]]:
    """Two pictures, and a message to choose one of them."""
    await hung(scene)
    first = await scene.service.jobs.job(FIRST)
    await scene.imagine("a dog", options=ASKED)
    jobs = [first, await scene.service.jobs.job(SECOND)]
    place = scene.bot.get_partial_messageable(int(scene.control.channel("pictures")))
    sent = await place.send(view=Card(Colour.DONE, picture_choice(jobs, Texts("en-US"))))
    for job in jobs[1:]:
        await scene.service.database.write(record_post, job.id, ChannelId(place.id), sent.id)
    return {"id": str(sent.id), "channel_id": scene.control.channel("pictures")}, jobs


@WHOEVER
async def test_whoever_chooses_of_a_gallery_gets_that_pictures_hands(
    scene: Scene, member: int
) -> None:
    """For themselves; they act on the chosen picture."""
    message, _ = await gallery(scene)
    (answer,) = (await scene.press({**message, "values": ["2"]}, "pick", member=member))[
        "messages"
    ][-1:]
    assert is_private(answer)
    assert "> a dog" in words(answer)
    assert [one["label"] for one in buttons(answer)] == ["Reroll", "Edit", "Resize", "Keep"]
    await scene.press(answer, "reroll", job=2, member=member)
    job = await scene.service.jobs.job(JobId(3))
    assert (job.request.prompt, job.origin.parent_id) == ("a dog", SECOND)


async def test_hands_say_whether_their_picture_is_kept(scene: Scene) -> None:
    message, _ = await gallery(scene)
    for label in ("Keep", "No longer keep"):
        seen = await scene.press({**message, "values": ["2"]}, "pick")
        (answer,) = seen["messages"][-1:]
        assert buttons(answer)[-1]["label"] == label
        await scene.press(answer, "keep", job=2)


async def test_a_picture_is_deleted_from_the_hands_of_a_gallery(scene: Scene) -> None:
    """Its message is taken away; the private answer says so."""
    message, _ = await gallery(scene)
    (answer,) = (await scene.press({**message, "values": ["2"]}, "pick"))["messages"][-1:]
    seen = await scene.press(answer, "delete", job=2)
    changed = next(one for one in seen["messages"] if one["id"] == answer["id"])
    assert words(changed) == "The picture was deleted."
    assert (await scene.service.jobs.job(SECOND)).is_deleted
    pictures = scene.sandbox.state.messages[message["channel_id"]]
    await scene.until(lambda: message["id"] not in pictures)


async def test_what_another_version_offers_is_known_to_be_unknown(scene: Scene) -> None:
    """A choice of tomorrow's menu, where the bot was set back to yesterday's version."""
    await hung(scene)
    option = discord.SelectOption(label="Tomorrow", value="tomorrow")
    row = job_select(Verb.MORE, FIRST, [option], Texts("en-US"))
    place = scene.bot.get_partial_messageable(int(scene.control.channel("pictures")))
    sent = await place.send(view=Card(Colour.DONE, row))
    message = {"id": str(sent.id), "channel_id": str(place.id), "values": ["tomorrow"]}
    seen = await scene.press(message, "more")
    assert words(seen["messages"][-1]).startswith("I no longer know this button.")


@pytest.mark.parametrize("verb", ["keep", "prompt", "resize", "edit", "rewritten", "report", "alt"])
async def test_a_deleted_picture_has_no_hands(scene: Scene, verb: str) -> None:
    """Its card stood on another screen a moment longer."""
    result = await hung(scene)
    await scene.service.database.write(rewritten("a red cat"))
    card = await post_result(scene, is_recorded=False)
    await scene.service.jobs.delete(FIRST, await pressing(scene, result))
    seen = await scene.press(card, verb)
    assert words(seen["messages"][-1]).startswith("This picture was deleted")


@pytest.mark.parametrize("verb", ["keep", "edit", "resize"])
async def test_hands_of_a_forgotten_job_say_so(scene: Scene, verb: str) -> None:
    await scene.imagine("a cat")
    card = await post_result(scene, JobId(404), is_recorded=False)
    seen = await scene.press(card, verb, job=404)
    assert words(seen["messages"][-1]) == UNKNOWN
