"""Whatever a command raises, its member hears of it, alone and in their language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands, ui
from structlog.testing import capture_logs

from bot.errors import StorageUnavailable
from bot.refusals import PromptEmpty
from cogs.answers import answer_command_error, errors_answered
from tests.cogs.conftest import connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.client import ImageBot
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

EPHEMERAL = 64
SECRET = "sk-secret"


class Press(ui.Button[ui.View]):
    async def callback(self, interaction: discord.Interaction) -> None:
        async with errors_answered(interaction):
            raise ValueError(SECRET)


async def prepare(bot: ImageBot) -> None:
    bot.tree.error(answer_command_error)

    @bot.tree.command(description="Raises")
    async def fail(interaction: discord.Interaction, what: str) -> None:
        known = {"refusal": PromptEmpty(), "storage": StorageUnavailable(SECRET)}
        raise known.get(what) or ValueError(SECRET)

    @bot.tree.command(description="Answers, then raises")
    async def late(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        raise PromptEmpty

    @bot.tree.command(description="Shows a button that raises")
    async def button(interaction: discord.Interaction) -> None:
        view = ui.View(timeout=None)
        view.add_item(Press(label="press", custom_id="press"))
        await interaction.response.send_message("press", view=view)


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[ImageBot]:
    async with connected(sandbox, prepare) as client:
        yield client


def words(seen: dict[str, Any]) -> str:
    assert seen["messages"][-1]["flags"] & EPHEMERAL
    return str(seen["messages"][-1]["components"][0]["components"][0]["content"])


async def fail(control: Control, what: str, locale: str = "en-US") -> Any:
    act = await control.act("command", name="fail", options={"what": what}, locale=locale)
    return await control.settled(act)


async def test_refusal_is_told_in_the_member_s_language(control: Control, bot: ImageBot) -> None:
    """The member alone reads it, whatever the guild speaks."""
    assert words(await fail(control, "refusal", "de")).startswith("Der Prompt ist leer.")


async def test_trouble_with_the_database_is_told_and_logged(
    control: Control, bot: ImageBot
) -> None:
    """Members hear what to do, the log says why."""
    with capture_logs() as logs:
        said = words(await fail(control, "storage"))
    assert "Try again" in said
    assert SECRET not in said
    assert [
        (one["reason"], one["detail"]) for one in logs if one["event"] == "could not serve"
    ] == [("StorageUnavailable", SECRET)]


async def test_unexpected_error_gives_a_reference_that_stands_in_the_log(
    control: Control, bot: ImageBot
) -> None:
    """Nothing of the error itself is shown; the traceback is in the log."""
    with capture_logs() as logs:
        seen = await fail(control, "bug")
    assert SECRET not in words(seen)
    assert f"`{seen['interaction_id']}`" in words(seen)
    (logged,) = [one for one in logs if one["event"] == "unexpected error"]
    assert str(logged["interaction"]) == seen["interaction_id"]
    assert isinstance(logged["exc_info"], ValueError)


async def test_error_after_a_deferral_replaces_the_thinking(
    control: Control, bot: ImageBot
) -> None:
    """Nobody is left in front of "thinking…"."""
    seen = await control.command("late")
    assert len(seen["messages"]) == 1
    assert words(seen).startswith("The prompt is empty.")


async def test_error_of_a_button_is_told_too(control: Control, bot: ImageBot) -> None:
    """discord.py alone would only log it."""
    shown = await control.command("button")
    message_id = shown["messages"][0]["id"]
    pressed = await control.act("component", message_id=message_id, custom_id="press")
    seen = await control.settled(pressed)
    assert f"`{seen['interaction_id']}`" in words(seen)


async def test_command_that_the_bot_no_longer_has_says_so(control: Control, bot: ImageBot) -> None:
    """A member's Discord may know an older shape of it for a while."""
    bot.tree.remove_command("late")
    assert words(await control.command("late")).startswith("This command has changed.")


async def test_command_of_another_shape_says_so(control: Control, bot: ImageBot) -> None:
    """Likewise when an option was added since."""

    @app_commands.command(name="late", description="Another shape")
    async def reshaped(interaction: discord.Interaction, now: str) -> None:
        raise AssertionError

    bot.tree.add_command(reshaped, override=True)
    assert words(await control.command("late")).startswith("This command has changed.")
