"""Commands outside the bot's guilds: who is offered them, what the bot is told, what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PNG
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.interactions import Interaction


WEBHOOK = "/webhooks/{application_id}/{interaction_token}"
ORIGINAL = f"{WEBHOOK}/messages/@original"
EMBED_LINKS, ATTACH_FILES, MENTION_EVERYONE = 1 << 14, 1 << 15, 1 << 17
ABROAD = EMBED_LINKS | ATTACH_FILES | MENTION_EVERYONE
EXTERNAL_EMOJIS = 1 << 18
PRESS = {"type": 1, "components": [{"type": 2, "style": 1, "label": "More", "custom_id": "more"}]}


async def registered(rest: Rest, **fields: object) -> None:
    """One slash command with these fields, and a menu of messages and one of users."""
    kinds: list[dict[str, object]] = [
        {"name": "imagine", "description": "Paint"},
        {"name": "Redo", "type": 3},
        {"name": "Greet", "type": 2},
    ]
    await rest.must("PUT", COMMANDS, [each | fields for each in kinds])


async def opened(control: Control, *members: int, name: str | None = None) -> str:
    """The id of a conversation between members of the first guild."""
    body = {"user_ids": [control.member(each) for each in members], "name": name}
    answer = await control.call("POST", "/private-channels", body)
    assert answer.status == 200, answer.body
    return str(answer.body["id"])


async def called(sandbox: Sandbox, control: Control, kind: str, **act: Any) -> Interaction:
    """A member acts outside guilds; the interaction that the bot is told."""
    act = {"guild_id": None, "wait_online_s": 0, **act}
    answer = await control.try_act(kind, **act)
    assert answer.status == 200, answer.body
    return sandbox.state.interactions[answer.body["interaction_id"]]


async def offered(control: Control, member: int, channel: str) -> list[str]:
    """The names of the commands that the client offers there."""
    asked = f"/channels/{channel}/commands?viewer={control.member(member)}"
    return sorted(each["name"] for each in await control.get(asked))


async def install(control: Control, member: int = 0) -> None:
    """The member installs the application for themselves."""
    await control.call("PUT", f"/users/{control.member(member)}/install")


EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, {"guild", "bot"}),
        ({"integration_types": [0, 1]}, {"guild", "bot", "abroad"}),
        (EVERYWHERE, {"guild", "bot", "abroad", "private"}),
        ({"contexts": [2], "integration_types": [1]}, {"private"}),
        ({"contexts": [0], "integration_types": [1]}, {"guild", "abroad"}),
        ({"contexts": [0, 1, 2], "integration_types": [0]}, {"guild", "bot"}),
        ({"dm_permission": False}, {"guild"}),
    ],
)
async def test_contexts_and_installs_say_where_a_command_is_offered(
    sandbox: Sandbox, control: Control, rest: Rest, fields: dict[str, object], where: set[str]
) -> None:
    """To one who has installed the application, here also a member of a guild without the bot."""
    await registered(rest, **fields)
    await install(control)
    abroad = (await control.get("/guilds"))[2]
    state = sandbox.state
    bens, adas = state.guilds[abroad["id"]].members, control.member()
    first = next(iter(bens.values()))
    bens[adas] = type(first)(user_id=adas, joined_at_us=first.joined_at_us)
    places = {
        "guild": control.channel("pictures"),
        "bot": state.direct_channel(adas).id,
        "abroad": abroad["channels"][0]["id"],
        "private": await opened(control, 0, 1),
    }
    seen = {name for name, channel in places.items() if await offered(control, 0, channel)}
    assert seen == where


async def test_between_people_only_who_installed_it_is_offered_commands(
    control: Control, rest: Rest
) -> None:
    """Slash commands and both menus; the other one of the two is offered nothing."""
    await registered(rest, **EVERYWHERE)
    private = await opened(control, 0, 1)
    assert await offered(control, 0, private) == []
    await install(control)
    assert await offered(control, 0, private) == ["Greet", "Redo", "imagine"]
    assert await offered(control, 1, private) == []
    refused = await control.try_act(
        "command", member=1, name="imagine", guild_id=None, channel=private, wait_online_s=0
    )
    assert (refused.status, refused.body["code"]) == (404, 10063)


@pytest.mark.parametrize("members", [(0, 1), (0, 1, 2)], ids=["two", "group"])
async def test_the_bot_is_told_of_a_private_channel_and_cannot_enter_it(
    sandbox: Sandbox, control: Control, rest: Rest, members: tuple[int, ...]
) -> None:
    """Context 2, a user, the user's install alone; the bot's token gets 50001, the other works."""
    await registered(rest, **EVERYWHERE)
    await install(control)
    private = await opened(control, *members, name="Friends")
    told = await called(sandbox, control, "command", name="imagine", channel=private)
    body, ada = told.body, control.member()
    assert (body["context"], body["authorizing_integration_owners"]) == (2, {"1": ada})
    assert (body["app_permissions"], body["attachment_size_limit"]) == (str(ABROAD), 20 * 2**20)
    assert "member" not in body
    assert "guild_id" not in body
    channel: Any = body["channel"]
    assert channel["type"] == (1 if len(members) == 2 else 3)
    assert [one["id"] for one in channel["recipients"]] == [control.member(n) for n in members]
    at = {"interaction_id": told.id, "interaction_token": told.token}
    card = {"content": "here", "components": [PRESS]}
    await rest.must("POST", CALLBACK, {"type": 4, "data": card}, at=at)
    edited = await rest.must("PATCH", ORIGINAL, {"content": "done"}, files={"a.png": PNG}, at=at)
    assert edited.body["attachments"][0]["filename"] == "a.png"
    for method, path in (
        ("GET", "/channels/{channel_id}"),
        ("POST", MESSAGES),
        ("GET", MESSAGES),
        ("PATCH", f"{MESSAGES}/{edited.body['id']}"),
        ("DELETE", f"{MESSAGES}/{edited.body['id']}"),
        ("POST", "/channels/{channel_id}/typing"),
    ):
        said = {"content": "no"} if method in ("POST", "PATCH") else None
        refused = await rest.call(method, path, said, channel_id=private)
        assert (refused.status, refused.body["code"]) == (403, 50001), (method, path)
    await rest.must("DELETE", ORIGINAL, at=at)


async def test_five_follow_ups_between_people_and_any_number_of_edits(
    still: Sandbox,
) -> None:
    """The answer may be edited as often as one likes; a sixth follow-up is 40094."""
    async with Control.of(still) as control, Rest.of(still, control, pause_s=1) as rest:
        await registered(rest, **EVERYWHERE)
        await install(control)
        private = await opened(control, 0, 1)
        told = await called(still, control, "command", name="imagine", channel=private)
        at = {"interaction_id": told.id, "interaction_token": told.token}
        await rest.must("POST", CALLBACK, {"type": 5}, at=at)
        for number in range(8):
            await rest.must("PATCH", ORIGINAL, {"content": f"step {number}"}, at=at)
        answers = [await rest.call("POST", WEBHOOK, {"content": "more"}, at=at) for _ in range(6)]
        assert [each.status for each in answers] == [200] * 5 + [400]
        assert answers[5].body["code"] == 40094
        await rest.must("PATCH", ORIGINAL, {"content": "done"}, at=at)


async def test_anothers_press_names_who_authorised_the_message(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Ben presses Ada's button: the user is Ben, the owner of the install is Ada."""
    await registered(rest, **EVERYWHERE)
    await install(control)
    private = await opened(control, 0, 1)
    told = await called(sandbox, control, "command", name="imagine", channel=private)
    at = {"interaction_id": told.id, "interaction_token": told.token}
    card = {"content": "here", "components": [PRESS]}
    await rest.must("POST", CALLBACK, {"type": 4, "data": card}, at=at)
    pressed = await called(
        sandbox,
        control,
        "component",
        member=1,
        channel=private,
        message_id=told.original_id,
        custom_id="more",
    )
    owners = pressed.body["authorizing_integration_owners"]
    user: Any = pressed.body["user"]
    assert (user["id"], owners) == (control.member(1), {"1": control.member(0)})
    form = {
        "custom_id": "wish",
        "title": "A wish",
        "components": [
            {
                "type": 18,
                "label": "Words",
                "component": {"type": 4, "custom_id": "words", "style": 1},
            }
        ],
    }
    at = {"interaction_id": pressed.id, "interaction_token": pressed.token}
    await rest.must("POST", CALLBACK, {"type": 9, "data": form}, at=at)
    sent = await called(
        sandbox,
        control,
        "modal",
        member=1,
        channel=private,
        custom_id="wish",
        fields={"words": "grapes"},
    )
    assert sent.body["authorizing_integration_owners"] == {"1": control.member(0)}
    assert sent.body["context"] == 2


