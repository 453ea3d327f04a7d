"""The control interface: what members see, faults, clock, and who is let in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.tests.gateway import PATIENCE_S
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.bots import PaintingBot


async def test_a_guild_shows_channels_threads_roles_and_members(
    control: Control, rest: Rest
) -> None:
    """And nothing for an unknown one."""
    await rest.must("POST", "/channels/{channel_id}/threads", {"name": "open", "type": 11})
    shown = await control.get(f"/guilds/{control.guild['id']}")
    assert [thread["name"] for thread in shown["threads"]] == ["open"]
    assert {role["name"] for role in shown["roles"]} >= {"@everyone", "Moderator", "Zeuxis"}
    assert (await control.call("GET", "/guilds/1")).status == 404


async def test_a_member_sees_no_channel_that_is_hidden_from_them(control: Control) -> None:
    """The moderator does."""
    path = f"/channels/{control.channel('staff')}/messages?viewer="
    assert (await control.call("GET", path + control.member())).body["code"] == 50001
    assert (await control.call("GET", path + control.member(3))).body == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/interactions", {}),
        ("/interactions", []),
        ("/interactions", {"kind": "command"}),
        ("/interactions", {"kind": "dance", "user_id": "1"}),
        ("/interactions", {"kind": "command", "name": "imagine", "user_id": 1}),
        ("/clock/advance", {"seconds": -1}),
        ("/clock/advance", {"seconds": "1"}),
        ("/gateway/invalidate", {"resumable": "yes"}),
    ],
)
async def test_wrong_bodies_are_told_what_is_wrong(
    control: Control, path: str, body: object
) -> None:
    """400 with a message."""
    answer = await control.call("POST", path, body)
    assert answer.status == 400
    assert answer.body["message"]


async def test_unknown_faults_are_refused_and_known_ones_listed(control: Control) -> None:
    """An empty list clears."""
    wrong = await control.call("PUT", "/faults", [{"server": "discord", "kind": "gremlin"}])
    assert wrong.status == 400
    assert "gremlin" in wrong.body["message"]
    await control.call("PUT", "/faults", [{"server": "discord", "kind": "latency", "seconds": 1}])
    assert [each["kind"] for each in await control.get("/faults")] == ["latency"]
    await control.call("PUT", "/faults", [])
    assert await control.get("/faults") == []


async def test_a_message_whose_answer_is_lost_is_posted_once_by_its_nonce(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The first request acted and its connection was cut; the repeat finds its message."""
    fault = {"server": "discord", "kind": "drop_after", "match": "POST */messages", "times": 1}
    await control.call("PUT", "/faults", [fault])
    body = {"content": "once", "nonce": "job-1", "enforce_nonce": True}
    with pytest.raises(aiohttp.ClientError):
        await rest.call("POST", MESSAGES, body)
    await rest.must("POST", MESSAGES, body)
    assert [m["content"] for m in await control.messages("pictures")] == ["once"]


async def test_discordpy_gets_through_refusals_and_cut_answers(
    sandbox: Sandbox, control: Control, bot: PaintingBot
) -> None:
    """A 502, a 429 of its bucket and a shared one delay a command and do not break it."""
    faults: list[dict[str, object]] = [
        {"server": "discord", "kind": "status", "status": 502, "match": "GET */messages/*"},
        {"server": "discord", "kind": "rate_limited", "scope": "user", "match": "POST */threads"},
        {
            "server": "discord",
            "kind": "rate_limited",
            "scope": "shared",
            "match": "POST */messages",
        },
    ]
    once = [each | {"times": 1, "retry_after": 0.01} for each in faults]
    del once[0]["retry_after"]
    assert (await control.call("PUT", "/faults", once)).status == 200
    started = await control.act("command", name="paint", options={"prompt": "grapes"})
    while await bot.said.get() != "painted":
        pass
    assert len((await control.settled(started))["messages"]) == 4
    assert [each["fired"] for each in await control.get("/faults")] == [1, 1, 1]
    assert sandbox.violations.snapshot() == []


