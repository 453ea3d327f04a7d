"""Pictures are found again, put up once more and used, with the real bot over real sockets."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.cogs.playing import is_private, parts, words
from tests.journeys.test_imagine import SMALL, custom_id

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ADA, BEN, MODERATOR = 0, 1, 3
NAMESPACE = b"IPTC"
SMALL_PICTURE = 11  # a thumbnail


async def painted(stage: Stage, prompt: str, **others: Any) -> Any:
    """The message with the picture."""
    (picture,) = await stage.pictures(await stage.imagine(prompt, size=SMALL, **others))
    return picture


async def two_painted(stage: Stage) -> tuple[Any, list[int]]:
    """A gallery of two, and their jobs."""
    gallery = await painted(stage, "a red cat", count=2)
    await stage.until(lambda: stage.log.count('"event": "delivered"') == 2)
    found = await stage.control.messages(gallery["channel_id"], viewer=ADA)
    (full,) = [one for one in found if one["id"] == gallery["id"]]
    (options,) = [one["options"] for one in parts(full) if one.get("options")]
    return full, [int(one["value"]) for one in options]


async def history(
    stage: Stage, *, member: int = ADA, channel: str = "pictures", **options: Any
) -> Any:
    options |= options.pop("options", {})
    started = await stage.control.act(
        "command", name="history", options=options, member=member, channel=channel
    )
    (answer,) = (await stage.control.settled(started))["messages"]
    assert is_private(answer)
    return answer


async def pressed(
    stage: Stage, message: Any, some_id: str, *, member: int = ADA, **act: Any
) -> list[Any]:
    """What the member sees then."""
    started = await stage.control.act(
        "component",
        message_id=message["id"],
        custom_id=some_id,
        channel=message["channel_id"],
        member=member,
        **act,
    )
    return list((await stage.control.settled(started))["messages"])


async def menu(stage: Stage, name: str, message: Any, *, member: int = ADA) -> list[Any]:
    started = await stage.control.act(
        "message_command",
        name=name,
        message_id=message["id"],
        channel=message["channel_id"],
        member=member,
    )
    return list((await stage.control.settled(started))["messages"])


async def opened(stage: Stage, message: Any, some_id: str, *, member: int = BEN, **act: Any) -> str:
    """The form that this leads to."""
    started = await stage.control.act(
        "component",
        message_id=message["id"],
        custom_id=some_id,
        channel=message["channel_id"],
        member=member,
        **act,
    )
    return str((await stage.control.settled(started))["modal"]["custom_id"])


def ids(message: Any) -> list[str]:
    return [one["custom_id"] for one in parts(message) if one.get("custom_id")]


def turn(message: Any, way: str) -> dict[str, Any]:
    (found,) = [
        one
        for one in parts(message)
        if (one.get("custom_id") or "").startswith(f"zeuxis:2:history:{way}")
    ]
    return dict(found)


async def picked(stage: Stage, page: Any, job: int, **act: Any) -> Any:
    (answer,) = [
        one
        for one in await pressed(stage, page, "zeuxis:2:history-pick", values=[str(job)], **act)
        if one["id"] != page["id"]
    ]
    assert is_private(answer)
    return answer


def job_of(message: Any) -> int:
    return int(custom_id(message, "more").rpartition(":")[2])


async def file_of(message: Any) -> bytes:
    (attachment,) = message["attachments"]
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as answer:
        return await answer.read()


async def posted_again(stage: Stage, channel: str, besides: set[str]) -> list[Any]:
    found = await stage.control.messages(channel, viewer=ADA)
    return [one for one in found if one["attachments"] and one["id"] not in besides]


async def test_pictures_are_found_by_their_words_with_small_pictures_and_links(
    stage: Stage,
) -> None:
    cat = await painted(stage, "a red cat under the moon")
    await painted(stage, "a dog", member=BEN)
    page = await history(stage, words="RED moo")
    assert "a red cat under the moon" in words(page)
    assert "a dog" not in words(page)
    assert f"/{cat['channel_id']}/{cat['id']}" in words(page)
    (thumbnail,) = [one for one in parts(page) if one["type"] == 11]
    assert thumbnail["media"]["url"]
    assert "I have found none." in words(await history(stage, words="unicorn"))


async def test_a_member_finds_what_others_painted_in_this_channel_alone(stage: Stage) -> None:
    await painted(stage, "a red cat", member=BEN)
    assert "a red cat" in words(await history(stage))
    assert "a red cat" not in words(await history(stage, whose="mine"))
    assert "a red cat" not in words(await history(stage, channel="general"))
    assert "a red cat" in words(await history(stage, channel="general", member=BEN))


async def test_pages_are_turned_forth_and_back_also_after_a_restart(stage: Stage) -> None:
    for number in range(7):
        await painted(stage, f"cat number {number}")
    page = await history(stage, words="cat")
    assert "cat number 2" in words(page)
    assert "cat number 1" not in words(page)
    assert turn(page, "n")["disabled"]
    await stage.kill_bot()
    await stage.start_bot()
    (older,) = await pressed(stage, page, turn(page, "o")["custom_id"])
    assert "cat number 1" in words(older)
    assert "cat number 2" not in words(older)
    assert turn(older, "o")["disabled"]
    (newer,) = await pressed(stage, older, turn(older, "n")["custom_id"])
    assert words(newer) == words(page)


async def test_days_are_kept_to_and_a_wrong_one_is_refused(stage: Stage) -> None:
    await painted(stage, "a cat")
    assert "a cat" in words(await history(stage, options={"from": "today", "to": "today"}))
    assert "a cat" not in words(await history(stage, to="yesterday"))
    assert "soonish" in words(await history(stage, to="soonish"))


async def test_a_picture_is_posted_again_with_live_buttons_and_its_provenance(
    stage: Stage,
) -> None:
    picture = await painted(stage, "a red cat", member=BEN)
    card = await picked(stage, await history(stage), job_of(picture))
    assert [one for one in ids(card) if "repost" not in one] == ids(picture), "the same hands"
    again = custom_id(card, "repost")
    (told,) = await pressed(stage, card, again)
    assert is_private(told)
    (copy,) = await posted_again(stage, "pictures", {picture["id"]})
    assert copy["id"] in words(told)
    assert ids(copy) == ids(picture)
    assert await file_of(copy) != b""
    assert (await file_of(copy)).count(b"zeuxis:Job") == (await file_of(picture)).count(
        b"zeuxis:Job"
    )
    await pressed(stage, card, again)
    assert len(await posted_again(stage, "pictures", {picture["id"]})) == 1, "pressed twice"


async def posted_in_both(stage: Stage, picture: Any, job: int) -> list[Any]:
    """Once more in the channel, and in the thread of the picture."""
    for channel in ("pictures", picture["channel_id"]):
        page = await history(stage, channel=channel)
        card = await picked(stage, page, job)
        await pressed(stage, card, custom_id(card, "repost"))
    return [
        one
        for channel in ("pictures", picture["channel_id"])
        for one in await posted_again(stage, channel, {picture["id"]})
    ]


async def with_hands(stage: Stage, by: str, picture: Any, copies: list[Any], job: int) -> Any:
    """The message by which the picture is deleted."""
    match by:
        case "copy":
            return copies[0]
        case "history":
            return await picked(stage, await history(stage), job)
        case "gallery":
            pick = custom_id(picture, "pick")
            return (await pressed(stage, picture, pick, values=[str(job)]))[-1]
        case _:
            return picture


def hanging(stage: Stage) -> dict[str, list[str]]:
    """All messages with pictures that anybody sees, and the names of their files."""
    return {
        message_id: [one.filename for one in message.attachments]
        for messages in stage.sandbox.state.messages.values()
        for message_id, message in messages.items()
        if message.attachments
    }


@pytest.mark.parametrize("by", ["picture", "copy", "history"])
async def test_deleting_a_picture_deletes_all_its_messages(stage: Stage, by: str) -> None:
    """By a button of whichever of them, or of what its member alone sees."""
    picture = await painted(stage, "a red cat")
    job = job_of(picture)
    copies = await posted_in_both(stage, picture, job)
    assert len(copies) == 2
    hands = await with_hands(stage, by, picture, copies, job)
    seen = await pressed(stage, hands, custom_id(hands, "more"), values=["delete"])
    assert "did not" not in "".join(map(words, seen))
    await stage.until(lambda: not hanging(stage))
    assert "a red cat" not in words(await history(stage))


@pytest.mark.parametrize("by", ["copy", "history", "gallery"])
async def test_of_a_gallery_one_picture_is_deleted_with_its_copies(stage: Stage, by: str) -> None:
    """The others stay, and so do theirs."""
    gallery, jobs = await two_painted(stage)
    copies = await posted_in_both(stage, gallery, jobs[1])
    card = await picked(stage, await history(stage), jobs[0])
    await pressed(stage, card, custom_id(card, "repost"))
    known = {gallery["id"], *(one["id"] for one in copies)}
    (other,) = await posted_again(stage, "pictures", known)
    hands = await with_hands(stage, by, gallery, copies, jobs[1])
    await pressed(stage, hands, custom_id(hands, "more"), values=["delete"])
    name = f"zeuxis-{jobs[0]}.png"
    await stage.until(lambda: hanging(stage) == {gallery["id"]: [name], other["id"]: [name]})


async def describe(stage: Stage, hands: Any, text: str) -> list[Any]:
    """Another alternative text, by the hands of a picture; what the member sees then."""
    form = await opened(stage, hands, custom_id(hands, "more"), member=ADA, values=["alt"])
    filled = await stage.control.act(
        "modal", channel=hands["channel_id"], custom_id=form, fields={"alt": text}
    )
    return list((await stage.control.settled(filled))["messages"])


async def descriptions(stage: Stage, message: Any) -> list[str]:
    """Of the pictures that the message shows now."""
    found = await stage.control.messages(message["channel_id"], viewer=ADA)
    (now,) = [one for one in found if one["id"] == message["id"]]
    return [item["description"] for one in parts(now) for item in one.get("items", ())]


async def test_another_alternative_text_stands_at_a_gallery_and_at_a_copy(stage: Stage) -> None:
    """Of the one picture alone; opened at either."""
    gallery, jobs = await two_painted(stage)
    card = await picked(stage, await history(stage), jobs[1])
    await pressed(stage, card, custom_id(card, "repost"))
    (copy,) = await posted_again(stage, "pictures", {gallery["id"]})
    told = (await describe(stage, copy, "a cat on a wall"))[-1]
    assert is_private(told)
    assert "did not let me" not in words(told)
    first = "AI-generated picture: a red cat"
    assert await descriptions(stage, gallery) == [first, "a cat on a wall"]
    assert await descriptions(stage, copy) == ["a cat on a wall"]
    hands = (await pressed(stage, gallery, custom_id(gallery, "pick"), values=[str(jobs[1])]))[-1]
    await describe(stage, hands, "a cat under the moon")
    assert await descriptions(stage, gallery) == [first, "a cat under the moon"]
    assert await descriptions(stage, copy) == ["a cat under the moon"]


async def test_a_copy_tells_no_words_that_its_member_keeps_out(stage: Stage) -> None:
    """As the picture's own message does not."""
    picture = await painted(stage, "a red cat")
    with closing(sqlite3.connect(stage.database)) as database, database:
        database.execute(
            "INSERT INTO person_default (user_id, alt_words) VALUES (?, 0)",
            (int(stage.control.member(ADA)),),
        )
    card = await picked(stage, await history(stage), job_of(picture))
    await pressed(stage, card, custom_id(card, "repost"))
    (copy,) = await posted_again(stage, "pictures", {picture["id"]})
    assert await descriptions(stage, copy) == ["AI-generated picture"]


