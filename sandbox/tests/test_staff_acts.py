"""The staff decides in a channel of its own: buttons, forms and menus that members do not have."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.permissions import Permission
from sandbox.tests.bots import PNG
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest
from sandbox.tests.wrong_bodies import button, command, label, row, select

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

MODERATOR, MEMBER = 3, 0
FILE = {"filename": "a.png", "content_base64": base64.b64encode(PNG).decode()}


def choices(kind: int, custom_id: str, *values: str) -> dict[str, Any]:
    """A group of radio buttons (21) or checkboxes (22) in its label."""
    options = [{"label": value, "value": value} for value in values]
    group = {"type": kind, "custom_id": custom_id, "options": options, "required": False}
    return {"type": 18, "label": custom_id, "component": group}


def labelled(component: dict[str, object]) -> dict[str, Any]:
    """Any other field in its label."""
    return {"type": 18, "label": "x", "component": component}


REJECT = [
    choices(21, "reason", "rule", "quality"),
    labelled({"type": 23, "custom_id": "tell", "default": True}),
    choices(22, "also", "warn", "block"),
    labelled({**select(3), "custom_id": "days", "required": False}),
    labelled({"type": 19, "custom_id": "proof", "required": False, "min_values": 0}),
]


@pytest.fixture
async def staff(control: Control) -> str:
    """The channel of the staff, with the bot let in."""
    bot = control.role("Zeuxis")
    path = f"/channels/{control.channel('staff')}/overwrites/{bot}"
    seen = {"allow": str(int(Permission.VIEW_CHANNEL))}
    assert (await control.call("PUT", path, seen)).status == 200
    return control.channel("staff")


def told(sandbox: Sandbox, answer: Any) -> dict[str, Any]:
    """What the bot is told."""
    assert answer.status == 200, answer.body
    return sandbox.state.interactions[answer.body["interaction_id"]].body


async def card(rest: Rest, staff: str) -> dict[str, Any]:
    """A case with a button, in the staff's channel."""
    body = {"content": "case 7", "components": [row(button(custom_id="reject"))]}
    sent: dict[str, Any] = (await rest.must("POST", MESSAGES, body, channel_id=staff)).body
    return sent


async def test_a_moderator_fills_in_the_form_that_a_button_opened(
    sandbox: Sandbox, control: Control, rest: Rest, staff: str
) -> None:
    """Members have neither; the bot learns the message, the right and each field."""
    message = await card(rest, staff)
    press = partial(
        control.try_act,
        "component",
        channel=staff,
        message_id=message["id"],
        custom_id="reject",
        wait_online_s=0,
    )
    assert (await press(member=MEMBER)).body["code"] == 50001
    pressed = told(sandbox, await press(member=MODERATOR))
    form = {"custom_id": "why", "title": "Reject", "components": REJECT}
    at = {"interaction_id": pressed["id"], "interaction_token": pressed["token"]}
    await rest.must("POST", CALLBACK, {"type": 9, "data": form}, at=at)
    submit = partial(
        control.try_act, "modal", channel=staff, custom_id="why", member=MODERATOR, wait_online_s=0
    )
    assert (await submit(fields={"reason": "taste"})).status == 400
    fields = {"reason": "rule", "tell": False, "also": ["warn"], "days": ["v1"], "proof": [FILE]}
    submitted = told(sandbox, await submit(fields=fields))
    assert submitted["message"]["id"] == message["id"]
    assert int(submitted["member"]["permissions"]) & Permission.MANAGE_MESSAGES
    inner = [each["component"] for each in submitted["data"]["components"]]
    values = {each["custom_id"]: each.get("value", each.get("values")) for each in inner}
    (upload,) = values.pop("proof")
    assert upload in submitted["data"]["resolved"]["attachments"]
    assert values == {"reason": "rule", "tell": False, "also": ["warn"], "days": ["v1"]}


async def test_who_lost_the_right_between_press_and_form_says_so_in_the_form(
    sandbox: Sandbox, control: Control, rest: Rest, staff: str
) -> None:
    """The permissions are those of the moment; without seeing the channel there is no sending."""
    message = await card(rest, staff)
    act: dict[str, Any] = {"channel": staff, "member": MODERATOR, "wait_online_s": 0}
    press = partial(
        control.try_act, "component", message_id=message["id"], custom_id="reject", **act
    )
    pressed = told(sandbox, await press())
    form = {"custom_id": "why", "title": "Reject", "components": [label(0)]}
    at = {"interaction_id": pressed["id"], "interaction_token": pressed["token"]}
    await rest.must("POST", CALLBACK, {"type": 9, "data": form}, at=at)
    guild = f"/guilds/{control.guild['id']}"
    role = control.role("Moderator")
    await control.call("PATCH", f"{guild}/roles/{role}", {"permissions": "0"})
    submit = partial(control.try_act, "modal", custom_id="why", fields={"field0": "x"}, **act)
    submitted = told(sandbox, await submit())
    assert not int(submitted["member"]["permissions"]) & Permission.MANAGE_MESSAGES
    await control.call("DELETE", f"{guild}/members/{control.member(MODERATOR)}/roles/{role}")
    assert (await press()).body["code"] == 50001


async def test_the_staff_has_a_menu_of_messages_that_members_have_not(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """By the permission that the command asks for; the message comes with it."""
    needed = str(int(Permission.MANAGE_MESSAGES))
    menu = {"type": 3, "name": "Hold", "default_member_permissions": needed}
    await rest.must("PUT", COMMANDS, [menu])
    message = (await rest.must("POST", MESSAGES, {"content": "a picture"})).body
    pick = partial(
        control.try_act, "message_command", name="Hold", message_id=message["id"], wait_online_s=0
    )
    assert (await pick(member=MEMBER)).body["code"] == 50013
    data = told(sandbox, await pick(member=MODERATOR))["data"]
    assert (data["type"], data["target_id"]) == (3, message["id"])
    assert data["resolved"]["messages"][message["id"]]["content"] == "a picture"


async def test_an_age_restricted_command_is_offered_in_threads_of_such_a_channel(
    control: Control, rest: Rest
) -> None:
    """And nowhere else."""
    await rest.must("PUT", COMMANDS, [command(nsfw=True)])
    body = {"name": "t", "type": 11}
    call = partial(control.try_act, "command", name="imagine", wait_online_s=0)
    for name, is_offered in (("night-gallery", True), ("pictures", False)):
        at = {"channel_id": control.channel(name)}
        thread = (await rest.must("POST", "/channels/{channel_id}/threads", body, at=at)).body["id"]
        for place in (name, thread):
            assert ((await call(channel=place)).status == 200) == is_offered, place
