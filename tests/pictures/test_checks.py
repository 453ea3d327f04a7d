"""The checks are those that the settings name, each with what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.pictures.checks import picture_checks
from bot.policy.rules import CheckedBy
from bot.providers.call import open_session
from bot.providers.onnx_check import OnnxCheck
from bot.providers.openai_check import OpenAICheck
from bot.settings.reading import load_settings
from tests.pictures.samples import encoded
from tests.providers.raw_server import answering, http, serving
from tests.providers.test_openai_check import moderation
from tests.providers.tiny_model import REDNESS, TIMM, laid_out, loads_models

if TYPE_CHECKING:
    from bot.settings import Settings

ENOUGH = {"DISCORD_TOKEN": "token-of-the-bot", "DASHSCOPE_API_KEY": "sk-key"}


def settings_with(**given: str) -> Settings:
    return load_settings({**ENOUGH, **given}, dotenv=Path("/nonexistent/.env"))


@pytest.mark.sockets
@loads_models
async def test_a_model_and_a_service_stand_side_by_side(tmp_path: Path) -> None:
    """Under their names; only what the service sees leaves the machine."""
    path = laid_out(tmp_path, REDNESS, config=TIMM)
    async with open_session() as session, serving(answering(http(200, moderation()))) as server:
        given = settings_with(
            PICTURE_CHECK_MODEL=str(path),
            PICTURE_CHECK_API_KEY="sk-checks",
            PICTURE_CHECK_BASE_URL=server.base_url,
        )
        checks = picture_checks(given, session)
        assert {name: one.sends_abroad for name, one in checks.items()} == {
            "model": False,
            "openai": True,
        }
        for name, one in checks.items():
            assert name == one.name
            score = await one.check(encoded("WEBP"), prompt="a cat")
            assert score.category == {"model": "NSFW", "openai": "violence"}[name]
    assert len(server.requests) == 1
    assert b"Authorization: Bearer sk-checks" in server.requests[0]


@pytest.mark.parametrize("given", [{}, {"PICTURE_CHECK_API_MODEL": "own"}])
async def test_without_a_model_or_a_key_there_is_none(given: dict[str, str]) -> None:
    async with open_session() as session:
        assert picture_checks(settings_with(**given), session) == {}


async def test_a_service_alone_needs_no_extra() -> None:
    async with open_session() as session:
        checks = picture_checks(settings_with(PICTURE_CHECK_API_KEY="sk-checks"), session)
    assert [*checks] == ["openai"]


def test_the_policy_names_those_that_there_are() -> None:
    assert {*CheckedBy} - {CheckedBy.NOTHING} == {OnnxCheck.name, OpenAICheck.name}
