"""Threads: how they are made, who may, when they sleep, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import threads_life
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    import pytest

    from sandbox.control.client import Control
    from sandbox.server import Sandbox

FROM_MESSAGE = MESSAGES + "/{message_id}/threads"
IN_CHANNEL = "/channels/{channel_id}/threads"
THREAD = "/channels/{thread_id}"
IN_THREAD = THREAD + "/messages"
CREATE_PUBLIC, MANAGE_THREADS = 1 << 35, 1 << 34


async def opened(rest: Rest, name: str = "grapes", **body: object) -> str:
    """The id of a thread on a new message."""
    sent = await rest.must("POST", MESSAGES, {"content": name})
    body = {"name": name, **body}
    thread = await rest.must("POST", FROM_MESSAGE, body, message_id=sent.body["id"])
    assert thread.body["id"] == sent.body["id"]
    identity: str = thread.body["id"]
    return identity


def grant(sandbox: Sandbox, control: Control, bits: int) -> None:
    """Gives everyone in the first guild these permissions."""
    guild = sandbox.state.guilds[control.guild["id"]]
    guild.roles[guild.id].permissions |= bits


async def test_a_message_has_one_thread(rest: Rest) -> None:
    """The second is refused with 160004."""
    thread_id = await opened(rest)
    again = await rest.call("POST", FROM_MESSAGE, {"name": "more"}, message_id=thread_id)
    assert (again.status, again.body["code"]) == (400, 160004)
    message = (await rest.get(MESSAGES + "/{message_id}", message_id=thread_id)).body
    assert message["flags"] & 1 << 5
    assert message["thread"]["id"] == thread_id


async def test_a_thread_in_a_channel_is_private_unless_it_says_public(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Private ones need their own permission; a public one is announced."""
    refused = await rest.call("POST", IN_CHANNEL, {"name": "secret"})
    assert (refused.status, refused.body["code"]) == (403, 50013)
    public = await rest.must("POST", IN_CHANNEL, {"name": "open", "type": 11})
    assert public.body["type"] == 11
    notice = (await control.messages("pictures"))[-1]
    assert (notice["type"], notice["content"]) == (18, "open")
    assert notice["message_reference"]["channel_id"] == public.body["id"]
    grant(sandbox, control, 1 << 36)
    private = await rest.must("POST", IN_CHANNEL, {"name": "secret"})
    assert private.body["type"] == 12
    hidden = await control.call(
        "GET", f"/channels/{private.body['id']}/messages?viewer={control.member()}"
    )
    assert hidden.status == 400


async def test_a_forum_takes_posts_with_their_first_message(control: Control, rest: Rest) -> None:
    """The message has the post's id; tags must be the forum's."""
    forum = control.channel("ideas")
    tag = next(c for c in control.guild["channels"] if c["id"] == forum)["available_tags"][0]
    body = {"name": "idea", "message": {"content": "vines"}, "applied_tags": [tag["id"]]}
    post = (await rest.must("POST", IN_CHANNEL, body, channel_id=forum)).body
    assert post["message"]["id"] == post["id"]
    assert post["applied_tags"] == [tag["id"]]
    unknown = await rest.call("POST", IN_CHANNEL, body | {"applied_tags": ["1"]}, channel_id=forum)
    assert (unknown.status, unknown.body["code"]) == (400, 50035)
    without = await rest.call("POST", IN_CHANNEL, {"name": "idea"}, channel_id=forum)
    assert without.body["code"] == 50035


async def test_threads_need_their_permission(control: Control, rest: Rest) -> None:
    """In a read-only channel there are none for the bot."""
    refused = await rest.call(
        "POST", IN_CHANNEL, {"name": "x", "type": 11}, channel_id=control.channel("notices")
    )
    assert (refused.status, refused.body["code"]) == (403, 50013)


