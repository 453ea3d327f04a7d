"""The gateway by its rules: sessions, resumes, shards, intents, and who is sent away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PaintingBot, ShardedPaintingBot, connected
from sandbox.tests.gateway import (
    CONTENT,
    DIRECT_MESSAGES,
    GUILD_MESSAGES,
    GUILDS,
    Wire,
    unzstd,
    wire,
)
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.document import Document


async def write(control: Control, content: str) -> None:
    """A member writes into the first channel."""
    path = f"/channels/{control.channel('pictures')}/messages"
    await control.call("POST", path, {"user_id": control.member(), "content": content})


async def test_ready_lists_guilds_that_then_become_available(sandbox: Sandbox) -> None:
    """Two guilds with the bot, each with its channels; the third stays unknown."""
    async with wire(sandbox) as line:
        assert (await line.receive())["op"] == 10
        ready = await line.identify(GUILDS)
        assert [guild["unavailable"] for guild in ready["guilds"]] == [True, True]
        assert ready["resume_gateway_url"] == sandbox.state.gateway_url
        names = [(await line.until("GUILD_CREATE"))["name"] for _ in range(2)]
        assert names == ["Orchard", "Harbour"]


async def test_a_heartbeat_is_acknowledged_before_identify(sandbox: Sandbox) -> None:
    """At any time."""
    async with wire(sandbox) as line:
        await line.send(1)
        assert (await line.until_op(11))["op"] == 11


@pytest.mark.parametrize("compress", ["", "&compress=zlib-stream"])
async def test_events_come_plain_or_compressed(
    sandbox: Sandbox, control: Control, compress: str
) -> None:
    """One zlib stream for the whole connection."""
    async with wire(sandbox, f"v=10&encoding=json{compress}") as line:
        await line.identify(GUILD_MESSAGES)
        for content in ("one", "two"):
            await write(control, content)
            assert (await line.until("MESSAGE_CREATE"))["content"] == ""


async def test_events_come_by_intent_and_content_by_its_own(
    sandbox: Sandbox, control: Control, document: Document
) -> None:
    """Without an intent nothing comes but interactions."""
    async with wire(sandbox) as deaf, wire(sandbox) as hearing:
        await deaf.identify(0)
        await hearing.identify(GUILD_MESSAGES)
        await write(control, "hello")
        assert (await hearing.until("MESSAGE_CREATE"))["member"]["roles"] == []
        sandbox.hub.ask_to_reconnect()
        assert (await deaf.receive())["op"] == 7
    settings = Settings(seed=7, privileged_intents=CONTENT)
    async with (
        Sandbox.start(settings, document=document) as open_world,
        Control.of(open_world) as members,
        wire(open_world) as reading,
    ):
        await reading.identify(GUILD_MESSAGES | CONTENT)
        await write(members, "hello")
        assert (await reading.until("MESSAGE_CREATE"))["content"] == "hello"


async def test_ephemeral_messages_and_hidden_channels_send_no_events(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Only what the bot can see; its conversation with a member comes by its own intent."""
    async with wire(sandbox) as line:
        await line.identify(GUILD_MESSAGES | DIRECT_MESSAGES)
        staff = f"/channels/{control.channel('staff')}/messages"
        await control.call("POST", staff, {"user_id": control.member(3), "content": "secret"})
        opened = await rest.must("POST", "/users/@me/channels", {"recipient_id": control.member()})
        direct = f"/channels/{opened.body['id']}/messages"
        await control.call("POST", direct, {"user_id": control.member(), "content": "hi"})
        told = await line.until("MESSAGE_CREATE")
        assert (told["content"], told.get("guild_id")) == ("hi", None)


async def test_a_dropped_connection_is_resumed_without_loss(
    sandbox: Sandbox, control: Control
) -> None:
    """What happened meanwhile is replayed in order, then RESUMED."""
    async with wire(sandbox) as line:
        ready = await line.identify(GUILD_MESSAGES)
        sandbox.hub.drop()
        await line.closed()
    await write(control, "one")
    await write(control, "two")
    async with wire(sandbox) as again:
        await again.send(6, again.resumption(ready["session_id"], line.seq))
        await again.until("RESUMED")
        assert [p["t"] for p in again.seen if p["op"] == 0] == [
            "MESSAGE_CREATE",
            "MESSAGE_CREATE",
            "RESUMED",
        ]


async def test_a_session_is_lost_after_a_while(sandbox: Sandbox) -> None:
    """Op 9, not resumable, and the same for a session that never was."""
    async with wire(sandbox) as line:
        ready = await line.identify()
        sandbox.hub.drop()
        await line.closed()
    sandbox.clock.advance(181)
    for session_id in (ready["session_id"], "0" * 32):
        async with wire(sandbox) as again:
            await again.send(6, again.resumption(session_id, 1))
            assert (await again.until_op(9))["d"] is False


