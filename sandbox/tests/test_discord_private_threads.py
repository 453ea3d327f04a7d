"""Who sees a private thread: its members, and whoever may manage threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.permissions import Permission
from sandbox.tests.gateway import GUILDS, Wire, wire

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.rest import Rest

THREAD = "/channels/{thread_id}"
MINE = "/channels/{channel_id}/users/@me/threads/archived/private"
WRITING = Permission.CREATE_PRIVATE_THREADS | Permission.SEND_MESSAGES_IN_THREADS


def grant(sandbox: Sandbox, bits: int, *, to_bots: bool = True) -> None:
    """Gives the bot's role, or everyone, these permissions."""
    for guild in sandbox.state.guilds.values():
        for role in guild.roles.values():
            if (role.bot_id if to_bots else role.id == guild.id) is not None:
                role.permissions |= bits


async def must(control: Control, method: str, path: str, body: object = None) -> Any:
    """What a call of the control interface answers, which must succeed."""
    answer = await control.call(method, path, body)
    assert answer.status < 300, answer.body
    return answer.body


async def of_a_member(sandbox: Sandbox, control: Control, name: str = "secret") -> str:
    """The id of a member's private thread, without the bot."""
    grant(sandbox, WRITING, to_bots=False)
    asked = {"user_id": control.member(), "name": name, "content": "psst", "private": True}
    opened = await must(control, "POST", f"/channels/{control.channel('pictures')}/threads", asked)
    thread_id: str = opened["id"]
    return thread_id


async def threads_at_start(line: Wire, sandbox: Sandbox) -> list[str]:
    """The threads that the guilds bring to a new session."""
    await line.identify(GUILDS)
    guilds = [
        each for each in sandbox.state.guilds.values() if sandbox.state.bot_id in each.members
    ]
    return [each["id"] for _ in guilds for each in (await line.until("GUILD_CREATE"))["threads"]]


def ids(answer: Any) -> list[str]:
    return [each["id"] for each in answer.body["threads"]]


