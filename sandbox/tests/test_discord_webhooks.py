"""Incoming webhooks: made by the bot, used by whoever has the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import discord
import pytest

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.discord.permissions import ALL
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PNG, PaintingBot, connected, picture
from sandbox.tests.gateway import GUILD_MESSAGES, GUILDS, wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.discord.document import Document

Refusal: TypeAlias = "tuple[dict[str, str], dict[str, str], dict[str, str], int]"

OF_CHANNEL = "/channels/{channel_id}/webhooks"
ONE = "/webhooks/{webhook_id}"
BY_TOKEN = f"{ONE}/{{webhook_token}}"
SENT = f"{BY_TOKEN}/messages/{{message_id}}"


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A bot that may do everything and never meets a rate limit."""
    allow_all(sandbox)
    async with Rest.of(sandbox, control, pause_s=2.5) as caller:
        yield caller


def allow_all(sandbox: Sandbox) -> None:
    """Gives the bot's role every permission."""
    for guild in sandbox.state.guilds.values():
        for role in guild.roles.values():
            role.permissions |= ALL if role.bot_id else 0


async def made(rest: Rest, **places: str) -> dict[str, str]:
    """A new webhook's id and token, as places."""
    hook = (await rest.must("POST", OF_CHANNEL, {"name": "Easel"}, at=places)).body
    return {"webhook_id": hook["id"], "webhook_token": hook["token"]}


async def said(rest: Rest, hook: dict[str, str], body: object, **query: str) -> Any:
    """The message that a webhook has sent."""
    answer = await rest.call("POST", BY_TOKEN, body, query={"wait": "true", **query}, at=hook)
    assert answer.status == 200, answer.body
    return answer.body


async def test_a_webhook_speaks_under_its_name_or_another(
    sandbox: Sandbox, rest: Rest, control: Control
) -> None:
    """Without the bot's token; it is told and seen, and answered only if waited for."""
    async with wire(sandbox) as line, aiohttp.ClientSession() as stranger:
        await line.identify(GUILD_MESSAGES | 1 << 5)
        hook = await made(rest)
        assert (await line.until("WEBHOOKS_UPDATE"))["channel_id"] == control.channel("pictures")
        plain = await said(rest, hook, {"content": "hello @everyone", "flags": 64})
        told = await line.until("MESSAGE_CREATE")
        assert (told["webhook_id"], "member" in told) == (hook["webhook_id"], False)
        assert (plain["author"]["username"], plain["author"]["bot"]) == ("Easel", True)
        assert (plain["mention_everyone"], plain["flags"]) == (True, 0)
        url = str(sandbox.addresses["discord_api_base_url"]) + BY_TOKEN.format_map(hook)
        body = {"content": "quiet", "username": "Ochre"}
        async with stranger.post(url, json=body) as answer:
            assert (answer.status, await answer.text()) == (204, "")
    seen = await control.messages("pictures")
    assert [(one["content"], one["author"]["username"]) for one in seen] == [
        ("hello @everyone", "Easel"),
        ("quiet", "Ochre"),
    ]


async def test_a_webhook_changes_its_own_messages_alone(rest: Rest) -> None:
    """Not the bot's, not another webhook's; nor can the bot change the webhook's."""
    hook, other = await made(rest), await made(rest)
    sent = await said(rest, hook, {"content": "one"})
    mine = await rest.must("POST", MESSAGES, {"content": "the bot's"})
    for places in ({**other, "message_id": sent["id"]}, {**hook, "message_id": mine.body["id"]}):
        for method, body in (("GET", None), ("PATCH", {"content": "x"}), ("DELETE", None)):
            assert (await rest.call(method, SENT, body, **places)).body["code"] == 10008
    by_bot = await rest.call("PATCH", f"{MESSAGES}/{sent['id']}", {"content": "x"})
    assert by_bot.body["code"] == 50005
    changed = await rest.must("PATCH", SENT, {"content": "two"}, message_id=sent["id"], at=hook)
    assert changed.body["content"] == "two"
    await rest.must("DELETE", SENT, message_id=sent["id"], at=hook)
    assert (await rest.call("GET", SENT, message_id=sent["id"], at=hook)).body["code"] == 10008


