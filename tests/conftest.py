"""What holds for all tests of the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def synchronous() -> Iterator[str]:
    """How the bot waits for the disk. Tests do not: none cuts the power, and waiting takes as long
    as all that is tested. Bots in processes of their own do.
    """
    of_the_bot = connection.SYNCHRONOUS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "SYNCHRONOUS", "OFF")
        yield of_the_bot
