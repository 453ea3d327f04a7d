"""Buttons that a newer version has posted, pressed after the operator has gone back to this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from tests.journeys.test_hands import FILLED, REQUESTER, STRANGER, painted, told
from tests.journeys.test_places import rows

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

UNKNOWN = "I no longer know this button. Call /imagine or /queue instead."
KEPT = (
    "SELECT job.id, job.state, picture.state, picture.message_id, prompt, due_at_us FROM job"
    " JOIN outbox ON outbox.job_id = job.id LEFT JOIN picture ON picture.job_id = job.id"
)


async def post(stage: Stage, *components: dict[str, Any]) -> str:
    """As the newer version of the bot; returns the message's id."""
    rows_of_one = [{"type": 1, "components": [one]} for one in components]
    addresses, channel = stage.sandbox.addresses, stage.control.channel("pictures")
    url = f"{addresses['discord_api_base_url']}/channels/{channel}/messages"
    headers = {"Authorization": f"Bot {addresses['bot_token']}"}
    body = {"flags": 1 << 15, "components": rows_of_one}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["id"])


def a_button(custom_id: str) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Sharpen", "custom_id": custom_id}


def a_menu(custom_id: str, value: str) -> dict[str, Any]:
    options = [{"label": "Sharpen", "value": value}]
    return {"type": 3, "custom_id": custom_id, "options": options}


async def press(stage: Stage, message_id: str, member: int, **pressed: Any) -> Any:
    started = await stage.control.act(
        "component", channel="pictures", message_id=message_id, member=member, **pressed
    )
    return await stage.control.settled(started)


async def test_what_a_newer_version_has_posted_is_answered_and_loses_nothing(stage: Stage) -> None:
    """The member alone is told, whoever presses; the rows stay, and the hands of today work."""
    hands = await painted(stage, "channel")
    await stage.until(lambda: '"event": "delivered"' in stage.log)
    job = hands.job
    unknown = [f"zeuxis:3:foo:{job}", f"zeuxis:2:foo:{job}", f"zeuxis:3:reroll:{job}"]
    strange = [*unknown, "zeuxis:3:foo:17", "zeuxis:3:case:approve:17", "zeuxis:3"]
    message_id = await post(
        stage,
        *(a_button(custom_id) for custom_id in strange[:3]),
        a_menu(f"zeuxis:2:more:{job}", "sharpen"),
    )
    other_id = await post(stage, *(a_button(custom_id) for custom_id in strange[3:]))
    await stage.kill_bot()
    await stage.start_bot()
    before, billed = rows(stage, KEPT), stage.ledger()["billed"]
    presses: list[tuple[str, dict[str, Any]]] = [
        *((message_id, {"custom_id": one}) for one in strange[:3]),
        *((other_id, {"custom_id": one}) for one in strange[3:]),
        (message_id, {"custom_id": f"zeuxis:2:more:{job}", "values": ["sharpen"]}),
    ]
    for member in (REQUESTER, STRANGER):
        for on, pressed in presses:
            seen = await press(stage, on, member, **pressed)
            assert told(seen).startswith(UNKNOWN), pressed
            assert all(one["flags"] & 64 for one in seen["messages"]), pressed
    assert rows(stage, KEPT) == before
    assert stage.ledger()["billed"] == billed == 1
    assert "You keep this picture" in told(await hands.use("keep", REQUESTER))
    seen = await hands.use("reroll", REQUESTER)
    assert [one for one in seen["messages"] if one["attachments"]]


async def test_a_form_of_a_newer_version_is_answered_too(stage: Stage) -> None:
    """It was open on a screen while the operator went back."""
    hands = await painted(stage, "channel")
    opened = await hands.press("edit", REQUESTER)
    assert opened["modal"]
    (modal,) = [one.modal for one in stage.sandbox.state.interactions.values() if one.modal]
    modal.custom_id = f"zeuxis:3:edit:{hands.job}"
    await stage.kill_bot()
    await stage.start_bot()
    before = rows(stage, KEPT)
    started = await stage.control.act(
        "modal",
        channel=hands.picture["channel_id"],
        custom_id=modal.custom_id,
        fields=FILLED,
        member=REQUESTER,
    )
    assert told(await stage.control.settled(started)).startswith(UNKNOWN)
    assert rows(stage, KEPT) == before
