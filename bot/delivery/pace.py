"""How a message is edited: by one at a time, and at most once in three seconds.

So no edit undoes another, and no channel is used up.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from bot.queue.records import MessageId
    from bot.runtime.clock import Clock

BETWEEN_EDITS_S = 3.0
_BETWEEN_US = round(BETWEEN_EDITS_S * 1e6)


class EditPace:
    """When each message was edited last, forgotten once it may be edited again; and its lock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._locks: WeakValueDictionary[MessageId, asyncio.Lock] = WeakValueDictionary()
        self._edited_at_us: dict[MessageId, int] = {}  # the longest ago first

    def lock(self, message_id: MessageId) -> asyncio.Lock:
        """Held by whoever edits it, and forgotten with its last holder."""
        return self._locks.setdefault(message_id, asyncio.Lock())

    def note(self, message_id: MessageId) -> None:
        """An edit ended now, however."""
        self._edited_at_us.pop(message_id, None)
        self._edited_at_us[message_id] = self._clock.now_us()
        for one in [*self._edited_at_us]:
            if not self.is_free(one):
                break
            del self._edited_at_us[one]

    def free_at_us(self, message_id: MessageId) -> int:
        """When the next edit may come; an instant that has passed if it may come now.

        A clock that was set back does not make three seconds an hour.
        """
        edited_at_us = self._edited_at_us.get(message_id, 0)
        return 0 if edited_at_us > self._clock.now_us() else edited_at_us + _BETWEEN_US

    def is_free(self, message_id: MessageId) -> bool:
        return self.free_at_us(message_id) <= self._clock.now_us()
