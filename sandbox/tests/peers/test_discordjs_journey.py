"""discord.js 14 works with the sandbox as it works with Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.tests.peers.journey import Journey, environment
from sandbox.tests.peers.peer import PEERS, needed, running

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

pytestmark = pytest.mark.peers


async def test_discord_js_makes_its_journey(sandbox: Sandbox, control: Control) -> None:
    """Log-in, command, defer, edit, file, thread, button, select, V2 and form violate nothing."""
    modules = {"NODE_PATH": str(needed("discordjs", "node_modules"))}
    command = ["node", str(PEERS / "discordjs" / "journey.cjs")]
    async with running(command, environment(sandbox) | modules) as peer:
        await Journey(sandbox=sandbox, control=control, peer=peer).travel()
