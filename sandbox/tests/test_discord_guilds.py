"""Guilds over REST: the bot's own, their counts, and what is changed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import ALL, Permission, channel_permissions
from sandbox.discord.records import Channel
from sandbox.discord.shapes import instant_text
from sandbox.tests.gateway import GUILDS, wire
from sandbox.tests.rest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.discord.records import Guild, Role
    from sandbox.server import Sandbox

GUILD = "/guilds/{guild_id}"
MEMBER = f"{GUILD}/members/{{user_id}}"
MEMBER_ROLE = f"{MEMBER}/roles/{{role_id}}"
ROLE = f"{GUILD}/roles/{{role_id}}"


@pytest.fixture
def guild(sandbox: Sandbox, control: Control) -> Guild:
    """The first guild, whose bot may do everything, as far as it stands high enough."""
    found = sandbox.state.guilds[control.guild["id"]]
    role_of(found, "Zeuxis").permissions = ALL
    return found


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A caller who never meets a rate limit."""
    async with Rest.of(sandbox, control, pause_s=1) as caller:
        yield caller


def role_of(guild: Guild, name: str) -> Role:
    """A role by its name."""
    return next(role for role in guild.roles.values() if role.name == name)


async def test_own_guilds_are_paged_and_counted_when_asked(rest: Rest) -> None:
    """In the order of their ids; the ids of the pages' ends are left out."""
    every = (await rest.get("/users/@me/guilds")).body
    ids = [guild["id"] for guild in every]
    assert ids == sorted(ids, key=int)
    assert len(ids) == 2
    assert "approximate_member_count" not in every[0]
    for query, found in (
        ({"limit": "1"}, ids[:1]),
        ({"after": ids[0]}, ids[1:]),
        ({"before": ids[1]}, ids[:1]),
        ({"before": str(int(ids[1]) + 1), "limit": "1"}, ids[1:]),
        ({"after": ids[1]}, []),
    ):
        answer = await rest.call("GET", "/users/@me/guilds", query=query)
        assert [guild["id"] for guild in answer.body] == found, query
    counted = await rest.call("GET", "/users/@me/guilds", query={"with_counts": "true"})
    assert [guild["approximate_member_count"] for guild in counted.body] == [6, 6]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"after": "x"}])
async def test_a_page_that_makes_no_sense_is_refused(rest: Rest, query: dict[str, str]) -> None:
    """With the field's name."""
    answer = await rest.call("GET", "/users/@me/guilds", query=query)
    assert (answer.status, list(answer.body["errors"])) == (400, list(query))


async def test_fixed_names_are_not_read_as_ids(rest: Rest) -> None:
    """Of roles and of commands' permissions."""
    guild = rest.sandbox.state.guilds[rest.places["guild_id"]]
    counts = (await rest.get("/guilds/{guild_id}/roles/member-counts")).body
    assert counts == {role_id: 1 for role_id in guild.roles if role_id != guild.id}
    permissions = "/applications/{application_id}/guilds/{guild_id}/commands/permissions"
    assert (await rest.get(permissions)).body == []


async def test_a_member_s_name_and_time_out_are_changed_and_told(
    rest: Rest, control: Control, guild: Guild
) -> None:
    """A time-out of 28 days at most; null ends it, and an empty nickname is none."""
    state = rest.sandbox.state
    until = instant_text(state.now_us() + 3600 * 1_000_000)
    changed = await rest.must(
        "PATCH", MEMBER, {"nick": "Ochre", "communication_disabled_until": until}
    )
    assert (changed.body["nick"], changed.body["communication_disabled_until"]) == ("Ochre", until)
    channel = state.channels[control.channel("pictures")]
    assert not channel_permissions(state, channel, control.member()) & Permission.SEND_MESSAGES
    await rest.must("PATCH", MEMBER, {"nick": "", "communication_disabled_until": None})
    member = guild.members[control.member()]
    assert (member.nick, member.timed_out_until_us) == (None, None)
    far = instant_text(state.now_us() + 29 * 24 * 3600 * 1_000_000)
    for wrong in ({"communication_disabled_until": far}, {"nick": "x" * 33}):
        answer = await rest.call("PATCH", MEMBER, wrong)
        assert (answer.status, list(answer.body["errors"])) == (400, list(wrong))
    muted = await rest.call("PATCH", MEMBER, {"mute": True})
    assert (muted.status, muted.body["code"]) == (400, 40032)


