"""Limits of commands that one request alone does not show: what is there already counts too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.tests.rest import COMMANDS, Rest
from sandbox.tests.wrong_bodies import codes_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.server import Sandbox

ONE = f"{COMMANDS}/{{command_id}}"
SLASH = {"name": "imagine", "description": "Paint"}


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A caller that meets no rate limit."""
    async with Rest.of(sandbox, control, pause_s=20) as caller:
        yield caller


async def test_a_sixteenth_context_menu_is_one_too_many(rest: Rest) -> None:
    """30032; one that is there already is updated instead."""
    menus = [{"type": 3, "name": f"Menu {number}"} for number in range(15)]
    await rest.must("PUT", COMMANDS, menus)
    refused = await rest.call("POST", COMMANDS, {"type": 3, "name": "One more"})
    assert (refused.status, refused.body["code"]) == (400, 30032)
    assert (await rest.call("POST", COMMANDS, menus[0])).status == 200
    assert (await rest.call("POST", COMMANDS, SLASH)).status == 201


@pytest.mark.parametrize(
    ("first", "change", "place", "code"),
    [
        (SLASH, {"name": "Imagine"}, ("name",), "APPLICATION_COMMAND_INVALID_NAME"),
        (SLASH, {"description": ""}, ("description",), "BASE_TYPE_REQUIRED"),
        (
            {"type": 2, "name": "Greet"},
            {"description": "Says hello"},
            ("description",),
            "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION",
        ),
    ],
)
async def test_a_changed_command_is_right_as_a_whole(
    rest: Rest, first: object, change: object, place: tuple[str, ...], code: str
) -> None:
    """Its type, which no change names, says what it may be called and whether it is described."""
    made = await rest.must("POST", COMMANDS, first)
    refused = await rest.call("PATCH", ONE, change, command_id=made.body["id"])
    assert refused.status == 400
    assert codes_at(refused.body, place) == [code]
    after = await rest.get(ONE, command_id=made.body["id"])
    assert after.body == made.body


async def test_a_context_menu_may_be_renamed_in_capitals(rest: Rest) -> None:
    """The rule of lower case is for slash commands."""
    made = await rest.must("POST", COMMANDS, {"type": 3, "name": "Paint this"})
    changed = await rest.must("PATCH", ONE, {"name": "Paint That"}, command_id=made.body["id"])
    assert changed.body["name"] == "Paint That"
