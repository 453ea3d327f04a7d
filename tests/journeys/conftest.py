"""A stage per test; every answer of its sandbox must be valid, and no rule broken by the bot."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.stage import Stage, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document


@pytest.fixture
def stage_with(
    tmp_path: Path, document: Document, tally: Tally
) -> Callable[..., AbstractAsyncContextManager[Stage]]:
    """Makes a stage with other settings of the sandbox."""

    @asynccontextmanager
    async def make(**settings: Any) -> AsyncIterator[Stage]:
        async with staged(tmp_path, document, **settings) as stage:
            yield stage
        tally.add(stage.sandbox.checks.tally)
        assert stage.sandbox.checks.tally.failures == []
        assert stage.sandbox.violations.snapshot() == []
        assert stage.sandbox.remarks.snapshot() == []

    return make


@pytest.fixture
async def stage(
    stage_with: Callable[..., AbstractAsyncContextManager[Stage]],
) -> AsyncIterator[Stage]:
    """The bot before a quick sandbox."""
    async with stage_with() as made:
        yield made
