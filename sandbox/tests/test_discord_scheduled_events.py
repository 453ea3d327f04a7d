"""Scheduled events: made, changed and told, in a voice channel or elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.discord.permissions import Permission
from sandbox.discord.records import EventStatus
from sandbox.discord.shapes import instant_text
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.gateway import GUILDS, wire
from sandbox.tests.rest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.discord.records import Guild, Role

EVENTS = "/guilds/{guild_id}/scheduled-events"
EVENT = f"{EVENTS}/{{event_id}}"
EVENT_INTENT = 1 << 16
HOUR_US = 3600 * 1_000_000


@pytest.fixture
def role(sandbox: Sandbox, control: Control) -> Role:
    """The bot's role in the first guild, which may make events."""
    roles = sandbox.state.guilds[control.guild["id"]].roles.values()
    found = next(each for each in roles if each.bot_id)
    found.permissions |= Permission.CREATE_EVENTS | Permission.CONNECT
    return found


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control, role: Role) -> AsyncIterator[Rest]:
    """A caller who never meets a rate limit."""
    async with Rest.of(sandbox, control, pause_s=1) as caller:
        yield caller


@pytest.fixture
def guild(sandbox: Sandbox, control: Control) -> Guild:
    """The first guild."""
    return sandbox.state.guilds[control.guild["id"]]


def vernissage(sandbox: Sandbox, **other: object) -> dict[str, object]:
    """An event elsewhere, that begins in an hour and lasts one."""
    now_us = sandbox.state.now_us()
    return {
        "name": "Vernissage",
        "privacy_level": 2,
        "entity_type": 3,
        "entity_metadata": {"location": "The pier"},
        "scheduled_start_time": instant_text(now_us + HOUR_US),
        "scheduled_end_time": instant_text(now_us + 2 * HOUR_US),
    } | other


def in_channel(sandbox: Sandbox, control: Control, **other: object) -> dict[str, object]:
    """An event in the voice channel, without an end."""
    there = {"entity_type": 2, "channel_id": control.channel("voices"), "entity_metadata": None}
    return vernissage(sandbox, scheduled_end_time=None, **there, **other)


async def made(rest: Rest, **other: object) -> Any:
    """A new event elsewhere."""
    return (await rest.must("POST", EVENTS, vernissage(rest.sandbox, **other))).body


async def test_an_event_lives_from_its_plan_to_its_end(sandbox: Sandbox, rest: Rest) -> None:
    """Each step is told to who asked for scheduled events; over, it is no longer listed."""
    async with wire(sandbox) as line:
        await line.identify(EVENT_INTENT)
        event = await made(rest, description="Wine and cheese", image="data:image/png;base64,AA==")
        assert await line.until("GUILD_SCHEDULED_EVENT_CREATE") == event
        assert (event["status"], event["creator_id"]) == (1, sandbox.state.bot_id)
        assert event["entity_metadata"] == {"location": "The pier"}
        place = {"event_id": event["id"]}
        renamed = {"name": "Finissage", "description": None, "scheduled_end_time": None}
        assert (await rest.call("PATCH", EVENT, renamed, **place)).status == 400, "has no end"
        del renamed["scheduled_end_time"]
        for change in (renamed, {"status": 2}, {"status": 3}):
            changed = (await rest.must("PATCH", EVENT, change, **place)).body
            assert await line.until("GUILD_SCHEDULED_EVENT_UPDATE") == changed
            assert changed.items() >= change.items()
        assert (await rest.get(EVENTS)).body == []
        assert (await rest.get(EVENT, **place)).body["status"] == 3
        again = await rest.call("PATCH", EVENT, {"name": "x"}, **place)
        assert again.body["code"] == 180000
        await rest.must("DELETE", EVENT, **place)
        assert (await line.until("GUILD_SCHEDULED_EVENT_DELETE"))["id"] == event["id"]
    assert (await rest.call("GET", EVENT, **place)).body["code"] == 10070


async def test_an_event_may_be_called_off_but_not_before_it_began_be_over(rest: Rest) -> None:
    """And nothing leads back from there."""
    place = {"event_id": (await made(rest))["id"]}
    for status in (3, 7):
        early = await rest.call("PATCH", EVENT, {"status": status}, **place)
        assert (early.status, list(early.body["errors"])) == (400, ["status"])
    await rest.must("PATCH", EVENT, {"status": 4}, **place)
    assert (await rest.call("PATCH", EVENT, {"status": 2}, **place)).body["code"] == 180000


WRONG: dict[str, tuple[dict[str, object], list[str]]] = {
    "without a name": ({"name": None}, ["name"]),
    "a long name": ({"name": "x" * 101}, ["name"]),
    "a long description": ({"description": "x" * 1001}, ["description"]),
    "for everyone": ({"privacy_level": 1}, ["privacy_level"]),
    "of no kind": ({"entity_type": 4}, ["entity_type"]),
    "nowhere": ({"entity_metadata": None}, ["entity_metadata"]),
    "in a channel and elsewhere": ({"channel_id": "1"}, ["channel_id"]),
    "without an end": ({"scheduled_end_time": None}, ["scheduled_end_time"]),
    "ended before it begins": (
        {"scheduled_end_time": "2026-01-01T00:00:00Z"},
        ["scheduled_end_time"],
    ),
    "in the past": ({"scheduled_start_time": "2025-01-01T00:00:00"}, ["scheduled_start_time"]),
    "at no time": ({"scheduled_start_time": "soon"}, ["scheduled_start_time"]),
    "on a stage": ({"entity_type": 1}, ["channel_id"]),
    "again and again": (
        {"recurrence_rule": {"start": "2026-01-01T00:00:00Z", "frequency": 3}},
        ["recurrence_rule"],
    ),
}


