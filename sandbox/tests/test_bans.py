"""Who has to go: kicked, banned, and let back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.permissions import Permission
from sandbox.server import Sandbox, Settings
from sandbox.tests.gateway import GUILD_MESSAGES, GUILDS, MEMBERS, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.discord.document import Document
    from sandbox.discord.records import Role
    from sandbox.tests.rest import Rest

MEMBER = "/guilds/{guild_id}/members/{user_id}"
BANS = "/guilds/{guild_id}/bans"
BAN = BANS + "/{user_id}"
MODERATION = 1 << 2
KICKED, BANNED, LET_BACK = 20, 22, 23


@pytest.fixture
async def sandbox(document: Document) -> AsyncIterator[Sandbox]:
    """A sandbox that grants the intent for members."""
    settings = Settings(seed=7, privileged_intents=MEMBERS, strict_fields=True)
    async with Sandbox.start(settings, document=document) as running:
        yield running
    assert running.checks.tally.failures == []


@pytest.fixture
def role(sandbox: Sandbox, control: Control) -> Role:
    """The bot's, which moderates and stands above the members and below the staff."""
    roles = sandbox.state.guilds[control.guild["id"]].roles
    own = next(each for each in roles.values() if each.bot_id)
    own.permissions |= Permission.KICK_MEMBERS | Permission.BAN_MEMBERS
    return own


async def written(control: Control, content: str) -> None:
    path = f"/channels/{control.channel('pictures')}/messages"
    answer = await control.call("POST", path, {"user_id": control.member(), "content": content})
    assert answer.status == 200


async def came_back(control: Control) -> Any:
    """What the first member is told who comes back."""
    path = f"/guilds/{control.guild['id']}/members/{control.member()}"
    return (await control.call("PUT", path)).body


async def test_who_is_kicked_may_come_back(
    sandbox: Sandbox, control: Control, rest: Rest, role: Role
) -> None:
    """The bot is told that they are gone, and the log why."""
    async with wire(sandbox) as line:
        await line.identify(GUILDS | MEMBERS)
        await rest.must("DELETE", MEMBER)
        told = await line.until("GUILD_MEMBER_REMOVE")
        assert told["user"]["id"] == control.member()
    assert (await rest.call("GET", MEMBER)).body["code"] == 10007
    assert (await rest.call("DELETE", MEMBER)).body["code"] == 10007
    assert (await came_back(control))["user"]["id"] == control.member()
    (entry,) = await control.get(f"/guilds/{control.guild['id']}/audit-log")
    assert (entry["action_type"], entry["target_id"]) == (KICKED, control.member())


async def test_who_is_banned_stays_away_until_they_are_let_back(
    sandbox: Sandbox, control: Control, rest: Rest, role: Role
) -> None:
    """What they wrote of late goes with them; twice is once."""
    await written(control, "long ago")
    sandbox.clock.advance(3600)
    await written(control, "just now")
    async with wire(sandbox) as line:
        await line.identify(GUILDS | MEMBERS | MODERATION | GUILD_MESSAGES)
        for _ in range(2):
            await rest.must("PUT", BAN, {"delete_message_seconds": 60})
        assert (await line.until("GUILD_BAN_ADD"))["user"]["id"] == control.member()
        assert (await line.until("GUILD_MEMBER_REMOVE"))["user"]["id"] == control.member()
        assert len((await line.until("MESSAGE_DELETE_BULK"))["ids"]) == 1
        assert [each["content"] for each in await control.messages("pictures")] == ["long ago"]
        assert [each["user"]["id"] for each in (await rest.get(BANS)).body] == [control.member()]
        assert (await came_back(control))["code"] == 40007
        await rest.must("DELETE", BAN)
        assert (await line.until("GUILD_BAN_REMOVE"))["user"]["id"] == control.member()
    for method in ("GET", "DELETE"):
        assert (await rest.call(method, BAN)).body["code"] == 10026
    assert (await came_back(control))["user"]["id"] == control.member()
    log = await control.get(f"/guilds/{control.guild['id']}/audit-log")
    assert [each["action_type"] for each in log] == [LET_BACK, BANNED]


async def test_a_ban_tells_why_and_needs_nobody_there(
    sandbox: Sandbox, control: Control, rest: Rest, role: Role
) -> None:
    """Also of a person who is nowhere; the reason is that of the request."""
    stranger = (await control.call("POST", "/users", {"name": "Zoe"})).body["id"]
    url = str(sandbox.addresses["discord_api_base_url"]) + BAN.format(
        guild_id=rest.places["guild_id"], user_id=stranger
    )
    why = {"X-Audit-Log-Reason": "spam%20again"}
    async with rest.session.put(url, json={}, headers=why) as response:
        assert response.status == 204
    known = (await rest.get(BAN, user_id=stranger)).body
    assert (known["user"]["id"], known["reason"]) == (stranger, "spam again")
    assert (await rest.call("PUT", BAN, {}, user_id="1")).body["code"] == 10013


@pytest.mark.parametrize(("method", "path"), [("DELETE", MEMBER), ("PUT", BAN)])
async def test_nobody_removes_who_stands_as_high(
    control: Control, rest: Rest, role: Role, method: str, path: str
) -> None:
    """Neither staff, nor the owner, nor itself; and nobody without the permission."""
    for user_id in (control.member(3), control.member(4), rest.sandbox.state.bot_id):
        refused = await rest.call(method, path, {}, user_id=user_id)
        assert (refused.status, refused.body["code"]) == (403, 50013)
    role.permissions &= ~(Permission.KICK_MEMBERS | Permission.BAN_MEMBERS)
    assert (await rest.call(method, path, {})).body["code"] == 50013


async def test_messages_go_back_a_week_at_most(rest: Rest, role: Role) -> None:
    for wrong in ({"delete_message_seconds": 604_801}, {"delete_message_days": 8}):
        refused = await rest.call("PUT", BAN, wrong)
        assert list(refused.body["errors"]) == list(wrong)


async def test_the_staff_bans_and_lets_back(sandbox: Sandbox, control: Control) -> None:
    """The bot is told by the moderation intent; the owner stays."""
    path = f"/guilds/{control.guild['id']}/bans"
    async with wire(sandbox) as line:
        await line.identify(MODERATION)
        await control.call("PUT", f"{path}/{control.member()}")
        assert (await line.until("GUILD_BAN_ADD"))["user"]["id"] == control.member()
        await control.call("DELETE", f"{path}/{control.member()}")
        await line.until("GUILD_BAN_REMOVE")
    assert (await control.call("DELETE", f"{path}/{control.member()}")).status == 404
    assert (await control.call("PUT", f"{path}/{control.member(4)}")).body["code"] == 50013
