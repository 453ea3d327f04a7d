"""What the service answers while the database is busy."""

from __future__ import annotations

import asyncio
import threading
from random import Random
from typing import TYPE_CHECKING

from bot.db.sqlite import READERS, Database
from bot.features.imagine.service import MOST_PLACES_AT_ONCE, Service
from bot.providers.zimage import OFFER, price
from bot.runtime.clock import Wakeup, Wakeups
from tests.clock import ManualClock
from tests.queue.world import START_US, a_request, an_origin

if TYPE_CHECKING:
    from pathlib import Path

    from bot.queue.records import Receipt


def a_service(database: Database) -> Service:
    clock = ManualClock(START_US)
    return Service(
        database=database,
        clock=clock,
        randomness=Random(1),
        offer=OFFER,
        price=price,
        wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
    )


async def test_a_flood_is_answered_though_places_are_slow(tmp_path: Path) -> None:
    """Whoever comes while many places are being read is told without one; the job is on disk."""
    may_read = threading.Event()
    async with Database.open(tmp_path / "zeuxis.db") as database:
        service = a_service(database)
        held = [
            asyncio.create_task(database.read(lambda _: may_read.wait())) for _ in range(READERS)
        ]
        asked = [
            asyncio.create_task(_submit(service, user)) for user in range(MOST_PLACES_AT_ONCE + 1)
        ]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        may_read.set()
        await asyncio.gather(*held)
        receipts = await asyncio.gather(*waiting)
    (first,) = (task.result() for task in done)
    assert first.place is None
    assert all(receipt.place for receipt in receipts)
    assert len({receipt.job.id for receipt in (first, *receipts)}) == len(asked)


async def _submit(service: Service, user: int) -> Receipt:
    return await service.submit(a_request(), an_origin(user=user + 1))
