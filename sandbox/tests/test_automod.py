"""AutoMod acts on what members write, and on what bots say for those who brought them along."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.discord.permissions import ALL, Permission
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.gateway import GUILD_MESSAGES, MEMBERS, PATIENCE_S, wire
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Answered, Control
    from sandbox.discord.document import Document
    from sandbox.discord.interactions import Interaction
    from sandbox.discord.records import Guild

EXECUTION = "AUTO_MODERATION_ACTION_EXECUTION"
EXECUTION_INTENT, CONTENT_INTENT = 1 << 21, 1 << 15
ORIGINAL = "/webhooks/{application_id}/{interaction_token}/messages/@original"
FOLLOW_UP = "/webhooks/{application_id}/{interaction_token}"
BLOCKED = 200000


@pytest.fixture
async def sandbox(document: Document) -> AsyncIterator[Sandbox]:
    """A sandbox that grants the intents for members and content."""
    settings = Settings(seed=7, privileged_intents=MEMBERS | CONTENT_INTENT, strict_fields=True)
    async with Sandbox.start(settings, document=document) as running:
        yield running
    assert running.checks.tally.failures == []


@pytest.fixture
def guild(sandbox: Sandbox, control: Control) -> Guild:
    """The first guild, which the bot may manage."""
    found = sandbox.state.guilds[control.guild["id"]]
    for role in found.roles.values():
        role.permissions |= Permission.MANAGE_GUILD if role.bot_id else 0
    return found


async def rule(control: Control, guild_id: str, **one: object) -> None:
    """The only rule of a guild."""
    path = f"/guilds/{guild_id}/automod"
    answer = await control.call("PUT", path, [{"name": "words", "keywords": ["bad*"]} | one])
    assert answer.status == 200, answer.body


async def written(
    control: Control, content: str, *, member: int = 0, channel: str = "general"
) -> Answered:
    """What a member's message is answered with."""
    body = {"user_id": control.member(member), "content": content}
    return await control.call("POST", f"/channels/{control.channel(channel)}/messages", body)


FITS: dict[str, tuple[dict[str, list[str]], list[str], list[str]]] = {
    "whole word": (
        {"keywords": ["cat", "two cats"]},
        ["a cat", "CAT", "see two cats run"],
        ["catch", "bobcat", "cat!", "cats"],
    ),
    "start": ({"keywords": ["cat*"]}, ["Catapult", "the cat's"], ["location", "bobcat"]),
    "end": ({"keywords": ["*cat"]}, ["copyCat", "a cat"], ["cats", "cat."]),
    "anywhere": ({"keywords": ["*cat*"]}, ["location", "eduCation"], ["dog"]),
    "a dot": ({"keywords": ["a.b*"]}, ["a.b"], ["axb"]),
    "pattern": ({"patterns": ["wor+st", "(unclosed"]}, ["it is worrrst"], ["WORST", "unclosed"]),
    "allowed": (
        {"keywords": ["bad*"], "patterns": ["b.d"], "allowed": ["badge", "bed*"]},
        ["bad", "a badge is bad", "bid"],
        ["badge", "the Badge", "bedroom"],
    ),
    "nothing": ({"keywords": ["*"], "patterns": ["x*"]}, [], ["anything"]),
}


@pytest.mark.parametrize("case", FITS)
async def test_words_fit_as_discord_says(control: Control, guild: Guild, case: str) -> None:
    """By their stars, in any case; patterns as they are; allowed words let through."""
    words, blocked, passed = FITS[case]
    await rule(control, guild.id, **({"keywords": []} | words))
    for content in blocked:
        assert (await written(control, content)).body["code"] == BLOCKED, content
    for content in passed:
        assert (await written(control, content)).status == 200, content
    seen = [message["content"] for message in await control.messages("general")]
    assert seen == passed