async def test_a_webhook_reaches_threads_of_its_channel(rest: Rest, control: Control) -> None:
    """Not others; in a forum it needs a thread, elsewhere it opens none."""
    hook = await made(rest)
    opened = "/channels/{channel_id}/threads"
    thread = (await rest.must("POST", opened, {"name": "t", "type": 11})).body["id"]
    elsewhere = control.channel("studio")
    foreign = (
        await rest.must("POST", opened, {"name": "t", "type": 11}, channel_id=elsewhere)
    ).body
    sent = await said(rest, hook, {"content": "inside"}, thread_id=thread)
    assert sent["channel_id"] == thread
    query = {"thread_id": thread}
    await said(rest, hook, {"content": "by everyone"}, **query)
    edited = await rest.call(
        "PATCH", SENT, {"content": "changed"}, query=query, message_id=sent["id"], at=hook
    )
    assert edited.body["content"] == "changed"
    refusals: tuple[Refusal, ...] = (
        (hook, {"content": "x"}, {"thread_id": foreign["id"]}, 10003),
        (hook, {"content": "x", "thread_name": "new"}, {}, 220003),
        (await made(rest, channel_id=control.channel("ideas")), {"content": "x"}, {}, 220001),
    )
    for places, body, query, code in refusals:
        answer = await rest.call("POST", BY_TOKEN, body, query=query, at=places)
        assert answer.body["code"] == code


async def test_a_webhook_opens_a_post_in_a_forum(
    sandbox: Sandbox, rest: Rest, control: Control
) -> None:
    """Named and tagged, with the message's own id; nobody is its member, and more can follow."""
    forum = sandbox.state.channels[control.channel("ideas")]
    hook = await made(rest, channel_id=forum.id)
    post = {"content": "a pier", "thread_name": " Pier ", "applied_tags": [forum.tags[0].id]}
    async with wire(sandbox) as line:
        await line.identify(GUILDS | GUILD_MESSAGES)
        first = await said(rest, hook, post)
        opened = await line.until("THREAD_CREATE")
        assert (opened["name"], opened["owner_id"]) == ("Pier", hook["webhook_id"])
        assert (opened["applied_tags"], opened["newly_created"]) == (post["applied_tags"], True)
        assert (await line.until("MESSAGE_CREATE"))["id"] == first["id"]
    assert first["id"] == first["channel_id"] == opened["id"]
    members = "/channels/{channel_id}/thread-members"
    assert (await rest.get(members, channel_id=opened["id"])).body == []
    more = await said(rest, hook, {"content": "at dawn"}, thread_id=opened["id"])
    assert more["channel_id"] == opened["id"]


async def test_a_wrong_post_of_a_webhook_is_refused_and_opens_nothing(
    sandbox: Sandbox, rest: Rest, control: Control
) -> None:
    """Without a name, with a thread besides, empty, or with tags that are not the forum's."""
    forum = sandbox.state.channels[control.channel("ideas")]
    hook = await made(rest, channel_id=forum.id)
    post: dict[str, object] = {"content": "x", "thread_name": "Pier"}
    there = {"thread_id": (await said(rest, hook, post))["channel_id"]}
    refusals: tuple[tuple[dict[str, object], dict[str, str], int], ...] = (
        ({"content": "x", "thread_name": "  "}, {}, 220001),
        (post, there, 220002),
        ({"thread_name": "Pier"}, {}, 50006),
        ({**post, "username": "discord"}, {}, 50035),
        ({**post, "applied_tags": ["1"]}, {}, 50035),
    )
    for body, query, code in refusals:
        answer = await rest.call("POST", BY_TOKEN, body, query=query, at=hook)
        assert (answer.status, answer.body["code"]) == (400, code)
    forum.flags |= 1 << 4
    assert (await rest.call("POST", BY_TOKEN, post, at=hook)).body["code"] == 40067
    assert len(sandbox.state.threads_of(control.guild["id"])) == 1


