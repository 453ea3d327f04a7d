"""An interaction's token: its two lifetimes, its one answer, its follow-ups, its visibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction

if TYPE_CHECKING:
    from sandbox.discord.interactions import Interaction

WEBHOOK = "/webhooks/{application_id}/{interaction_token}"
ORIGINAL = f"{WEBHOOK}/messages/@original"
EPHEMERAL, LOADING = 64, 128


@pytest.fixture
async def started(sandbox: Sandbox, control: Control, rest: Rest) -> Interaction:
    """An interaction that nobody has answered, at the caller's places."""
    await rest.call("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    begun = await interaction(sandbox, control)
    rest.places.update(interaction_id=begun.id, interaction_token=begun.token)
    return begun


async def test_an_answer_after_three_seconds_meets_an_unknown_interaction(
    sandbox: Sandbox, control: Control, rest: Rest, started: Interaction
) -> None:
    """404 with 10062; the member is told that the application did not respond."""
    sandbox.clock.advance(3.001)
    late = await rest.call("POST", CALLBACK, {"type": 5})
    assert (late.status, late.body["code"]) == (404, 10062)
    seen = await control.get(f"/interactions/{started.id}?wait=5")
    assert seen["settled"]
    assert seen["errors"] == ["The application did not respond"]
    assert seen["messages"] == []
    assert [one["rule"] for one in sandbox.violations.snapshot()] == ["10062 Unknown interaction"]


@pytest.mark.sockets
@pytest.mark.parametrize(("after_s", "status"), [(59, 204), (61, 404)])
async def test_a_first_answer_may_be_given_more_time(after_s: float, status: int) -> None:
    """A test that is not about the three seconds is not red because its machine is busy."""
    async with (
        Sandbox.start(Settings(answer_within_s=60)) as patient,
        Control.of(patient) as control,
        Rest.of(patient, control) as rest,
    ):
        await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
        asked = await interaction(patient, control)
        patient.clock.advance(after_s)
        places = {"interaction_id": asked.id, "interaction_token": asked.token}
        assert (await rest.call("POST", CALLBACK, {"type": 5}, at=places)).status == status


async def test_a_second_answer_is_refused(rest: Rest, started: Interaction) -> None:
    """400 with 40060."""
    assert (await rest.call("POST", CALLBACK, {"type": 5})).status == 204
    again = await rest.call("POST", CALLBACK, {"type": 4, "data": {"content": "again"}})
    assert (again.status, again.body["code"]) == (400, 40060)


async def test_the_token_dies_after_fifteen_minutes(
    sandbox: Sandbox, control: Control, rest: Rest, started: Interaction
) -> None:
    """401 with 50027; the message itself can still be edited with the bot's own token."""
    await rest.call("POST", CALLBACK, {"type": 4, "data": {"content": "queued"}})
    sandbox.clock.advance(15 * 60 + 1)
    for method, path in (("PATCH", ORIGINAL), ("POST", WEBHOOK)):
        dead = await rest.call(method, path, {"content": "done"})
        assert (dead.status, dead.body["code"]) == (401, 50027)
    message_id = started.original_id or ""
    edited = await rest.call(
        "PATCH", MESSAGES + "/{message_id}", {"content": "done"}, message_id=message_id
    )
    assert edited.body["content"] == "done"
    assert edited.body["edited_timestamp"] is not None


async def test_thinking_for_fifteen_minutes_is_no_response(
    sandbox: Sandbox, control: Control, rest: Rest, started: Interaction
) -> None:
    """It counts as at work until the token is dead, and as failed then."""
    await rest.call("POST", CALLBACK, {"type": 5})
    assert not (await control.get(f"/interactions/{started.id}?wait=0.4"))["settled"]
    sandbox.clock.advance(15 * 60 + 1)
    seen = await control.get(f"/interactions/{started.id}?wait=5")
    assert (seen["settled"], seen["errors"]) == (True, ["The application did not respond"])


async def test_nothing_can_be_followed_up_before_the_first_answer(
    rest: Rest, started: Interaction
) -> None:
    """404 with 10015, for the follow-up and for the original alike."""
    assert (await rest.call("POST", WEBHOOK, {"content": "early"})).body["code"] == 10015
    assert (await rest.call("GET", ORIGINAL)).body["code"] == 10015


async def test_a_follow_up_while_thinking_becomes_the_answer(
    control: Control, rest: Rest, started: Interaction
) -> None:
    """It takes the thinking message's place and visibility, whatever flag it brings."""
    await rest.call("POST", CALLBACK, {"type": 5, "data": {"flags": EPHEMERAL}})
    told = await rest.call("POST", WEBHOOK, {"content": "done"})
    assert told.body["id"] == started.original_id
    assert told.body["flags"] & (EPHEMERAL | LOADING) == EPHEMERAL
    second = await rest.call("POST", WEBHOOK, {"content": "more"})
    assert second.body["id"] != started.original_id
    assert second.body["message_reference"]["message_id"] == started.original_id


async def test_an_edit_never_changes_who_sees_the_answer(
    control: Control, rest: Rest, started: Interaction
) -> None:
    """Ephemeral stays ephemeral, public stays public."""
    await rest.call("POST", CALLBACK, {"type": 5, "data": {"flags": EPHEMERAL}})
    edited = await rest.call("PATCH", ORIGINAL, {"content": "done"})
    assert edited.body["flags"] & EPHEMERAL
    assert await control.messages("pictures", viewer=1) == []
    fetched = await rest.call("GET", MESSAGES + "/{message_id}", message_id=edited.body["id"])
    assert fetched.body["code"] == 10008


async def test_a_deferred_answer_becomes_a_card_by_its_edit(
    rest: Rest, started: Interaction
) -> None:
    """The V2 flag comes with the edit; then the message cannot go back to content."""
    await rest.call("POST", CALLBACK, {"type": 5})
    card = {"flags": 1 << 15, "components": [{"type": 10, "content": "# grapes"}]}
    edited = await rest.call("PATCH", ORIGINAL, card)
    assert edited.body["flags"] & 1 << 15
    assert edited.body["components"] == [{"type": 10, "id": 1, "content": "# grapes"}]
    back = await rest.call("PATCH", ORIGINAL, {"content": "plain"})
    assert (back.status, back.body["code"]) == (400, 50035)


async def test_a_deleted_answer_is_gone_and_its_follow_ups_stay(
    control: Control, rest: Rest, started: Interaction
) -> None:
    """The original answers 10008 afterwards."""
    await rest.call("POST", CALLBACK, {"type": 4, "data": {"content": "one"}})
    await rest.call("POST", WEBHOOK, {"content": "two"})
    assert (await rest.call("DELETE", ORIGINAL)).status == 204
    assert (await rest.call("GET", ORIGINAL)).body["code"] == 10008
    assert [m["content"] for m in await control.messages("pictures")] == ["two"]


async def test_the_first_answer_tells_the_message_when_asked(
    rest: Rest, started: Interaction
) -> None:
    """`with_response` answers 200 with the resource."""
    answer = await rest.call(
        "POST",
        CALLBACK,
        {"type": 4, "data": {"content": "hello", "flags": EPHEMERAL}},
        query={"with_response": "true"},
    )
    assert answer.status == 200
    assert answer.body["interaction"]["response_message_ephemeral"] is True
    assert answer.body["resource"]["message"]["content"] == "hello"


async def test_an_update_needs_a_message_to_update(rest: Rest, started: Interaction) -> None:
    """A command has none; nor has it choices to offer."""
    for number in (6, 7, 8, 1):
        refused = await rest.call("POST", CALLBACK, {"type": number, "data": {}})
        assert refused.body["code"] == 50035, number


async def test_a_user_install_elsewhere_gets_five_follow_ups(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The sixth is refused with 40094; the bot cannot touch that guild otherwise."""
    commands = [{"name": "imagine", "description": "Paint", "integration_types": [0, 1]}]
    await rest.call("PUT", COMMANDS, commands)
    elsewhere = (await control.get("/guilds"))[2]
    member = elsewhere["members"][0]["id"]
    act = {
        "name": "imagine",
        "guild_id": elsewhere["id"],
        "channel_id": elsewhere["channels"][0]["id"],
        "user_id": member,
        "wait_online_s": 0,
    }
    assert (await control.try_act("command", **act)).status == 404
    await control.call("PUT", f"/users/{member}/install")
    begun = sandbox.state.interactions[(await control.act("command", **act))["interaction_id"]]
    assert begun.body["authorizing_integration_owners"] == {"1": member}
    places = {"interaction_id": begun.id, "interaction_token": begun.token}
    await rest.call("POST", CALLBACK, {"type": 4, "data": {"content": "here"}}, at=places)
    answers = [await rest.call("POST", WEBHOOK, {"content": "more"}, at=places) for _ in range(3)]
    sandbox.clock.advance(2)
    answers += [await rest.call("POST", WEBHOOK, {"content": "more"}, at=places) for _ in range(3)]
    assert [one.status for one in answers] == [200] * 5 + [400]
    assert answers[5].body["code"] == 40094
    alone = await rest.call("POST", MESSAGES, {"content": "no"}, channel_id=act["channel_id"])
    assert (alone.status, alone.body["code"]) == (403, 50001)


async def test_without_external_apps_a_user_install_answers_in_private(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """The answer is forced to be ephemeral."""
    commands = [{"name": "imagine", "description": "Paint", "integration_types": [1]}]
    await rest.call("PUT", COMMANDS, commands)
    elsewhere = (await control.get("/guilds"))[2]
    member = elsewhere["members"][0]["id"]
    await control.call("PUT", f"/users/{member}/install")
    guild = sandbox.state.guilds[elsewhere["id"]]
    guild.roles[guild.id].permissions &= ~(1 << 50)
    begun = await control.act(
        "command",
        name="imagine",
        guild_id=guild.id,
        channel_id=elsewhere["channels"][0]["id"],
        user_id=member,
        wait_online_s=0,
    )
    told = sandbox.state.interactions[begun["interaction_id"]]
    await rest.call(
        "POST",
        CALLBACK,
        {"type": 4, "data": {"content": "here"}},
        interaction_id=told.id,
        interaction_token=told.token,
    )
    seen = await control.get(f"/interactions/{told.id}?wait=2")
    assert seen["messages"][0]["flags"] & EPHEMERAL


async def test_commands_work_in_the_conversation_with_the_bot(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Context 1, a user instead of a member, and the answer in the same conversation."""
    await rest.call("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    begun = await control.act(
        "command", name="imagine", guild_id=None, channel_id=None, wait_online_s=0
    )
    told = sandbox.state.interactions[begun["interaction_id"]]
    assert told.body["context"] == 1
    assert "member" not in told.body
    await rest.call(
        "POST",
        CALLBACK,
        {"type": 4, "data": {"content": "hello"}},
        interaction_id=told.id,
        interaction_token=told.token,
    )
    seen = await control.get(f"/interactions/{told.id}?wait=2")
    assert seen["messages"][0]["channel_id"] == told.channel_id
