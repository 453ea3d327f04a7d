"""One bot before one sandbox for all rows of a table; each row leaves both well for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.journeys.conftest import stage, stage_with
from tests.journeys.stage import Stage, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

__all__ = ["lasting_stage", "stage", "stage_with"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """For the modules marked `pytest.mark.asyncio(loop_scope="module")`."""
    async with staged(tmp_path_factory.mktemp("stage")) as made:
        yield made
        assert made.sandbox.violations.snapshot() == []
        assert made.sandbox.remarks.snapshot() == []
