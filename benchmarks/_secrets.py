"""Searches what a run leaves behind for what must not be there.

The bot's token and the key are in the living process's memory, necessarily: it logs in with them.
Links and interaction tokens pass through it, and Python does not overwrite what it frees. So memory
is searched and told, but only log and database are held to nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.journeys.stage import Stage

LONGEST_REGION_BYTES = 256 * 1024 * 1024
SIGNATURE = b"Signature="


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How many of the secrets were found where."""

    searched: dict[str, int]
    in_log: int
    in_files: int  # database, write-ahead log and whatever lies beside
    in_memory: dict[str, int]


def search(stage: Stage) -> Search:
    """The folder of the bot, and its process if it lives."""
    secrets = _secrets(stage)
    everything = [one for kind in secrets.values() for one in kind]
    log = stage.log.encode()
    files = [path for path in stage.folder.iterdir() if path.name != "bot.log"]
    content = b"\0".join(path.read_bytes() for path in files)
    memory = b"\0".join(_memory(stage.bot.pid)) if stage.bot else b""
    return Search(
        searched={kind: len(values) for kind, values in secrets.items()},
        in_log=sum(one in log for one in everything),
        in_files=sum(one in content for one in everything),
        in_memory={kind: sum(one in memory for one in values) for kind, values in secrets.items()},
    )


def _secrets(stage: Stage) -> dict[str, list[bytes]]:
    addresses = stage.sandbox.addresses
    interactions = stage.sandbox.state.interactions.values()
    return {
        "token": [str(addresses["bot_token"]).encode()],
        "key": [str(addresses["api_key"]).encode()],
        "signatures": [SIGNATURE],
        "interaction tokens": [one.token.encode() for one in interactions],
    }


def _memory(pid: int) -> Iterator[bytes]:
    """Every readable and writable region, as a core would hold it."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            begin, end = (int(one, 16) for one in span.split("-"))
            if not rights.startswith("rw") or end - begin > LONGEST_REGION_BYTES:
                continue
            with suppress(OSError, ValueError, OverflowError):
                memory.seek(begin)
                yield memory.read(end - begin)
