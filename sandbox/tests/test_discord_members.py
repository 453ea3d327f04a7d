"""Members over the gateway: asked for with op 8, and told of by the intents for it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.control.client import Control
from sandbox.discord.permissions import ALL, Permission
from sandbox.discord.records import Member, User
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.gateway import GUILDS, MEMBERS, PRESENCES, TYPING, Wire, wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.document import Document

pytestmark = pytest.mark.sockets

MEMBER = "/guilds/{guild_id}/members/{user_id}"


@pytest.fixture
async def open_world(document: Document) -> AsyncIterator[Sandbox]:
    """A sandbox that grants the intents for members and presences."""
    settings = Settings(seed=7, privileged_intents=MEMBERS | PRESENCES)
    async with Sandbox.start(settings, document=document) as running:
        yield running
    assert running.checks.tally.failures == []


@pytest.fixture
async def staff(open_world: Sandbox) -> AsyncIterator[Control]:
    """The control interface of the open world."""
    async with Control.of(open_world) as opened:
        yield opened


@asynccontextmanager
async def asking(sandbox: Sandbox, intents: int) -> AsyncIterator[Wire]:
    """A ready connection."""
    async with wire(sandbox) as line:
        await line.identify(intents)
        yield line


async def asked(line: Wire, **request: object) -> Any:
    """The chunk that answers an op 8."""
    await line.send(8, request)
    return await line.until("GUILD_MEMBERS_CHUNK")


def ids(chunk: Any) -> list[str]:
    """Whom a chunk tells of."""
    return [member["user"]["id"] for member in chunk["members"]]


async def test_members_are_found_by_id_and_the_nonce_comes_back(
    sandbox: Sandbox, control: Control
) -> None:
    """Without any intent; one id may come alone, and who is not there is named."""
    guild_id, ada = control.guild["id"], control.member()
    async with asking(sandbox, GUILDS) as line:
        chunk = await asked(line, guild_id=guild_id, user_ids=[ada, "1", int(ada)], nonce="n1")
        assert (ids(chunk), chunk["not_found"], chunk["nonce"]) == ([ada], ["1"], "n1")
        assert (chunk["chunk_index"], chunk["chunk_count"]) == (0, 1)
        assert "presences" not in chunk
        alone = await asked(line, guild_id=guild_id, user_ids=ada, nonce="x" * 33)
        assert (ids(alone), "nonce" in alone) == ([ada], False)
    assert sandbox.violations.snapshot() == []


async def test_members_are_found_by_the_start_of_their_name(
    sandbox: Sandbox, control: Control
) -> None:
    """Or of their nickname, in any case, up to the limit; nobody found is an answer too."""
    guild_id = control.guild["id"]
    path = f"/guilds/{guild_id}/members/{control.member(1)}"
    await control.call("PATCH", path, {"nick": "Adagio"})
    async with asking(sandbox, GUILDS) as line:
        both = await asked(line, guild_id=guild_id, query="AD", limit=5)
        assert ids(both) == [control.member(0), control.member(1)]
        assert "not_found" not in both
        assert len(ids(await asked(line, guild_id=guild_id, query="ad", limit=1))) == 1
        assert ids(await asked(line, guild_id=guild_id, query="nobody", limit=0)) == []


async def test_a_guild_without_the_bot_or_of_another_shard_is_not_answered(
    sandbox: Sandbox, control: Control
) -> None:
    """The next answer is that to the next question."""
    foreign = next(
        g for g in sandbox.state.guilds.values() if sandbox.state.bot_id not in g.members
    )
    mine = control.guild["id"]
    shard = (int(mine) >> 22) % 2
    async with wire(sandbox) as line:
        await line.identify(GUILDS, shard=[shard, 2])
        others = [g.id for g in sandbox.state.guilds.values() if (int(g.id) >> 22) % 2 != shard]
        for guild_id in (foreign.id, "1", *others):
            await line.send(8, {"guild_id": guild_id, "query": "a", "limit": 9})
        assert (await asked(line, guild_id=mine, query="a", limit=9))["guild_id"] == mine


@pytest.mark.parametrize("request_of", [{"query": "", "limit": 0}, {"query": "", "limit": 5}, {}])
async def test_everyone_needs_the_members_intent(
    open_world: Sandbox, staff: Control, request_of: dict[str, object]
) -> None:
    """That of presences does not do: 4014."""
    guild_id = staff.guild["id"]
    async with asking(open_world, GUILDS | MEMBERS) as line:
        chunk = await asked(line, guild_id=guild_id, **request_of)
        assert len(ids(chunk)) == request_of.get("limit") or len(ids(chunk)) == 6
    async with asking(open_world, GUILDS | PRESENCES) as line:
        await line.send(8, {"guild_id": guild_id, **request_of})
        assert await line.closed() == 4014


async def test_presences_come_by_their_intent(open_world: Sandbox, staff: Control) -> None:
    """Of those in the chunk."""
    request = {"guild_id": staff.guild["id"], "user_ids": [staff.member()], "presences": True}
    async with asking(open_world, GUILDS | PRESENCES) as line:
        (presence,) = (await asked(line, **request))["presences"]
        assert (presence["user"], presence["status"]) == ({"id": staff.member()}, "online")
    async with asking(open_world, GUILDS | MEMBERS) as line:
        assert "presences" not in await asked(line, **request)


async def test_many_members_come_in_chunks(open_world: Sandbox, staff: Control) -> None:
    """A thousand in each; a prefix finds a hundred at most."""
    guild = open_world.state.guilds[staff.guild["id"]]
    for number in range(1, 2000):
        user = User(id=str(number), name=f"crowd{number}")
        open_world.state.users[user.id] = user
        guild.members[user.id] = Member(user_id=user.id, joined_at_us=0)
    async with asking(open_world, GUILDS | MEMBERS) as line:
        first = await asked(line, guild_id=guild.id, query="", limit=0, nonce="all")
        others = [await line.until("GUILD_MEMBERS_CHUNK") for _ in range(2)]
        chunks = [first, *others]
        assert [len(chunk["members"]) for chunk in chunks] == [1000, 1000, 5]
        assert [(c["chunk_index"], c["chunk_count"], c["nonce"]) for c in chunks] == [
            (number, 3, "all") for number in range(3)
        ]
        assert len(ids(await asked(line, guild_id=guild.id, query="crowd", limit=0))) == 100


async def test_discordpy_finds_and_counts_members(open_world: Sandbox, staff: Control) -> None:
    """`query_members` by name and id, with presences, and `chunk`, which waits for the nonce."""
    intents = discord.Intents(guilds=True, members=True, presences=True)
    bot = PaintingBot(intents=intents)
    async with connected(open_world, bot):
        guild = bot.get_guild(int(staff.guild["id"]))
        assert guild is not None
        (ada,) = await guild.query_members("ad", presences=True)
        assert (ada.id, ada.status) == (int(staff.member()), discord.Status.online)
        (ben,) = await guild.query_members(user_ids=[int(staff.member(1))])
        assert ben.name == "ben"
        assert len(await guild.chunk()) == 6
        assert guild.chunked
    assert open_world.violations.snapshot() == []


async def test_a_guild_comes_with_everyone_by_the_presences_intent(
    open_world: Sandbox, staff: Control
) -> None:
    """Else with the bot alone; also when the bot is invited later."""
    for intents, count in ((GUILDS | PRESENCES, 6), (GUILDS | MEMBERS, 1)):
        async with wire(open_world) as line:
            await line.send(2, line.identity(intents))
            guild = await line.until("GUILD_CREATE")
            assert len(guild["members"]) == count
            assert len(guild["presences"]) == (count if count > 1 else 0)
            await line.until("GUILD_CREATE")
            foreign = next(
                g
                for g in open_world.state.guilds.values()
                if open_world.state.bot_id not in g.members
            )
            await staff.call("PUT", f"/guilds/{foreign.id}/bot")
            assert len((await line.until("GUILD_CREATE"))["members"]) == count
            await staff.call("DELETE", f"/guilds/{foreign.id}/bot")


async def test_the_bot_is_told_of_its_own_membership_without_an_intent(
    sandbox: Sandbox, control: Control
) -> None:
    """Of others' it is not."""
    async with asking(sandbox, 0) as line:
        for user_id in (control.member(), sandbox.state.bot_id):
            path = f"/guilds/{control.guild['id']}/members/{user_id}"
            await control.call("PATCH", path, {"nick": "Ochre"})
        told = await line.until("GUILD_MEMBER_UPDATE")
        assert (told["user"]["id"], told["nick"]) == (sandbox.state.bot_id, "Ochre")


