"""Something that runs for as long as a block does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

PATIENCE_S = 60.0  # real time, of a machine that others use too; what is waited for is soon there


@asynccontextmanager
async def running(part: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Cancelled at the end of the block; what it raised before is raised there."""
    task = asyncio.create_task(part)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
