"""How the control interface reads bodies: the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.tests.rest import Rest

WITH_A_BODY = """
    POST /interactions
    POST /channels/{channel_id}/messages
    PATCH /channels/{channel_id}/messages/1
    PUT /moderations
    PUT /painter
    PUT /faults
    POST /gateway/invalidate
    POST /clock/advance
    POST /guilds/{guild_id}/channels
    POST /channels/{channel_id}/threads
    POST /private-channels
    PATCH /guilds/{guild_id}
    PUT /guilds/{guild_id}/automod
    PATCH /guilds/{guild_id}/roles/{guild_id}
    PATCH /guilds/{guild_id}/members/{user_id}
    POST /users
    POST /guilds/{guild_id}/roles
    PATCH /channels/{channel_id}
    PUT /channels/{channel_id}/overwrites/{guild_id}
"""
WITH_BITS: list[tuple[str, dict[str, object], str]] = [
    ("POST /guilds/{guild_id}/roles", {"name": "x"}, "permissions"),
    ("PATCH /guilds/{guild_id}/roles/{guild_id}", {}, "permissions"),
    ("PUT /channels/{channel_id}/overwrites/{guild_id}", {"type": 0}, "allow"),
    ("PUT /channels/{channel_id}/overwrites/{guild_id}", {"type": 0}, "deny"),
]


def rows(table: str) -> list[str]:
    return [line.strip() for line in table.strip().splitlines()]


@pytest.mark.parametrize("call", rows(WITH_A_BODY))
async def test_no_body_is_one_without_fields(control: Control, rest: Rest, call: str) -> None:
    """Whatever a call makes of it."""
    method, path = call.format_map(rest.places).split()
    nothing = await control.call(method, path)
    empty = await control.call(method, path, {})
    assert (nothing.status, nothing.body.keys()) == (empty.status, empty.body.keys())
    assert nothing.status == 200 or nothing.body["message"] == empty.body["message"]


@pytest.mark.parametrize("odd", ["", " ", "٣", "-1", "8.0", "0x8", "9" * 20, 2**64])
@pytest.mark.parametrize(("call", "body", "field"), WITH_BITS)
async def test_permissions_are_read_alike_everywhere(
    control: Control, rest: Rest, call: str, body: dict[str, object], field: str, odd: object
) -> None:
    """ASCII digits of a number of 64 bits, or that number."""
    method, path = call.format_map(rest.places).split()
    refused = await control.call(method, path, {**body, field: odd})
    assert list(refused.body["errors"]) == [field]


@pytest.mark.parametrize("odd", ["", "٣", 2**64])
async def test_an_overwrite_among_all_is_read_like_one_alone(control: Control, odd: object) -> None:
    overwrites = [{"id": control.guild["id"], "allow": odd}]
    path = f"/channels/{control.channel('pictures')}"
    refused = await control.call("PATCH", path, {"overwrites": overwrites})
    assert list(refused.body["errors"]) == ["allow"]
