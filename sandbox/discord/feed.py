"""The feed: every change of the state, told once to all who listen.

The gateway, the page and whoever waits for an interaction read the same events, so they cannot
disagree with what REST shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change.

    Attributes:
        name: Discord's event name, or `SANDBOX_…` for what only the page is told.
        body: Discord's event data.
        guild_id: where, None outside guilds.
        channel_id: where, None if it concerns no channel.
        viewer_id: the only member who sees it; such an event never reaches the gateway.
        subject_id: the user whose membership changed.
    """

    name: str
    body: JsonObject
    guild_id: str | None = None
    channel_id: str | None = None
    viewer_id: str | None = None
    subject_id: str | None = None


Listener: TypeAlias = Callable[[Event], None]


class Feed:
    """Tells each event to each listener, in order, at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def publish(self, event: Event) -> None:
        """Tells everyone; a listener only notes the event and must not fail."""
        for listener in tuple(self._listeners):
            listener(event)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the answer takes it away again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
