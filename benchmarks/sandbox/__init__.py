"""What a test pays for a whole local Discord of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.sandbox.rounds import ROUNDS, measure

if TYPE_CHECKING:
    from collections.abc import Iterator


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """A fresh sandbox, client, whole flow and shutdown, beside a bare discord.py round trip."""
    yield asyncio.run(measure(10 if quick else ROUNDS))
