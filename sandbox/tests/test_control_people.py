"""People come, go, are given roles and lose them, and the bot meets them as they are then."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.permissions import Permission
from sandbox.server import Sandbox, Settings
from sandbox.tests.gateway import GUILDS, MEMBERS, wire
from sandbox.tests.rest import MESSAGES, Rest
from sandbox.tests.wrong_bodies import button, row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.discord.document import Document
    from sandbox.discord.interactions import Interaction


@pytest.fixture
async def sandbox(document: Document) -> AsyncIterator[Sandbox]:
    """A sandbox that grants the intent for members."""
    settings = Settings(seed=7, privileged_intents=MEMBERS, strict_fields=True)
    async with Sandbox.start(settings, document=document) as running:
        yield running
    assert running.checks.tally.failures == []


async def card(rest: Rest, channel: str) -> str:
    """A message of the bot's with a button, `go`."""
    body = {"content": "decide", "components": [row(button(custom_id="go"))]}
    sent = await rest.must("POST", MESSAGES, body, channel_id=channel)
    return str(sent.body["id"])


async def pressed(sandbox: Sandbox, control: Control, message: str, **act: Any) -> dict[str, Any]:
    """What the bot is told of a member who presses the button; they must be able to."""
    answer = await control.try_act(
        "component", message_id=message, custom_id="go", wait_online_s=0, **act
    )
    assert answer.status == 200, answer.body
    known: Interaction = sandbox.state.interactions[answer.body["interaction_id"]]
    return known.body


