"""Clients that others wrote work with the sandbox as they work with Discord, unchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from sandbox.tests.peers import peer
from sandbox.tests.peers.journey import Journey, environment

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document

pytestmark = pytest.mark.peers


@dataclass(frozen=True, slots=True)
class Client:
    """A library: its folder, its journey there, and the unknown fields that it is known to send."""

    name: str
    journey: str
    unknown_fields: frozenset[str] = frozenset()

    @property
    def path(self) -> Path:
        return peer.PEERS / self.name / self.journey

    def command(self) -> list[str]:
        if self.journey.endswith(".py"):
            return [str(peer.needed(self.name, "bin", "python")), str(self.path)]
        return ["node", str(self.path)]

    def environment(self) -> dict[str, str]:
        if self.journey.endswith(".py"):
            return {}
        return {"NODE_PATH": str(peer.needed(self.name, "node_modules"))}


CLIENTS = (
    Client("discordjs", "journey.cjs"),
    Client("hikari", "journey.py"),
    Client("interactions", "journey.py", frozenset({"attachments", "pass_self_into_delete"})),
    Client("oceanic", "journey.cjs"),
)


@pytest.mark.parametrize("client", CLIENTS, ids=[each.name for each in CLIENTS])
async def test_a_client_makes_its_journey(client: Client, document: Document, tally: Tally) -> None:
    """Log-in, command, defer, edit, file, thread, button, select, V2 and form violate nothing."""
    surroundings = client.environment()
    settings = Settings(seed=7, strict_fields=not client.unknown_fields)
    async with (
        Sandbox.start(settings, document=document) as sandbox,
        Control.of(sandbox) as control,
        peer.running(client.command(), environment(sandbox) | surroundings) as running,
    ):
        await Journey(sandbox=sandbox, control=control, peer=running).travel()
    assert {about(each) for each in sandbox.remarks.snapshot()} == client.unknown_fields
    tally.add(sandbox.checks.tally)
    assert sandbox.checks.tally.failures == []


def about(remark: dict[str, object]) -> str:
    """The field that a remark is about, else the whole remark."""
    matched = re.search(r'"(\w+)" is not a field', str(remark["detail"]))
    return matched[1] if matched else str(remark)
