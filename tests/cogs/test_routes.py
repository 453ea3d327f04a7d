"""What is pressed or filled in finds its part of the cogs by its custom id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from bot.refusals import PromptEmpty
from bot.texts import Texts
from bot.texts.cards import notice
from bot.texts.custom_ids import NUMBER, CustomId, custom_id
from bot.texts.refusals import unknown_button_text
from cogs.answers import send_ephemeral, send_form
from cogs.reading import filled_fields
from cogs.routes import Route, add_routes
from tests.cogs.conftest import connected
from tests.cogs.playing import words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.client import ImageBot
    from sandbox.control.client import Control
    from sandbox.server import Sandbox


@custom_id("tally", count=NUMBER)
class Tally(CustomId, frozen=True, kw_only=True):
    count: int


@custom_id("alone", count=NUMBER)
class Alone(CustomId, frozen=True, kw_only=True):
    count: int


class Field(ui.Modal):
    def __init__(self, custom_id: str) -> None:
        super().__init__(title="Count", custom_id=custom_id)
        self.add_item(ui.Label(text="Words", component=ui.TextInput(custom_id="words")))

    def is_finished(self) -> bool:
        return True


async def press(_: discord.Interaction, __: Tally | Alone) -> None:
    raise AssertionError


async def take(interaction: discord.Interaction, tally: Tally) -> None:
    typed = filled_fields(interaction)["words"]
    if not typed.strip():
        raise PromptEmpty
    await send_ephemeral(interaction, notice(f"{tally.count}: {typed}"))


async def prepare(bot: ImageBot) -> None:
    add_routes(bot, [Route(Alone, press), Route(Tally, press, take)])

    @bot.tree.command(description="Opens a form")
    async def open_one(interaction: discord.Interaction, custom_id: str) -> None:
        await send_form(interaction, Field(custom_id))


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[ImageBot]:
    async with connected(sandbox, prepare) as client:
        yield client


async def filled(control: Control, custom_id: str, typed: str) -> str:
    """What the member is told who opens such a form and fills it in."""
    act: dict[str, Any] = {"name": "open_one", "options": {"custom_id": custom_id}}
    await control.settled(await control.act("command", **act))
    submitted = await control.act("modal", custom_id=custom_id, fields={"words": typed})
    return words((await control.settled(submitted))["messages"][-1])


async def test_a_form_goes_where_its_custom_id_says(control: Control, bot: ImageBot) -> None:
    assert await filled(control, "tally:3", "cats") == "3: cats"


async def test_what_a_form_raises_is_answered(control: Control, bot: ImageBot) -> None:
    """discord.py would only log it."""
    assert (await filled(control, "tally:3", " ")).startswith("The prompt is empty.")


async def test_a_form_that_no_part_takes_is_answered(control: Control, bot: ImageBot) -> None:
    """Such an id is that of a button in this version."""
    assert await filled(control, "alone:3", "cats") == unknown_button_text(Texts("en-US"))