async def test_a_blocked_message_is_told_with_the_rule_s_own_words(
    sandbox: Sandbox, control: Control, guild: Guild
) -> None:
    """400 for the member; the bot learns what was blocked, and why."""
    await rule(control, guild.id, custom_message="Mind your language")
    async with wire(sandbox) as line:
        await line.identify(EXECUTION_INTENT | CONTENT_INTENT | GUILD_MESSAGES)
        refused = await written(control, "so badly done")
        assert refused.status == 400
        assert refused.body["errors"]["content"]["_errors"][0]["message"] == "Mind your language"
        told = await line.until(EXECUTION)
        rule_id = next(iter(guild.automod_rules))
        assert told == {
            "guild_id": guild.id,
            "action": {"type": 1, "metadata": {"custom_message": "Mind your language"}},
            "rule_id": rule_id,
            "rule_trigger_type": 1,
            "user_id": control.member(),
            "channel_id": control.channel("general"),
            "content": "so badly done",
            "matched_keyword": "bad*",
            "matched_content": "bad",
        }
        assert not [each for each in line.seen if each["t"] == "MESSAGE_CREATE"]


async def test_an_alert_tells_the_staff_and_lets_the_message_stand(
    sandbox: Sandbox, control: Control, guild: Guild
) -> None:
    """Without the intent for content the bot learns of it without the words."""
    await rule(control, guild.id, blocks=False, alerts_in=control.channel("staff"))
    async with wire(sandbox) as line:
        await line.identify(EXECUTION_INTENT)
        sent = (await written(control, "badly done")).body
        told = await line.until(EXECUTION)
    assert (told["content"], told["matched_content"], told["matched_keyword"]) == ("", "", "bad*")
    alert = (await control.messages("staff", viewer=3))[0]
    assert (alert["type"], alert["author"]["id"]) == (24, control.member())
    assert (told["alert_system_message_id"], told["message_id"]) == (alert["id"], sent["id"])
    embed = alert["embeds"][0]
    assert (embed["type"], embed["description"]) == ("auto_moderation_message", "badly done")
    facts = {each["name"]: each["value"] for each in embed["fields"]}
    assert facts["flagged_message_id"] == sent["id"]
    assert (facts["rule_name"], facts["keyword_matched_content"]) == ("words", "bad")


async def test_a_member_is_timed_out(sandbox: Sandbox, control: Control, guild: Guild) -> None:
    """Until the time has passed; each action is told."""
    await rule(
        control, guild.id, alerts_in=control.channel("staff"), times_out_for_s=60, patterns=["x+"]
    )
    async with wire(sandbox) as line:
        await line.identify(EXECUTION_INTENT | MEMBERS)
        assert (await written(control, "bad xx")).body["code"] == BLOCKED
        actions = [(await line.until(EXECUTION))["action"]["type"] for _ in range(2)]
        member = await line.until("GUILD_MEMBER_UPDATE")
        assert member["communication_disabled_until"] is not None
        actions.append((await line.until(EXECUTION))["action"]["type"])
    assert actions == [1, 2, 3]
    assert (await written(control, "sorry")).body["code"] == 50013
    sandbox.clock.advance(61)
    assert (await written(control, "sorry")).status == 200


