"""The order of roles and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.discord.permissions import Permission
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.gateway import GUILDS, wire

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.discord.records import Guild
    from sandbox.server import Sandbox
    from sandbox.tests.rest import Rest

ROLES = "/guilds/{guild_id}/roles"
CHANNELS = "/guilds/{guild_id}/channels"


@pytest.fixture
def guild(sandbox: Sandbox, control: Control) -> Guild:
    """Whose bot stands at 5 and may order everything."""
    guild = sandbox.state.guilds[control.guild["id"]]
    own = next(each for each in guild.roles.values() if each.bot_id)
    own.position = 5
    own.permissions |= Permission.MANAGE_ROLES | Permission.MANAGE_CHANNELS
    return guild


async def test_roles_are_moved_below_the_bot(
    sandbox: Sandbox, control: Control, rest: Rest, guild: Guild
) -> None:
    """And told; what is absent or null stays."""
    moderator, keeper = control.role("Moderator"), control.role("Keeper")
    asked = [{"id": moderator, "position": 4}, {"id": keeper, "position": None}]
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        shown = (await rest.must("PATCH", ROLES, asked)).body
        assert (await line.until("GUILD_ROLE_UPDATE"))["role"]["position"] == 4
    assert {each["id"]: each["position"] for each in shown}[moderator] == 4
    assert guild.roles[keeper].position == 3


@pytest.mark.parametrize("position", [5, 6])
async def test_no_role_is_moved_to_where_the_bot_stands_or_above(
    control: Control, rest: Rest, guild: Guild, position: int
) -> None:
    """Nor one from there; nothing is moved then."""
    high = [
        {"id": control.role("Keeper"), "position": 1},
        {"id": control.role("Moderator"), "position": position},
    ]
    assert (await rest.call("PATCH", ROLES, high)).body["code"] == 50013
    assert guild.roles[control.role("Keeper")].position == 3
    guild.roles[control.role("Keeper")].position = position
    low = [{"id": control.role("Keeper"), "position": 1}]
    assert (await rest.call("PATCH", ROLES, low)).body["code"] == 50013
    everyone = [{"id": guild.id, "position": 1}]
    assert (await rest.call("PATCH", ROLES, everyone)).body["code"] == 50028
    assert (await rest.call("PATCH", ROLES, [{"id": "1", "position": 1}])).body["code"] == 10011


async def test_channels_are_moved_into_a_category_and_take_over_its_rights(
    sandbox: Sandbox, control: Control, rest: Rest, guild: Guild
) -> None:
    """Without a word of the category they stay in it; a hidden one stays where it is."""
    deny = {"id": guild.id, "type": 0, "allow": "0", "deny": "64"}
    made = {"name": "Rooms", "type": 4, "permission_overwrites": [deny]}
    category = (await rest.must("POST", CHANNELS, made)).body["id"]
    here = {"id": rest.places["channel_id"], "position": 2}
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        into = [here | {"parent_id": category, "lock_permissions": True}]
        await rest.must("PATCH", CHANNELS, into)
        told = await line.until("CHANNEL_UPDATE")
        assert (told["parent_id"], told["position"]) == (category, 2)
        assert told["permission_overwrites"] == [deny]
        await rest.must("PATCH", CHANNELS, [here])
        assert (await line.until("CHANNEL_UPDATE"))["parent_id"] == category
        await rest.must("PATCH", CHANNELS, [here | {"parent_id": None}])
        assert (await line.until("CHANNEL_UPDATE"))["parent_id"] is None
    hidden = {"id": control.channel("staff"), "parent_id": category}
    assert (await rest.call("PATCH", CHANNELS, [hidden])).body["code"] == 50001
    elsewhere = next(each for each in sandbox.state.guilds if each != guild.id)
    foreign = sandbox.state.channels_of(elsewhere)[0].id
    assert (await rest.call("PATCH", CHANNELS, [{"id": foreign}])).body["code"] == 10003


async def test_a_library_moves_one_role_and_one_channel(
    sandbox: Sandbox, control: Control, guild: Guild
) -> None:
    """discord.py asks for all that move on, too."""
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        known = bot.get_guild(int(guild.id))
        assert known is not None
        role = known.get_role(int(control.role("Moderator")))
        channel = known.get_channel(int(control.channel("general")))
        assert role is not None
        assert isinstance(channel, discord.TextChannel)
        await role.edit(position=4)
        await channel.edit(position=0)
    keeper = guild.roles[control.role("Keeper")]
    assert guild.roles[str(role.id)].position > keeper.position
    assert sandbox.state.channels_of(guild.id)[0].name == "general"
