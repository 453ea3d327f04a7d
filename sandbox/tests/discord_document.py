"""Discord's document for the tests, and how much was held against it, printed at the end of a run.

A copy is in `data`; `DISCORD_OPENAPI` names another one to be used instead.
"""

from __future__ import annotations

import dataclasses
import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.checks import Tally
from sandbox.discord.document import Document

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

COPY = Path(__file__).parent / "data" / "discord-openapi.json.gz"
TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def document_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as a file, for `--openapi`."""
    if named := os.environ.get("DISCORD_OPENAPI"):
        return Path(named)
    path = tmp_path_factory.mktemp("document") / "discord-openapi.json"
    path.write_bytes(gzip.decompress(COPY.read_bytes()))
    return path


@pytest.fixture(scope="session")
def document(document_path: Path) -> Document:
    """The document, read once; its schemas stay compiled for the whole run."""
    return Document.load(document_path)


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    """What the run has checked so far; every sandbox that closes adds its own."""
    return pytestconfig.stash.setdefault(TALLY, Tally())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it has checked."""
    if TALLY in session.config.stash and hasattr(session.config, "workeroutput"):
        tally = session.config.stash[TALLY]
        session.config.workeroutput["tally"] = dataclasses.asdict(tally)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Counts in what a worker has checked."""
    if checked := getattr(node, "workeroutput", {}).get("tally"):
        node.config.stash.setdefault(TALLY, Tally()).add(Tally(**checked))


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Prints how many of the sandbox's answers are valid by Discord's document."""
    total = config.stash.get(TALLY, None)
    if total is None or not total.responses:
        return
    terminalreporter.section("Discord's document")
    terminalreporter.write_line(
        f"{total.requests} requests checked, {total.refused} refused; "
        f"{total.responses} responses and {total.events} events checked, "
        f"{len(total.failures)} failed"
    )
    for failure in total.failures[:20]:
        terminalreporter.write_line(f"  {failure}")