async def test_who_is_exempt_writes_what_they_want(
    sandbox: Sandbox, control: Control, guild: Guild, rest: Rest
) -> None:
    """Staff, bots, roles and channels that the rule names, and their threads; a disabled rule."""
    await rule(control, guild.id)
    assert (await written(control, "bad", member=3)).status == 200
    assert (await written(control, "bad", member=4)).status == 200
    await rest.must("POST", MESSAGES, {"content": "bad"})
    opened = {"name": "t", "type": 11}
    thread = (await rest.must("POST", "/channels/{channel_id}/threads", opened)).body["id"]
    body = {"user_id": control.member(), "content": "bad"}
    in_thread = f"/channels/{thread}/messages"
    assert (await control.call("POST", in_thread, body)).body["code"] == BLOCKED
    await rule(control, guild.id, exempt_channels=[control.channel("pictures")])
    assert (await control.call("POST", in_thread, body)).status == 200
    assert (await written(control, "bad")).body["code"] == BLOCKED
    keeper = next(each.id for each in guild.roles.values() if each.name == "Keeper")
    guild.roles[keeper].permissions = 0
    guild.members[control.member()].role_ids.append(keeper)
    await rule(control, guild.id, exempt_roles=[keeper])
    assert (await written(control, "bad")).status == 200
    assert (await written(control, "bad", member=1)).body["code"] == BLOCKED
    await rule(control, guild.id, enabled=False)
    assert (await written(control, "bad", member=1)).status == 200
    await rule(control, guild.id, keywords=[], presets=[1])
    assert (await written(control, "damn", member=1)).status == 200


async def test_actions_are_told_to_who_may_manage_the_guild(
    sandbox: Sandbox, control: Control
) -> None:
    """The seeded bot may not."""
    await rule(control, control.guild["id"])
    async with wire(sandbox) as line:
        await line.identify(EXECUTION_INTENT | GUILD_MESSAGES)
        await written(control, "bad")
        await written(control, "good")
        await line.until("MESSAGE_CREATE")
        assert not [each for each in line.seen if each["t"] == EXECUTION]


@pytest.mark.parametrize(
    "wrong",
    [
        {"blocks": False},
        {"times_out_for_s": 0},
        {"times_out_for_s": 28 * 24 * 3600 + 1},
        {"keywords": [], "presets": [1], "times_out_for_s": 60},
        {"alerts_in": "1"},
        {"presets": [4]},
        {"presets": [1]},
        {"keywords": []},
        {"keywords": ["x"] * 1001},
        {"keywords": ["x" * 61]},
        {"keywords": [""]},
        {"patterns": ["x"] * 11},
        {"patterns": ["x" * 261]},
        {"allowed": ["x"] * 101},
        {"keywords": [], "most_mentions": 51},
        {"exempt_roles": ["1"] * 21},
        {"exempt_channels": ["1"] * 51},
    ],
)
async def test_a_wrong_rule_is_refused(control: Control, wrong: dict[str, object]) -> None:
    """And the old ones stay."""
    path = f"/guilds/{control.guild['id']}/automod"
    one = {"name": "words", "keywords": ["bad"]} | wrong
    for place in ("forum", "channel"):
        one["alerts_in"] = control.channel("ideas") if place == "forum" else wrong.get("alerts_in")
        assert (await control.call("PUT", path, [one])).status in (400, 404), place
    assert (await written(control, "bad")).status == 200


@pytest.mark.parametrize(
    ("one", "most"),
    [
        ({"keywords": ["x"]}, 6),
        ({"presets": [1]}, 1),
        ({"most_mentions": 5}, 1),
        ({"spam": True}, 1),
    ],
)
async def test_a_guild_has_so_many_rules_of_each_kind(
    control: Control, one: dict[str, object], most: int
) -> None:
    """And all kinds beside each other."""
    path = f"/guilds/{control.guild['id']}/automod"
    rules = [{"name": str(number)} | one for number in range(most + 1)]
    assert (await control.call("PUT", path, rules[:most])).status == 200
    assert (await control.call("PUT", path, rules)).status == 400


async def test_too_many_mentions_are_blocked_and_spam_is_not_known(
    control: Control, guild: Guild, rest: Rest
) -> None:
    """People and roles count once each; both rules are read in their own types."""
    path = f"/guilds/{guild.id}/automod"
    rules = [{"name": "crowd", "most_mentions": 2}, {"name": "spam", "spam": True}]
    await control.call("PUT", path, rules)
    two = f"<@{control.member(1)}> <@!{control.member(1)}> <@&{guild.id}>"
    assert (await written(control, two)).status == 200
    assert (await written(control, f"{two} <@{control.member(2)}>")).body["code"] == BLOCKED
    read = (await rest.get("/guilds/{guild_id}/auto-moderation/rules")).body
    assert [(each["trigger_type"], each["trigger_metadata"]) for each in read] == [
        (5, {"mention_total_limit": 2, "mention_raid_protection_enabled": False}),
        (3, {}),
    ]


