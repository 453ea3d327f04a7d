"""The local Z-Image within the whole sandbox: its limit and its faults by the control interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.tests.zimage_calls import request_body
from sandbox.zimage.service import GENERATION

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

pytestmark = pytest.mark.sockets


async def test_the_limit_changes_while_it_runs(control: Control) -> None:
    """Within its bounds; the speed stays."""
    before = await control.get("/painter")
    changed = await control.call("PUT", "/painter", {"requests_per_second": 7})
    assert changed.body == {**before, "requests_per_second": 7}
    refused = await control.call("PUT", "/painter", {"requests_per_second": 0})
    assert refused.status == 400
    assert (await control.get("/painter"))["requests_per_second"] == 7


async def test_a_fault_is_put_counted_and_cleared(sandbox: Sandbox, control: Control) -> None:
    """By JSON, for the interface that listens beside Discord's."""
    fault = {"server": "zimage", "kind": "error", "code": "Arrearage"}
    assert (await control.call("PUT", "/faults", [fault])).status == 200
    url = str(sandbox.addresses["control_url"]).removesuffix("/control") + GENERATION
    headers = {"Authorization": f"Bearer {sandbox.addresses['api_key']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json=request_body()) as response,
    ):
        assert (await response.json())["code"] == "Arrearage"
    (told,) = await control.get("/faults")
    assert (told["kind"], told["seen"], told["fired"]) == ("error", 1, 1)
    wrong = await control.call("PUT", "/faults", [{**fault, "kind": "flood"}])
    assert wrong.status == 400
    assert "known kinds are latency" in wrong.body["message"]
    assert len(await control.get("/faults")) == 1
    assert (await control.call("PUT", "/faults", [])).body == []
