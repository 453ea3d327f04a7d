"""Questions that come while an answer is under way are answered together by the next.

Alone a question waits for nobody. Under load the cost that all have in common (a commit, a look at
the whole queue) is divided among them, and grows no further with their number.

Not taken: a timer that gathers for some milliseconds. It delays whoever is alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Q = TypeVar("Q")
A = TypeVar("A")

MOST_AT_ONCE = 256  # bounds how long the first waits for the last


class Gathering(Generic[Q, A]):
    """In front of a function that answers many questions for little more than one.

    The function gives the answers in order; an exception among them is raised to whoever asked.
    """

    def __init__(self, answer_all: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]]):
        self._answer_all = answer_all
        self._asked: list[tuple[Q, asyncio.Future[A]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """A caller who is cancelled takes back nothing: the question may have been read."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._asked.append((question, future))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_until_none_is_left())
        return await future

    async def _answer_until_none_is_left(self) -> None:
        try:
            while self._asked:
                batch = self._asked[:MOST_AT_ONCE]
                del self._asked[:MOST_AT_ONCE]
                await self._answer(batch)
        finally:
            self._answering = None

    async def _answer(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._answer_all([question for question, _ in batch])
        except StorageError as error:
            answers = [error.for_another() for _ in batch]
        except Exception as error:  # noqa: BLE001 - raised to whoever asked
            if len(batch) > 1:
                await self._answer_one_by_one(batch)
                return
            answers = [error]
        for (_, future), answer in zip(batch, answers, strict=True):
            _tell(future, answer)

    async def _answer_one_by_one(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        """So that what is wrong with one question troubles nobody else."""
        for one in batch:
            await self._answer([one])


def _tell(future: asyncio.Future[A], answer: A | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
