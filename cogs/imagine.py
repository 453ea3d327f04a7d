"""`/imagine`: a prompt in, a job in the queue, a status message as the answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.domain.price import dollars
from bot.domain.request import (
    MAX_SEED,
    NEGATIVE_LIMIT_CHARACTERS,
    PROMPT_LIMIT_CHARACTERS,
    ImageRequest,
    image_request,
)
from bot.domain.sizes import ChosenSize, parse_size
from bot.domain.views import Options
from bot.replies.cards import Colour, notice, shown_size
from bot.replies.size_choices import rounding_text, size_choices
from bot.replies.texts import Texts
from bot.replies.translator import described
from bot.service import Service
from cogs.answers import send_ephemeral
from cogs.names import without_ids
from cogs.origin import build_origin, role_ids
from cogs.submission import submit_and_show

# Discord's own maximum and not ours: over a limit in the definition, Discord's window only turns
# red, while our refusal says how many characters there are and how many have to go.
PROMPT_OPTION_LIMIT = 6000


class ImagineCog(commands.Cog):
    """The command that everything else is for."""

    def __init__(self, *, service: Service, random: Random) -> None:
        self._service = service
        self._random = random
        # Made here and not by a decorator on the class, since its text tells this bot's price.
        self.imagine = _command(self._imagine, service.options())
        self.__cog_app_commands__.append(self.imagine)

    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def _imagine(
        self,
        interaction: discord.Interaction,
        prompt: Range[str, 1, PROMPT_OPTION_LIMIT],
        size: Range[str, 1, 100] | None = None,
        seed: Range[int, 0, MAX_SEED] | None = None,
        rewrite: bool | None = None,
        negative: Range[str, 1, NEGATIVE_LIMIT_CHARACTERS] | None = None,
    ) -> None:
        options = self._service.options()
        chosen = _choose_size(size, options)
        request = image_request(
            prompt=without_ids(prompt, interaction),
            size=chosen.size,
            seed=self._random.randint(0, MAX_SEED) if seed is None else seed,
            rewrite=options.rewrite_by_default if rewrite is None else rewrite,
            negative=without_ids(negative or "", interaction),
        )
        await self._submit(interaction, request, chosen)

    async def _submit(
        self, interaction: discord.Interaction, request: ImageRequest, chosen: ChosenSize
    ) -> None:
        origin = build_origin(interaction)
        submission = self._service.submit(request, origin, role_ids=role_ids(interaction))
        await submit_and_show(interaction, self._service, submission)
        if chosen.was_rounded:
            texts = Texts(interaction.locale.value)
            said = rounding_text(chosen.asked, chosen.size, texts)
            await send_ephemeral(interaction, notice(said, Colour.NEUTRAL))


async def offer_sizes(
    interaction: discord.Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """What fits the text so far, in the member's words."""
    return size_choices(typed, Texts(interaction.locale.value))


def _choose_size(size: str | None, options: Options) -> ChosenSize:
    if size is None:
        return ChosenSize(size=options.default_size, asked=options.default_size)
    return parse_size(size)


def _command(
    callback: Callable[..., Coroutine[Any, Any, None]], options: Options
) -> app_commands.Command[Any, ..., None]:
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="imagine", description=described("Paint a picture with Z-Image"), callback=callback
    )
    command.autocomplete("size")(offer_sizes)
    return app_commands.describe(
        prompt=described(
            "What to paint, in any language; at most {limit} characters",
            limit=str(PROMPT_LIMIT_CHARACTERS),
        ),
        size=described(
            "A ratio, a shape or width*height: 16:9, wide, 1280*720; usually {default}",
            default=shown_size(options.default_size),
        ),
        seed=described("The same seed paints much the same picture again; usually a new one"),
        rewrite=_rewrite_description(options),
        negative=described("What to leave out; Z-Image may not heed it"),
    )(command)


def _rewrite_description(options: Options) -> app_commands.locale_str:
    prices = {
        "rewritten": dollars(options.price.rewritten_micros),
        "plain": dollars(options.price.plain_micros),
    }
    if options.rewrite_by_default:
        return described(
            "Let Z-Image enrich the prompt first, {rewritten} instead of {plain}; usually on",
            **prices,
        )
    return described(
        "Let Z-Image enrich the prompt first, {rewritten} instead of {plain}; usually off",
        **prices,
    )
