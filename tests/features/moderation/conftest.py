"""The world of the queue's tests, in which the staff decide."""

from __future__ import annotations

from tests.queue.conftest import world

__all__ = ["world"]
