"""How an error of a command or a button becomes an answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from discord import InteractionType, app_commands

from bot.errors import Refusal, ZeuxisError
from bot.replies.cards import notice
from bot.replies.refusals import (
    outdated_text,
    refusal_text,
    unexpected_text,
    unknown_button_text,
)
from bot.replies.texts import Texts
from cogs.answers import offer_nothing, send_ephemeral

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import discord

log = structlog.get_logger("cogs.failures")


async def answer_command_error(
    interaction: discord.Interaction, error: app_commands.AppCommandError
) -> None:
    """What the command tree calls with whatever a command raised."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    await _answer(interaction, cause)


async def answer_unreadable(interaction: discord.Interaction) -> None:
    """For an interaction that Discord sent in a shape nobody can read; the client has logged it."""
    texts = Texts(interaction.locale.value)
    await _send_ephemeral(interaction, unexpected_text(interaction.id, texts))


async def answer_unknown_button(interaction: discord.Interaction) -> None:
    """A message of another version may carry one."""
    log.warning("button of another version", interaction=interaction.id)
    await _send_ephemeral(interaction, unknown_button_text(Texts(interaction.locale.value)))


@asynccontextmanager
async def errors_answered(interaction: discord.Interaction) -> AsyncIterator[None]:
    """The same for a button, whose errors discord.py would only log."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- the edge: every error has to be answered
        await _answer(interaction, error)


async def _answer(interaction: discord.Interaction, error: Exception) -> None:
    texts = Texts(interaction.locale.value)
    await _send_ephemeral(interaction, _text(interaction, error, texts))


async def _send_ephemeral(interaction: discord.Interaction, said: str) -> None:
    """A list of choices has no room for words, and a ping wants none."""
    match interaction.type:
        case InteractionType.autocomplete:
            await offer_nothing(interaction)
        case InteractionType.ping:
            pass
        case _:
            await send_ephemeral(interaction, notice(said))


def _text(interaction: discord.Interaction, error: Exception, texts: Texts) -> str:
    seen = log.bind(interaction=interaction.id, guild=interaction.guild_id)
    match error:
        case Refusal():
            seen.info("refused", reason=type(error).__name__)
            return refusal_text(error, texts)
        case ZeuxisError():
            seen.error("could not serve", reason=type(error).__name__, detail=str(error))
            return refusal_text(error, texts)
        case (
            app_commands.CommandNotFound()
            | app_commands.CommandSignatureMismatch()
            | app_commands.TransformerError()
        ):
            seen.warning("command is of another version", detail=str(error))
            return outdated_text(texts)
        case _:
            seen.error("unexpected error", exc_info=error)
            return unexpected_text(interaction.id, texts)
