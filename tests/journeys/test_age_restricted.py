"""What is made in an age-restricted channel stays in such channels, whatever a member tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cogs.playing import words
from tests.journeys.test_drafts import button_of
from tests.journeys.test_hands import FILLED, Hands, told
from tests.journeys.test_history import history, menu, painted, picked, pressed
from tests.journeys.test_imagine import custom_id, text_of
from tests.journeys.test_lineage import lineage

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ADA, BEN = 0, 1
GALLERY, PICTURES = "night-gallery", "pictures"  # the first one is age-restricted
SAYS = "made in an age-restricted channel"
PROMPT = "a secret red cat"


async def uncover(stage: Stage, channel: str) -> None:
    """It is an ordinary channel from now on."""
    path = f"/channels/{stage.control.channel(channel)}"
    assert (await stage.control.call("PATCH", path, {"nsfw": False})).status < 300


def job_of(picture: Any) -> str:
    return custom_id(picture, "more").rpartition(":")[2]


async def test_elsewhere_a_member_finds_their_own_without_words_and_picture(stage: Stage) -> None:
    """Listed, so that they know where it is; found by no word; opened, posted, shown nowhere."""
    picture = await painted(stage, PROMPT, channel=GALLERY)
    job = int(job_of(picture))
    there = await history(stage, channel=GALLERY)
    assert PROMPT in words(there)
    listed = await history(stage)
    assert SAYS in words(listed)
    assert f"/{picture['id']})" in words(listed)
    assert PROMPT not in str(listed)
    assert "media" not in str(listed), "no thumbnail"
    assert "none" in words(await history(stage, words="secret"))
    assert PROMPT in words(await history(stage, words="secret", channel=GALLERY))
    assert SAYS in words(await picked(stage, listed, job))
    assert SAYS in text_of(await lineage(stage, str(job), PICTURES))
    offered = await stage.control.act(
        "autocomplete", name="lineage", options={"job": ""}, focused="job", channel=PICTURES
    )
    assert offered["choices"] == []
    card = await picked(stage, there, job)
    await uncover(stage, GALLERY)
    said = await pressed(stage, card, f"zeuxis:2:repost:{job}")
    assert any(SAYS in words(one) for one in said)


async def test_its_thread_is_such_a_place_and_that_of_another_channel_is_not(stage: Stage) -> None:
    """Discord says it of no thread: its channel is looked at once."""
    picture = await painted(stage, PROMPT, channel=GALLERY)
    thread = picture["channel_id"]
    assert thread != stage.control.channel(GALLERY), "in a thread of its own"
    hands = Hands(stage, picture)
    again = await hands.use("reroll", BEN)
    assert PROMPT in told(again)
    assert PROMPT in told(await hands.use("prompt", BEN))
    other = await painted(stage, "a plain dog")
    listed = await history(stage, channel=other["channel_id"])
    assert SAYS in words(listed)
    assert PROMPT not in words(listed)


async def test_once_the_channel_is_open_to_all_its_old_pictures_are_not_used(stage: Stage) -> None:
    """They hang there as they did. Reporting and deleting stay possible."""
    picture = await painted(stage, PROMPT, channel=GALLERY)
    await uncover(stage, GALLERY)
    hands = Hands(stage, picture)
    for verb in ("reroll", "prompt", "edit", "keep", "lineage"):
        assert SAYS in told(await hands.use(verb, BEN)), verb
    for name in ("Reimagine", "Show prompt"):
        (answer,) = await menu(stage, name, picture, member=BEN)
        assert SAYS in text_of(answer), name
    assert "noted it down" in told(await hands.use("report", BEN))
    await hands.press("delete", ADA)
    left = stage.sandbox.state.messages.get(picture["channel_id"], {})
    assert picture["id"] not in left
    assert stage.ledger()["billed"] == 1


async def test_a_picture_of_before_stays_usable_when_its_channel_becomes_restricted(
    stage: Stage,
) -> None:
    """It is as it was asked; what comes from it there is of the new kind."""
    picture = await painted(stage, "a plain dog")
    path = f"/channels/{stage.control.channel(PICTURES)}"
    await stage.control.call("PATCH", path, {"nsfw": True})
    child = await Hands(stage, picture).use("reroll", BEN)
    assert "a plain dog" in told(child)
    assert "a plain dog" in words(await history(stage, channel="general"))
    mine = await history(stage, member=BEN, channel="general")
    assert SAYS in words(mine)


async def test_the_queue_shows_no_words_elsewhere(stage: Stage) -> None:
    """But which picture it is can be told, and cancelled, anywhere."""
    stage.fault({"server": "zimage", "kind": "hang_before"})
    await stage.imagine(PROMPT, channel=GALLERY)
    await stage.until(lambda: '"event": "submitted"' in stage.log)
    for channel, is_told in ((GALLERY, True), (PICTURES, False)):
        asked = await stage.control.act("command", name="queue", channel=channel)
        (answer,) = (await stage.control.settled(asked))["messages"]
        assert (PROMPT in str(answer)) is is_told
        assert (SAYS in words(answer)) is not is_told


async def test_what_was_rewritten_from_its_words_is_not_painted_elsewhere(stage: Stage) -> None:
    """Asked for while the channel was age-restricted, confirmed when it was no more."""
    picture = await painted(stage, PROMPT, channel=GALLERY)
    filled = {**FILLED, "prompt": f"{PROMPT}, at noon", "rewriting": "ask"}
    shown = (await Hands(stage, picture).fill("edit", BEN, filled))["messages"][-1]
    await uncover(stage, GALLERY)
    started = await stage.control.act(
        "component",
        channel=shown["channel_id"],
        message_id=shown["id"],
        custom_id=button_of(shown, "use"),
        member=BEN,
    )
    assert SAYS in told(await stage.control.settled(started))
    assert stage.ledger()["billed"] == 1
