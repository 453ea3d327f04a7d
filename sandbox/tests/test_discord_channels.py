"""Channels: what of them can be changed, by whom, and what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.tests.gateway import GUILDS, wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.server import Sandbox

CHANNEL = "/channels/{channel_id}"
OVERWRITE = CHANNEL + "/permissions/{overwrite_id}"
MANAGE_CHANNELS, MANAGE_ROLES = 1 << 4, 1 << 28


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A caller who meets no rate limit."""
    async with Rest.of(sandbox, control, pause_s=2) as caller:
        yield caller


def grant(sandbox: Sandbox, control: Control, bits: int) -> None:
    """Gives everyone in the first guild these permissions."""
    guild = sandbox.state.guilds[control.guild["id"]]
    guild.roles[guild.id].permissions |= bits


async def test_a_channel_is_changed_with_manage_channels(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """And the bot is told what it did."""
    change = {"name": "gallery", "topic": "pictures", "nsfw": True, "rate_limit_per_user": 5}
    assert (await rest.call("PATCH", CHANNEL, change)).body["code"] == 50013
    grant(sandbox, control, MANAGE_CHANNELS)
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        changed = (await rest.must("PATCH", CHANNEL, change | {"position": 3})).body
        assert {name: changed[name] for name in change} == change
        assert (await line.until("CHANNEL_UPDATE"))["name"] == "gallery"
        await rest.must("DELETE", CHANNEL)
        assert (await line.until("CHANNEL_DELETE"))["id"] == changed["id"]
    assert (await rest.call("GET", CHANNEL)).body["code"] == 10003


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"topic": "x" * 1025},
        {"rate_limit_per_user": 21_601},
        {"rate_limit_per_user": -1},
        {"auto_archive_duration": 61},
    ],
)
async def test_a_change_beyond_the_limits_is_refused(
    sandbox: Sandbox, control: Control, rest: Rest, change: dict[str, object]
) -> None:
    """50035 at the field."""
    grant(sandbox, control, MANAGE_CHANNELS)
    refused = await rest.call("PATCH", CHANNEL, change)
    assert (refused.status, refused.body["code"]) == (400, 50035)
    assert list(refused.body["errors"]) == list(change)


