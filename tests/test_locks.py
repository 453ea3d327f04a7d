"""What is installed by `make install` and in the Docker image."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("extra", ["charts", "images", "patterns", "speed"])
def test_the_image_has_what_the_pictures_way_needs(extra: str) -> None:
    """Without Pillow a picture over the upload limit is only a link that dies in a day.

    Without resvg usage is told in lines, without re2 no word rule may hold an expression.
    """
    project = _project()
    locked = (ROOT / "requirements.lock").read_text()
    for requirement in project["optional-dependencies"][extra]:
        name = re.split(r"[<>=; ]", requirement)[0]
        assert re.search(rf"^{name}==", locked, re.MULTILINE), name
    assert "-r requirements.lock" in (ROOT / "Dockerfile").read_text()


def test_the_command_line_tells_the_version_that_is_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"zeuxis {_project()['version']}\n"


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project