async def test_who_left_and_came_back_is_new_and_has_no_roles(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """In between they neither act nor are found; the bot is told by the members intent."""
    moderator = f"/guilds/{control.guild['id']}/members/{control.member(3)}"
    message = await card(rest, control.channel("pictures"))
    before = (await pressed(sandbox, control, message, member=3))["member"]
    assert len(before["roles"]) == 1
    async with wire(sandbox) as line:
        await line.identify(GUILDS | MEMBERS)
        gone = await control.call("DELETE", moderator)
        assert gone.body["user"]["id"] == control.member(3)
        left = await line.until("GUILD_MEMBER_REMOVE")
        assert (left["guild_id"], left["user"]["id"]) == (control.guild["id"], control.member(3))
        act = partial(control.try_act, "component", message_id=message, custom_id="go", member=3)
        assert (await act(wait_online_s=0)).body["code"] == 10007
        at = {"user_id": control.member(3)}
        assert (await rest.call("GET", "/guilds/{guild_id}/members/{user_id}", at=at)).status == 404
        assert (await control.call("DELETE", moderator)).status == 404
        sandbox.clock.advance(60)
        assert (await control.call("PUT", moderator)).status == 200
        assert (await line.until("GUILD_MEMBER_ADD"))["joined_at"] > before["joined_at"]
    after = (await pressed(sandbox, control, message, member=3))["member"]
    assert after["joined_at"] > before["joined_at"]
    assert after["roles"] == []
    assert int(before["permissions"]) & Permission.MANAGE_GUILD
    assert not int(after["permissions"]) & Permission.MANAGE_GUILD


async def test_the_owner_stays_and_a_stranger_comes(control: Control) -> None:
    """A new person is nowhere until they join."""
    guild = f"/guilds/{control.guild['id']}"
    assert (await control.call("DELETE", f"{guild}/members/{control.member(4)}")).status == 400
    zoe = (await control.call("POST", "/users", {"name": "Zoe"})).body
    assert (zoe["username"], zoe["global_name"]) == ("zoe", "Zoe")
    joined = (await control.call("PUT", f"{guild}/members/{zoe['id']}")).body
    again = (await control.call("PUT", f"{guild}/members/{zoe['id']}")).body
    assert again == joined
    people = (await control.get(guild))["members"]
    assert people[-1]["name"] == "Zoe"
    assert (await control.call("PUT", f"{guild}/members/1")).status == 404


async def test_a_role_counts_from_the_next_press(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Given, taken, and taken a permission."""
    guild = f"/guilds/{control.guild['id']}"
    message, bit = await card(rest, control.channel("pictures")), Permission.MANAGE_MESSAGES
    made = {"name": "Curator", "permissions": str(int(bit))}
    role = (await control.call("POST", f"{guild}/roles", made)).body
    held = f"{guild}/members/{control.member()}/roles/{role['id']}"

    async def may_now() -> bool:
        member = (await pressed(sandbox, control, message))["member"]
        assert (role["id"] in member["roles"]) == (role["id"] in await roles())
        return bool(int(member["permissions"]) & bit)

    async def roles() -> list[str]:
        found = sandbox.state.guilds[control.guild["id"]].members[control.member()]
        return found.role_ids

    assert not await may_now()
    assert (await control.call("PUT", held)).body["roles"] == [role["id"]]
    assert await may_now()
    await control.call("PATCH", f"{guild}/roles/{role['id']}", {"permissions": "0"})
    assert not await may_now()
    assert (await control.call("DELETE", held)).body["roles"] == []
    everyone = f"{guild}/members/{control.member()}/roles/{control.guild['id']}"
    assert (await control.call("PUT", everyone)).status == 404


async def test_a_member_moderates_one_channel(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """By an exception of that channel, which its threads follow and others do not."""
    here, there = control.channel("pictures"), control.channel("general")
    bit = Permission.MANAGE_MESSAGES
    exception = f"/channels/{here}/overwrites/{control.member()}"
    shown = await control.call("PUT", exception, {"type": 1, "allow": str(int(bit))})
    assert shown.body["permission_overwrites"][-1]["id"] == control.member()
    body = {"name": "t", "type": 11}
    thread = (await rest.must("POST", "/channels/{channel_id}/threads", body)).body["id"]
    for place, moderates in ((here, True), (there, False), (thread, True)):
        message = await card(rest, place)
        told = await pressed(sandbox, control, message, channel=place)
        assert bool(int(told["member"]["permissions"]) & bit) == moderates, place
        assert told["channel"]["permissions"] == told["member"]["permissions"]
    await control.call("DELETE", exception)
    told = await pressed(sandbox, control, await card(rest, here), channel=here)
    assert not int(told["member"]["permissions"]) & bit
    assert (await control.call("PUT", exception, {"type": 2})).status == 400
    assert (await control.call("PUT", f"/channels/{thread}/overwrites/1", {})).status == 400


async def test_the_staff_lets_the_bot_into_its_channel_and_closes_it(
    control: Control, rest: Rest
) -> None:
    """50001 without, and 10003 once the channel is gone, its threads too."""
    staff = control.channel("staff")
    bot = control.role("Zeuxis")
    shut = await rest.call("POST", MESSAGES, {"content": "x"}, channel_id=staff)
    assert shut.body["code"] == 50001
    path, seen = f"/channels/{staff}/overwrites/{bot}", str(int(Permission.VIEW_CHANNEL))
    await control.call("PUT", path, {"allow": seen})
    await rest.must("POST", MESSAGES, {"content": "x"}, channel_id=staff)
    body = {"name": "t", "type": 11}
    at = {"channel_id": staff}
    thread = (await rest.must("POST", "/channels/{channel_id}/threads", body, at=at)).body["id"]
    assert (await control.call("DELETE", f"/channels/{staff}")).body["id"] == staff
    for place in (staff, thread):
        gone = await rest.call("POST", MESSAGES, {"content": "x"}, channel_id=place)
        assert (gone.status, gone.body["code"]) == (404, 10003)
    assert (await control.call("DELETE", f"/channels/{staff}")).status == 404


async def test_who_is_timed_out_neither_presses_nor_fills_in_nor_writes(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Until it is over; the owner's time-out holds for nothing."""
    message, guild = await card(rest, control.channel("pictures")), control.guild["id"]
    for number, code in ((0, 50013), (4, None)):
        path = f"/guilds/{guild}/members/{control.member(number)}"
        await control.call("PATCH", path, {"timed_out_for_s": 60})
        act = partial(control.try_act, member=number, custom_id="go", wait_online_s=0)
        assert (await act("component", message_id=message)).body.get("code") == code
        assert (await act("modal")).body["code"] == (code or 50035)
        body = {"user_id": control.member(number), "content": "x"}
        where = f"/channels/{control.channel('pictures')}/messages"
        assert (await control.call("POST", where, body)).body.get("code") == code
    sandbox.clock.advance(61)
    await pressed(sandbox, control, message)


async def test_whom_the_bot_shares_no_guild_with_it_cannot_write_to(
    control: Control, rest: Rest
) -> None:
    """50007, unless they have installed it."""
    opened = await rest.must("POST", "/users/@me/channels", {"recipient_id": control.member()})
    at = {"channel_id": opened.body["id"]}
    await rest.must("POST", MESSAGES, {"content": "x"}, at=at)
    await control.call("DELETE", f"/guilds/{control.guild['id']}/members/{control.member()}")
    refused = await rest.call("POST", MESSAGES, {"content": "x"}, at=at)
    assert (refused.status, refused.body["code"]) == (403, 50007)
    await control.call("PUT", f"/users/{control.member()}/install")
    await rest.must("POST", MESSAGES, {"content": "x"}, at=at)


async def test_a_thread_says_nothing_of_its_parents_age_restriction(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The channel does, and the thread names its parent. Source: Discord's reference, "Threads"."""
    night = control.channel("night-gallery")
    at, body = {"channel_id": night}, {"name": "t", "type": 11}
    thread = (await rest.must("POST", "/channels/{channel_id}/threads", body, at=at)).body["id"]
    told = await pressed(sandbox, control, await card(rest, night), channel=night)
    assert told["channel"]["nsfw"] is True
    inside = await pressed(sandbox, control, await card(rest, thread), channel=thread)
    assert "nsfw" not in inside["channel"]
    assert inside["channel"]["parent_id"] == night
    await control.call("PATCH", f"/channels/{night}", {"nsfw": False})
    told = await pressed(sandbox, control, await card(rest, night), channel=night)
    assert told["channel"]["nsfw"] is False
