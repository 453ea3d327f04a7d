"""The ledger tells what happened."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from typing import TYPE_CHECKING, TypedDict

import pytest

from sandbox.clock import SandboxClock
from sandbox.tests.zimage_calls import calling
from sandbox.zimage import FAST, ZImageSettings
from sandbox.zimage.ledger import KEPT, Entry, Ledger, Outcome

if TYPE_CHECKING:
    from sandbox.tests.zimage_calls import Caller

pytestmark = pytest.mark.sockets


async def test_the_snapshot_has_the_contracts_names() -> None:
    """One picture, drawn and fetched once."""
    clock = SandboxClock.manual(1_800_000_000_500_000)
    async with calling(clock=clock) as zimage:
        answer = await zimage.draw("a cat", seed=7, size="512*512", prompt_extend=True)
        await zimage.download(answer.image_url)
        told = zimage.ledger.snapshot()
    assert told == {
        "accepted": 1,
        "generated": 1,
        "billed": 1,
        "downloaded": 1,
        "throttled": 0,
        "peak_per_second": 1,
        "requests": [
            {
                "time": 1_800_000_000.5,
                "request_id": answer.headers["x-request-id"],
                "key": "key-1",
                "prompt": "a cat",
                "size": "512*512",
                "seed": 7,
                "drawn_seed": 7,
                "prompt_extend": True,
                "outcome": "generated",
                "code": "",
                "billed": True,
                "downloads": 1,
            }
        ],
        "chats": [],
        "moderations": [],
    }


def outcome(zimage: Caller) -> Outcome:
    """Of the first request."""
    return zimage.ledger.entries[0].outcome


async def test_a_request_under_way_is_running() -> None:
    """Billed only when it is drawn."""
    clock, accepted = SandboxClock.manual(), asyncio.Event()
    async with calling(ZImageSettings(pictures=FAST.pictures), clock=clock) as zimage:
        zimage.ledger.listen(lambda _: accepted.set())
        drawing = asyncio.create_task(zimage.draw())
        await accepted.wait()
        assert outcome(zimage) is Outcome.RUNNING
        assert (zimage.ledger.accepted, zimage.ledger.billed) == (1, 0)
        clock.advance(60)
        await drawing
        assert outcome(zimage) is Outcome.GENERATED


async def test_who_leaves_pays_all_the_same() -> None:
    """The picture is drawn and billed although nobody waits for it."""
    clock, steps = SandboxClock.manual(), asyncio.Queue[Outcome]()
    async with calling(ZImageSettings(pictures=FAST.pictures), clock=clock) as zimage:
        zimage.ledger.listen(lambda entry: steps.put_nowait(entry.outcome))
        drawing = asyncio.create_task(zimage.draw())
        assert await steps.get() is Outcome.RUNNING
        drawing.cancel()
        await asyncio.wait([drawing])
        clock.advance(60)
        assert await steps.get() is Outcome.GENERATED
        assert await steps.get() is Outcome.GENERATED
        assert zimage.ledger.billed == 1


async def test_counts_are_kept_per_key_and_per_second() -> None:
    """For who shares an account."""
    clock = SandboxClock.manual(50_000_000)
    settings = dataclasses.replace(FAST, api_keys=("sk-a", "sk-b"))
    async with calling(settings, clock=clock) as zimage:
        await zimage.draw(headers={"Authorization": "Bearer sk-b"})
        clock.advance(1)
        await zimage.draw()
        await zimage.draw(size="abc")
        assert zimage.ledger.per_second() == {50: 1, 51: 1}
        assert zimage.ledger.per_key() == {
            "key-1": {"accepted": 1, "generated": 1, "billed": 1, "refused": 1},
            "key-2": {"accepted": 1, "generated": 1, "billed": 1},
        }


def test_the_peak_is_that_of_any_second() -> None:
    """Not of a second by the calendar: half of two neighbours count."""
    clock = SandboxClock.manual(0)
    ledger = Ledger(clock)
    for gap_s in (0.8, 0.1, 0.2, 0.1, 0.59, 0.02):
        clock.advance(gap_s)
        ledger.accept(Entry(request_id="", at_us=clock.now_us(), key="key-1"))
    assert ledger.peak_per_second == 5


def test_the_memory_is_bounded_and_the_counts_are_not() -> None:
    """The oldest requests and seconds go."""
    clock = SandboxClock.manual(0)
    ledger = Ledger(clock)
    for _ in range(KEPT + 10):
        entry = Entry(request_id="", at_us=clock.now_us(), key="key-1")
        ledger.open(entry)
        ledger.accept(entry)
        clock.advance(1)
    assert len(ledger.entries) == len(ledger.per_second()) == KEPT
    assert ledger.accepted == KEPT + 10
    assert ledger.entries[0].at_us == 10_000_000


class WrongSettings(TypedDict, total=False):
    """Of a `ZImageSettings`."""

    grain_bits: int
    latency_scale: float


@pytest.mark.parametrize(
    "wrong",
    [{"grain_bits": 8}, {"grain_bits": -1}, {"latency_scale": -1}, {"latency_scale": math.nan}],
)
def test_settings_out_of_range_are_refused(wrong: WrongSettings) -> None:
    """Before anything is served."""
    with pytest.raises(ValueError, match="must be"):
        dataclasses.replace(FAST, **wrong)
