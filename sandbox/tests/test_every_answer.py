"""Every route answers, and every answer and event is valid by Discord's document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.discord.app import ROUTES
from sandbox.discord.gateway.views import Intent
from sandbox.discord.permissions import ALL
from sandbox.server import Sandbox, Settings
from sandbox.tests import scenes
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.rest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document

pytestmark = pytest.mark.sockets


@pytest.fixture
async def stage(document: Document, tally: Tally) -> AsyncIterator[tuple[Rest, Control]]:
    """A sandbox whose clock is moved, a bot that may do everything, and the document."""
    clock = SandboxClock.manual()
    settings = Settings(seed=7, privileged_intents=Intent.GUILD_MEMBERS)
    async with Sandbox.start(settings, clock=clock, document=document) as sandbox:
        for guild in sandbox.state.guilds.values():
            for role in guild.roles.values():
                role.permissions |= ALL if role.bot_id else 0
        async with Control.of(sandbox) as control, Rest.of(sandbox, control, pause_s=1) as rest:
            yield rest, control
        assert sandbox.violations.snapshot() == []
        tally.add(sandbox.checks.tally)
        assert sandbox.checks.tally.failures == []


async def test_every_route_answers_validly(stage: tuple[Rest, Control]) -> None:
    """The scenes leave no route out; a new one needs a scene."""
    rest, control = stage
    await scenes.who_is_there(rest)
    await scenes.staff_of(rest)
    await scenes.commands_in(rest, "")
    await scenes.commands_in(rest, "/guilds/{guild_id}")
    await scenes.answers(rest, control)
    await scenes.messages(rest)
    await scenes.announcement(rest, control)
    await scenes.threads(rest, control)
    await scenes.webhooks(rest)
    await scenes.audit_log(rest, control)
    await scenes.automod(rest, control)
    await scenes.bans(rest, control)
    await scenes.positions(rest, control)
    await scenes.scheduled_events(rest, control)
    await scenes.channels(rest, control)
    await scenes.emojis(rest)
    await scenes.purchases(rest)
    assert {route.key for route in ROUTES} - rest.done == set()
    checked = rest.sandbox.checks.tally
    assert checked.responses >= len(ROUTES)
    assert checked.events > 0


async def test_a_connected_bot_is_told_validly(sandbox: Sandbox) -> None:
    """READY and each guild, with its channels, roles and threads, are what the document says."""
    bot = PaintingBot(intents=discord.Intents.default())
    async with connected(sandbox, bot):
        assert {guild.name for guild in bot.guilds} == {"Orchard", "Harbour"}
        assert all(guild.text_channels and guild.forums for guild in bot.guilds)
    assert sandbox.checks.tally.events >= 3
