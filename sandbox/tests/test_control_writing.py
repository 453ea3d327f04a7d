"""What members do with messages beside writing words: post files, change what they wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.permissions import Permission
from sandbox.tests.gateway import CONTENT, GUILD_MESSAGES, wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

FILE = {"filename": "cat.png", "content_base64": "Y2F0"}


async def test_a_member_posts_files(sandbox: Sandbox, control: Control, rest: Rest) -> None:
    """With words or without; a bot with the content intent reads what is in them."""
    sandbox.state.application.privileged_intents |= CONTENT
    path = f"/channels/{control.channel('pictures')}/messages"
    written = {"user_id": control.member(), "files": [FILE, FILE | {"filename": "b.txt"}]}
    posted = await control.call("POST", path, written)
    assert [each["filename"] for each in posted.body["attachments"]] == ["cat.png", "b.txt"]
    seen = (await rest.get(MESSAGES + "/{message_id}", message_id=posted.body["id"])).body
    async with rest.session.get(seen["attachments"][0]["url"]) as response:
        assert await response.read() == b"cat"
    nothing = await control.call("POST", path, {"user_id": control.member()})
    assert nothing.body["code"] == 50006
    broken = await control.call("POST", path, written | {"files": [FILE | {"content_base64": "?"}]})
    assert (broken.status, broken.body["code"]) == (400, 50035)


async def test_files_need_their_permission(sandbox: Sandbox, control: Control) -> None:
    guild = sandbox.state.guilds[control.guild["id"]]
    guild.roles[guild.id].permissions &= ~Permission.ATTACH_FILES
    path = f"/channels/{control.channel('pictures')}/messages"
    refused = await control.call("POST", path, {"user_id": control.member(), "files": [FILE]})
    assert refused.body["code"] == 50013


async def test_a_member_changes_their_own_words(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The bot is told; nobody else's can be changed, and none can be emptied."""
    path = f"/channels/{control.channel('pictures')}/messages"
    written = {"user_id": control.member(), "content": "a cat"}
    message = f"{path}/{(await control.call('POST', path, written)).body['id']}"
    sandbox.state.application.privileged_intents |= CONTENT
    async with wire(sandbox) as line:
        await line.identify(GUILD_MESSAGES | CONTENT)
        changed = await control.call("PATCH", message, written | {"content": "a dog"})
        told = await line.until("MESSAGE_UPDATE")
        assert told["content"] == changed.body["content"] == "a dog"
        assert told["edited_timestamp"] is not None
    other = {"user_id": control.member(1), "content": "mine"}
    assert (await control.call("PATCH", message, other)).body["code"] == 50005
    assert (await control.call("PATCH", message, written | {"content": " "})).body["code"] == 50006
    assert (await rest.call("GET", message)).body["content"] == "a dog"


async def test_automod_looks_at_a_change_too(control: Control) -> None:
    """And refuses it like the same words at first."""
    path = f"/channels/{control.channel('pictures')}/messages"
    rules = [{"name": "fruit", "keywords": ["grape"]}]
    await control.call("PUT", f"/guilds/{control.guild['id']}/automod", rules)
    written = {"user_id": control.member(), "content": "a cat"}
    message = f"{path}/{(await control.call('POST', path, written)).body['id']}"
    bad = written | {"content": "a grape"}
    new, changed = await control.call("POST", path, bad), await control.call("PATCH", message, bad)
    assert (changed.status, changed.body) == (new.status, new.body)
    assert (changed.status, changed.body["code"]) == (400, 200000)
