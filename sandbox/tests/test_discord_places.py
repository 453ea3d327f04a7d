"""Forums, media channels, announcements and voice chats: posts, threads and commands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.tests.rest import COMMANDS, MESSAGES, Rest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

CHANNEL = "/channels/{channel_id}"
IN_CHANNEL = f"{CHANNEL}/threads"
FORUM, MEDIA, VOICE = 15, 16, 2
MANAGE_CHANNELS = 1 << 4


async def made(control: Control, **fields: object) -> Any:
    """A new channel of the first guild."""
    answer = await control.call("POST", f"/guilds/{control.guild['id']}/channels", fields)
    assert answer.status == 200, answer.body
    return answer.body


async def opened(control: Control, channel: str, **fields: object) -> Any:
    """A thread that the first member opens."""
    body = {"user_id": control.member(), "name": "vines", **fields}
    return await control.call("POST", f"/channels/{channel}/threads", body)


@pytest.mark.parametrize("kind", [FORUM, MEDIA])
async def test_a_forum_that_wants_tags_refuses_posts_without_one(
    sandbox: Sandbox, control: Control, rest: Rest, kind: int
) -> None:
    """40067 for the bot and for members, and when the last tag is taken off a post."""
    tags = [{"name": "oil"}, {"name": "ink", "emoji_name": "🖋"}]
    forum = await made(control, name="gallery", type=kind, available_tags=tags, require_tag=True)
    assert (forum["type"], forum["flags"]) == (kind, 1 << 4)
    assert [tag["name"] for tag in forum["available_tags"]] == ["oil", "ink"]
    post = {"name": "a fox", "message": {"content": "red"}}
    refused = await rest.call("POST", IN_CHANNEL, post, channel_id=forum["id"])
    assert (refused.status, refused.body["code"]) == (400, 40067)
    refused = await opened(control, forum["id"], content="green")
    assert (refused.status, refused.body["code"]) == (400, 40067)
    tag = forum["available_tags"][1]["id"]
    tagged = await rest.must(
        "POST", IN_CHANNEL, post | {"applied_tags": [tag]}, channel_id=forum["id"]
    )
    assert (tagged.body["applied_tags"], tagged.body["parent_id"]) == ([tag], forum["id"])
    bare = await rest.call("PATCH", CHANNEL, {"applied_tags": []}, channel_id=tagged.body["id"])
    assert (bare.status, bare.body["code"]) == (400, 40067)
    assert sandbox.state.channels[tagged.body["id"]].thread is not None
    direct = await rest.call("POST", MESSAGES, {"content": "no"}, channel_id=forum["id"])
    assert (direct.status, direct.body["code"]) == (400, 50008)


async def test_a_member_posts_and_the_bot_is_called_there(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The first message has the post's id; a command in it answers in it."""
    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    forum = control.channel("ideas")
    answer = await opened(control, forum, content="green ones")
    assert answer.status == 200, answer.body
    post = answer.body
    assert (post["type"], post["owner_id"]) == (11, control.member())
    said = await control.messages(post["id"])
    assert [(one["id"], one["content"]) for one in said] == [(post["id"], "green ones")]
    begun = await control.act("command", channel=post["id"], name="imagine", wait_online_s=0)
    told = sandbox.state.interactions[begun["interaction_id"]]
    channel: Any = told.body["channel"]
    assert (channel["id"], channel["parent_id"]) == (post["id"], forum)
    empty = await opened(control, forum)
    assert (empty.status, empty.body["code"]) == (400, 50006)
    outside = await control.try_act("command", channel=forum, name="imagine", wait_online_s=0)
    assert outside.status == 400


async def test_tags_are_changed_and_keep_their_ids(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """As discord.py adds one: all that are there by their ids, and the new one."""
    guild = sandbox.state.guilds[control.guild["id"]]
    guild.roles[guild.id].permissions |= MANAGE_CHANNELS
    forum = await made(control, name="gallery", type=FORUM, available_tags=[{"name": "oil"}])
    oil = forum["available_tags"][0]
    body = {"available_tags": [oil, {"name": "ink", "moderated": True}]}
    changed = await rest.must("PATCH", CHANNEL, body, channel_id=forum["id"])
    first, second = changed.body["available_tags"]
    assert (first["id"], second["name"], second["moderated"]) == (oil["id"], "ink", True)
    unknown = await opened(control, forum["id"], content="green", applied_tags=["1"])
    assert (unknown.status, unknown.body["code"]) == (400, 50035)


async def test_announcements_have_threads_of_their_own_type(control: Control, rest: Rest) -> None:
    """Type 10, by the bot and by a member, on a message and without one."""
    news = control.channel("news")
    message = await rest.must("POST", MESSAGES, {"content": "news"}, channel_id=news)
    on_message = f"{MESSAGES}/{message.body['id']}/threads"
    thread = await rest.must("POST", on_message, {"name": "talk"}, channel_id=news)
    assert (thread.body["type"], thread.body["id"]) == (10, message.body["id"])
    theirs = await opened(control, news, content="what is new?")
    assert (theirs.status, theirs.body["type"]) == (200, 10)
    again = await opened(control, news, message_id=message.body["id"])
    assert (again.status, again.body["code"]) == (400, 160004)


async def test_a_voice_channel_has_a_chat_without_threads(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Messages and commands as elsewhere; a thread is 50024, for the bot and for members."""
    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    voice = (await made(control, name="Evening talk", type=VOICE))["id"]
    message = await rest.must("POST", MESSAGES, {"content": "hello"}, channel_id=voice)
    begun = await control.act("command", channel=voice, name="imagine", wait_online_s=0)
    channel: Any = sandbox.state.interactions[begun["interaction_id"]].body["channel"]
    assert (channel["type"], channel["name"]) == (VOICE, "Evening talk")
    for path in (f"{MESSAGES}/{message.body['id']}/threads", IN_CHANNEL):
        refused = await rest.call("POST", path, {"name": "talk"}, channel_id=voice)
        assert (refused.status, refused.body["code"]) == (400, 50024), path
    theirs = await opened(control, voice, message_id=message.body["id"])
    assert (theirs.status, theirs.body["code"]) == (400, 50024)


async def test_members_open_threads_only_where_they_may(control: Control) -> None:
    """Not in #notices, where they may not write; in #pictures on a message and without one."""
    refused = await opened(control, control.channel("notices"), content="hm")
    assert (refused.status, refused.body["code"]) == (400, 50013)
    pictures = control.channel("pictures")
    said = {"user_id": control.member(), "content": "look"}
    message = (await control.call("POST", f"/channels/{pictures}/messages", said)).body
    on_message = (await opened(control, pictures, message_id=message["id"])).body
    assert (on_message["id"], on_message["type"]) == (message["id"], 11)
    alone = (await opened(control, pictures, content="first")).body
    assert [one["content"] for one in await control.messages(alone["id"])] == ["first"]
    notice = (await control.messages("pictures"))[-1]
    assert (notice["type"], notice["author"]["id"]) == (18, control.member())
