"""Searches what a run leaves behind for what must not be there: log, database, core.

The bot's token and the key are in the living process's memory, necessarily: it logs in with them.
Links and interaction tokens pass through it, and Python does not overwrite what it frees. So the
bot must leave no core. That is tried: at the end it is aborted, under limits that allow a core.
"""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

SIGNATURE = b"Signature="
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How many of the secrets were found where."""

    searched: dict[str, int]
    in_log: int
    in_files: int  # database, write-ahead log and whatever lies beside
    cores: int  # files, after an abort


def allow_cores() -> bool:
    """For the processes started from now on; whether one that crashes does leave a core here."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", "import os; os.abort()"], cwd=folder, check=False)
        return bool(_cores(Path(folder)))


async def search(stage: Stage) -> Search:
    """The folder of the bot, after aborting it."""
    await stage.kill_bot(signal.SIGABRT)
    secrets = _secrets(stage)
    everything = [one for kind in secrets.values() for one in kind]
    log = stage.log.encode()
    files = [path for path in stage.folder.iterdir() if path.name != "bot.log"]
    content = b"\0".join(path.read_bytes() for path in files)
    return Search(
        searched={kind: len(values) for kind, values in secrets.items()},
        in_log=sum(one in log for one in everything),
        in_files=sum(one in content for one in everything),
        cores=len(_cores(stage.folder)) + len(_cores(ROOT)),
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


def _cores(folder: Path) -> list[Path]:
    return list(folder.glob("core*"))
