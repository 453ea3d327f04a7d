"""From picture to picture, and back by the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from bot.pictures.formats import SIGNATURE
from tests.journeys.test_imagine import SMALL, custom_id, hand, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ADA, BEN = 0, 1


async def press(stage: Stage, message: Any, verb: str, member: int = ADA) -> Any:
    return await stage.control.act(
        "component",
        message_id=message["id"],
        **hand(message, verb),
        channel=message["channel_id"],
        member=member,
    )


async def lineage(stage: Stage, job: str, channel: str, member: int = ADA) -> Any:
    asked = await stage.control.act(
        "command", name="lineage", options={"job": job}, member=member, channel=channel
    )
    (answer,) = (await stage.control.settled(asked))["messages"]
    assert answer["flags"] & 64
    return answer


async def content_of(attachment: Any) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as answer:
        return await answer.read()


async def test_a_tree_shows_where_a_picture_came_from_and_links_there(stage: Stage) -> None:
    """With small pictures out of Discord; a deleted one is a frame, and is not linked."""
    (first,) = await stage.pictures(await stage.imagine("an orange cat", size=SMALL, member=ADA))
    (child,) = await stage.pictures(await press(stage, first, "reroll", BEN))
    (twin,) = await stage.pictures(await press(stage, first, "again", ADA))
    number = custom_id(child, "reroll").rpartition(":")[2]
    seen = await lineage(stage, number, child["channel_id"])
    (panel,) = seen["attachments"]
    assert panel["description"] == (
        "Lineage, 3 pictures; 1: an orange cat; 1.1 (this one): new seed; 1.2: the same again"
    )
    whole = await content_of(panel)
    assert whole.startswith(SIGNATURE)
    said = text_of(seen)
    assert f"/{first['channel_id']}/{first['id']})" in said
    assert f"/{twin['channel_id']}/{twin['id']})" in said
    for line in ("no thumbnail", "thumbnails came too late", "picture not looked up"):
        assert line not in stage.log
    await stage.control.settled(await press(stage, first, "delete"))
    seen = await lineage(stage, number, child["channel_id"], member=BEN)
    (panel,) = seen["attachments"]
    assert "1: deleted; 1.1 (this one): new seed" in panel["description"]
    assert first["id"] not in text_of(seen)
    assert len(await content_of(panel)) < len(whole)
    offered = await stage.control.act(
        "autocomplete", name="lineage", options={"job": ""}, focused="job", member=BEN
    )
    assert [one["value"] for one in offered["choices"]] == [number]