async def test_a_client_that_closes_its_session_cannot_resume_it(sandbox: Sandbox) -> None:
    """1000 ends the session, 4000 keeps it."""
    for code, op in ((1000, 9), (4000, 0)):
        async with wire(sandbox) as line:
            ready = await line.identify()
            await line.socket.close(code=code)
        async with wire(sandbox) as again:
            await again.send(6, again.resumption(ready["session_id"], 1))
            assert (await again.until_op(op))["op"] == op


async def identify_twice(line: Wire) -> None:
    await line.identify()
    await line.send(2, line.identity())


async def identify_wrongly(line: Wire) -> None:
    await line.send(2, line.identity() | {"token": "wrong"})


async def resume_ahead(line: Wire) -> None:
    ready = await line.identify()
    await line.socket.close(code=4000)
    async with wire(line.sandbox) as again:
        await again.send(6, again.resumption(ready["session_id"], 99))
        assert await again.closed() == 4007


BROKEN: dict[int, Callable[[Wire], Awaitable[None]]] = {
    4001: lambda line: line.send(99),
    4002: lambda line: line.socket.send_str("{"),
    4003: lambda line: line.send(3, {}),
    4004: identify_wrongly,
    4005: identify_twice,
    4010: lambda line: line.send(2, line.identity(shard=[2, 2])),
    4013: lambda line: line.send(2, line.identity(1 << 40)),
    4014: lambda line: line.send(2, line.identity(CONTENT)),
}


@pytest.mark.parametrize("code", sorted(BROKEN))
async def test_who_breaks_a_rule_is_sent_away(sandbox: Sandbox, code: int) -> None:
    """With Discord's close code, and remembered."""
    async with wire(sandbox) as line:
        await BROKEN[code](line)
        assert await line.closed() == code
    assert [one["rule"] for one in sandbox.violations.snapshot()] == [f"gateway {code}"]


async def test_a_resume_from_the_future_is_sent_away(sandbox: Sandbox) -> None:
    """4007 for a number that was never reached."""
    async with wire(sandbox) as line:
        await resume_ahead(line)


async def test_another_version_is_sent_away(sandbox: Sandbox) -> None:
    """4012."""
    async with wire(sandbox, "v=5&encoding=json") as line:
        assert await line.closed() == 4012


async def test_too_many_or_too_large_payloads_are_not_taken(sandbox: Sandbox) -> None:
    """121 within a minute is 4008, more than 4,096 bytes is 4002."""
    async with wire(sandbox) as line:
        for _ in range(121):
            await line.send(1)
        assert await line.closed() == 4008
    async with wire(sandbox) as line:
        await line.send(1, "x" * 4096)
        assert await line.closed() == 4002


async def test_shards_see_their_guilds_and_keep_apart(sandbox: Sandbox) -> None:
    """Guild id shifted by 22 modulo the count; the second within five seconds is told to wait."""
    async with wire(sandbox) as first, wire(sandbox) as second:
        mine = await first.identify(GUILDS, shard=[0, 2])
        await second.send(2, second.identity(GUILDS, shard=[1, 2]))
        assert (await second.until_op(9))["d"] is False
        sandbox.clock.advance(5)
        others = await second.identify(GUILDS, shard=[1, 2])
        for shard, ready in enumerate((mine, others)):
            assert all((int(g["id"]) >> 22) % 2 == shard for g in ready["guilds"])
        assert len(mine["guilds"]) + len(others["guilds"]) == 2


@pytest.mark.sockets
async def test_with_more_concurrency_shards_start_together(document: Document) -> None:
    """Shards of different buckets need not wait."""
    settings = Settings(max_concurrency=2)
    async with (
        Sandbox.start(settings, document=document) as sandbox,
        wire(sandbox) as first,
        wire(sandbox) as second,
    ):
        await first.identify(shard=[0, 2])
        await second.identify(shard=[1, 2])
        assert sandbox.violations.snapshot() == []


async def test_session_starts_are_counted(sandbox: Sandbox, rest: Rest) -> None:
    """A thousand a day."""
    async with wire(sandbox) as line:
        await line.identify()
    told = (await rest.get("/gateway/bot")).body["session_start_limit"]
    assert (told["total"], told["remaining"], told["max_concurrency"]) == (1000, 999, 1)


