"""Messages: sending, reading, editing, deleting, what they mention and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.records import Emoji
from sandbox.tests.gateway import GUILD_MESSAGES, wire
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

MESSAGE = MESSAGES + "/{message_id}"


async def test_a_repeated_nonce_answers_with_the_earlier_message(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Only with `enforce_nonce`, and only for some minutes."""
    body = {"content": "once", "nonce": "job-1", "enforce_nonce": True}
    first = await rest.call("POST", MESSAGES, body)
    again = await rest.call("POST", MESSAGES, body | {"content": "twice"})
    assert again.body["id"] == first.body["id"]
    assert again.body["content"] == "once"
    unenforced = await rest.call("POST", MESSAGES, {"content": "other", "nonce": "job-1"})
    assert unenforced.body["id"] != first.body["id"]
    sandbox.clock.advance(181)
    later = await rest.call("POST", MESSAGES, body)
    assert later.body["id"] != first.body["id"]


async def test_history_is_read_in_pages(sandbox: Sandbox, control: Control, rest: Rest) -> None:
    """Newest first; before, after and around."""
    path = f"/channels/{control.channel('pictures')}/messages"
    ids = []
    for number in range(6):
        written = {"user_id": control.member(), "content": str(number)}
        ids.append((await control.call("POST", path, written)).body["id"])

    async def page(**query: str) -> list[int]:
        answer = await rest.call("GET", MESSAGES, query=query)
        return [ids.index(each["id"]) for each in answer.body]

    assert await page(limit="2") == [5, 4]
    assert await page(limit="2", before=ids[4]) == [3, 2]
    assert await page(limit="2", after=ids[1]) == [3, 2]
    sandbox.clock.advance(1)
    assert await page(limit="3", around=ids[2]) == [3, 2, 1]
    sandbox.clock.advance(1)
    for wrong in ("101", "0", "²"):
        refused = await rest.call("GET", MESSAGES, query={"limit": wrong})
        assert (refused.status, refused.body["code"]) == (400, 50035)


async def test_only_the_bots_own_messages_can_be_edited(control: Control, rest: Rest) -> None:
    """403 with 50005 for a member's; deleting one needs MANAGE_MESSAGES."""
    path = f"/channels/{control.channel('pictures')}/messages"
    written = {"user_id": control.member(), "content": "mine"}
    message_id = (await control.call("POST", path, written)).body["id"]
    edited = await rest.call("PATCH", MESSAGE, {"content": "yours"}, message_id=message_id)
    assert (edited.status, edited.body["code"]) == (403, 50005)
    deleted = await rest.call("DELETE", MESSAGE, message_id=message_id)
    assert (deleted.status, deleted.body["code"]) == (403, 50013)


async def test_an_edit_changes_what_it_names_and_keeps_the_rest(rest: Rest) -> None:
    """Attachments are kept by id, new ones come behind them, none named keeps all."""
    files = {"a.txt": b"a", "b.txt": b"b"}
    sent = (await rest.call("POST", MESSAGES, {"content": "two"}, files=files)).body
    place = {"message_id": sent["id"]}
    kept = (await rest.call("PATCH", MESSAGE, {"content": "still two"}, **place)).body
    assert [each["filename"] for each in kept["attachments"]] == ["a.txt", "b.txt"]
    last = {"attachments": [{"id": sent["attachments"][1]["id"]}, {"id": 0, "filename": "c.txt"}]}
    changed = (await rest.call("PATCH", MESSAGE, last, files={"c.txt": b"c"}, **place)).body
    assert [each["filename"] for each in changed["attachments"]] == ["b.txt", "c.txt"]
    assert changed["content"] == "still two"
    emptied = await rest.call("PATCH", MESSAGE, {"content": "", "attachments": []}, **place)
    assert (emptied.status, emptied.body["code"]) == (400, 50006)


async def test_a_reply_names_its_message_and_may_outlive_it(control: Control, rest: Rest) -> None:
    """An unknown message is refused unless `fail_if_not_exists` is false."""
    first = (await rest.call("POST", MESSAGES, {"content": "one"})).body
    reply = {"content": "two", "message_reference": {"message_id": first["id"]}}
    told = (await rest.call("POST", MESSAGES, reply)).body
    assert told["type"] == 19
    assert told["referenced_message"]["content"] == "one"
    await rest.call("DELETE", MESSAGE, message_id=first["id"])
    refused = await rest.call("POST", MESSAGES, reply)
    assert refused.body["errors"]["message_reference"]["_errors"][0]["message"] == "Unknown message"
    reply["message_reference"] |= {"fail_if_not_exists": False}  # type: ignore[operator]
    assert (await rest.call("POST", MESSAGES, reply)).body["type"] == 0


async def test_mentions_are_what_allowed_mentions_lets_through(
    control: Control, rest: Rest
) -> None:
    """Everyone is out of reach for a bot without the permission."""
    ada, ben = control.member(0), control.member(1)
    content = f"<@{ada}> <@{ben}> @everyone"
    loud = (await rest.call("POST", MESSAGES, {"content": content})).body
    assert [each["id"] for each in loud["mentions"]] == [ada, ben]
    assert loud["mention_everyone"] is False
    one = {"content": content, "allowed_mentions": {"users": [ben]}}
    assert [e["id"] for e in (await rest.call("POST", MESSAGES, one)).body["mentions"]] == [ben]
    silent = {"content": content, "allowed_mentions": {"parse": []}}
    assert (await rest.call("POST", MESSAGES, silent)).body["mentions"] == []


