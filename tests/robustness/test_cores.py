"""A crash leaves no copy of the memory behind."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

ROOT = Path(__file__).parents[2]
CRASH = "import os; os.abort()"


def leaves_a_core(script: str, folder: Path) -> bool:
    """Whether a process that runs this, and may write a core as large as it likes, does so."""
    child = os.fork()
    if child == 0:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        os.chdir(folder)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        os.execve(sys.executable, [sys.executable, "-c", script], environment)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status)


@pytest.mark.process
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_crash_writes_no_core(tmp_path: Path) -> None:
    """Beside a process that does not forbid it; where nobody may, that proves nothing."""
    forbidding = f"from bot.lifecycle import forbid_cores; forbid_cores(); {CRASH}"
    assert not leaves_a_core(forbidding, tmp_path)
    assert not list(tmp_path.glob("core*"))
    may_anybody = resource.getrlimit(resource.RLIMIT_CORE)[1] != 0
    assert leaves_a_core(CRASH, tmp_path) == may_anybody


async def test_the_running_bot_has_forbidden_it(stage: Stage) -> None:
    """Before it connects."""
    assert stage.bot is not None
    limits = Path(f"/proc/{stage.bot.pid}/limits").read_text()
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