async def test_a_wrong_token_or_name_or_place_is_refused(rest: Rest) -> None:
    """401, 404, and 50035 at the field; 15 webhooks in one channel."""
    hook = await made(rest)
    wrong = {**hook, "webhook_token": "wrong"}
    assert (await rest.call("POST", BY_TOKEN, {"content": "x"}, at=wrong)).body["code"] == 50027
    unknown = {**hook, "webhook_id": "1"}
    assert (await rest.call("GET", BY_TOKEN, at=unknown)).body["code"] == 10015
    for name in ("", "My Discord", "clyde", "x" * 81):
        answer = await rest.call("POST", OF_CHANNEL, {"name": name})
        assert (answer.status, list(answer.body["errors"])) == (400, ["name"])
    named = await rest.call("POST", BY_TOKEN, {"content": "x", "username": "discord"}, at=hook)
    assert list(named.body["errors"]) == ["username"]
    for _ in range(14):
        await made(rest)
    assert (await rest.call("POST", OF_CHANNEL, {"name": "x"})).body["code"] == 30007
    user = await rest.call("GET", "/users/{webhook_id}", at=hook)
    assert user.body["code"] == 10013, "a webhook is no user"


async def test_a_webhook_is_renamed_moved_and_deleted(rest: Rest, control: Control) -> None:
    """By its token it cannot be moved; its messages outlive it, but not its channel."""
    hook = await made(rest)
    elsewhere = control.channel("studio")
    sent = await said(rest, hook, {"content": "stays"})
    by_token = await rest.must(
        "PATCH", BY_TOKEN, {"name": "Palette", "channel_id": elsewhere}, at=hook
    )
    assert (by_token.body["name"], "user" in by_token.body) == ("Palette", False)
    assert by_token.body["channel_id"] == control.channel("pictures")
    moved = await rest.must("PATCH", ONE, {"channel_id": elsewhere}, at=hook)
    assert (moved.body["channel_id"], moved.body["user"]["bot"]) == (elsewhere, True)
    await rest.must("DELETE", "/channels/{channel_id}", channel_id=elsewhere)
    assert (await rest.call("GET", ONE, at=hook)).body["code"] == 10015
    kept = await rest.get(f"{MESSAGES}/{sent['id']}")
    assert kept.body["author"]["username"] == "Palette"


async def test_webhooks_need_their_permission(sandbox: Sandbox, control: Control) -> None:
    """MANAGE_WEBHOOKS, which the seeded bot has not; with the token nothing more is needed."""
    async with Rest.of(sandbox, control, pause_s=1) as caller:
        assert (await caller.call("POST", OF_CHANNEL, {"name": "x"})).body["code"] == 50013
        assert (await caller.get("/guilds/{guild_id}/webhooks")).body == []


@pytest.mark.sockets
async def test_a_webhook_outlives_a_start(tmp_path: Path, document: Document) -> None:
    """With its messages; and no id is given out twice."""
    settings = Settings(seed=7, data=tmp_path)
    clock = SandboxClock.manual()
    async with Sandbox.start(settings, clock=clock, document=document) as first:
        allow_all(first)
        async with Control.of(first) as control, Rest.of(first, control, pause_s=1) as rest:
            hook = await made(rest)
            sent = await said(rest, hook, {"content": "kept"})
    async with Sandbox.start(settings, clock=clock, document=document) as second:
        allow_all(second)
        async with Control.of(second) as control, Rest.of(second, control, pause_s=1) as rest:
            assert (await rest.get(SENT, message_id=sent["id"], **hook)).body["content"] == "kept"
            assert int((await made(rest))["webhook_id"]) > int(sent["id"])
    assert second.checks.tally.failures == []


async def test_discordpy_s_webhooks_work(sandbox: Sandbox, control: Control) -> None:
    """Made, listed, used with a file in a thread, edited and deleted by its own methods."""
    allow_all(sandbox)
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        channel = bot.get_channel(int(control.channel("pictures")))
        assert isinstance(channel, discord.TextChannel)
        webhook = await channel.create_webhook(name="Easel")
        assert [each.id for each in await channel.webhooks()] == [webhook.id]
        thread = await channel.create_thread(name="t", type=discord.ChannelType.public_thread)
        sent = await webhook.send("hi", username="Ochre", file=picture(), thread=thread, wait=True)
        assert (sent.author.name, sent.webhook_id) == ("Ochre", webhook.id)
        assert await sent.attachments[0].read() == PNG
        edited = await sent.edit(content="bye", attachments=sent.attachments)
        assert (edited.content, len(edited.attachments)) == ("bye", 1)
        await sent.delete()
        await webhook.edit(name="Palette")
        await webhook.delete()
        assert await channel.webhooks() == []
    assert sandbox.violations.snapshot() == []