async def test_the_bot_names_itself(sandbox: Sandbox, rest: Rest, guild: Guild) -> None:
    """As everyone may, by CHANGE_NICKNAME; it is told so without the members intent."""
    own_id = {"user_id": sandbox.state.bot_id}
    assert (await rest.must("PATCH", MEMBER, {"nick": "Ochre"}, at=own_id)).body["nick"] == "Ochre"
    role_of(guild, "Zeuxis").permissions = 0
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        named = await rest.must("PATCH", f"{GUILD}/members/@me", {"nick": "Painter", "bio": "Hi"})
        assert named.body["user"]["id"] == sandbox.state.bot_id
        assert (await line.until("GUILD_MEMBER_UPDATE"))["nick"] == "Painter"
    older = await rest.must("PATCH", f"{GUILD}/members/@me/nick", {"nick": "Ochre"})
    assert older.body == {"nick": "Ochre"}
    await rest.must("PATCH", f"{GUILD}/members/@me/nick", {"nick": "Painter"})
    role_of(guild, "@everyone").permissions &= ~Permission.CHANGE_NICKNAME
    refused = await rest.call("PATCH", f"{GUILD}/members/@me", {"nick": "Other"})
    assert refused.body["code"] == 50013
    assert guild.members[sandbox.state.bot_id].nick == "Painter"


async def test_nobody_changes_who_stands_as_high(
    rest: Rest, control: Control, guild: Guild
) -> None:
    """The moderator and the owner stand above the bot, and their roles with them."""
    for number in (3, 4):
        answer = await rest.call("PATCH", MEMBER, {"nick": "x"}, user_id=control.member(number))
        assert (answer.status, answer.body["code"]) == (403, 50013)
    above, own = role_of(guild, "Moderator").id, role_of(guild, "Zeuxis").id
    for role_id, code in ((above, 50013), (own, 50013), (guild.id, 50028), ("1", 10011)):
        answer = await rest.call("PUT", MEMBER_ROLE, role_id=role_id)
        assert answer.body["code"] == code
    for role_id in (above, own):
        assert (await rest.call("PATCH", ROLE, {"name": "x"}, role_id=role_id)).body[
            "code"
        ] == 50013
        assert (await rest.call("DELETE", ROLE, role_id=role_id)).body["code"] == 50013
    assert (await rest.call("PATCH", MEMBER, {"roles": [above]})).body["code"] == 50013
    assert guild.members[control.member()].role_ids == []


async def test_who_has_administrator_is_not_timed_out(
    rest: Rest, control: Control, guild: Guild
) -> None:
    """Though they stand below."""
    low = await rest.must("POST", f"{GUILD}/roles", {"permissions": str(Permission.ADMINISTRATOR)})
    await rest.must("PATCH", MEMBER, {"roles": [low.body["id"]]})
    soon = instant_text(rest.sandbox.state.now_us() + 1_000_000)
    refused = await rest.call("PATCH", MEMBER, {"communication_disabled_until": soon})
    assert refused.body["code"] == 50013
    assert guild.members[control.member()].timed_out_until_us is None


