"""One bench per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dispatcher.bench import Bench, a_bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as made:
        yield made
