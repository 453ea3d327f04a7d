"""docs/zimage.md tells what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.faults import KINDS
from sandbox.zimage.errors import KNOWN, NATIVE
from sandbox.zimage.gate import INFRINGING_WORD, INPUT_WORD, OUTPUT_WORD
from sandbox.zimage.opinions import DOUBTFUL_WORD, LURID_WORD

PAGE = (Path(__file__).parents[1] / "docs" / "zimage.md").read_text()


@pytest.mark.parametrize(
    "name",
    [
        *(*KINDS, *KNOWN, *NATIVE),
        *(INPUT_WORD, OUTPUT_WORD, INFRINGING_WORD, DOUBTFUL_WORD, LURID_WORD),
    ],
)
def test_every_fault_code_and_word_is_named(name: str) -> None:
    """As it is written."""
    assert f"`{name}`" in PAGE


def test_every_code_stands_beside_its_status() -> None:
    """One row per status."""
    rows = dict(line.strip("| ").split(" | ", 1) for line in PAGE.splitlines() if "| `" in line)
    for code, known in KNOWN.items():
        assert f"`{code}`" in rows[str(known.status)]
