"""Settings: read from the environment and .env, every problem at once, secrets never shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import NAMES, Secret, load_settings

ROOT = Path(__file__).parents[1]
ENOUGH = {"DISCORD_TOKEN": "token-of-the-bot", "DASHSCOPE_API_KEY": "sk-key"}
NOWHERE = Path("/nonexistent/.env")


def problems(environment: dict[str, str], dotenv: Path = NOWHERE) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load_settings(environment, dotenv=dotenv)
    return raised.value.problems


def test_two_secrets_are_enough() -> None:
    """Everything but the token and the key has a default."""
    settings = load_settings(ENOUGH, dotenv=NOWHERE)
    assert settings.zimage_base_url == "https://dashscope-intl.aliyuncs.com/api/v1"
    assert settings.zimage_requests_per_second == 2.0


def test_all_problems_are_listed_at_once_by_name() -> None:
    """An operator mends everything in one go."""
    found = problems(
        {
            "ZIMAGE_REQUESTS_PER_SECOND": "fast",
            "DASHSCOPE_REGION": "mars",
            "DEFAULT_SIZE": "1*1",
            "DISCORD_API_BASE_URL": "ftp://example",
            "REWRITE_BY_DEFAULT": "perhaps",
            "HEALTH_PORT": "70000",
        }
    )
    named = [line.split(":")[0] for line in found]
    assert sorted(named) == [
        "DASHSCOPE_API_KEY",
        "DASHSCOPE_REGION",
        "DEFAULT_SIZE",
        "DISCORD_API_BASE_URL",
        "DISCORD_TOKEN",
        "HEALTH_PORT",
        "REWRITE_BY_DEFAULT",
        "ZIMAGE_REQUESTS_PER_SECOND",
    ]
    assert all("expected" in line for line in found)


@pytest.mark.parametrize("rate", ["nan", "inf", "-1", "0", "1e9", "2,5"])
def test_a_rate_that_is_no_rate_is_refused(rate: str) -> None:
    """Nothing that would stop or flood the account gets through."""
    assert (
        "ZIMAGE_REQUESTS_PER_SECOND" in problems({**ENOUGH, "ZIMAGE_REQUESTS_PER_SECOND": rate})[0]
    )


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A container's environment overrides what lies in the folder; empty is unset."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("DASHSCOPE_REGION=beijing\nZIMAGE_MODEL=from-file\nDISCORD_TOKEN=file\n")
    settings = load_settings(
        {**ENOUGH, "ZIMAGE_MODEL": "from-environment", "DASHSCOPE_REGION": ""}, dotenv=dotenv
    )
    assert settings.zimage_model == "from-environment"
    assert settings.discord_token.reveal() == "token-of-the-bot"


def test_a_misspelt_name_in_the_file_is_reported_with_the_likely_one(tmp_path: Path) -> None:
    """A setting that nobody reads is worse than an error."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("ZIMAGE_REQUEST_PER_SECOND=3\nCOMPOSE_PROJECT_NAME=mine\n")
    assert problems(ENOUGH, dotenv) == (
        "ZIMAGE_REQUEST_PER_SECOND: unknown setting, did you mean ZIMAGE_REQUESTS_PER_SECOND?",
    )


def test_weights_are_pairs_of_an_id_and_a_number() -> None:
    """Blanks may stand beside the commas."""
    given = {**ENOUGH, "GUILD_WEIGHTS": "123:3", "ROLE_WEIGHTS": "7:2, 8:0.5"}
    settings = load_settings(given, dotenv=NOWHERE)
    assert settings.guild_weights == {123: 3.0}
    assert settings.role_weights == {7: 2.0, 8: 0.5}


@pytest.mark.parametrize(
    "pairs", ["1", "1:2:3", "a:1", "1:0", "1:-1", "1:nan", "1:101", "1:2,1:3", "-1:2", ":2"]
)
def test_weights_that_are_none_are_refused(pairs: str) -> None:
    """An id that is there twice, too: which weight was meant?"""
    (problem,) = problems({**ENOUGH, "ROLE_WEIGHTS": pairs})
    assert problem.startswith("ROLE_WEIGHTS: expected ID:WEIGHT pairs")


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ünïcode"])
def test_a_secret_with_blanks_inside_is_refused_without_showing_it(token: str) -> None:
    """A token pasted with its surroundings is the most common slip."""
    (problem,) = problems({**ENOUGH, "DISCORD_TOKEN": token})
    assert problem.startswith("DISCORD_TOKEN: expected one word")
    assert token not in problem


def test_secrets_never_show() -> None:
    """Not by repr, str, format or as part of the settings."""
    secret = Secret("hidden-value")
    settings = load_settings({**ENOUGH, "DISCORD_TOKEN": "hidden-value"}, dotenv=NOWHERE)
    shown = f"{secret} {secret!r} {secret:>30} {settings} {settings!r} {[secret]}"
    assert "hidden-value" not in shown
    assert secret.reveal() == "hidden-value"


def test_the_example_file_names_every_setting_with_its_default() -> None:
    """`.env.example` is the manual: complete, explained, and true."""
    text = (ROOT / ".env.example").read_text()
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert sorted(named) == sorted(NAMES)
    assert load_settings({**named, **ENOUGH}, dotenv=NOWHERE) == load_settings(
        ENOUGH, dotenv=NOWHERE
    )


def test_the_command_line_lists_the_problems_and_ends(tmp_path: Path) -> None:
    """`python -m bot run` without settings: a readable list, exit status 2, no traceback."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 2
    assert "DISCORD_TOKEN: expected a value" in ran.stderr
    assert "DASHSCOPE_API_KEY: expected a value" in ran.stderr
    assert "Traceback" not in ran.stderr