async def test_the_page_is_told_everything_also_what_only_one_member_sees(
    sandbox: Sandbox, control: Control, bot: PaintingBot
) -> None:
    """Messages, interactions, threads, violations."""
    url = str(sandbox.addresses["control_url"]) + "/events"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as events:
        await control.command("whisper")
        async with session.get(str(sandbox.addresses["discord_api_base_url"]) + "/users/@me"):
            pass
        told: dict[str, dict[str, str]] = {}
        while "SANDBOX_VIOLATION" not in told:
            event = await events.receive_json(timeout=PATIENCE_S)
            told[event["name"]] = event
    assert told["INTERACTION_CREATE"]["channel_id"] == control.channel("pictures")
    assert told["MESSAGE_CREATE"]["viewer_id"] == control.member()
    assert told["SANDBOX_VIOLATION"]["body"]["rule"] == "0 401: Unauthorized"  # type: ignore[index]


async def test_an_unknown_route_is_loud_and_no_fault_of_the_client(
    sandbox: Sandbox, rest: Rest, caplog: pytest.LogCaptureFixture
) -> None:
    """404 in Discord's shape, a warning and a remark; a known path with another method is 405."""
    unknown = await rest.call("GET", "/guilds/{guild_id}/nothing")
    assert (unknown.status, unknown.body) == (404, {"message": "404: Not Found", "code": 0})
    wrong = await rest.call("DELETE", "/users/@me")
    assert (wrong.status, wrong.body["code"]) == (405, 0)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "GET /api/v10/guilds/" in caplog.text
    assert "DELETE /api/v10/users/@me" in caplog.text
    remarks = [(one["rule"], one["detail"]) for one in sandbox.remarks.snapshot()]
    assert remarks == [
        ("unknown route", "404: Not Found"),
        ("unknown route", "405: Method Not Allowed"),
    ]
    assert sandbox.violations.snapshot() == []


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
async def test_foreign_hosts_and_origins_are_refused(
    sandbox: Sandbox, headers: dict[str, str]
) -> None:
    """Another site in the same browser can neither read nor drive the sandbox."""
    url = str(sandbox.addresses["control_url"]) + "/guilds"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert response.status == 403


async def test_an_interaction_is_at_work_while_it_can_be_cancelled(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """An enabled cancel button keeps it open; its disappearance settles it."""
    from sandbox.tests.rest import CALLBACK, COMMANDS, interaction

    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    begun = await interaction(sandbox, control)
    places = {"interaction_id": begun.id, "interaction_token": begun.token}
    button = {"type": 2, "style": 4, "label": "Cancel", "custom_id": "job:1:cancel"}
    row = [{"type": 1, "components": [button]}]
    data = {"content": "place 1", "components": row}
    await rest.must("POST", CALLBACK, {"type": 4, "data": data}, at=places)
    waiting = asyncio.create_task(control.get(f"/interactions/{begun.id}?wait=10"))
    early = await control.get(f"/interactions/{begun.id}?wait=0.4")
    assert not early["settled"]
    message = MESSAGES + "/{message_id}"
    done = {"content": "done", "components": []}
    await rest.must("PATCH", message, done, message_id=begun.original_id or "")
    assert (await waiting)["settled"]


async def test_a_members_own_list_settles_with_its_cancel_buttons(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """What only they see is an answer about work, not the work."""
    from sandbox.tests.rest import CALLBACK, COMMANDS, interaction

    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    begun = await interaction(sandbox, control)
    places = {"interaction_id": begun.id, "interaction_token": begun.token}
    button = {"type": 2, "style": 4, "label": "Cancel", "custom_id": "job:1:cancel"}
    data = {"content": "yours", "flags": 64, "components": [{"type": 1, "components": [button]}]}
    await rest.must("POST", CALLBACK, {"type": 4, "data": data}, at=places)
    assert (await control.get(f"/interactions/{begun.id}?wait=10"))["settled"]


async def test_the_client_waits_for_a_command_as_long_as_it_is_told(
    control: Control, bot: PaintingBot
) -> None:
    """A bot that has come up is there at once; one that never registers is given up."""
    await control.registered("paint")
    with pytest.raises(TimeoutError):
        await control.registered("sculpt", within_s=0.1)