async def brought_along(sandbox: Sandbox, control: Control, rest: Rest) -> Interaction:
    """A command of a member who installed the bot, in a guild without it that has a rule."""
    command = {"name": "imagine", "description": "Paint", "integration_types": [1]}
    await rest.must("PUT", COMMANDS, [command])
    elsewhere = (await control.get("/guilds"))[2]
    await rule(control, elsewhere["id"])
    member = elsewhere["members"][0]["id"]
    await control.call("PUT", f"/users/{member}/install")
    begun = await control.act(
        "command",
        name="imagine",
        guild_id=elsewhere["id"],
        channel_id=elsewhere["channels"][0]["id"],
        user_id=member,
        wait_online_s=0,
    )
    return sandbox.state.interactions[begun["interaction_id"]]


async def answered(rest: Rest, to: Interaction, body: object) -> tuple[dict[str, str], Any]:
    """The first answer of an interaction, and its places."""
    places = {"interaction_id": to.id, "interaction_token": to.token}
    answer = await rest.call("POST", CALLBACK, body, query={"with_response": "true"}, at=places)
    assert answer.status == 200, answer.body
    return places, answer.body["interaction"]


async def test_a_bot_that_a_member_brought_says_bad_words_in_private(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Its answer and what follows become ephemeral, and may then be edited."""
    begun = await brought_along(sandbox, control, rest)
    places, answer = await answered(rest, begun, {"type": 4, "data": {"content": "a bad one"}})
    assert answer["response_message_ephemeral"]
    await rest.must("PATCH", ORIGINAL, {"content": "still bad"}, at=places)
    follow_up = await rest.must("POST", FOLLOW_UP, {"content": "as bad"}, at=places)
    assert follow_up.body["flags"] & 64


async def test_an_edit_that_others_would_see_fails(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """With 200000, a deferred answer's first text too; good words are let through."""
    begun = await brought_along(sandbox, control, rest)
    places, answer = await answered(rest, begun, {"type": 5})
    assert not answer["response_message_ephemeral"]
    refused = await rest.call("PATCH", ORIGINAL, {"content": "a bad one"}, at=places)
    assert (refused.status, refused.body["code"]) == (400, BLOCKED)
    good = await rest.must("PATCH", ORIGINAL, {"content": "a good one"}, at=places)
    assert not good.body["flags"] & 64
    again = await rest.call("PATCH", ORIGINAL, {"content": "a bad one"}, at=places)
    assert again.body["code"] == BLOCKED
    assert (await rest.get(ORIGINAL, **places)).body["content"] == "a good one"


async def test_discordpy_reads_what_automod_did(
    sandbox: Sandbox, control: Control, guild: Guild
) -> None:
    """Each action as its own event, with the message that alerted the staff."""
    guild.roles[guild.id].permissions = ALL & ~Permission.MANAGE_GUILD & ~Permission.ADMINISTRATOR
    await rule(control, guild.id, alerts_in=control.channel("staff"), times_out_for_s=60)
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        actions: asyncio.Queue[discord.AutoModAction] = asyncio.Queue()

        async def on_automod_action(action: discord.AutoModAction) -> None:
            actions.put_nowait(action)

        bot.event(on_automod_action)
        await written(control, "bad")
        async with asyncio.timeout(PATIENCE_S):
            seen = [await actions.get() for _ in range(3)]
    kinds = discord.AutoModRuleActionType
    assert [each.action.type for each in seen] == [
        kinds.block_message,
        kinds.send_alert_message,
        kinds.timeout,
    ]
    assert seen[1].alert_system_message_id is not None