async def test_both_menus_work_between_people(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The message and the user are resolved, without a membership."""
    await registered(rest, **EVERYWHERE)
    await install(control)
    private = await opened(control, 0, 1)
    said = {"user_id": control.member(1), "content": "a fox"}
    written = (await control.call("POST", f"/channels/{private}/messages", said)).body
    picked = await called(
        sandbox, control, "message_command", name="Redo", channel=private, message_id=written["id"]
    )
    data: Any = picked.body["data"]
    assert data["target_id"] == written["id"]
    assert data["resolved"]["messages"][written["id"]]["content"] == "a fox"
    greeted = await called(
        sandbox,
        control,
        "user_command",
        name="Greet",
        channel=private,
        target_id=control.member(1),
    )
    data = greeted.body["data"]
    assert (list(data["resolved"]), data["target_id"]) == (["users"], control.member(1))


async def test_where_bot_and_user_install_meet_both_are_named(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """As far as the command supports them: one for users alone names the user alone."""
    await registered(rest, **EVERYWHERE)
    await install(control)
    both = await called(sandbox, control, "command", name="imagine", guild_id=control.guild["id"])
    guild_id, ada = control.guild["id"], control.member()
    assert both.body["authorizing_integration_owners"] == {"0": guild_id, "1": ada}
    assert both.body["context"] == 0
    direct = await called(sandbox, control, "command", name="imagine", channel_id=None)
    assert direct.body["authorizing_integration_owners"] == {"0": "0", "1": ada}
    assert direct.body["app_permissions"] == str(ABROAD | EXTERNAL_EMOJIS)
    await registered(rest, contexts=[0], integration_types=[1])
    alone = await called(sandbox, control, "command", name="imagine", guild_id=control.guild["id"])
    assert alone.body["authorizing_integration_owners"] == {"1": ada}


async def test_in_the_bots_own_conversation_its_token_works(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """It sends, uploads, edits and reads; threads are 50024, others' messages stay (50003)."""
    asked = {"recipient_id": control.member()}
    direct = (await rest.must("POST", "/users/@me/channels", asked)).body
    at = {"channel_id": direct["id"]}
    sent = await rest.must("POST", MESSAGES, {"content": "psst"}, files={"a.png": PNG}, at=at)
    one = f"{MESSAGES}/{sent.body['id']}"
    kept = {"attachments": [{"id": sent.body["attachments"][0]["id"]}, {"id": "0"}]}
    edited = await rest.must("PATCH", one, kept, files={"b.png": PNG}, at=at)
    assert [each["filename"] for each in edited.body["attachments"]] == ["a.png", "b.png"]
    assert (await rest.get(one, channel_id=direct["id"])).body["content"] == "psst"
    for path in (f"{one}/threads", "/channels/{channel_id}/threads"):
        refused = await rest.call("POST", path, {"name": "no"}, at=at)
        assert (refused.status, refused.body["code"]) == (400, 50024)
    said = {"user_id": control.member(), "content": "hello"}
    theirs = (await control.call("POST", f"/channels/{direct['id']}/messages", said)).body
    refused = await rest.call("DELETE", f"{MESSAGES}/{theirs['id']}", at=at)
    assert (refused.status, refused.body["code"]) == (403, 50003)
    await rest.must("DELETE", one, at=at)


async def test_a_conversation_has_two_people_or_a_group(control: Control) -> None:
    """Two have one conversation for good; nobody talks alone, and the bot is not invited."""
    assert await opened(control, 0, 1) == await opened(control, 1, 0)
    assert await opened(control, 0, 1, 2) != await opened(control, 0, 1, 2)
    bot_id = control.addresses["application_id"]
    for people in ([control.member()], [control.member(), bot_id]):
        refused = await control.call("POST", "/private-channels", {"user_ids": people})
        assert (refused.status, refused.body["code"]) == (400, 50035)
    unknown = await control.call("POST", "/private-channels", {"user_ids": ["1", "2"]})
    assert (unknown.status, unknown.body["code"]) == (404, 10013)


@pytest.mark.sockets
async def test_an_install_outlives_a_start(tmp_path: Path) -> None:
    """As a guild's does; taken back it is gone."""
    settings = Settings(seed=7, data=tmp_path)
    async with Sandbox.start(settings) as sandbox, Control.of(sandbox) as control:
        await install(control)
    async with Sandbox.start(settings) as sandbox, Control.of(sandbox) as control:
        ada = sandbox.state.users[control.member()]
        assert ada.has_installed
        await control.call("DELETE", f"/users/{ada.id}/install")
        assert not ada.has_installed
