"""Bots that are forked from a process which has imported the bot already.

Importing takes half of the processor's time of a start, and the journeys start hundreds of bots.
All else is as with `python -m bot`: environment, folder, output, signals and exit status of their
own. By its command line it is started in `tests/test_startup.py`.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import runpy
import sys
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["bot.app", "cogs", __name__])  # runpy warns of `bot.__main__`


class Process(Protocol):
    """What asyncio's and this module's have in common."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    async def wait(self) -> int: ...


class Forked:
    """Of the interface of asyncio's process what stages need."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs, and the signal's number, negative, where one has ended it."""
        return self._process.exitcode

    def send_signal(self, number: int, /) -> None:
        """Raises ProcessLookupError if it has ended."""
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """Its exit status once it has ended."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        sentinel = os.dup(self._process.sentinel)  # several may wait
        loop.add_reader(sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(sentinel)
            os.close(sentinel)
        assert self.returncode is not None
        return self.returncode


def fork(
    module: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
) -> Forked:
    """Runs a module with nothing but that environment; what it prints is added to the log."""
    process = _CONTEXT.Process(
        target=_run, args=(module, arguments, folder, environment, log), daemon=True
    )
    process.start()
    return Forked(process)


def _run(
    module: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    with log.open("ab") as said:
        os.dup2(said.fileno(), sys.stdout.fileno())
        os.dup2(said.fileno(), sys.stderr.fileno())
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)