async def test_an_idle_thread_sleeps_until_someone_writes(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Archived after its time; editing is refused with 50083, sending wakes it."""
    thread_id = await opened(rest, auto_archive_duration=60)
    places = {"thread_id": thread_id}
    sent = (await rest.must("POST", IN_THREAD, {"content": "one"}, at=places)).body["id"]
    await control.call("POST", "/clock/advance", {"seconds": 3601})
    assert (await rest.get(THREAD, **places)).body["thread_metadata"]["archived"]
    edit = IN_THREAD + "/{message_id}"
    refused = await rest.call("PATCH", edit, {"content": "two"}, message_id=sent, at=places)
    assert (refused.status, refused.body["code"]) == (400, 50083)
    active = await rest.get("/guilds/{guild_id}/threads/active")
    assert active.body["threads"] == []
    archived = await rest.get(IN_CHANNEL + "/archived/public")
    assert [each["id"] for each in archived.body["threads"]] == [thread_id]
    await rest.must("POST", IN_THREAD, {"content": "two"}, at=places)
    assert not (await rest.get(THREAD, **places)).body["thread_metadata"]["archived"]


async def test_a_locked_thread_is_for_its_moderators(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Others are refused with 160005; locking needs MANAGE_THREADS even for the owner."""
    thread_id = await opened(rest)
    refused = await rest.call("PATCH", THREAD, {"locked": True}, thread_id=thread_id)
    assert (refused.status, refused.body["code"]) == (403, 50013)
    renamed = await rest.must("PATCH", THREAD, {"name": "vines"}, thread_id=thread_id)
    assert renamed.body["name"] == "vines"
    thread = sandbox.state.channels[thread_id].thread
    assert thread is not None
    thread.is_locked = True
    sending = await rest.call("POST", IN_THREAD, {"content": "one"}, thread_id=thread_id)
    assert (sending.status, sending.body["code"]) == (400, 160005)
    grant(sandbox, control, MANAGE_THREADS)
    await rest.must("POST", IN_THREAD, {"content": "one"}, thread_id=thread_id)


async def test_a_guild_has_only_so_many_active_threads(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more is refused with 160006."""
    monkeypatch.setattr(threads_life, "MAX_ACTIVE_THREADS", 2)
    for _ in range(2):
        await opened(rest)
    sent = (await rest.must("POST", MESSAGES, {"content": "third"})).body["id"]
    refused = await rest.call("POST", FROM_MESSAGE, {"name": "third"}, message_id=sent)
    assert (refused.status, refused.body["code"]) == (400, 160006)


async def test_members_come_and_go(sandbox: Sandbox, control: Control, rest: Rest) -> None:
    """The bot brings someone in; taking them out of a public thread needs MANAGE_THREADS."""
    thread_id = await opened(rest)
    member = THREAD + "/thread-members/{user_id}"
    places = {"thread_id": thread_id, "user_id": control.member()}
    await rest.must("PUT", member, at=places)
    assert (await rest.get(member, **places)).body["user_id"] == control.member()
    assert (await rest.call("DELETE", member, at=places)).body["code"] == 50013
    grant(sandbox, control, MANAGE_THREADS)
    await rest.must("DELETE", member, at=places)
    mention = {"content": f"<@{control.member(1)}>"}
    await rest.must("POST", IN_THREAD, mention, thread_id=thread_id)
    await rest.must("DELETE", member, thread_id=thread_id, user_id=control.member(1))
    members = (await rest.get(THREAD + "/thread-members", thread_id=thread_id)).body
    assert [each["user_id"] for each in members] == [rest.places["application_id"]]


async def test_a_thread_outlives_its_message_and_dies_with_its_channel(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Deleting the channel takes its threads along."""
    thread_id = await opened(rest)
    await rest.must("DELETE", MESSAGES + "/{message_id}", message_id=thread_id)
    assert (await rest.get(THREAD, thread_id=thread_id)).body["name"] == "grapes"
    grant(sandbox, control, 1 << 4)
    await rest.must("DELETE", "/channels/{channel_id}")
    assert (await rest.call("GET", THREAD, thread_id=thread_id)).body["code"] == 10003
