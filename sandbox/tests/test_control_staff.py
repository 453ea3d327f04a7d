"""The staff of a guild changes things, and the bot meets the change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.discord.permissions import Permission
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.gateway import GUILDS, wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox


def role(control: Control, name: str) -> dict[str, str]:
    """A role of the first guild."""
    found: dict[str, str] = next(r for r in control.guild["roles"] if r["name"] == name)
    return found


async def test_a_permission_taken_away_is_missed_at_once(control: Control, rest: Rest) -> None:
    """Without CREATE_PUBLIC_THREADS for all and for the bot there are no threads."""
    for name in ("@everyone", "Zeuxis"):
        path = f"/guilds/{control.guild['id']}/roles/{role(control, name)['id']}"
        bits = int(role(control, name)["permissions"]) & ~(1 << 35)
        changed = await control.call("PATCH", path, {"permissions": str(bits)})
        assert changed.status == 200
    body = {"name": "grapes", "type": 11}
    refused = await rest.call("POST", "/channels/{channel_id}/threads", body)
    assert refused.body["code"] == 50013


async def test_the_bot_is_shown_the_door_and_invited_again(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """GUILD_DELETE and 10004 for its guild, then GUILD_CREATE."""
    path = f"/guilds/{control.guild['id']}/bot"
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        await control.call("DELETE", path)
        assert (await line.until("GUILD_DELETE"))["id"] == control.guild["id"]
        assert (await rest.call("GET", "/guilds/{guild_id}")).body["code"] == 10004
        assert (await rest.call("POST", MESSAGES, {"content": "x"})).body["code"] == 50001
        await control.call("PUT", path)
        while (await line.until("GUILD_CREATE"))["id"] != control.guild["id"]:
            pass
        await rest.get("/guilds/{guild_id}")


async def test_a_member_in_time_out_calls_no_commands(control: Control, rest: Rest) -> None:
    """Until the time is over."""
    command = [{"name": "imagine", "description": "Paint"}]
    await rest.must("PUT", "/applications/{application_id}/commands", command)
    path = f"/guilds/{control.guild['id']}/members/{control.member()}"
    changed = await control.call("PATCH", path, {"timed_out_for_s": 60, "nick": "A."})
    assert changed.body["nick"] == "A."
    act = partial(control.try_act, "command", name="imagine", wait_online_s=0)
    assert (await act()).body["code"] == 50013
    await control.call("POST", "/clock/advance", {"seconds": 61})
    assert (await act()).status == 200


async def test_a_moderator_locks_a_thread(control: Control, rest: Rest) -> None:
    """The bot is refused in it with 160005."""
    body = {"name": "grapes", "type": 11}
    thread = (await rest.must("POST", "/channels/{channel_id}/threads", body)).body["id"]
    await control.call("PATCH", f"/channels/{thread}", {"locked": True, "archived": True})
    refused = await rest.call("POST", MESSAGES, {"content": "x"}, channel_id=thread)
    assert refused.body["code"] == 160005


@pytest.mark.parametrize("change", [{"boost_tier": 4}, {"colour": 1}, {"name": 1}])
async def test_a_wrong_change_is_refused(control: Control, change: dict[str, object]) -> None:
    """400 with what is wrong."""
    answer = await control.call("PATCH", f"/guilds/{control.guild['id']}", change)
    assert answer.status == 400


async def test_a_boosted_guild_takes_larger_files(control: Control, rest: Rest) -> None:
    """The change holds for the next upload."""
    content = bytes(20 * 1024 * 1024 + 1)
    assert (await rest.call("POST", MESSAGES, {}, files={"a": content})).status == 413
    await control.call("PATCH", f"/guilds/{control.guild['id']}", {"boost_tier": 2})
    await rest.must("POST", MESSAGES, {}, files={"a": content})


RULES = [
    {
        "name": "words",
        "keywords": ["bad*", "*worse"],
        "patterns": ["wor+st"],
        "allowed": ["badge"],
    },
    {"name": "lists", "presets": [1, 3], "allowed": ["damn"], "enabled": False},
]


async def test_automod_rules_are_read_by_who_may_manage_the_guild(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """And told to nobody else; new rules take the place of the old."""
    path, read = (
        f"/guilds/{control.guild['id']}/automod",
        "/guilds/{guild_id}/auto-moderation/rules",
    )
    async with wire(sandbox) as line:
        await line.identify(1 << 20)
        made = (await control.call("PUT", path, RULES)).body
        for refused in (
            await rest.call("GET", read),
            await rest.call("GET", f"{read}/{{rule_id}}", rule_id=made[0]["id"]),
        ):
            assert (refused.status, refused.body["code"]) == (403, 50013)
        allow_managing(sandbox)
        assert (await rest.get(read)).body == await control.get(path) == made
        one = (await rest.get(f"{read}/{{rule_id}}", rule_id=made[0]["id"])).body
        assert (one["trigger_type"], one["trigger_metadata"]["keyword_filter"]) == (
            1,
            ["bad*", "*worse"],
        )
        assert (await control.call("PUT", path, RULES[:1])).status == 200
        gone = [await line.until("AUTO_MODERATION_RULE_DELETE") for _ in made]
        assert gone == made
        told = await line.until("AUTO_MODERATION_RULE_CREATE")
        assert (await rest.get(read)).body == [told]
        assert (await rest.call("GET", f"{read}/{{rule_id}}", rule_id=made[0]["id"])).status == 404
    assert (await control.call("PUT", path, [{"name": "x", "presets": [4]}])).status == 400


async def test_discordpy_reads_automod_rules(sandbox: Sandbox, control: Control) -> None:
    """Keywords, patterns and lists, each in its own type."""
    allow_managing(sandbox)
    await control.call("PUT", f"/guilds/{control.guild['id']}/automod", RULES)
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        guild = bot.get_guild(int(control.guild["id"]))
        assert guild is not None
        words, lists = await guild.fetch_automod_rules()
    assert words.trigger.keyword_filter == ["bad*", "*worse"]
    assert words.trigger.regex_patterns == ["wor+st"]
    assert (lists.trigger.type, lists.enabled) == (
        discord.AutoModRuleTriggerType.keyword_preset,
        False,
    )
    assert lists.trigger.presets is not None
    assert lists.trigger.presets.profanity
    assert lists.trigger.presets.slurs
    assert not lists.trigger.presets.sexual_content


def allow_managing(sandbox: Sandbox) -> None:
    """Lets the bot manage its guilds."""
    for guild in sandbox.state.guilds.values():
        for each in guild.roles.values():
            each.permissions |= Permission.MANAGE_GUILD if each.bot_id else 0