@pytest.mark.sockets
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_event_is_refused(wrong: str) -> None:
    """At the field, without Discord's document too, and nothing is made."""
    change, fields = WRONG[wrong]
    async with (
        Sandbox.start(Settings(seed=7)) as sandbox,
        Control.of(sandbox) as control,
        Rest.of(sandbox, control) as rest,
    ):
        guild = sandbox.state.guilds[control.guild["id"]]
        guild.roles[guild.id].permissions |= Permission.CREATE_EVENTS
        answer = await rest.call("POST", EVENTS, vernissage(sandbox) | change)
        assert (answer.status, list(answer.body["errors"])) == (400, fields)
        assert guild.scheduled_events == {}


async def test_an_event_in_a_channel_is_as_visible_as_the_channel(
    sandbox: Sandbox, rest: Rest, control: Control, guild: Guild, role: Role
) -> None:
    """Only in a voice channel where the bot may connect; it goes with the channel."""
    wrong = in_channel(sandbox, control) | {"channel_id": control.channel("general")}
    assert list((await rest.call("POST", EVENTS, wrong)).body["errors"]) == ["channel_id"]
    place = {"event_id": (await rest.must("POST", EVENTS, in_channel(sandbox, control))).body["id"]}
    channel = sandbox.state.channels[control.channel("voices")]
    await control.call(
        "PATCH", f"/channels/{channel.id}", {"overwrites": [{"id": guild.id, "deny": "1024"}]}
    )
    role.permissions &= ~Permission.VIEW_CHANNEL
    assert (await rest.get(EVENTS)).body == []
    assert (await rest.call("GET", EVENT, **place)).body["code"] == 10070
    await control.call("PATCH", f"/channels/{channel.id}", {"overwrites": []})
    role.permissions &= ~Permission.CONNECT
    guild.roles[guild.id].permissions &= ~Permission.CONNECT
    refused = await rest.call("POST", EVENTS, in_channel(sandbox, control))
    assert refused.body["code"] == 50013
    role.permissions |= Permission.MANAGE_CHANNELS
    async with wire(sandbox) as line:
        await line.identify(EVENT_INTENT)
        await rest.must("DELETE", "/channels/{channel_id}", channel_id=channel.id)
        assert (await line.until("GUILD_SCHEDULED_EVENT_DELETE"))["id"] == place["event_id"]
    assert guild.scheduled_events == {}


async def test_an_event_moves_from_a_channel_elsewhere(
    sandbox: Sandbox, rest: Rest, control: Control
) -> None:
    """With all that it needs there."""
    place = {"event_id": (await rest.must("POST", EVENTS, in_channel(sandbox, control))).body["id"]}
    elsewhere: dict[str, object] = {"entity_type": 3, "entity_metadata": {"location": "Pier"}}
    answer = await rest.call("PATCH", EVENT, elsewhere, **place)
    assert list(answer.body["errors"]) == ["channel_id"]
    elsewhere |= {
        "channel_id": None,
        "scheduled_end_time": instant_text(sandbox.state.now_us() + 9 * HOUR_US),
    }
    moved = (await rest.must("PATCH", EVENT, elsewhere, **place)).body
    assert (moved["channel_id"], moved["entity_metadata"]) == (None, {"location": "Pier"})
    back = {"entity_type": 2, "channel_id": control.channel("voices")}
    returned = (await rest.must("PATCH", EVENT, back, **place)).body
    assert (returned["channel_id"], returned["entity_metadata"]) == (back["channel_id"], None)


async def test_events_need_their_permissions(rest: Rest, role: Role, guild: Guild) -> None:
    """CREATE_EVENTS for one's own, MANAGE_EVENTS for those of others."""
    place = {"event_id": (await made(rest))["id"]}
    event = guild.scheduled_events[place["event_id"]]
    await rest.must("PATCH", EVENT, {"name": "Mine"}, **place)
    event = guild.scheduled_events[place["event_id"]]
    event.creator_id = guild.owner_id
    for method in ("PATCH", "DELETE"):
        assert (await rest.call(method, EVENT, {"name": "x"}, **place)).body["code"] == 50013
    role.permissions = Permission.VIEW_CHANNEL | Permission.MANAGE_EVENTS
    await rest.must("PATCH", EVENT, {"name": "Theirs"}, **place)
    refused = await rest.call("POST", EVENTS, vernissage(rest.sandbox))
    assert refused.body["code"] == 50013


