"""A client of others in a process of its own, which says what it does in lines of JSON."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

PEERS = Path(__file__).parent
INSTALLED = PEERS.parents[2] / ".peers"
SAY_LIMIT_S = 30.0
END_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A running client."""

    process: asyncio.subprocess.Process

    async def said(self, what: str) -> dict[str, Any]:
        """The next line, which must be this one; what else the client says fails the test."""
        assert self.process.stdout is not None
        async with asyncio.timeout(SAY_LIMIT_S):
            line = await self.process.stdout.readline()
        assert line.startswith(b"{"), f"instead of {what!r} the client says {line!r}"
        spoken: dict[str, Any] = json.loads(line)
        assert spoken["what"] == what, spoken
        return spoken


def needed(*parts: str) -> Path:
    """A file that `sandbox/tests/peers/install` brings; its absence fails the test."""
    path = INSTALLED.joinpath(*parts)
    if not path.exists():
        pytest.fail(f"{path} is missing: run sandbox/tests/peers/install")
    return path


@asynccontextmanager
async def running(command: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[Peer]:
    """Starts a client, and asks it to end; one that does not is killed and fails the test."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env={**kept, **environment}
    )
    try:
        yield Peer(process)
        process.terminate()
        async with asyncio.timeout(END_LIMIT_S):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
