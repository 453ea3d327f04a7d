"""The bot comes to guilds: what their staff are told, once; /about and /help there."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from discord import AppCommandType

from bot.features.guilds.service import GREETED_WITHIN_US, GuildService
from bot.policy.changes import Author, Change
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue.records import GuildId
from bot.texts import Texts
from bot.texts.settings_panel import panel_button
from sandbox.discord import guilds as serving
from sandbox.discord.objects import guild_object
from tests.cogs.playing import buttons, eventually, is_private, words

if TYPE_CHECKING:
    from bot.features.settings.service import SettingsService
    from tests.clock import ManualClock
    from tests.cogs.playing import Scene


OPERATOR = Author(actor="operator", source="command line")
VIEW, SEND, FILES = 1 << 10, 1 << 11, 1 << 15


@pytest.fixture(autouse=True)
def _together(service: Any, sandbox: Any) -> None:
    """The bot's clock and Discord's."""
    clock: ManualClock = service.clock
    ahead_s = (clock.now_us() - sandbox.clock.now_us()) / 1e6
    sandbox.clock.advance(max(0.0, ahead_s))
    clock.advance(max(0.0, -ahead_s))


class Guild:
    """The one that the bot is not in at first."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._state = scene.sandbox.state
        self.id = next(one.id for one in self._state.guilds.values() if one.name == "Lighthouse")

    async def invite(self) -> None:
        await self._scene.control.call("PUT", f"/guilds/{self.id}/bot")

    async def expel(self) -> None:
        await self._scene.control.call("DELETE", f"/guilds/{self.id}/bot")

    def channel(self, name: str) -> str:
        return next(one.id for one in self._state.channels_of(self.id) if one.name == name)

    async def forbid(self, channel: str, bits: int) -> None:
        """To everybody, hence to the bot, which has no role here."""
        overwrites = [{"id": self.id, "deny": str(bits)}]
        path = f"/channels/{self.channel(channel)}"
        await self._scene.control.call("PATCH", path, {"overwrites": overwrites})

    async def said(self) -> list[dict[str, Any]]:
        """By the bot, in any channel."""
        return [
            {**message, "channel": channel.name}
            for channel in self._state.channels_of(self.id)
            if channel.holds_messages
            for message in await self._scene.control.get(f"/channels/{channel.id}/messages")
        ]

    async def greeted(self, times: int = 1) -> list[dict[str, Any]]:
        """Once the bot has noted that it told them."""
        database = self._scene.service.database
        await eventually(lambda: database.read(_is_told, int(self.id)))
        said = await self.said()
        assert len(said) == times
        return said


def _is_told(tx: Any, guild_id: int) -> bool:
    found = tx.execute(
        "SELECT 1 FROM guild WHERE id = ? AND left_at_us IS NULL"
        " AND coalesce(greeted_at_us, refused_at_us) IS NOT NULL",
        (guild_id,),
    ).fetchone()
    return found is not None


def _is_left(tx: Any, guild_id: int) -> bool:
    query = "SELECT 1 FROM guild WHERE id = ? AND left_at_us IS NOT NULL"
    return tx.execute(query, (guild_id,)).fetchone() is not None


@pytest.fixture
def guild(scene: Scene) -> Guild:
    """Its staff speak German."""
    return Guild(scene)


async def test_staff_are_told_what_it_is_and_what_it_lacks(guild: Guild) -> None:
    """In the guild's language, with the channels by name, and a way to the settings."""
    await guild.forbid("general", FILES)
    await guild.invite()
    (said,) = await guild.greeted()
    assert said["channel"] == "pictures"
    assert "Hallo, ich bin Zeuxis" in words(said)
    assert f"<#{guild.channel('general')}>: Dateien anhängen" in words(said)
    assert f"<#{guild.channel('pictures')}>" not in words(said)
    assert f"<#{guild.channel('notices')}>" not in words(said), "nobody writes there"
    assert [one["custom_id"] for one in buttons(said)] == [panel_button(Texts("de")).custom_id]


