"""A newcomer's hour: from the invitation to the first picture that staff's own limit refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cogs.playing import parts, words
from tests.journeys.test_imagine import SMALL, text_of
from tests.journeys.test_settings import MODERATOR, use

if TYPE_CHECKING:
    from tests.journeys.stage import Stage


async def invited(stage: Stage) -> Any:
    """A guild that knows nothing of the bot invites it; returns what its staff are told."""
    guild = next(one for one in stage.sandbox.state.guilds.values() if one.name == "Lighthouse")
    await stage.control.call("PUT", f"/guilds/{guild.id}/bot")
    await stage.until(lambda: "guild greeted" in stage.log)
    guilds: Any = stage.sandbox.addresses["guilds"]
    stage.control.guild = next(one for one in guilds if one["id"] == guild.id)
    (greeting,) = await stage.control.messages("pictures")
    return greeting


async def limited(stage: Stage, panel: Any, **fields: str) -> Any:
    """Staff open the form of pictures and send it off; returns the panel as it is then."""
    ids = [one.get("custom_id") or "" for one in parts(panel)]
    opener = next(one for one in ids if one.startswith("zeuxis:settings:open:limits:pictures"))
    here = {"member": MODERATOR, "channel": panel["channel_id"]}
    opened = await stage.control.act("component", message_id=panel["id"], custom_id=opener, **here)
    modal = (await stage.control.settled(opened))["modal"]
    sent = await stage.control.act("modal", custom_id=modal["custom_id"], fields=fields, **here)
    return (await stage.control.settled(sent))["messages"][-1]


async def test_a_newcomer_is_set_up_by_the_button_of_the_greeting(stage: Stage) -> None:
    """Seven clicks: the button; a select, its channel; a select, its page; the form and its end."""
    greeting = await invited(stage)
    panel = await use(stage, greeting, "page")
    assert panel["flags"] & 64, "for whoever pressed alone"
    pictures = stage.control.channel("pictures")
    panel = await use(stage, panel, "set:where:channels", [pictures])
    panel = await use(stage, panel, "page", ["limits"])
    panel = await limited(stage, panel, guild_pictures_per_day="1")
    assert "This server" in words(panel)
    elsewhere = await stage.control.settled(await stage.imagine(channel="general", size=SMALL))
    assert f"<#{pictures}>" in text_of(elsewhere["messages"][0])
    assert len(await stage.pictures(await stage.imagine("an apple", size=SMALL))) == 1
    refused = await stage.control.settled(await stage.imagine("a pear", size=SMALL))
    assert "This server may have 1 picture a day." in text_of(refused["messages"][-1])
    told = await stage.control.command("help")
    assert f"Pictures are for these channels: <#{pictures}>" in text_of(told["messages"][0])
    assert stage.ledger()["billed"] == 1