async def test_bulk_deletion_takes_two_to_a_hundred_young_messages(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """50016 for one, 50034 for old ones; it needs MANAGE_MESSAGES."""
    first = (await rest.call("POST", MESSAGES, {"content": "one"})).body["id"]
    second = (await rest.call("POST", MESSAGES, {"content": "two"})).body["id"]
    bulk = MESSAGES + "/bulk-delete"
    body = {"messages": [first, second]}
    assert (await rest.call("POST", bulk, body)).body["code"] == 50013
    guild = sandbox.state.guilds[control.guild["id"]]
    guild.roles[guild.id].permissions |= 1 << 13
    sandbox.clock.advance(1)
    assert (await rest.call("POST", bulk, {"messages": [first]})).body["code"] in (50016, 50035)
    sandbox.clock.advance(1)
    async with wire(sandbox) as line:
        await line.identify(GUILD_MESSAGES)
        assert (await rest.call("POST", bulk, body)).status == 204
        assert (await line.until("MESSAGE_DELETE_BULK"))["ids"] == [first, second]
    assert await control.messages("pictures") == []
    sandbox.clock.advance(15 * 24 * 3600)
    assert (await rest.call("POST", bulk, body)).body["code"] == 50034


async def test_edits_of_an_old_message_run_out(sandbox: Sandbox, rest: Rest) -> None:
    """After an hour a message can be edited so often and no more: 30046."""
    sent = (await rest.call("POST", MESSAGES, {"content": "0"})).body["id"]
    sandbox.clock.advance(3601)
    statuses = []
    for number in range(32):
        sandbox.clock.advance(5)
        told = await rest.call("PATCH", MESSAGE, {"content": str(number)}, message_id=sent)
        statuses.append(told.status)
    assert statuses == [200] * 30 + [429] * 2
    assert told.body["code"] == 30046


async def test_a_read_only_channel_refuses_the_bot(control: Control, rest: Rest) -> None:
    """50013 for sending where it sees, 50001 where it does not, 50008 where there are none."""
    expected = {"notices": (403, 50013), "staff": (403, 50001), "ideas": (400, 50008)}
    for name, refusal in expected.items():
        told = await rest.call(
            "POST", MESSAGES, {"content": "hello"}, channel_id=control.channel(name)
        )
        assert (told.status, told.body["code"]) == refusal, name


async def test_reactions_and_pins_are_kept_with_the_message(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """A reaction counts once; pinning needs its own permission and tells the channel."""
    sent = (await rest.call("POST", MESSAGES, {"content": "grapes"})).body["id"]
    reaction = MESSAGE + "/reactions/%F0%9F%8D%87/@me"
    for _ in range(2):
        assert (await rest.call("PUT", reaction, message_id=sent)).status == 204
        sandbox.clock.advance(1)
    shown = (await rest.call("GET", MESSAGE, message_id=sent)).body
    assert shown["reactions"][0] | {"count_details": None} == {
        "emoji": {"id": None, "name": "🍇"},
        "count": 1,
        "count_details": None,
        "burst_colors": [],
        "me_burst": False,
        "me": True,
        "burst_me": False,
        "burst_count": 0,
    }
    pin = MESSAGES + "/pins/{message_id}"
    assert (await rest.call("PUT", pin, message_id=sent)).body["code"] == 50013
    guild = sandbox.state.guilds[control.guild["id"]]
    guild.roles[guild.id].permissions |= 1 << 51
    assert (await rest.call("PUT", pin, message_id=sent)).status == 204
    pins = (await rest.call("GET", MESSAGES + "/pins")).body
    assert [each["message"]["id"] for each in pins["items"]] == [sent]
    assert (await control.messages("pictures"))[-1]["type"] == 6


async def test_what_members_write_is_hidden_without_the_content_intent(
    control: Control, rest: Rest
) -> None:
    """Only what mentions the bot is shown to it."""
    path = f"/channels/{control.channel('pictures')}/messages"
    bot_id = rest.places["application_id"]
    for content in ("hello all", f"<@{bot_id}> hello"):
        written = {"user_id": control.member(), "content": content}
        await control.call("POST", path, written)
    seen = (await rest.call("GET", MESSAGES)).body
    assert [each["content"] for each in seen] == [f"<@{bot_id}> hello", ""]


async def test_the_bot_reacts_with_its_own_emojis_and_those_on_the_message(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """By their ids, whatever the name; with any other custom one it is 10014."""
    sandbox.state.save(Emoji(id="77", name="grape", content_type="image/png"))
    sent = (await rest.must("POST", MESSAGES, {"content": "x"})).body["id"]
    reaction = MESSAGES + "/{message_id}/reactions/{emoji}"
    for method in ("PUT", "DELETE"):
        sandbox.clock.advance(1)
        unknown = await rest.call(method, reaction + "/@me", message_id=sent, emoji="vine:78")
        assert (unknown.status, unknown.body["code"]) == (400, 10014)
    sandbox.clock.advance(1)
    await rest.must("PUT", reaction + "/@me", message_id=sent, emoji="old_name:77")
    sandbox.clock.advance(1)
    theirs = f"/channels/{rest.places['channel_id']}/messages/{sent}/reactions/vine:78"
    await control.call("POST", f"{theirs}?viewer={control.member()}")
    await rest.must("PUT", reaction + "/@me", message_id=sent, emoji="vine:78")
    shown = (await rest.get(MESSAGES + "/{message_id}", message_id=sent)).body["reactions"]
    assert [(each["emoji"]["name"], each["emoji"]["id"], each["count"]) for each in shown] == [
        ("grape", "77", 1),
        ("vine", "78", 2),
    ]