async def test_it_goes_where_it_may_write(guild: Guild) -> None:
    """Past a channel that is closed to it."""
    await guild.forbid("pictures", SEND)
    await guild.invite()
    (said,) = await guild.greeted()
    assert said["channel"] == "general"


async def test_the_channel_of_discord_s_news_for_staff_comes_first(
    guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the one of its notices, and that before the top."""
    monkeypatch.setattr(
        serving,
        "guild_object",
        lambda one: {**guild_object(one), "public_updates_channel_id": guild.channel("studio")},
    )
    await guild.invite()
    (said,) = await guild.greeted()
    assert said["channel"] == "studio"


async def test_it_is_said_once(scene: Scene, guild: Guild, guilds: GuildService) -> None:
    """Whatever connection begins anew."""
    await guild.invite()
    await guild.greeted()
    joined_at_us = (
        scene.sandbox.state.guilds[guild.id].members[scene.sandbox.state.bot_id].joined_at_us
    )
    assert await guilds.opened(GuildId(int(guild.id)), joined_at_us) is None
    scene.bot.dispatch("guild_opened", int(guild.id), joined_at_us)
    await scene.command("about")
    await guild.greeted()


async def test_a_kick_and_a_new_invitation_have_it_said_again(scene: Scene, guild: Guild) -> None:
    """Other staff may have invited it."""
    await guild.invite()
    await guild.greeted()
    await guild.expel()
    await eventually(lambda: scene.service.database.read(_is_left, int(guild.id)))
    scene.sandbox.clock.advance(5)
    await guild.invite()
    await guild.greeted(times=2)


async def test_one_that_is_back_says_that_what_was_set_holds_again(
    scene: Scene, guild: Guild
) -> None:
    """And not that everybody may ask everywhere, nor where pictures go."""
    key = Key(Scope.GUILD, int(guild.id), "cooldown_s", int(guild.id))
    await scene.service.database.write(set_policy, key, 5, by="7", now_us=1)
    await guild.invite()
    (said,) = await guild.greeted()
    assert "eingestellt hatte, gilt wieder; `/settings panel`" in words(said)
    assert "bis dahin dürfen alle überall" not in words(said)
    assert "Thread" not in words(said)


async def test_where_it_may_write_nowhere_it_is_tried_again(
    scene: Scene, guild: Guild, guilds: GuildService
) -> None:
    """When the next connection begins; nothing is noted as said."""
    for channel in scene.sandbox.state.channels_of(guild.id):
        if channel.holds_messages:
            await guild.forbid(channel.name, VIEW)
    await guild.invite()
    state = scene.sandbox.state
    joined_at_us = state.guilds[guild.id].members[state.bot_id].joined_at_us
    arrival = await guilds.opened(GuildId(int(guild.id)), joined_at_us)
    assert arrival is not None
    await guild.forbid("studio", 0)
    cog: Any = scene.bot.get_cog("GuildsCog")

    async def has_tried() -> bool:
        return not cog._greeting

    await eventually(has_tried)
    scene.bot.dispatch("guild_opened", int(guild.id), joined_at_us)
    (said,) = await guild.greeted()
    assert said["channel"] == "studio"


async def test_a_guild_that_is_not_allowed_is_told_so_once(
    scene: Scene, guild: Guild, settings: SettingsService, guilds: GuildService
) -> None:
    """Politely, with its id for whoever can change it; and greeted when that is done."""
    closed = Change(key=Key(Scope.OPERATOR, 0, "is_allowed"), value=False)
    await settings.change([closed], OPERATOR)
    await guild.invite()
    (said,) = await guild.greeted()
    assert f"`{guild.id}`" in words(said)
    assert buttons(said) == []
    state = scene.sandbox.state
    joined_at_us = state.guilds[guild.id].members[state.bot_id].joined_at_us
    assert await guilds.opened(GuildId(int(guild.id)), joined_at_us) is None
    allowed = Change(key=Key(Scope.GUILD, int(guild.id), "is_allowed"), value=True)
    await settings.change([allowed], OPERATOR)
    arrival = await guilds.opened(GuildId(int(guild.id)), joined_at_us)
    assert arrival is not None
    assert arrival.is_allowed


async def test_guilds_of_long_ago_are_not_greeted(scene: Scene) -> None:
    """The two that the bot was in before it kept count."""
    await scene.bot.connected.wait()
    database = scene.service.database
    for guild_id in [int(one["id"]) for one in scene.control.addresses["guilds"]]:
        await eventually(partial(database.read, _is_told, guild_id))
    assert not any(scene.sandbox.state.messages.values())


async def test_a_young_guild_that_asked_before_is_not_greeted(
    scene: Scene, guilds: GuildService
) -> None:
    """Before this version kept count: it knows the bot."""
    await scene.imagine()
    guild_id = GuildId(int(scene.control.guild["id"]))
    now_us = scene.service.clock.now_us()

    def forget(tx: Any) -> None:
        tx.execute("DELETE FROM guild WHERE id = ?", (guild_id,))

    await scene.service.database.write(forget)
    assert await guilds.opened(guild_id, now_us - 3_600_000_000) is None
    await scene.service.database.write(forget)
    assert await guilds.opened(guild_id, now_us + 1_000_000) is not None, "it came anew"


async def test_a_guild_left_while_the_bot_was_away_is_noted(
    scene: Scene, guilds: GuildService
) -> None:
    """By the list that comes with the connection; one that has just come may not be in it."""
    database, now_us = scene.service.database, scene.service.clock.now_us()
    long_ago_us = now_us - 2 * GREETED_WITHIN_US
    await guilds.opened(GuildId(7), long_ago_us)
    await guilds.opened(GuildId(8), now_us)
    scene.bot.dispatch("ready")
    await eventually(lambda: database.read(_is_left, 7))
    assert not await database.read(_is_left, 8)
    assert not await database.read(_is_left, int(scene.control.guild["id"]))
    assert await guilds.opened(GuildId(7), long_ago_us) is None
    assert not await database.read(_is_left, 7), "it was there all the time"


async def test_about_tells_the_price(scene: Scene) -> None:
    """To whoever asks alone."""
    (answer,) = (await scene.command("about"))["messages"]
    assert is_private(answer)
    assert "$0.015" in words(answer)
    assert "$0.03" in words(answer)


async def test_help_names_every_command_for_members_and_staff(scene: Scene) -> None:
    """Whoever runs the bot has the operator's, of which nobody sees anything in a guild."""
    (answer,) = (await scene.command("help"))["messages"]
    typed = scene.bot.tree.get_commands(type=AppCommandType.chat_input)
    named = {one.name for one in typed} - {"help", "operator"}
    assert set(re.findall(r"- `/(\w+)`", words(answer))) == named


async def test_help_tells_what_holds_in_this_channel(
    scene: Scene, settings: SettingsService
) -> None:
    """The operator's limits and the staff's, and where pictures may be."""
    guild_id, channel_id = int(scene.control.guild["id"]), int(scene.control.channel("studio"))
    await settings.change(
        [
            Change(key=Key(Scope.OPERATOR, 0, "member_pictures_per_day"), value=25),
            Change(key=Key(Scope.GUILD, guild_id, "channels", guild_id), value=(channel_id,)),
            Change(key=Key(Scope.GUILD, guild_id, "guild_pictures_per_day", guild_id), value=0),
        ],
        OPERATOR,
    )
    (answer,) = (await scene.command("help"))["messages"]
    assert is_private(answer)
    said = words(answer)
    assert "`/imagine`" in said
    assert f"Pictures are for these channels: <#{channel_id}>" in said
    assert "Here you may have 25 pictures a day." in said
    assert "Pictures are switched off in this server, by the staff of this server." in said
