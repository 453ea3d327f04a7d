"""What the bot's wheel brings, which the production image installs."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


def test_it_installs_the_bot_and_no_sandbox(tmp_path: Path) -> None:
    """These two names are what README.md warns of."""
    with ZipFile(next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path)))) as wheel:
        names = wheel.namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"bot", "cogs"}
    assert "bot/__main__.py" in names


def test_the_image_is_built_without_the_sandbox() -> None:
    """Its build does not even see the folder."""
    shown = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in shown
    assert not [line for line in shown if line.startswith("!") and "sandbox" in line]
    assert "sandbox" not in (ROOT / "Dockerfile").read_text()
