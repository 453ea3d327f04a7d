"""Questions that are answered together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import StorageUnavailable
from bot.gathering import MOST_AT_ONCE, Gathering

if TYPE_CHECKING:
    from collections.abc import Sequence


class Doubler:
    """Doubles numbers, as many at once as it is asked, when it is let."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.batches: list[list[int]] = []
        self.trouble: dict[int, Exception] = {}  # raised for a batch with that number

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await self.may_answer.wait()
        for number in numbers:
            if number in self.trouble:
                raise self.trouble[number]
        return [2 * number if number else ValueError("nought") for number in numbers]


async def asked(gathering: Gathering[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    """All of them on their way."""
    tasks = [asyncio.create_task(gathering.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_who_is_alone_waits_for_nobody() -> None:
    """The first question is put at once, and the next ones anew."""
    double = Doubler()
    double.may_answer.set()
    gathering = Gathering(double)
    assert [await gathering.ask(1), await gathering.ask(2)] == [2, 4]
    assert double.batches == [[1], [2]]


async def test_questions_that_come_meanwhile_are_answered_together() -> None:
    """And each gets its own answer."""
    double = Doubler()
    gathering = Gathering(double)
    first = await asked(gathering, 1)
    others = await asked(gathering, 2, 3, 4)
    double.may_answer.set()
    assert await asyncio.gather(*first, *others) == [2, 4, 6, 8]
    assert double.batches == [[1], [2, 3, 4]]


async def test_not_more_than_so_many_at_once() -> None:
    """The first of a flood does not wait for the last."""
    double = Doubler()
    gathering = Gathering(double)
    tasks = await asked(gathering, *range(1, 2 * MOST_AT_ONCE))
    double.may_answer.set()
    await asyncio.gather(*tasks)
    assert max(map(len, double.batches)) == MOST_AT_ONCE


async def test_an_exception_among_the_answers_is_for_one() -> None:
    """The others hear nothing of it."""
    double = Doubler()
    gathering = Gathering(double)
    tasks = await asked(gathering, 1, 0, 2)
    double.may_answer.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answers[0], answers[2]] == [2, 4]
    assert isinstance(answers[1], ValueError)


async def test_a_question_that_breaks_the_answering_breaks_only_itself() -> None:
    """The rest are asked again, one by one."""
    double = Doubler()
    double.trouble[3] = KeyError(3)
    double.may_answer.set()
    gathering = Gathering(double)
    answers = await asyncio.gather(*await asked(gathering, 2, 3, 4), return_exceptions=True)
    assert [answers[0], answers[2]] == [4, 8]
    assert isinstance(answers[1], KeyError)
    assert await gathering.ask(5) == 10


async def test_a_disk_that_fails_is_not_asked_for_each_anew() -> None:
    """Everybody is told, each by an exception of their own."""
    double = Doubler()
    double.trouble[2] = StorageUnavailable("full")
    double.may_answer.set()
    gathering = Gathering(double)
    answers = await asyncio.gather(*await asked(gathering, 2, 3), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["full", "full"]
    assert answers[0] is not answers[1]
    assert double.batches == [[2, 3]]


async def test_who_goes_away_leaves_the_others_their_answers() -> None:
    """Their question was read all the same."""
    double = Doubler()
    gathering = Gathering(double)
    gone, stays = await asked(gathering, 1, 2)
    gone.cancel()
    double.may_answer.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