async def test_a_picture_stays_in_its_place(stage: Stage) -> None:
    picture = await painted(stage, "a red cat")
    page = await history(stage, channel="general")
    card = await picked(stage, page, job_of(picture))
    (refused,) = await pressed(stage, card, custom_id(card, "repost"))
    assert is_private(refused)
    assert await posted_again(stage, "general", set()) == []


async def test_a_picture_whose_messages_are_gone_cannot_be_posted_again(stage: Stage) -> None:
    picture = await painted(stage, "a red cat")
    card = await picked(stage, await history(stage), job_of(picture))
    channel, message = picture["channel_id"], picture["id"]
    del stage.sandbox.state.messages[channel][message]
    (told,) = await pressed(stage, card, custom_id(card, "repost"))
    assert "No message shows this picture any more" in words(told)


async def test_menus_of_a_message_show_its_words_and_paint_it_anew(stage: Stage) -> None:
    picture = await painted(stage, "a red cat", member=BEN)
    (shown,) = await menu(stage, "Show prompt", picture)
    assert is_private(shown)
    assert "a red cat" in words(shown)
    found = await menu(stage, "Reimagine", picture)
    assert any("a red cat" in words(one) for one in found)
    assert len(stage.ledger()["requests"]) == 2


async def test_a_copy_and_a_picture_of_a_gallery_are_reported_by_the_menu(stage: Stage) -> None:
    """Of a gallery the one that is chosen."""
    picture, jobs = await two_painted(stage)
    (asked,) = await menu(stage, "Report", picture, member=BEN)
    assert is_private(asked)
    form = await opened(stage, asked, custom_id(asked, "report"), values=[str(jobs[1])])
    assert form == f"zeuxis:2:report:{jobs[1]}"
    card = await picked(stage, await history(stage), jobs[0])
    await pressed(stage, card, custom_id(card, "repost"))
    (copy,) = await posted_again(stage, "pictures", {picture["id"]})
    started = await stage.control.act(
        "message_command",
        name="Report",
        message_id=copy["id"],
        channel=copy["channel_id"],
        member=BEN,
    )
    shown = await stage.control.settled(started)
    assert shown["modal"]["custom_id"] == f"zeuxis:2:report:{jobs[0]}"
    filled = await stage.control.act(
        "modal",
        channel=copy["channel_id"],
        custom_id=shown["modal"]["custom_id"],
        fields={"reason": "other", "words": "look"},
        member=BEN,
    )
    (told,) = (await stage.control.settled(filled))["messages"]
    assert "turn to a moderator" in words(told)


