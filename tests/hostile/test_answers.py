"""What Z-Image, or whatever stands before it, may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.showing import ask

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_good_answer_is_drawn(lasting_stage: Stage) -> None:
    """So that the other rows mean something."""
    shown = await ask(lasting_stage)
    assert (shown.pictures, shown.billed, shown.row, shown.log) == (1, 1, "delivered", ())