async def test_a_guild_brings_only_threads_that_the_bot_can_see(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Neither a private one without it, nor any of a hidden channel."""
    secret = await of_a_member(sandbox, control)
    public = (
        await rest.must("POST", "/channels/{channel_id}/threads", {"name": "t", "type": 11})
    ).body
    async with wire(sandbox) as line:
        assert await threads_at_start(line, sandbox) == [public["id"]]
    assert ids(await rest.get("/guilds/{guild_id}/threads/active")) == [public["id"]]
    assert (await rest.call("GET", THREAD, thread_id=secret)).body["code"] == 50001
    bot = f"/channels/{rest.places['channel_id']}/overwrites/{sandbox.state.bot_id}"
    await must(control, "PUT", bot, {"type": 1, "deny": str(int(Permission.VIEW_CHANNEL))})
    async with wire(sandbox) as line:
        assert await threads_at_start(line, sandbox) == []


async def test_who_may_manage_threads_sees_them_all(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Active and archived, though no member."""
    secret = await of_a_member(sandbox, control)
    grant(sandbox, Permission.MANAGE_THREADS)
    async with wire(sandbox) as line:
        assert await threads_at_start(line, sandbox) == [secret]
    assert ids(await rest.get("/guilds/{guild_id}/threads/active")) == [secret]
    await must(control, "PATCH", f"/channels/{secret}", {"archived": True})
    assert ids(await rest.get("/channels/{channel_id}/threads/archived/private")) == [secret]
    assert ids(await rest.get("/channels/{channel_id}/threads/archived/public")) == []
    assert ids(await rest.get(MINE)) == []


async def test_nothing_of_a_private_thread_is_told_to_a_bot_that_is_not_in_it(
    sandbox: Sandbox, control: Control
) -> None:
    """Neither that it is made, changed or deleted, nor what is written there."""
    async with wire(sandbox) as line:
        await line.identify(GUILDS | 1 << 9)
        secret = await of_a_member(sandbox, control)
        await must(control, "PATCH", f"/channels/{secret}", {"name": "more secret"})
        await must(control, "DELETE", f"/channels/{secret}")
        end = {"user_id": control.member(), "content": "the end"}
        await must(control, "POST", f"/channels/{control.channel('pictures')}/messages", end)
        assert (await line.until("MESSAGE_CREATE"))["channel_id"] == control.channel("pictures")
        assert not [each["t"] for each in line.seen if str(each["t"]).startswith("THREAD_")]


async def test_a_bot_that_is_brought_in_is_told_the_thread(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """As an old one, with its membership; and from then on of what happens there."""
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        secret = await of_a_member(sandbox, control)
        mention = {"user_id": control.member(), "content": f"<@{sandbox.state.bot_id}>"}
        await must(control, "POST", f"/channels/{secret}/messages", mention)
        told = await line.until("THREAD_CREATE")
        assert (told["id"], told["member"]["user_id"]) == (secret, sandbox.state.bot_id)
        assert "newly_created" not in told
        added = (await line.until("THREAD_MEMBERS_UPDATE"))["added_members"]
        assert [each["user_id"] for each in added] == [sandbox.state.bot_id]
        await must(control, "PATCH", f"/channels/{secret}", {"name": "shared"})
        assert (await line.until("THREAD_UPDATE"))["name"] == "shared"
    assert (await rest.get(THREAD, thread_id=secret)).body["name"] == "shared"


async def test_a_bot_lists_the_archived_ones_that_it_has_joined(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The newest first, in pages by id; no permission but to read."""
    await of_a_member(sandbox, control, "of others")
    grant(sandbox, WRITING)
    opened = [
        (await rest.must("POST", "/channels/{channel_id}/threads", {"name": name})).body["id"]
        for name in ("one", "two", "three")
    ]
    for thread in sandbox.state.threads_of(rest.places["guild_id"]):
        await must(control, "PATCH", f"/channels/{thread.id}", {"archived": True})
    refused = await rest.call("GET", "/channels/{channel_id}/threads/archived/private")
    assert (refused.status, refused.body["code"]) == (403, 50013)
    first = (await rest.call("GET", MINE, query={"limit": "2"})).body
    assert [each["id"] for each in first["threads"]] == [opened[2], opened[1]]
    assert [each["id"] for each in first["members"]] == [opened[2], opened[1]]
    assert first["has_more"]
    rest_of_them = (await rest.call("GET", MINE, query={"before": opened[1]})).body
    assert ([each["id"] for each in rest_of_them["threads"]], rest_of_them["has_more"]) == (
        [opened[0]],
        False,
    )


async def test_a_members_private_thread_needs_a_permission_and_stands_on_no_message(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """It is not announced in its channel."""
    path = f"/channels/{control.channel('pictures')}/threads"
    asked = {"user_id": control.member(), "name": "secret", "private": True}
    refused = await control.call("POST", path, asked)
    assert (refused.status, refused.body["code"]) == (400, 50013)
    grant(sandbox, WRITING, to_bots=False)
    sent = await rest.must("POST", "/channels/{channel_id}/messages", {"content": "x"})
    on_it = asked | {"message_id": sent.body["id"]}
    assert list((await control.call("POST", path, on_it)).body["errors"]) == ["message_id"]
    await must(control, "POST", path, asked)
    assert [each["type"] for each in await control.messages("pictures")] == [0]


@pytest.mark.parametrize("channel", ["news", "ideas", "voices"])
async def test_only_text_channels_have_private_threads(
    sandbox: Sandbox, control: Control, rest: Rest, channel: str
) -> None:
    grant(sandbox, WRITING, to_bots=False)
    asked = {"user_id": control.member(), "name": "secret", "content": "x", "private": True}
    path = f"/channels/{control.channel(channel)}/threads"
    assert (await control.call("POST", path, asked)).body["code"] == 50024
    if channel == "ideas":
        return
    made = await rest.call("POST", path, {"name": "secret", "type": 12})
    assert made.body["code"] == 50024
