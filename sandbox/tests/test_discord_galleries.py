"""Edits that keep some files of a message, bring new ones, and show them in one gallery."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from sandbox.painter import plain
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.bots import PaintingBot

V2 = 1 << 15
MESSAGE = MESSAGES + "/{message_id}"
ORIGINAL = "/webhooks/{application_id}/{interaction_token}/messages/@original"


def gallery(*names: str) -> dict[str, Any]:
    """A message of Components V2 with these pictures."""
    items = [{"media": {"url": f"attachment://{name}"}, "description": name} for name in names]
    return {"flags": V2, "components": [{"type": 12, "items": items}]}


def files(*names: str) -> dict[str, bytes]:
    """A picture under each name, each of its own width."""
    return {
        name: plain(name, seed=at, width_px=8 + at, height_px=8, xmp=None)
        for at, name in enumerate(names)
    }


def stubs(kept: list[Any], new: int) -> dict[str, Any]:
    """Which are kept, by their ids, and how many are new."""
    ids = [{"id": each["id"]} for each in kept] + [{"id": str(number)} for number in range(new)]
    return {"attachments": ids}


def shown(message: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Name and upload of each picture of the gallery."""
    items = message["components"][0]["items"]
    return [(item["media"]["name"], item["media"]["attachment_id"]) for item in items]


@pytest.fixture(params=["message", "original"])
async def edited(
    request: pytest.FixtureRequest, sandbox: Sandbox, control: Control, rest: Rest
) -> tuple[str, dict[str, Any]]:
    """The path that edits a gallery of two, and the message as it is: the bot's, an answer."""
    sent = gallery("a.png", "b.png")
    if request.param == "message":
        made = await rest.must("POST", MESSAGES, sent, files=files("a.png", "b.png"))
        rest.places["message_id"] = made.body["id"]
        return MESSAGE, made.body
    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    begun = await interaction(sandbox, control)
    rest.places.update(interaction_id=begun.id, interaction_token=begun.token)
    await rest.must("POST", CALLBACK, {"type": 5})
    done = await rest.must("PATCH", ORIGINAL, sent, files=files("a.png", "b.png"))
    rest.places["message_id"] = done.body["id"]
    return ORIGINAL, done.body


async def test_a_gallery_shows_kept_and_new_files_in_the_order_of_its_items(
    rest: Rest, edited: tuple[str, dict[str, Any]]
) -> None:
    """What is not kept is gone, by its link as well; a fresh read shows the same."""
    path, before = edited
    a, b = before["attachments"]
    body = gallery("c.png", "b.png", "d.png") | stubs([b], 2)
    after = (await rest.must("PATCH", path, body, files=files("c.png", "d.png"))).body
    ids = {each["filename"]: each["id"] for each in after["attachments"]}
    assert list(ids) == ["b.png", "c.png", "d.png"]
    assert ids["b.png"] == b["id"]
    assert shown(after) == [(name, ids[name]) for name in ("c.png", "b.png", "d.png")]
    async with rest.session.get(a["url"]) as gone:
        assert gone.status == 404
    read = (await rest.get(MESSAGE)).body
    assert shown(read) == shown(after)
    async with rest.session.get(read["components"][0]["items"][1]["media"]["url"]) as kept:
        assert await kept.read() == files("a.png", "b.png")["b.png"]


async def test_without_a_list_of_attachments_all_are_kept(
    rest: Rest, edited: tuple[str, dict[str, Any]]
) -> None:
    """Ten pictures grow one by one; an eleventh is refused and changes nothing."""
    path, before = edited
    names = ["a.png", "b.png"]
    for letter in "cdefghij":
        names.append(f"{letter}.png")
        rest.sandbox.clock.advance(1)
        grown = await rest.must("PATCH", path, gallery(*names), files=files(names[-1]))
        assert [name for name, _ in shown(grown.body)] == names
    rest.sandbox.clock.advance(1)
    over = await rest.call("PATCH", path, gallery(*names[1:], "k.png"), files=files("k.png"))
    assert (over.status, over.body["code"]) == (400, 30015)
    assert shown((await rest.get(MESSAGE)).body) == shown(grown.body)
    rest.sandbox.clock.advance(1)
    one = gallery("k.png") | stubs(grown.body["attachments"][:9], 1)
    exchanged = await rest.must("PATCH", path, one, files=files("k.png"))
    assert len(exchanged.body["attachments"]) == 10
    assert before["attachments"][0]["id"] == exchanged.body["attachments"][0]["id"]


async def test_a_gallery_of_a_file_that_is_not_kept_is_refused(
    rest: Rest, edited: tuple[str, dict[str, Any]]
) -> None:
    """50035 at the item, and the message stays as it was."""
    path, before = edited
    body = gallery("a.png", "b.png") | stubs(before["attachments"][1:], 0)
    refused = await rest.call("PATCH", path, body)
    assert (refused.status, refused.body["code"]) == (400, 50035)
    assert "REFERENCED_ATTACHMENT_NOT_FOUND" in str(refused.body["errors"])
    assert len((await rest.get(MESSAGE)).body["attachments"]) == 2


async def test_discordpy_grows_a_gallery(control: Control, bot: PaintingBot) -> None:
    """It sends what it keeps as it got it, beside the new file."""

    def view(*names: str) -> ui.LayoutView:
        shown: ui.LayoutView = ui.LayoutView(timeout=None)
        items = [discord.MediaGalleryItem(f"attachment://{name}") for name in names]
        shown.add_item(ui.MediaGallery(*items))
        return shown

    def file(name: str) -> discord.File:
        return discord.File(io.BytesIO(files(name)[name]), name)

    channel = await bot.fetch_channel(int(control.channel("pictures")))
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send(view=view("a.png"), file=file("a.png"))
    grown = await message.edit(
        view=view("a.png", "b.png"), attachments=[*message.attachments, file("b.png")]
    )
    assert [each.filename for each in grown.attachments] == ["a.png", "b.png"]
    fresh = await channel.fetch_message(message.id)
    left = await fresh.edit(view=view("b.png"), attachments=fresh.attachments[1:])
    assert [each.filename for each in left.attachments] == ["b.png"]
    assert await left.attachments[0].read() == files("b.png")["b.png"]
