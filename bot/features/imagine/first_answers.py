"""Jobs whose member is being answered for the first time.

A second process with the same token hears every interaction too; Discord takes one first answer
and refuses the other. So no call leaves before that is known: whoever was refused withdraws its
job. Held in memory for as long as Discord waits for the answer; after a crash nobody waits for
one.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.runtime.clock import Wakeup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.queue.records import InteractionId, Job
    from bot.runtime.clock import Clock

LONGEST_S = 3.0  # Discord takes no first answer later


@dataclass(slots=True)
class FirstAnswer:
    """One that is under way.

    Attributes:
        is_ours: False once another process is known to have answered, and the job withdrawn.
    """

    known: Wakeup
    is_ours: bool = True


class FirstAnswers:
    """Those of this process."""

    def __init__(self, clock: Clock, on_known: Callable[[], None]) -> None:
        self._clock = clock
        self._on_known = on_known
        self._under_way: dict[InteractionId, FirstAnswer] = {}

    @contextmanager
    def under_way(self, interaction_id: InteractionId) -> Iterator[FirstAnswer]:
        """For the block that submits and answers; of an interaction that comes twice, the first."""
        answer = FirstAnswer(Wakeup(self._clock))
        is_first = self._under_way.setdefault(interaction_id, answer) is answer
        try:
            yield answer
        finally:
            if is_first:
                del self._under_way[interaction_id]
                answer.known.set()
                self._on_known()

    def is_under_way(self, interaction_id: InteractionId) -> bool:
        return interaction_id in self._under_way

    async def settled(self, job: Job) -> bool:
        """Whether the job is still ours, once its answer is known or Discord would take none."""
        answer = self._under_way.get(job.origin.interaction_id)
        if answer is None:
            return True
        await answer.known.wait_until(job.created_at_us + round(LONGEST_S * 1e6))
        return answer.is_ours
