"""A session as the bot opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.providers.zimage import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened
