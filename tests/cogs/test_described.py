"""Another alternative text at a picture that hangs already, whatever else its message shows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.moderation.word_rules import RuleOutcome
from bot.queue import shown
from bot.queue.records import ChannelId, InteractionId, MessageId
from bot.texts import Texts
from bot.texts.result_cards import result_card
from tests.cogs.playing import parts, words
from tests.cogs.test_buttons import FIRST, record_post
from tests.cogs.test_hand_forms import ALT, ASKED
from tests.cogs.test_hands import gallery
from tests.cogs.test_words_refused import rule_against

if TYPE_CHECKING:
    from cogs import Services
    from tests.cogs.playing import Scene

TEXT = "a cat on a wall"


async def uploaded(scene: Scene, *names: str) -> dict[str, Any]:
    """The first job's picture as an attachment, perhaps beside others."""
    await scene.imagine("a cat", options=ASKED)
    message = await posted(scene, *names)
    place = ChannelId(int(message["channel_id"]))
    await scene.service.database.write(record_post, FIRST, place, MessageId(int(message["id"])))
    return message


async def posted(scene: Scene, *names: str) -> dict[str, Any]:
    """A message that shows it."""
    job = await scene.service.jobs.job(FIRST)
    place = scene.bot.get_partial_messageable(int(scene.control.channel("pictures")))
    card = result_card(job, f"attachment://{names[0]}", "before", Texts("en-US"))
    (items,) = [one for one in card.walk_children() if isinstance(one, discord.ui.MediaGallery)]
    for name in names[1:]:
        items.add_item(media=f"attachment://{name}", description="another")
    files = [discord.File(io.BytesIO(b"png"), filename=name) for name in names]
    sent = await place.send(view=card, files=files)
    return await message_of(scene, str(sent.id))


async def message_of(scene: Scene, message_id: str) -> dict[str, Any]:
    found = await scene.control.messages("pictures")
    message: dict[str, Any] = next(one for one in found if one["id"] == message_id)
    return message


async def describe(scene: Scene, message: dict[str, Any]) -> dict[str, Any]:
    seen = await scene.press(message, "alt")
    seen = await scene.submit(seen, ALT, fields={"alt": TEXT})
    assert words(seen["messages"][-1]).startswith("The alternative text is changed.")
    return seen


def items(message: dict[str, Any]) -> list[Any]:
    return [one for part in parts(message) for one in part.get("items", ())]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["zeuxis-1.png"], [TEXT]),
        (["zeuxis-1.png", "zeuxis-2.png"], [TEXT, "another"]),
        (["SPOILER_zeuxis-1.png", "SPOILER_zeuxis-2.png"], [TEXT, "another"]),
        (["zeuxis-1.png", "zeuxis-12.png"], [TEXT, "another"]),
    ],
)
async def test_a_picture_says_it_and_stays_where_it_is(
    scene: Scene, names: list[str], expected: list[str]
) -> None:
    """The file is the same, and so are the hands; what hangs beside it says what it said."""
    before = await uploaded(scene, *names)
    await describe(scene, before)
    after = await message_of(scene, before["id"])
    assert [one["description"] for one in items(after)] == expected
    assert [one["id"] for one in after["attachments"]] == [
        one["id"] for one in before["attachments"]
    ]
    assert [one.get("custom_id") for one in parts(after)] == [
        one.get("custom_id") for one in parts(before)
    ]
    assert words(after) == words(before)


async def test_where_it_was_posted_again_it_says_it_too(scene: Scene) -> None:
    """By whichever message the form was opened."""
    before = await uploaded(scene, "zeuxis-1.png")
    copy = await posted(scene, "zeuxis-1.png")
    write, place = scene.service.database.write, ChannelId(int(copy["channel_id"]))
    await write(shown.begin_repost, InteractionId(5), FIRST, place)
    hung = shown.Repost(
        interaction_id=InteractionId(5),
        channel_id=place,
        message_id=MessageId(int(copy["id"])),
    )
    await write(shown.record_repost, FIRST, hung, now_us=1)
    seen = await describe(scene, copy)
    assert "did not let me" not in words(seen["messages"][-1])
    for one in (before, copy):
        after = await message_of(scene, one["id"])
        assert [item["description"] for item in items(after)] == [TEXT]


async def test_a_message_that_is_gone_leaves_it_noted_down(scene: Scene) -> None:
    """What is stored is what counts."""
    before = await uploaded(scene, "zeuxis-1.png")
    seen = await scene.press(before, "alt")
    channel = scene.bot.get_partial_messageable(int(before["channel_id"]))
    await channel.get_partial_message(int(before["id"])).delete()
    seen = await scene.submit(seen, ALT, fields={"alt": TEXT})
    assert "Discord did not let me change the message" in words(seen["messages"][-1])
    job = await scene.service.jobs.job(FIRST)
    assert job.picture
    assert job.picture.alt_text == TEXT


async def test_by_a_private_answer_the_picture_s_message_is_changed(scene: Scene) -> None:
    """The hands of a gallery hang elsewhere than the picture."""
    message, jobs = await gallery(scene)
    (answer,) = (await scene.press({**message, "values": ["1"]}, "pick"))["messages"][-1:]
    await describe(scene, answer)
    picture = (await scene.service.jobs.job(jobs[0].id)).picture
    assert picture
    after = await message_of(scene, str(picture.message_id))
    assert [one["description"] for one in items(after)] == [TEXT]


@pytest.mark.parametrize("outcome", [RuleOutcome.REFUSE, RuleOutcome.HOLD, RuleOutcome.RESTRICT])
async def test_words_that_a_rule_finds_are_told_to_nobody(
    scene: Scene, services: Services, outcome: RuleOutcome
) -> None:
    """Everybody reads them at once, long after the picture was let be shown."""
    before = await uploaded(scene, "zeuxis-1.png")
    await rule_against(scene, services, "wall", outcome=outcome)
    seen = await scene.press(before, "alt")
    seen = await scene.submit(seen, ALT, fields={"alt": TEXT})
    said = words(seen["messages"][-1])
    assert said == "A rule of this server's staff does not allow this alternative text."
    after = await message_of(scene, before["id"])
    assert words(after) == words(before)
    assert TEXT not in str(after)