@pytest.mark.parametrize("resumable", [False, True])
async def test_after_op_9_the_same_socket_may_start_again(
    sandbox: Sandbox, control: Control, resumable: bool
) -> None:
    """By IDENTIFY, or by RESUME of what may be resumed; before it, the socket is nobody's."""
    async with wire(sandbox) as line:
        ready = await line.identify(GUILD_MESSAGES)
        sandbox.hub.invalidate(is_resumable=resumable)
        assert (await line.until_op(9))["d"] is resumable
        if resumable:
            await write(control, "meanwhile")
            await line.send(6, line.resumption(ready["session_id"], line.seq))
            await line.until("MESSAGE_CREATE")
            await line.until("RESUMED")
        else:
            assert (await line.identify(GUILD_MESSAGES))["session_id"] != ready["session_id"]
        await write(control, "after")
        await line.until("MESSAGE_CREATE")
        assert sandbox.violations.snapshot() == []
        sandbox.hub.invalidate(is_resumable=resumable)
        await line.send(3, {})
        assert await line.closed() == 4003


async def test_an_undocumented_intent_of_some_clients_is_taken(sandbox: Sandbox) -> None:
    """Bit 17; it brings nothing."""
    async with wire(sandbox) as line:
        assert (await line.identify(1 << 17))["v"] == 10
    assert sandbox.violations.snapshot() == []


async def test_discordpy_resumes_after_each_kind_of_cut(
    sandbox: Sandbox, control: Control, bot: PaintingBot
) -> None:
    """A dropped connection, op 7, and a resumable op 9."""
    assert await bot.said.get() == "connected"
    for path, body in (
        ("/gateway/drop", None),
        ("/gateway/reconnect", None),
        ("/gateway/invalidate", {"resumable": True}),
    ):
        assert (await control.call("POST", path, body)).body == {"connections": 1}
        assert await bot.said.get() == "resumed", path
        assert (await control.command("whisper"))["errors"] == []
    assert sandbox.violations.snapshot() == []


async def test_discordpy_identifies_anew_after_an_invalid_session(
    sandbox: Sandbox, control: Control, bot: PaintingBot
) -> None:
    """Op 9 that cannot be resumed."""
    assert await bot.said.get() == "connected"
    await control.call("POST", "/gateway/invalidate")
    assert await bot.said.get() == "connected"
    assert (await control.command("whisper"))["errors"] == []


async def test_discordpy_learns_of_a_privileged_intent_that_is_off(sandbox: Sandbox) -> None:
    """It raises the error that a newcomer must see."""
    import discord

    client = PaintingBot(intents=discord.Intents(message_content=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(sandbox, client):
            pass


async def test_an_act_waits_until_the_bot_is_there(sandbox: Sandbox, control: Control) -> None:
    """A member does not call a bot that is shown offline; without one, nobody responds."""
    async with connected(sandbox, PaintingBot()):
        pass
    missed = await control.act("command", name="whisper", wait_online_s=0)
    sandbox.clock.advance(3.1)
    seen = await control.settled(missed)
    assert seen["errors"] == ["The application did not respond"]
    async with connected(sandbox, PaintingBot()):
        assert (await control.command("whisper"))["errors"] == []


async def test_messages_of_the_bot_itself_come_with_content(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Its own messages are never hidden from it."""
    async with wire(sandbox) as line:
        await line.identify(GUILD_MESSAGES)
        await rest.must("POST", MESSAGES, {"content": "mine", "nonce": "n"})
        told = await line.until("MESSAGE_CREATE")
        assert (told["content"], told["nonce"]) == ("mine", "n")


@pytest.mark.sockets
async def test_who_is_not_heard_of_is_sent_away(document: Document) -> None:
    """After one and a half intervals without a heartbeat: 4009."""
    settings = Settings(heartbeat_interval_s=0.02)
    async with Sandbox.start(settings, document=document) as sandbox, wire(sandbox) as line:
        assert (await line.receive())["d"]["heartbeat_interval"] == 20
        assert await line.closed() == 4009
        assert [one["rule"] for one in sandbox.violations.snapshot()] == ["gateway 4009"]


async def test_zstd_is_spoken_where_there_is_a_module_and_plain_text_elsewhere(
    sandbox: Sandbox,
) -> None:
    """A client that asks for it gets what it can read."""
    async with wire(sandbox, "v=10&encoding=json&compress=zstd-stream") as line:
        line.inflate = unzstd()
        assert (await line.identify())["v"] == 10


@pytest.mark.sockets
async def test_discordpy_starts_as_many_shards_as_it_is_told(document: Document) -> None:
    """Each sees its own guilds, and an interaction reaches the right one."""
    settings = Settings(seed=7, shards=2, max_concurrency=2)
    async with (
        Sandbox.start(settings, document=document) as sandbox,
        connected(sandbox, ShardedPaintingBot()) as bot,
        Control.of(sandbox) as control,
    ):
        assert bot.shard_count == 2
        assert (await control.command("whisper"))["errors"] == []
        assert sandbox.violations.snapshot() == []
