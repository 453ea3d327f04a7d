"""The account's limit: strict sliding windows, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import SandboxClock
from sandbox.tests.zimage_calls import calling
from sandbox.zimage import FAST
from sandbox.zimage.limit import MINUTE_US, SECOND_US, Limit

pytestmark = pytest.mark.sockets

REAL = dataclasses.replace(FAST, requests_per_second=2)
STEP_US = 250_000


def test_two_in_any_second_are_taken() -> None:
    """The third finds room exactly one second after the first, not a microsecond earlier."""
    limit = Limit(2)
    assert [limit.take(at_us) for at_us in (0, 400_000, 400_000)] == [True, True, False]
    assert limit.wait_us(400_000) == 600_000
    assert not limit.take(SECOND_US - 1)
    assert limit.take(SECOND_US)
    assert not limit.take(SECOND_US + 399_999)
    assert limit.take(SECOND_US + 400_000)


def test_the_minute_binds_where_the_rate_is_no_whole_number() -> None:
    """Half a request per second: one in any second, but 30 in any minute."""
    limit = Limit(0.5)
    assert [limit.take(number * SECOND_US) for number in range(31)] == [True] * 30 + [False]
    assert limit.wait_us(30 * SECOND_US) == 30 * SECOND_US
    assert limit.take(60 * SECOND_US)


@given(
    st.integers(1, 5),
    st.lists(st.integers(0, 8), min_size=1, max_size=200),
)
def test_no_window_ever_holds_more(rate: int, gaps: list[int]) -> None:
    """Whatever the arrivals: at most R in any 1 s and 60·R in any 60 s, both ends tried."""
    limit, taken_us, now_us = Limit(rate), [], 0
    for gap in gaps:
        now_us += gap * STEP_US
        if limit.take(now_us):
            taken_us.append(now_us)
    for window_us, room in ((SECOND_US, rate), (MINUTE_US, 60 * rate)):
        counts = [sum(at <= one < at + window_us for one in taken_us) for at in taken_us]
        assert max(counts) <= room


def test_a_changed_limit_counts_what_was_taken() -> None:
    """At once, in both directions."""
    limit = Limit(4)
    assert all(limit.take(0) for _ in range(4))
    limit.change(5)
    assert limit.take(0)
    limit.change(1)
    assert not limit.take(SECOND_US - 1)
    assert limit.take(SECOND_US)
    assert limit.requests_per_second == 1


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_a_limit_is_a_number_above_0(rate: float) -> None:
    """Anything else leaves the limit as it was."""
    limit = Limit(2)
    with pytest.raises(ValueError, match="above 0"):
        limit.change(rate)
    assert limit.requests_per_second == 2


async def test_the_third_request_of_a_second_is_throttled() -> None:
    """429 Throttling.RateQuota without a bill; over all keys of the account."""
    clock = SandboxClock.manual()
    settings = dataclasses.replace(REAL, api_keys=("sk-a", "sk-b"))
    async with calling(settings, clock=clock) as zimage:
        other = {"Authorization": "Bearer sk-b"}
        answers = [await zimage.draw(), await zimage.draw(headers=other), await zimage.draw()]
        clock.advance(1)
        answers.append(await zimage.draw(headers=other))
        ledger = zimage.ledger
        assert [answer.status for answer in answers] == [200, 200, 429, 200]
        assert answers[2].json["code"] == "Throttling.RateQuota"
        assert "Retry-After" not in answers[2].headers
        assert (ledger.accepted, ledger.billed, ledger.throttled) == (3, 3, 1)
        assert ledger.peak_per_second == 2
        assert zimage.rules() == []


async def test_120_pictures_take_a_minute() -> None:
    """And the 121st has to wait for the first to be a minute ago."""
    clock = SandboxClock.manual()
    async with calling(REAL, clock=clock) as zimage:
        for _ in range(60):
            assert [(await zimage.draw()).status for _ in range(2)] == [200, 200]
            clock.advance(0.99)
            assert (await zimage.draw()).status == 429
            clock.advance(0.01)
        assert zimage.ledger.billed == 120
        assert zimage.ledger.throttled == 60
        assert set(zimage.ledger.per_second().values()) == {2}


async def test_an_invalid_request_uses_up_nothing() -> None:
    """Guessed, as is that a refused one does not count."""
    async with calling(REAL, clock=SandboxClock.manual()) as zimage:
        for _ in range(5):
            await zimage.draw(size="abc")
        assert [(await zimage.draw()).status for _ in range(3)] == [200, 200, 429]


async def test_the_wait_is_told_by_order_of_a_fault() -> None:
    """In whole seconds, what is really left or what the fault says."""
    fault = {"server": "zimage", "kind": "retry_after"}
    async with calling(REAL, clock=SandboxClock.manual()) as zimage:
        zimage.stand.order(fault)
        answers = [await zimage.draw() for _ in range(3)]
        assert "Retry-After" not in answers[0].headers
        assert answers[2].headers["Retry-After"] == "1"
        zimage.stand.order({**fault, "seconds": 30})
        assert (await zimage.draw()).headers["Retry-After"] == "30"


async def test_a_steep_rise_is_refused_by_order_of_a_fault() -> None:
    """After a pause one a second, and more only as the average grows."""
    clock = SandboxClock.manual()
    settings = dataclasses.replace(FAST, requests_per_second=20)
    async with calling(settings, clock=clock) as zimage:
        zimage.stand.order({"server": "zimage", "kind": "burst_rate"})
        taken = []
        for _ in range(12):
            answers = [await zimage.draw() for _ in range(8)]
            taken.append([answer.status for answer in answers].count(200))
            assert {a.json["code"] for a in answers if a.status == 429} <= {"Throttling.BurstRate"}
            clock.advance(1)
    assert taken[0] == 1
    assert taken == sorted(taken)
    assert taken[-1] >= 6


async def test_the_server_waits_for_a_steep_rise_if_it_is_asked_to() -> None:
    """X-DashScope-Wait-Timeout helps with this refusal alone."""
    clock = SandboxClock.manual()
    async with calling(REAL, clock=clock) as zimage:
        zimage.stand.order({"server": "zimage", "kind": "burst_rate"})
        await zimage.draw()
        patient = {"X-DashScope-Wait-Timeout": "3"}
        waiting = asyncio.create_task(zimage.draw(headers=patient))
        for _ in range(200):
            await asyncio.sleep(0)
            clock.advance(0.01)
        assert (await waiting).status == 200
        clock.advance(10)
        zimage.stand.order()
        assert [(await zimage.draw(headers=patient)).status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("asked", ["soon", "nan", "inf", "-1", ""])
async def test_a_wait_that_is_no_number_is_none(asked: str) -> None:
    """The header is refused silently."""
    async with calling(FAST, clock=SandboxClock.manual()) as zimage:
        zimage.stand.order({"server": "zimage", "kind": "burst_rate"})
        headers = {"X-DashScope-Wait-Timeout": asked}
        answers = [await zimage.draw(headers=headers) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
