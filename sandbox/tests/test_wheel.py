"""What `pip install sandbox/` brings: the package and its page, nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

SANDBOX = Path(__file__).parents[1]
LEFT_OUT = {"demo", "docs", "tests"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of a wheel that is built now."""
    folder = str(tmp_path_factory.mktemp("wheel"))
    with ZipFile(next(WheelBuilder(str(SANDBOX)).build(directory=folder))) as wheel:
        return set(wheel.namelist())


def test_it_installs_one_package_and_no_tests(names: set[str]) -> None:
    """Every module of the sandbox, and of the page every file."""
    kept = {
        f"sandbox/{path.relative_to(SANDBOX)}"
        for pattern in ("*.py", "page/**/*")
        for path in SANDBOX.rglob(pattern)
        if path.is_file() and path.relative_to(SANDBOX).parts[0] not in LEFT_OUT
    }
    installed = {name for name in names if ".dist-info/" not in name}
    assert installed == kept
    assert {"sandbox/page/index.html", "sandbox/painter/words.py"} <= installed


def test_it_asks_for_nothing_that_the_bots_own_lock_does_not_bring() -> None:
    """Therefore `make install` is enough for `make demo`."""
    project = tomllib.loads((SANDBOX / "pyproject.toml").read_text())["project"]
    locked = (SANDBOX.parent / "requirements.lock").read_text().splitlines()
    for requirement in project["dependencies"]:
        name = requirement.split(">=")[0]
        assert any(line.startswith(f"{name}==") for line in locked), name