async def test_a_role_is_made_given_taken_and_deleted(
    sandbox: Sandbox, rest: Rest, control: Control, guild: Guild
) -> None:
    """It is told, stands at the bottom, and leaves nothing behind."""
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        made = await rest.must(
            "POST", f"{GUILD}/roles", {"name": "Fan", "colors": {"primary_color": 9}}
        )
        told = await line.until("GUILD_ROLE_CREATE")
        assert told == {"guild_id": guild.id, "role": made.body}
        assert (made.body["color"], made.body["hoist"], made.body["managed"]) == (9, False, False)
        role_id = made.body["id"]
        member = guild.members[control.member()]
        for _ in range(2):
            await rest.must("PUT", MEMBER_ROLE, role_id=role_id)
        assert member.role_ids == [role_id]
        await rest.must("DELETE", MEMBER_ROLE, role_id=role_id)
        assert member.role_ids == []
        await rest.must("PATCH", MEMBER, {"roles": [role_id, None]})
        assert member.role_ids == [role_id]
        overwrite = "/channels/{channel_id}/permissions/{overwrite_id}"
        await rest.must("PUT", overwrite, {"type": 0, "allow": "1024"}, overwrite_id=role_id)
        await rest.must("DELETE", ROLE, role_id=role_id)
        assert await line.until("GUILD_ROLE_DELETE") == {"guild_id": guild.id, "role_id": role_id}
    assert member.role_ids == []
    assert sandbox.state.channels[control.channel("pictures")].overwrites == []
    kept = sandbox.state.journal.read("Channel", Channel)
    assert not any(each.overwrites for each in kept if each.name == "pictures")


async def test_nobody_gives_what_they_may_not_do(rest: Rest, guild: Guild) -> None:
    """Neither in a role nor in a channel's exceptions; icons need a boosted guild."""
    role_of(guild, "Zeuxis").permissions = Permission.MANAGE_ROLES | Permission.MANAGE_CHANNELS
    too_much = str(int(Permission.BAN_MEMBERS))
    role = await rest.call("POST", f"{GUILD}/roles", {"permissions": too_much})
    exception = {"id": guild.id, "type": 0, "allow": too_much}
    made = {"name": "x", "permission_overwrites": [exception]}
    channel = await rest.call("POST", f"{GUILD}/channels", made)
    assert (role.body["code"], channel.body["code"]) == (50013, 50013)
    icon = await rest.call("POST", f"{GUILD}/roles", {"unicode_emoji": "🍇"})
    assert icon.body["code"] == 50101
    assert len(guild.roles) == 4


async def test_channels_are_made_in_a_category_and_told(
    sandbox: Sandbox, rest: Rest, guild: Guild
) -> None:
    """Names of text channels are rewritten; a forum has tags; each stands last."""
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        category = await rest.must("POST", f"{GUILD}/channels", {"name": "My Work", "type": 4})
        assert (category.status, category.body["name"]) == (201, "My Work")
        assert await line.until("CHANNEL_CREATE") == category.body
        wanted = {
            "name": "Wet Paint",
            "type": 15,
            "parent_id": category.body["id"],
            "available_tags": [{"name": "oil", "emoji_name": "🎨"}],
            "permission_overwrites": [{"id": guild.id, "type": 0, "deny": "2048"}],
            "rate_limit_per_user": 5,
            "nsfw": True,
        }
        forum = (await rest.must("POST", f"{GUILD}/channels", wanted)).body
        assert await line.until("CHANNEL_CREATE") == forum
    assert (forum["name"], forum["parent_id"]) == ("wet-paint", category.body["id"])
    assert [tag["name"] for tag in forum["available_tags"]] == ["oil"]
    assert forum["permission_overwrites"][0]["deny"] == "2048"
    assert (forum["rate_limit_per_user"], forum["nsfw"]) == (5, True)
    assert forum["position"] == category.body["position"] + 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "BASE_TYPE_BAD_LENGTH"),
        ({"type": 3}, "BASE_TYPE_CHOICES"),
        ({"type": 13}, "SANDBOX_UNSUPPORTED"),
        ({"parent_id": "1"}, "CHANNEL_PARENT_INVALID"),
        ({"type": 15, "available_tags": [{"name": ""}]}, "BASE_TYPE_BAD_LENGTH"),
        ({"rate_limit_per_user": 21_601}, "NUMBER_TYPE_MAX"),
        ({"default_auto_archive_duration": 61}, "BASE_TYPE_CHOICES"),
    ],
)
async def test_a_channel_that_cannot_be_is_refused(
    rest: Rest, guild: Guild, change: dict[str, object], code: str
) -> None:
    """At its field."""
    before = len(rest.sandbox.state.channels)
    answer = await rest.call("POST", f"{GUILD}/channels", {"name": "new", **change})
    assert answer.status == 400
    assert code in str(answer.body["errors"])
    assert len(rest.sandbox.state.channels) == before, guild.name
