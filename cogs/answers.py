"""How an interaction is answered: in its three seconds, once, mentioning nobody, also on errors."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import aiohttp
import discord
import structlog
from discord import InteractionResponseType, InteractionType, app_commands, ui

from bot.errors import FormTooLate, StorageError, ZeuxisError
from bot.refusals import Refusal
from bot.texts import Texts
from bot.texts.cards import Card, Colour, file_card
from bot.texts.notice_cards import button_against, refused_card
from bot.texts.refusals import outdated_text, refusal_text, unexpected_text, unknown_button_text
from cogs.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence


PATIENCE_S = 1.5  # of the three seconds that Discord gives; the rest is for the way there
NOBODY = discord.AllowedMentions.none()
UNREACHABLE = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)

# https://docs.discord.com/developers/topics/opcodes-and-status-codes (2026-08)
ALREADY_ANSWERED = 40060
# In the interaction's extras: Discord's last code, whether a deferral is private, whether an answer
# has taken its place, the loop's time.
_REFUSAL, _DEFERRING, _ANSWERED = "refusal", "deferring", "answered"
_PATIENT_UNTIL_S = "patient until"

Answer = TypeVar("Answer")
Choices: TypeAlias = "list[app_commands.Choice[str]]"
log = structlog.get_logger("cogs.answers")


async def promptly(
    interaction: discord.Interaction,
    work: Awaitable[Answer],
    *,
    thinking: bool = True,
    private: bool = False,
    patience_s: float = PATIENCE_S,
) -> Answer:
    """Waits for the work, and defers the answer if that takes longer than Discord would wait.

    All that one interaction waits for shares one patience. Refusals come before the first answer,
    where they can still be for the member alone. A deferral that fails does not stop the work: what
    it stores is delivered without this interaction.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=_patience_left_s(interaction, patience_s))
        if not task.done():
            await acknowledge(interaction, thinking=thinking, private=private)
        return await task
    finally:
        task.cancel()


async def show_alone(interaction: discord.Interaction, making: Awaitable[Card]) -> None:
    """Answers whoever asks alone, once the card is made."""
    await show(interaction, await promptly(interaction, making, private=True), private=True)


async def change_to(interaction: discord.Interaction, making: Awaitable[Card]) -> None:
    """Changes the message whose button was pressed, once the card is made."""
    await change(interaction, await promptly(interaction, making, thinking=False))


async def open_form(
    interaction: discord.Interaction,
    making: Awaitable[ui.Modal],
    *,
    patience_s: float = PATIENCE_S,
) -> None:
    """Opens a form once what it begins with is read.

    Raises:
        FormTooLate: that took too long, or something was answered before.
    """
    await send_form(interaction, await in_time(interaction, making, patience_s=patience_s))


async def send_form(interaction: discord.Interaction, form: ui.Modal) -> None:
    """Opens one that is there. Raises FormTooLate if something was answered before."""
    if interaction.response.is_done():
        raise FormTooLate("answered before")
    try:
        await interaction.response.send_modal(form)
    except UNREACHABLE as error:
        log.warning("form not opened", interaction=interaction.id, error=type(error).__name__)


async def in_time(
    interaction: discord.Interaction,
    work: Awaitable[Answer],
    *,
    patience_s: float = PATIENCE_S,
) -> Answer:
    """Waits for what may be followed by a form: that can only be the first answer, so nothing may
    be deferred before it.

    Raises:
        FormTooLate: it took longer than Discord would wait; it was not waited for.
    """
    try:
        async with asyncio.timeout(_patience_left_s(interaction, patience_s)):
            return await work
    except TimeoutError as error:
        raise FormTooLate("not read in time") from error


def _patience_left_s(interaction: discord.Interaction, patience_s: float) -> float:
    now_s = asyncio.get_running_loop().time()
    until_s: float = interaction.extras.setdefault(_PATIENT_UNTIL_S, now_s + patience_s)
    return max(0.0, until_s - now_s)


async def acknowledge(
    interaction: discord.Interaction, *, thinking: bool = False, private: bool = False
) -> None:
    """Says that the answer will come, unless something was said already."""
    if interaction.response.is_done():
        return
    interaction.extras[_DEFERRING] = private
    try:
        await interaction.response.defer(thinking=thinking, ephemeral=private)
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)


async def show(
    interaction: discord.Interaction,
    card: Card,
    *,
    private: bool = False,
    files: Sequence[discord.File] = (),
) -> int | None:
    """Answers with a message of its own and returns its id, or None if nobody can be answered."""
    try:
        if interaction.response.is_done():
            if private and _thinks(interaction) and not interaction.extras[_DEFERRING]:
                return await _follow_up(interaction, card, files)
            message = await interaction.edit_original_response(
                view=card, attachments=files, allowed_mentions=NOBODY
            )
            interaction.extras[_ANSWERED] = True
            return message.id
        response = await interaction.response.send_message(
            view=card, files=files, ephemeral=private, allowed_mentions=NOBODY
        )
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)
        return None
    return response.message_id


async def show_file(interaction: discord.Interaction, said: str, name: str, content: bytes) -> None:
    """Gives whoever asks alone a file, and says what it is."""
    file = discord.File(BytesIO(content), name)
    await show(interaction, file_card(said, name, Colour.NEUTRAL), files=[file], private=True)


def was_answered_before(interaction: discord.Interaction) -> bool:
    """Whether Discord refused our first answer because it had one."""
    return interaction.extras.get(_REFUSAL) == ALREADY_ANSWERED