async def test_a_guild_plans_a_hundred_events(rest: Rest, guild: Guild) -> None:
    """Those that are over do not count."""
    first = (await made(rest))["id"]
    for number in range(99):
        guild.scheduled_events[str(number)] = guild.scheduled_events[first]
    refused = await rest.call("POST", EVENTS, vernissage(rest.sandbox))
    assert (refused.status, refused.body["code"]) == (400, 30038)
    guild.scheduled_events[first].status = EventStatus.COMPLETED
    await made(rest)


async def test_members_are_interested_and_told(
    sandbox: Sandbox, rest: Rest, control: Control
) -> None:
    """Counted and listed by page, with their membership if asked for."""
    event = await made(rest)
    place = {"event_id": event["id"]}
    people = sorted((control.member(n) for n in range(3)), key=int)
    path = f"/guilds/{control.guild['id']}/scheduled-events/{event['id']}/users"
    async with wire(sandbox) as line:
        await line.identify(EVENT_INTENT)
        for user_id in (*people, people[0]):
            assert (await control.call("PUT", f"{path}/{user_id}")).status == 200
            told = {"guild_scheduled_event_id": event["id"], "guild_id": control.guild["id"]}
        for user_id in people:
            added = await line.until("GUILD_SCHEDULED_EVENT_USER_ADD")
            assert added == told | {"user_id": user_id}
        users = f"{EVENT}/users"
        assert (await rest.get(f"{users}/counts", **place)).body["guild_scheduled_event_count"] == 3
        for query, found in (
            ({}, people),
            ({"limit": "2"}, people[:2]),
            ({"after": people[0]}, people[1:]),
            ({"before": people[2], "limit": "1"}, people[1:2]),
        ):
            page = (await rest.call("GET", users, query=query, **place)).body
            assert [each["user_id"] for each in page] == found
            assert "member" not in page[0]
        with_member = await rest.call("GET", users, query={"with_member": "true"}, **place)
        assert with_member.body[0]["member"]["user"]["id"] == people[0]
        counted = await rest.call("GET", EVENT, query={"with_user_count": "true"}, **place)
        assert counted.body["user_count"] == 3
        await control.call("DELETE", f"{path}/{people[0]}")
        gone = await line.until("GUILD_SCHEDULED_EVENT_USER_REMOVE")
        assert gone["user_id"] == people[0]
    assert (await control.call("PUT", f"{path}/1")).status == 404
    assert (
        await control.call("PUT", path.replace(event["id"], "1") + f"/{people[0]}")
    ).status == 404


async def test_events_are_told_by_their_intent_alone(sandbox: Sandbox, rest: Rest) -> None:
    """And a bot that connects later finds them with its guild."""
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        event = await made(rest)
        await rest.must("DELETE", EVENT, event_id=event["id"])
        kept = await made(rest)
        await rest.must("PATCH", "/guilds/{guild_id}/members/@me", {"nick": "x"})
        seen = [await line.receive()]
        while seen[-1]["t"] != "GUILD_MEMBER_UPDATE":
            seen.append(await line.receive())
        assert not [each["t"] for each in seen if "SCHEDULED" in (each["t"] or "")]
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        guilds = [await line.until("GUILD_CREATE") for _ in range(2)]
    listed = [each["id"] for guild in guilds for each in guild["guild_scheduled_events"]]
    assert listed == [kept["id"]]


@pytest.mark.sockets
async def test_an_event_outlives_a_start(tmp_path: Path) -> None:
    """And its id is not given out again."""
    settings, clock = Settings(seed=7, data=tmp_path), SandboxClock.manual()
    ids = []
    for _ in range(2):
        async with Sandbox.start(settings, clock=clock) as sandbox, Control.of(sandbox) as control:
            guild = sandbox.state.guilds[control.guild["id"]]
            guild.roles[guild.id].permissions |= Permission.CREATE_EVENTS
            async with Rest.of(sandbox, control) as rest:
                ids.append((await made(rest))["id"])
                listed = (await rest.get(EVENTS)).body
    assert [each["id"] for each in listed] == sorted(set(ids), key=int)
    assert len(listed) == 2


async def test_discordpy_s_events_work(sandbox: Sandbox, control: Control, role: Role) -> None:
    """Made, fetched, started, listed with its users and cancelled by its own methods."""
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        guild = bot.get_guild(int(control.guild["id"]))
        assert guild is not None
        start = discord.utils.utcnow() + timedelta(hours=1)
        event = await guild.create_scheduled_event(
            name="Vernissage",
            start_time=start,
            end_time=start + timedelta(hours=1),
            entity_type=discord.EntityType.external,
            privacy_level=discord.PrivacyLevel.guild_only,
            location="The pier",
        )
        path = f"/guilds/{guild.id}/scheduled-events/{event.id}/users/{control.member()}"
        await control.call("PUT", path)
        assert [each.id for each in await guild.fetch_scheduled_events()] == [event.id]
        assert [user.id async for user in event.users()] == [int(control.member())]
        started = await event.start()
        ended = await started.end()
        assert (ended.status, ended.location) == (discord.EventStatus.completed, "The pier")
        await ended.delete()
    assert sandbox.violations.snapshot() == []
