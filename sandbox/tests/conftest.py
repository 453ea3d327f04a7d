"""A sandbox per test, and a discord.py client that talks to it over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.rest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document


@pytest.fixture
async def sandbox(document: Document, tally: Tally) -> AsyncIterator[Sandbox]:
    """A fresh strict sandbox; each of its answers must be valid by Discord's document."""
    async with Sandbox.start(Settings(seed=7, strict_fields=True), document=document) as running:
        yield running
    tally.add(running.checks.tally)
    assert running.checks.tally.failures == []


@pytest.fixture
async def still(document: Document, tally: Tally) -> AsyncIterator[Sandbox]:
    """A fresh strict sandbox whose clock moves only when it is advanced."""
    clock, settings = SandboxClock.manual(), Settings(seed=7, strict_fields=True)
    async with Sandbox.start(settings, clock=clock, document=document) as running:
        yield running
    tally.add(running.checks.tally)
    assert running.checks.tally.failures == []


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A caller of the REST interface who needs no library."""
    async with Rest.of(sandbox, control) as caller:
        yield caller


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[Control]:
    """The control interface, as members and tools use it."""
    async with Control.of(sandbox) as opened:
        yield opened


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[PaintingBot]:
    """A small discord.py bot, connected and with its commands registered.

    It runs in the process of its tests, on a machine that others use too.
    """
    sandbox.state.answer_within_s = 60.0
    async with connected(sandbox, PaintingBot()) as client:
        yield client
