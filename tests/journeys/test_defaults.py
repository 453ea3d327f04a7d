"""What a member has set for themselves, and the styles of a guild, up to the posted picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cogs.playing import parts, words
from tests.journeys.test_imagine import text_of
from tests.journeys.test_settings import MODERATOR, panel

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

SMALL, OTHER_SMALL = "512*512", "512*768"


async def answer(stage: Stage, name: str, member: int = 0, **options: str) -> Any:
    """A command, up to its answer: a message or a form."""
    started = await stage.control.act("command", name=name, member=member, options=options)
    return await stage.control.settled(started)


async def choose(stage: Stage, message: Any, control: str, value: str) -> Any:
    """In the member's panel; returns what came of it."""
    started = await stage.control.act(
        "component",
        channel=message["channel_id"],
        message_id=message["id"],
        custom_id=f"zeuxis:2:defaults:{control}",
        values=[value],
    )
    return await stage.control.settled(started)


async def submit(stage: Stage, modal: Any, member: int = 0, **fields: str) -> Any:
    started = await stage.control.act(
        "modal",
        member=member,
        channel=stage.control.channel("pictures"),
        custom_id=modal["custom_id"],
        fields=fields,
    )
    return (await stage.control.settled(started))["messages"][-1]


async def own_size(stage: Stage, size: str) -> Any:
    """The panel, with that size set by its form."""
    (message,) = (await answer(stage, "defaults"))["messages"]
    modal = (await choose(stage, message, "size", "other"))["modal"]
    return await submit(stage, modal, size=size)


async def drawn(stage: Stage, prompt: str = "a cat", **options: Any) -> Any:
    """What Z-Image was asked for, once the picture hangs."""
    started = await stage.control.act(
        "command", name="imagine", options={"prompt": prompt, **options}
    )
    (picture,) = await stage.pictures(started)
    return picture


async def test_a_member_s_defaults_hold_from_the_next_picture_on(stage: Stage) -> None:
    """Also after the bot was killed; size, notification and alternative text."""
    message = await own_size(stage, OTHER_SMALL)
    for control, value in (("rewriting", "off"), ("pings", "yes"), ("alt", "no")):
        (message,) = (await choose(stage, message, control, value))["messages"][-1:]
    await stage.kill_bot()
    await stage.start_bot()
    picture = await drawn(stage)
    (file,) = picture["attachments"]
    assert (file["width"], file["height"]) == (512, 768)
    assert file["description"] == "AI-generated picture"
    assert [one["id"] for one in picture["mentions"]] == [stage.control.member(0)]


async def test_what_the_guild_forbids_is_said_and_the_picture_comes(stage: Stage) -> None:
    """In the size that the guild has."""
    shown = await panel(stage, "pictures")
    opened = await _press(stage, shown, "open:pictures:largest_area_px")
    await submit(stage, opened["modal"], MODERATOR, largest_area_px="1024*1024")
    await own_size(stage, "1536*1536")
    started = await stage.control.act("command", name="imagine", options={"prompt": "a cat"})
    settled = await stage.control.settled(started)
    (picture,) = [one for one in settled["messages"] if one["attachments"]]
    assert picture["attachments"][0]["width"] == 1024
    said = "\n".join(map(text_of, settled["messages"]))
    assert "Your usual size cannot be had here, so it is 1024 × 1024." in said


async def test_a_style_is_made_used_changed_and_removed(stage: Stage) -> None:
    """What was chosen before it was removed is refused, and nothing is billed."""
    modal = (await answer(stage, "style add", MODERATOR))["modal"]
    fields = {"name": "Noir", "prompt": "noir, {prompt}", "size": SMALL, "negative": ""}
    await submit(stage, modal, MODERATOR, **fields)
    picture = await drawn(stage, style="noir", rewrite="off")
    assert "noir, a cat" in text_of(picture)
    assert picture["attachments"][0]["width"] == 512
    modal = (await answer(stage, "style edit", MODERATOR, style="Noir"))["modal"]
    await submit(stage, modal, MODERATOR, **{**fields, "prompt": "{prompt} in ink"})
    assert "a cat in ink" in text_of(await drawn(stage, style="Noir", rewrite="off"))
    await answer(stage, "style remove", MODERATOR, style="Noir")
    refused = (await answer(stage, "imagine", prompt="a cat", style="Noir"))["messages"][-1]
    assert "There is no style **Noir** in this server" in words(refused)
    assert stage.ledger()["billed"] == 2


async def test_privacy_knows_defaults(stage: Stage) -> None:
    """After deletion the panel is as on the first day."""
    await own_size(stage, OTHER_SMALL)
    (asked,) = (await answer(stage, "privacy delete"))["messages"]
    started = await stage.control.act(
        "component",
        channel=asked["channel_id"],
        message_id=asked["id"],
        custom_id="zeuxis:forget",
    )
    await stage.control.settled(started)
    (message,) = (await answer(stage, "defaults"))["messages"]
    (select,) = [one for one in parts(message) if one.get("custom_id") == "zeuxis:2:defaults:size"]
    assert [one["value"] for one in select["options"] if one.get("default")] == ["-"]


async def _press(stage: Stage, message: Any, act: str) -> Any:
    ids = [one.get("custom_id") or "" for one in parts(message)]
    (custom_id,) = [one for one in ids if one.startswith(f"zeuxis:settings:{act}:")]
    started = await stage.control.act(
        "component",
        member=MODERATOR,
        channel=message["channel_id"],
        message_id=message["id"],
        custom_id=custom_id,
    )
    return await stage.control.settled(started)