async def test_a_menu_on_a_message_without_a_picture_says_so(stage: Stage) -> None:
    page = await history(stage)
    for name in ("Show prompt", "Reimagine", "Report"):
        (told,) = await menu(stage, name, page)
        assert "shows no picture of mine" in words(told)


async def test_a_copy_that_stands_where_the_bot_was_killed_is_found_not_posted_twice(
    stage: Stage,
) -> None:
    """It stands in Discord, and no row knows its message."""
    picture = await painted(stage, "a red cat")
    card = await picked(stage, await history(stage), job_of(picture))
    again = custom_id(card, "repost")
    stage.fault({"server": "discord", "kind": "hang_after", "match": "POST */channels/*/messages"})
    await stage.control.act(
        "component", message_id=card["id"], custom_id=again, channel=card["channel_id"]
    )
    await stage.until(stage.fired)
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    (told,) = await pressed(stage, card, again)
    (copy,) = await posted_again(stage, "pictures", {picture["id"]})
    assert copy["id"] in words(told)


async def test_pictures_of_one_thread_all_have_a_small_one(stage: Stage) -> None:
    """Their messages are asked for in one place, where Discord lets only so many a second."""
    first = await painted(stage, "a cat")
    thread = first["channel_id"]
    for number in range(4):
        await painted(stage, f"cat {number}", channel=thread)
    page = await history(stage, channel=thread)
    assert sum(one["type"] == SMALL_PICTURE for one in parts(page)) == 5