async def test_typing_in_a_guild_tells_who(sandbox: Sandbox, rest: Rest) -> None:
    """With their membership; in a conversation there is none."""
    async with asking(sandbox, TYPING | 1 << 14) as line:
        await rest.must("POST", "/channels/{channel_id}/typing")
        assert (await line.until("TYPING_START"))["member"]["user"]["id"] == sandbox.state.bot_id
        direct = await rest.must(
            "POST", "/users/@me/channels", {"recipient_id": rest.places["user_id"]}
        )
        await rest.must("POST", "/channels/{channel_id}/typing", channel_id=direct.body["id"])
        assert "member" not in await line.until("TYPING_START")


async def test_who_joins_a_thread_is_told_by_intents(open_world: Sandbox, staff: Control) -> None:
    """Others by the members intent, their presences by another; the bot itself by GUILDS."""
    for guild in open_world.state.guilds.values():
        for role in guild.roles.values():
            role.permissions |= ALL if role.bot_id else 0
    async with (
        Rest.of(open_world, staff) as rest,
        asking(open_world, GUILDS) as plain,
        asking(open_world, MEMBERS) as knowing,
        asking(open_world, GUILDS | MEMBERS | PRESENCES) as seeing,
    ):
        message = await rest.must("POST", MESSAGES, {"content": "start"})
        thread = await rest.must(
            "POST",
            f"{MESSAGES}/{{message_id}}/threads",
            {"name": "t"},
            message_id=message.body["id"],
        )
        members = "/channels/{thread_id}/thread-members"
        thread_id = thread.body["id"]
        await rest.must("PUT", f"{members}/{{user_id}}", thread_id=thread_id)
        (known,) = (await knowing.until("THREAD_MEMBERS_UPDATE"))["added_members"]
        assert (known["member"]["user"]["id"], known["presence"]) == (staff.member(), None)
        (seen,) = (await seeing.until("THREAD_MEMBERS_UPDATE"))["added_members"]
        assert (seen["user_id"], seen["presence"]["status"]) == (staff.member(), "online")
        await rest.must("DELETE", f"{members}/@me", thread_id=thread_id)
        assert (await plain.until("THREAD_MEMBERS_UPDATE"))["removed_member_ids"] == [
            open_world.state.bot_id
        ]


async def test_who_leaves_a_private_thread_is_told_though_it_is_hidden_then(
    sandbox: Sandbox, rest: Rest
) -> None:
    """Without MANAGE_THREADS the bot sees no more of it."""
    for guild in sandbox.state.guilds.values():
        for role in guild.roles.values():
            role.permissions |= Permission.CREATE_PRIVATE_THREADS if role.bot_id else 0
    async with asking(sandbox, GUILDS) as line:
        opened = {"name": "secret", "type": 12}
        thread = await rest.must("POST", "/channels/{channel_id}/threads", opened)
        path = "/channels/{thread_id}/thread-members/@me"
        await rest.must("DELETE", path, thread_id=thread.body["id"])
        told = await line.until("THREAD_MEMBERS_UPDATE")
        assert told["removed_member_ids"] == [sandbox.state.bot_id]
        seen = await rest.call("GET", "/channels/{thread_id}", thread_id=thread.body["id"])
        assert seen.body["code"] == 50001
