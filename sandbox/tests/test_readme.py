"""README.md's example works as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

SANDBOX = Path(__file__).parents[1]
EXAMPLE = re.compile(r"`(\w+\.py)`.*?```python\n(.*?)```", re.DOTALL)


def test_the_readmes_test_passes_against_the_readmes_bot(tmp_path: Path) -> None:
    """In a process of its own, since it tells discord.py where Discord is."""
    files = EXAMPLE.findall((SANDBOX / "README.md").read_text())
    assert [name for name, _ in files] == ["my_bot.py", "test_my_bot.py"]
    for name, text in files:
        (tmp_path / name).write_text(text)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "test_my_bot.py"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SANDBOX.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