async def standing_answer(interaction: discord.Interaction) -> discord.InteractionMessage | None:
    """The first answer, whoever gave it; None if it cannot be seen."""
    try:
        return await interaction.original_response()
    except UNREACHABLE as error:
        log.info("first answer not seen", interaction=interaction.id, error=type(error).__name__)
        return None


def may_be_our_deferral(
    interaction: discord.Interaction, standing: discord.InteractionMessage
) -> bool:
    """Nobody can tell whose "thinking…" it is; that one process runs alone is the rule."""
    return standing.flags.loading and _DEFERRING in interaction.extras


async def replace_standing(interaction: discord.Interaction, card: Card) -> int | None:
    """Puts the card in the place of the first answer; returns its id, None if that failed."""
    try:
        message = await interaction.edit_original_response(view=card, allowed_mentions=NOBODY)
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)
        return None
    interaction.extras[_ANSWERED] = True
    return message.id


async def take_back(interaction: discord.Interaction) -> None:
    """Takes the answer away again; what it said stands elsewhere."""
    try:
        await interaction.delete_original_response()
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)


async def change(interaction: discord.Interaction, card: Card) -> None:
    """Changes the message whose button was pressed."""
    try:
        if interaction.response.is_done():
            await interaction.edit_original_response(view=card, allowed_mentions=NOBODY)
        else:
            await interaction.response.edit_message(view=card, allowed_mentions=NOBODY)
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)


async def change_private(interaction: discord.Interaction, card: Card) -> None:
    """Changes the message for its member alone whose button was pressed, though the press was
    answered with another message; a public one stays."""
    pressed = interaction.message
    if pressed is None or not pressed.flags.ephemeral or not interaction.response.is_done():
        return
    try:
        await interaction.followup.edit_message(pressed.id, view=card, allowed_mentions=NOBODY)
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)


async def send_ephemeral(interaction: discord.Interaction, card: Card) -> None:
    """Answers the member alone, beside or instead of an answer."""
    try:
        if not interaction.response.is_done():
            await show(interaction, card, private=True)
            return
        await _follow_up(interaction, card)
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)


async def _follow_up(
    interaction: discord.Interaction, card: Card, files: Sequence[discord.File] = ()
) -> int:
    """For the member alone. Returns the message's id."""
    if _thinks(interaction):
        # A follow-up would take the place, and the audience, of the answer that still thinks.
        await interaction.delete_original_response()
    sent = await interaction.followup.send(
        view=card, files=files, ephemeral=True, allowed_mentions=NOBODY, wait=True
    )
    return sent.id


def _thinks(interaction: discord.Interaction) -> bool:
    """Whether our "thinking…" stands there."""
    is_deferred = interaction.response.type is InteractionResponseType.deferred_channel_message
    return is_deferred and _ANSWERED not in interaction.extras


async def offered(reading: Awaitable[Answer], choices: Callable[[Answer], Choices]) -> Choices:
    """What an option offers while it is typed; nothing while the database is away.

    discord.py answers nobody if this raises, and a list of choices has no room for words.
    """
    try:
        return choices(await reading)
    except StorageError as error:
        log.warning("no choices offered", reason=type(error).__name__)
        return []


async def offer_nothing(interaction: discord.Interaction) -> None:
    """Ends the wait for choices."""
    if interaction.response.is_done():
        return
    try:
        await interaction.response.autocomplete([])
    except UNREACHABLE as error:
        _log_unreachable(interaction, error)


def _log_unreachable(interaction: discord.Interaction, error: BaseException) -> None:
    code = getattr(error, "code", None)
    if code == ALREADY_ANSWERED or _REFUSAL not in interaction.extras:
        interaction.extras[_REFUSAL] = code
    log.warning(
        "interaction not answered",
        interaction=interaction.id,
        guild=interaction.guild_id,
        code=code,
        error=type(error).__name__,
    )


# ------------------------------------------------------------------------------------------------
# How an error of a command or a button becomes an answer.


async def answer_command_error(
    interaction: discord.Interaction, error: app_commands.AppCommandError
) -> None:
    """What the command tree calls with whatever a command raised."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    await _answer(interaction, cause)


async def answer_unreadable(interaction: discord.Interaction) -> None:
    """For an interaction that Discord sent in a shape nobody can read; the client has logged it."""
    texts = texts_of(interaction)
    await _send_ephemeral(interaction, unexpected_text(interaction.id, texts))


async def answer_unknown_button(interaction: discord.Interaction) -> None:
    """A message of another version may carry one."""
    log.warning("button of another version", interaction=interaction.id)
    await _send_ephemeral(interaction, unknown_button_text(texts_of(interaction)))


@asynccontextmanager
async def errors_answered(interaction: discord.Interaction) -> AsyncIterator[None]:
    """The same for a button, whose errors discord.py would only log."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- the edge: every error has to be answered
        await _answer(interaction, error)


async def _answer(interaction: discord.Interaction, error: Exception) -> None:
    texts = texts_of(interaction)
    said = _text(interaction, error, texts)
    await _send_ephemeral(interaction, said, button_against(error, texts))


async def _send_ephemeral(
    interaction: discord.Interaction, said: str, button: ui.Button[Card] | None = None
) -> None:
    """A list of choices has no room for words, and a ping wants none."""
    match interaction.type:
        case InteractionType.autocomplete:
            await offer_nothing(interaction)
        case InteractionType.ping:
            pass
        case _:
            await send_ephemeral(interaction, refused_card(said, button))


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
