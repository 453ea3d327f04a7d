"""What the bot is and may change of itself: its user, its application, its announcements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.tests.gateway import GUILD_MESSAGES, wire
from sandbox.tests.rest import MESSAGES

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.bots import PaintingBot
    from sandbox.tests.rest import Rest

APPLICATION = "/applications/@me"
CROSSPOST = f"{MESSAGES}/{{message_id}}/crosspost"


async def test_the_bot_renames_itself(sandbox: Sandbox, rest: Rest) -> None:
    """It is told; a picture alone changes no name; a name too short is refused."""
    async with wire(sandbox) as line:
        await line.identify()
        renamed = await rest.must("PATCH", "/users/@me", {"username": "Parrhasius"})
        assert await line.until("USER_UPDATE") == renamed.body
    await rest.must("PATCH", "/users/@me", {"avatar": None})
    assert (await rest.get("/users/@me")).body["username"] == "Parrhasius"
    sandbox.clock.advance(60)
    short = await rest.call("PATCH", "/users/@me", {"username": "x"})
    assert (short.status, list(short.body["errors"])) == (400, ["username"])


async def test_the_application_is_described(rest: Rest) -> None:
    """What is absent stays; null takes away."""
    link = "https://example.org/install"
    wanted = {"description": "Paints", "tags": ["art"], "custom_install_url": link}
    changed = (await rest.must("PATCH", APPLICATION, wanted)).body
    assert {name: changed[name] for name in wanted} == wanted
    less = (await rest.must("PATCH", APPLICATION, {"custom_install_url": None})).body
    assert ("custom_install_url" in less, less["description"]) == (False, "Paints")
    localized = {"description": {"default": "Draws", "localizations": {"de": "Zeichnet"}}}
    less = (await rest.must("PATCH", APPLICATION, localized)).body
    assert less["description"] == "Draws"
    assert (await rest.get("/oauth2/applications/@me")).body == less
    shown = (await rest.get("/oauth2/@me")).body["application"]
    assert (shown["tags"], "owner" in shown) == (["art"], False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tags": ["a", "b", "c", "d", "e", "f"]},
        {"tags": ["x" * 21]},
        {"interactions_endpoint_url": "https://example.org"},
    ],
)
async def test_what_the_application_cannot_be_is_refused(
    rest: Rest, wrong: dict[str, object]
) -> None:
    """At its field."""
    answer = await rest.call("PATCH", APPLICATION, wrong)
    assert answer.status == 400
    assert list(answer.body["errors"]) == list(wrong)


async def test_an_announcement_is_published_once(
    sandbox: Sandbox, rest: Rest, control: Control
) -> None:
    """In announcement channels; another's only with MANAGE_MESSAGES."""
    news = {"channel_id": control.channel("news")}
    sent = await rest.must("POST", MESSAGES, {"content": "mine"}, at=news)
    async with wire(sandbox) as line:
        await line.identify(GUILD_MESSAGES)
        published = await rest.must("POST", CROSSPOST, message_id=sent.body["id"], at=news)
        assert published.body["flags"] == 1
        assert (await line.until("MESSAGE_UPDATE"))["flags"] == 1
    again = await rest.call("POST", CROSSPOST, message_id=sent.body["id"], at=news)
    assert again.body["code"] == 40033
    path = f"/channels/{news['channel_id']}/messages"
    written = await control.call("POST", path, {"user_id": control.member(), "content": "hers"})
    others = await rest.call("POST", CROSSPOST, message_id=written.body["id"], at=news)
    assert others.body["code"] == 50013
    plain = await rest.must("POST", MESSAGES, {"content": "no news"})
    elsewhere = await rest.call("POST", CROSSPOST, message_id=plain.body["id"])
    assert elsewhere.body["code"] == 50024


async def test_discordpy_changes_itself(bot: PaintingBot, control: Control) -> None:
    """User, application, and an announcement."""
    assert bot.user is not None
    assert (await bot.user.edit(username="Parrhasius")).name == "Parrhasius"
    info = await bot.application_info()
    changed = await info.edit(description="Paints", tags=["art"])
    assert (changed.description, changed.tags) == ("Paints", ["art"])
    channel = await bot.fetch_channel(int(control.channel("news")))
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("news")
    await message.publish()
    assert (await channel.fetch_message(message.id)).flags.crossposted
