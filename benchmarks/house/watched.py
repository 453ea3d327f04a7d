"""Runs `python -m bot` of the working directory and notes which of its functions are called.

    python watched.py NOTES.json FOLDER … -- ARGUMENT …

SIGUSR1 begins to note, SIGUSR2 writes the notes and ends it. Started by `trace.py`, as a file and
not as a module, so that it can run any checkout and imports nothing of this one.

Every call is noted with the asyncio task that made it. What a database's thread runs belongs to the
task that handed it over. Every request over aiohttp is noted too: they tell tasks apart.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import queue
import runpy
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import aiosqlite.core

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

NOBODY = 0


class Notes:
    """What was called since the signal, in order; and which task made which, since the start."""

    def __init__(self, place: Path, folders: Sequence[str]) -> None:
        self._place = place
        self._root = Path.cwd()
        self._folders = folders
        self._is_on = False
        self._names: dict[str, str | None] = {}
        self._numbers: dict[asyncio.Task[Any], int] = {}  # kept alive: an id would be used again
        self._handed = threading.local()
        self._newest = NOBODY
        self.parents: dict[int, int] = {}
        self.calls: list[tuple[str, int]] = []
        self.requests: list[tuple[str, str, int]] = []

    def begin(self, *_: object) -> None:
        self._is_on = True

    def end(self, *_: object) -> None:
        self._is_on = False
        notes = {"calls": self.calls, "parents": self.parents, "requests": self.requests}
        self._place.write_text(json.dumps(notes))

    def seen(self, frame: FrameType, event: str, _: object) -> None:
        """The profile function of every thread."""
        if not self._is_on or event != "call":
            return
        code = frame.f_code
        if not code.co_flags & inspect.CO_OPTIMIZED:
            return  # the body of a module or class: an import, not the request's work
        name = self._name(code.co_filename)
        if name is not None:
            self.calls.append((name, self.task()))

    def _name(self, file: str) -> str | None:
        """Relative to the checkout; None outside the folders that count."""
        if file not in self._names:
            path = Path(file)
            inside = path.is_relative_to(self._root) and path.relative_to(self._root)
            counts = inside and inside.parts[0] in self._folders
            self._names[file] = str(inside) if counts else None
        return self._names[file]

    def task(self) -> int:
        """The number of the task for which this thread works."""
        if threading.current_thread() is not threading.main_thread():
            return getattr(self._handed, "task", self._newest)
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is not None:
            self._newest = self.number(task)
        return self._newest

    def number(self, task: asyncio.Task[Any]) -> int:
        return self._numbers.setdefault(task, len(self._numbers) + 1)

    def handed(self, function: Any) -> Any:
        """The same, run in another thread on behalf of this task."""
        task = self.task()

        def run() -> Any:
            self._handed.task = task
            return function()

        return run


def follow_tasks(notes: Notes) -> None:
    """Notes who makes a task."""
    make = asyncio.BaseEventLoop.create_task

    def create_task(loop: Any, *args: Any, **kwargs: Any) -> Any:
        task = make(loop, *args, **kwargs)
        notes.parents[notes.number(task)] = notes.task()
        return task

    asyncio.BaseEventLoop.create_task = create_task  # type: ignore[method-assign,assignment]


def follow_requests(notes: Notes) -> None:
    """Notes who asks what over HTTP."""
    request = aiohttp.ClientSession._request

    async def noted(session: Any, method: str, url: Any, **kwargs: Any) -> Any:
        notes.requests.append((method, str(url).partition("?")[0], notes.task()))
        return await request(session, method, url, **kwargs)

    aiohttp.ClientSession._request = noted  # type: ignore[method-assign,assignment]


def follow_threads(notes: Notes) -> None:
    """Notes for whom aiosqlite's threads work."""

    class Handing(queue.SimpleQueue):  # type: ignore[type-arg]
        def put_nowait(self, item: Any) -> None:
            future, function = item
            super().put_nowait((future, notes.handed(function)))

    aiosqlite.core.SimpleQueue = Handing  # type: ignore[attr-defined]


def main() -> None:
    place, *rest = sys.argv[1:]
    folders, arguments = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    notes = Notes(Path(place), folders)
    for follow in (follow_tasks, follow_requests, follow_threads):
        follow(notes)
    signal.signal(signal.SIGUSR1, notes.begin)
    signal.signal(signal.SIGUSR2, notes.end)
    threading.setprofile(notes.seen)
    sys.setprofile(notes.seen)
    sys.path[0] = str(Path.cwd())
    sys.argv[1:] = arguments
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