async def test_an_overwrite_opens_and_closes_a_channel(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The bot may close a channel to itself; then it cannot open it again."""
    own = {"overwrite_id": rest.places["application_id"]}
    deny = {"type": 1, "deny": str(1 << 11)}
    assert (await rest.call("PUT", OVERWRITE, deny, at=own)).body["code"] == 50013
    grant(sandbox, control, MANAGE_ROLES)
    await rest.must("PUT", OVERWRITE, deny, at=own)
    assert (await rest.call("POST", MESSAGES, {"content": "x"})).body["code"] == 50013
    await rest.must("DELETE", OVERWRITE, at=own)
    await rest.must("POST", MESSAGES, {"content": "x"})
    for wrong in ({"type": 2}, {"type": 1, "allow": "x"}):
        assert (await rest.call("PUT", OVERWRITE, wrong, at=own)).body["code"] == 50035
    await rest.must("PUT", OVERWRITE, {"type": 1, "deny": str(1 << 10)}, at=own)
    assert (await rest.call("DELETE", OVERWRITE, at=own)).body["code"] == 50001


async def test_roles_overwrites_add_up_in_discords_order(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Everyone, then roles together, then the member: an allow of a role beats everyone's deny."""
    grant(sandbox, control, MANAGE_ROLES)
    bot_role = next(r["id"] for r in control.guild["roles"] if r["name"] == "Zeuxis")
    everyone = {"overwrite_id": control.guild["id"]}
    await rest.must("PUT", OVERWRITE, {"type": 0, "deny": str(1 << 11)}, **everyone)
    assert (await rest.call("POST", MESSAGES, {"content": "x"})).body["code"] == 50013
    allow = {"type": 0, "allow": str(1 << 11)}
    await rest.must("PUT", OVERWRITE, allow, overwrite_id=bot_role)
    await rest.must("POST", MESSAGES, {"content": "x"})


async def test_a_conversation_cannot_be_changed_but_closed(control: Control, rest: Rest) -> None:
    """403 with 50003; opening it again finds the same; a bot cannot be written to."""
    body = {"recipient_id": control.member()}
    opened = (await rest.must("POST", "/users/@me/channels", body)).body["id"]
    place = {"channel_id": opened}
    assert (await rest.call("PATCH", CHANNEL, {"name": "us"}, **place)).body["code"] == 50003
    assert (await rest.call("POST", CHANNEL + "/threads", {"name": "x"}, **place)).status == 400
    await rest.must("DELETE", CHANNEL, **place)
    assert (await rest.must("POST", "/users/@me/channels", body)).body["id"] == opened
    itself = {"recipient_id": rest.places["application_id"]}
    assert (await rest.call("POST", "/users/@me/channels", itself)).body["code"] == 50007


async def test_a_thread_has_no_overwrites_and_no_threads(control: Control, rest: Rest) -> None:
    """50024 for both."""
    body = {"name": "grapes", "type": 11}
    thread = (await rest.must("POST", CHANNEL + "/threads", body)).body["id"]
    place = {"channel_id": thread}
    assert (await rest.call("POST", CHANNEL + "/threads", body, **place)).body["code"] == 50024
    sent = (await rest.must("POST", MESSAGES, {"content": "x"}, **place)).body["id"]
    nested = MESSAGES + "/{message_id}/threads"
    refused = await rest.call("POST", nested, {"name": "x"}, message_id=sent, **place)
    assert refused.body["code"] == 50024
    put = await rest.call("PUT", OVERWRITE, {"type": 1}, overwrite_id=control.member(), **place)
    assert put.body["code"] == 50024
    members = CHANNEL + "/thread-members"
    assert (await rest.call("GET", members)).body["code"] == 50024
    missing = await rest.call("GET", members + "/{user_id}", user_id="1", **place)
    assert missing.body["code"] == 10007


async def test_system_messages_cannot_be_edited_and_starters_not_deleted(
    control: Control, rest: Rest
) -> None:
    """403 with 50021."""
    sent = (await rest.must("POST", MESSAGES, {"content": "x"})).body["id"]
    message = MESSAGES + "/{message_id}"
    await rest.must("POST", message + "/threads", {"name": "x"}, message_id=sent)
    starter = (await control.messages(sent))[0]["id"]
    for method, body in (("PATCH", {"content": "y"}), ("DELETE", None)):
        refused = await rest.call(method, message, body, message_id=starter, channel_id=sent)
        assert (refused.status, refused.body["code"]) == (403, 50021)


async def test_embeds_of_others_can_be_hidden_with_manage_messages(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """And nothing else of them can be changed."""
    path = f"/channels/{control.channel('pictures')}/messages"
    written = {"user_id": control.member(), "content": "mine"}
    message_id = (await control.call("POST", path, written)).body["id"]
    message = MESSAGES + "/{message_id}"
    hide = {"flags": 4}
    assert (await rest.call("PATCH", message, hide, message_id=message_id)).body["code"] == 50013
    grant(sandbox, control, 1 << 13)
    hidden = await rest.must("PATCH", message, hide, message_id=message_id)
    assert hidden.body["flags"] == 4
    both = {"flags": 4, "content": "yours"}
    assert (await rest.call("PATCH", message, both, message_id=message_id)).body["code"] == 50005
    await rest.must("DELETE", message, message_id=message_id)


async def test_without_embed_links_embeds_are_refused(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """And files without ATTACH_FILES."""
    guild = sandbox.state.guilds[control.guild["id"]]
    for role in guild.roles.values():
        role.permissions &= ~(1 << 14 | 1 << 15)
    embeds = {"embeds": [{"title": "x"}]}
    assert (await rest.call("POST", MESSAGES, embeds)).body["code"] == 50013
    assert (await rest.call("POST", MESSAGES, {}, files={"a.txt": b"a"})).body["code"] == 50013


async def test_what_the_sandbox_does_not_have_is_said_so(rest: Rest) -> None:
    """Polls and stickers."""
    poll = {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}], "duration": 1}
    for body in ({"poll": poll}, {"sticker_ids": ["1"]}):
        refused = await rest.call("POST", MESSAGES, body)
        assert "SANDBOX_UNSUPPORTED" in str(refused.body["errors"]), body


async def test_a_channel_moves_into_a_category_and_takes_all_its_overwrites(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """At once, as libraries lock a channel; null takes both away again."""
    grant(sandbox, control, MANAGE_CHANNELS | MANAGE_ROLES)
    made = "/guilds/{guild_id}/channels"
    category = (await rest.must("POST", made, {"name": "Rooms", "type": 4})).body["id"]
    closed = {"id": control.guild["id"], "type": 0, "allow": "0", "deny": "2048"}
    change = {"parent_id": category, "permission_overwrites": [closed]}
    changed = (await rest.must("PATCH", CHANNEL, change)).body
    assert {name: changed[name] for name in change} == change
    writing = {"user_id": control.member(), "content": "x"}
    path = f"/channels/{rest.places['channel_id']}/messages"
    assert (await control.call("POST", path, writing)).body["code"] == 50013
    freed = (await rest.must("PATCH", CHANNEL, dict.fromkeys(change))).body
    assert (freed["parent_id"], freed["permission_overwrites"]) == (None, [])


async def test_a_category_leaves_its_channels_behind(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """In none, and the bot is told."""
    grant(sandbox, control, MANAGE_CHANNELS)
    made = "/guilds/{guild_id}/channels"
    category = (await rest.must("POST", made, {"name": "Rooms", "type": 4})).body["id"]
    await rest.must("PATCH", CHANNEL, {"parent_id": category})
    async with wire(sandbox) as line:
        await line.identify(GUILDS)
        await rest.must("DELETE", CHANNEL, channel_id=category)
        told = await line.until("CHANNEL_UPDATE")
        assert (told["id"], told["parent_id"]) == (rest.places["channel_id"], None)
        assert (await line.until("CHANNEL_DELETE"))["id"] == category
    assert (await rest.get(CHANNEL)).body["parent_id"] is None


async def test_a_text_channel_becomes_one_of_announcements_and_back(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Nothing else changes its type; its threads sleep after what it says, names are rewritten."""
    grant(sandbox, control, MANAGE_CHANNELS)
    change = {"type": 5, "default_auto_archive_duration": 60, "name": "Big News"}
    changed = (await rest.must("PATCH", CHANNEL, change)).body
    assert changed["name"] == "big-news"
    assert (changed["type"], changed["default_auto_archive_duration"]) == (5, 60)
    thread = await rest.must("POST", CHANNEL + "/threads", {"name": "t", "type": 10})
    assert thread.body["thread_metadata"]["auto_archive_duration"] == 60
    assert (await rest.must("PATCH", CHANNEL, {"type": 0})).body["type"] == 0
    voice = {"channel_id": control.channel("voices")}
    refused = await rest.call("PATCH", CHANNEL, {"type": 0}, at=voice)
    assert list(refused.body["errors"]) == ["type"]
    assert (await rest.must("PATCH", CHANNEL, {"name": "Big Talk"}, at=voice)).body["name"] == (
        "Big Talk"
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_an_overwrite_gives_nothing_that_the_bot_may_not(
    sandbox: Sandbox, control: Control, rest: Rest, method: str
) -> None:
    """50013; and all overwrites at once need MANAGE_ROLES too."""
    grant(sandbox, control, MANAGE_CHANNELS)
    ban = {"id": control.guild["id"], "type": 0, "allow": "4"}
    refused = await rest.call("PATCH", CHANNEL, {"permission_overwrites": []})
    assert refused.body["code"] == 50013
    grant(sandbox, control, MANAGE_ROLES)
    if method == "PATCH":
        refused = await rest.call("PATCH", CHANNEL, {"permission_overwrites": [ban]})
    else:
        one = {"type": 0, "allow": "4"}
        refused = await rest.call("PUT", OVERWRITE, one, overwrite_id=control.guild["id"])
    assert (refused.status, refused.body["code"]) == (403, 50013)
