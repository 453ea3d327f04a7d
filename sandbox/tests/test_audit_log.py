"""What the bot does to others stands in the guild's audit log, with the reason that it gave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.control.client import Control
from sandbox.discord.permissions import Permission
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.gateway import wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.records import Role

LOGS = "/guilds/{guild_id}/audit-logs"
MODERATION_INTENT = 1 << 2
MEMBER_UPDATE, ROLE_UPDATE, MESSAGE_DELETE, BULK_DELETE = 24, 25, 72, 73
REASON = "Zeuxis: rule “no ads”, case 7, ünïcode"


@pytest.fixture
def role(sandbox: Sandbox, control: Control) -> Role:
    """The bot's, which may moderate and stands above everyone else's."""
    roles = sandbox.state.guilds[control.guild["id"]].roles
    own = next(each for each in roles.values() if each.bot_id)
    own.position = 10
    own.permissions |= (
        Permission.MANAGE_MESSAGES
        | Permission.MODERATE_MEMBERS
        | Permission.MANAGE_ROLES
        | Permission.PIN_MESSAGES
        | Permission.VIEW_AUDIT_LOG
    )
    return own


async def log_of(control: Control) -> Any:
    """As a test reads it, newest first."""
    return await control.get(f"/guilds/{control.guild['id']}/audit-log")


async def written(control: Control, text: str) -> str:
    """The id of a message that a member writes."""
    where = f"/channels/{control.channel('pictures')}/messages"
    answer = await control.call("POST", where, {"user_id": control.member(), "content": text})
    return str(answer.body["id"])


async def test_acts_of_a_library_are_logged_with_their_reasons(
    sandbox: Sandbox, control: Control, role: Role
) -> None:
    """Messages of others that go, a time-out, its end and a role; its own messages are not."""
    ids = [int(await written(control, text)) for text in ("a", "b", "c", "d")]
    keeper = control.role("Moderator")
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        guild = bot.get_guild(int(control.guild["id"]))
        assert guild is not None
        channel = guild.get_channel(int(control.channel("pictures")))
        assert isinstance(channel, discord.TextChannel)
        await channel.get_partial_message(ids[0]).delete()
        await bot.http.delete_message(channel.id, ids[1], reason=REASON)
        await channel.delete_messages([discord.Object(each) for each in ids[2:]], reason="both")
        await (await channel.send("own")).delete()
        member = await guild.fetch_member(int(control.member()))
        await member.timeout(timedelta(hours=1), reason=REASON)
        await member.timeout(None)
        await member.add_roles(discord.Object(int(keeper)), reason=REASON)
        changed = discord.AuditLogAction.member_update
        seen = [each async for each in guild.audit_logs(action=changed)]
    assert [(each.reason, each.target and each.target.id) for each in seen] == [
        (None, member.id),
        (REASON, member.id),
    ]
    newest_first = await log_of(control)
    assert [(each["action_type"], each.get("reason")) for each in newest_first] == [
        (ROLE_UPDATE, REASON),
        (MEMBER_UPDATE, None),
        (MEMBER_UPDATE, REASON),
        (BULK_DELETE, "both"),
        (MESSAGE_DELETE, REASON),
        (MESSAGE_DELETE, None),
    ]
    assert {each["user_id"] for each in newest_first} == {sandbox.state.bot_id}
    assert newest_first[0]["changes"] == [
        {"key": "$add", "new_value": [{"id": keeper, "name": "Moderator"}]}
    ]
    (change,) = newest_first[2]["changes"]
    assert change["key"] == "communication_disabled_until"
    assert "old_value" not in change
    assert newest_first[-1]["target_id"] == control.member()
    assert newest_first[-1]["options"] == {
        "channel_id": control.channel("pictures"),
        "count": "1",
    }
    assert sandbox.violations.snapshot() == []


async def test_the_log_is_read_with_the_permission_and_by_what_is_asked_for(
    control: Control, rest: Rest, role: Role
) -> None:
    """50013 without; by act, target and place in time."""
    member = "/guilds/{guild_id}/members/{user_id}"
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await rest.must("PATCH", member, {"communication_disabled_until": until})
    await rest.must("PATCH", member, {"communication_disabled_until": until})  # changes nothing
    other = {"user_id": control.member(1)}
    await rest.must("PATCH", member, {"communication_disabled_until": until}, at=other)
    both = (await rest.get(LOGS)).body
    assert [each["target_id"] for each in both["audit_log_entries"]] == [
        control.member(1),
        control.member(0),
    ]
    assert control.member(1) in {each["id"] for each in both["users"]}
    newest, oldest = both["audit_log_entries"]

    async def found(**query: str) -> list[object]:
        answer = await rest.call("GET", LOGS, query=query)
        return list(answer.body["audit_log_entries"])

    assert await found(limit="1") == [newest]
    assert await found(before=newest["id"]) == [oldest]
    assert await found(after="0") == [oldest, newest]
    assert await found(target_id=control.member(0)) == [oldest]
    assert await found(action_type="72") == []
    assert await found(user_id=control.member(0)) == []
    role.permissions &= ~Permission.VIEW_AUDIT_LOG
    refused = await rest.call("GET", LOGS)
    assert (refused.status, refused.body["code"]) == (403, 50013)


@pytest.mark.parametrize("sees", [True, False])
async def test_an_entry_is_told_to_who_may_read_the_log(
    sandbox: Sandbox, control: Control, rest: Rest, role: Role, sees: bool
) -> None:
    """With the moderation intent."""
    if not sees:
        role.permissions &= ~Permission.VIEW_AUDIT_LOG
    async with wire(sandbox) as line:
        await line.identify(MODERATION_INTENT | 1)
        keeper = control.role("Moderator")
        at = {"role_id": keeper}
        await rest.must("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", at=at)
        await control.call("PATCH", f"/guilds/{control.guild['id']}", {"name": "later"})
        await line.until("GUILD_UPDATE")
        told = [each["d"] for each in line.seen if each["t"] == "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert [each["target_id"] for each in told] == [control.member()] * sees


@pytest.mark.parametrize(("reason", "status"), [("", 400), ("x" * 513, 400), ("%C3%BC" * 512, 204)])
async def test_a_reason_has_1_to_512_characters(
    sandbox: Sandbox, control: Control, rest: Rest, role: Role, reason: str, status: int
) -> None:
    """After decoding; a wrong one is a violation, and nothing is done."""
    place = f"/channels/{control.channel('pictures')}/messages/{await written(control, 'x')}"
    url = f"{sandbox.addresses['discord_api_base_url']}{place}"
    headers = {"X-Audit-Log-Reason": reason}
    async with rest.session.delete(url, headers=headers) as answer:
        assert answer.status == status
    assert len(await log_of(control)) == (status == 204)
    assert bool(sandbox.violations.snapshot()) == (status == 400)


@pytest.mark.parametrize(("days", "status"), [(27.9, 200), (28.1, 400)])
async def test_a_time_out_lasts_28_days_at_most(
    rest: Rest, role: Role, days: float, status: int
) -> None:
    """Later is 50035."""
    until = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    member, body = "/guilds/{guild_id}/members/{user_id}", {"communication_disabled_until": until}
    assert (await rest.call("PATCH", member, body)).status == status


@pytest.mark.parametrize("number", [3, 4])
async def test_nobody_is_timed_out_by_who_stands_below(
    control: Control, rest: Rest, role: Role, number: int
) -> None:
    """The moderator above the bot, and the owner above all."""
    role.position = 1
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    member, body = "/guilds/{guild_id}/members/{user_id}", {"communication_disabled_until": until}
    refused = await rest.call("PATCH", member, body, user_id=control.member(number))
    assert (refused.status, refused.body["code"]) == (403, 50013)
    role.permissions &= ~Permission.MODERATE_MEMBERS
    assert (await rest.call("PATCH", member, body)).body["code"] == 50013


@pytest.mark.sockets
async def test_the_log_outlives_a_start(tmp_path: Path) -> None:
    """And later ids are newer than its own."""
    settings = Settings(data=tmp_path)
    async with Sandbox.start(settings) as first, Control.of(first) as control:
        own = first.state.guilds[control.guild["id"]].roles[control.role("Zeuxis")]
        own.permissions |= Permission.MANAGE_MESSAGES
        message = await written(control, "x")
        async with Rest.of(first, control) as rest:
            await rest.must("DELETE", f"{MESSAGES}/{{message_id}}", at={"message_id": message})
        kept = await log_of(control)
    async with Sandbox.start(settings) as second, Control.of(second) as control:
        assert await log_of(control) == kept
        assert int(await written(control, "y")) > int(kept[0]["id"])
