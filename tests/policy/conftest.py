"""A world for each test, as the queue's tests have it."""

from __future__ import annotations

from tests.queue.conftest import world

__all__ = ["world"]
