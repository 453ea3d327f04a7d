"""`/imagine`: a prompt in, a job in the queue, a status message as the answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.features.imagine.permutations import permutations_of
from bot.features.imagine.records import Options, TypedRequest
from bot.features.imagine.service import Service
from bot.policy.defaults import Resolved, Typed
from bot.policy.rules import Rewriting
from bot.providers.image import ChosenSize, dollars
from bot.queue.submit import asking_of
from bot.texts import described
from bot.texts.cards import Colour, notice, shown_size
from bot.texts.choices import rounding_text, size_choices
from bot.texts.default_cards import unapplied_text
from bot.texts.style_cards import style_choices
from cogs.answers import offered, promptly, send_ephemeral
from cogs.origin import build_origin, everywhere, guild_id_of, role_ids
from cogs.reading import texts_of, without_ids
from cogs.submission import submit_and_show

if TYPE_CHECKING:
    from bot.features.imagine.drafts import DraftService
    from bot.features.imagine.records import Receipt
    from bot.providers.image import Offer
    from bot.queue.records import Origin, RoleId
    from cogs.drafts import Drafts


# Discord's own maximum and not ours: over a limit in the definition, Discord's window only turns
# red, while our refusal says how many characters there are and how many have to go.
PROMPT_OPTION_LIMIT = 6000
MOST_BY_OPTION = 4
_DEFAULTS = {"interaction": Parameter.empty, "prompt": Parameter.empty, "count": 1}


class ImagineCog(commands.Cog):
    """The command that everything else is for."""

    def __init__(
        self, *, service: Service, kept: DraftService, drafts: Drafts, options: Options
    ) -> None:
        """The command's texts tell the options; what holds is asked anew for each request."""
        self._service = service
        self._kept = kept
        self._drafts = drafts
        self._offer = options.offer
        # Made here and not by a decorator on the class, since it tells this bot's offer and price.
        self.imagine = _command(self._imagine, options, service, asks=kept.has_rewriter)
        self.__cog_app_commands__.append(self.imagine)

    async def _imagine(
        self,
        interaction: discord.Interaction,
        prompt: str,
        size: str | None = None,
        seed: int | None = None,
        rewrite: str | None = None,
        negative: str | None = None,
        style: str | None = None,
        count: int = 1,
    ) -> None:
        chosen = None if size is None else self._offer.parse_size(size)
        typed = Typed(
            prompt=without_ids(prompt, interaction),
            size=None if chosen is None else chosen.size,
            rewriting=None if rewrite is None else Rewriting(rewrite),
            negative=without_ids(negative or "", interaction) or None,
        )
        origin, roles = build_origin(interaction), role_ids(interaction)
        resolving = self._service.resolve(
            typed, asking_of(origin, roles), style=style, can_ask=self._kept.has_rewriter
        )
        asked = await promptly(interaction, resolving)
        wanted = TypedRequest(
            prompt=asked.prompt,
            negative=asked.negative,
            size=str(asked.size),
            seed="" if seed is None else str(seed),
            rewriting=asked.rewriting,
            count=count,
        )
        if asked.rewriting is Rewriting.ASK:
            await self._drafts.ask(interaction, wanted)
        elif permutations_of(asked.prompt).count > 1:
            await self._drafts.confirm(interaction, wanted)
        else:
            submission = self._submission(wanted, asked.largest_batch, origin=origin, roles=roles)
            await submit_and_show(interaction, self._service, submission)
        await _tell_differences(interaction, chosen, asked)

    async def _submission(
        self,
        wanted: TypedRequest,
        largest_batch: int,
        *,
        origin: Origin,
        roles: tuple[RoleId, ...],
    ) -> Receipt:
        first, *more = self._service.requests(wanted, largest_batch=largest_batch)
        return await self._service.submit(first, origin, role_ids=roles, more=more)


async def _tell_differences(
    interaction: discord.Interaction, chosen: ChosenSize | None, asked: Resolved
) -> None:
    """Why the picture is not quite what was typed, or set before; for the member alone."""
    texts = texts_of(interaction)
    said = [unapplied_text(why, asked, texts) for why in asked.unapplied]
    if chosen is not None and chosen.was_rounded:
        said.append(rounding_text(chosen.asked, chosen.size, texts))
    if said:
        await send_ephemeral(interaction, notice("\n".join(said), Colour.NEUTRAL))


def _command(
    answer: Callable[..., Coroutine[Any, Any, None]],
    options: Options,
    service: Service,
    *,
    asks: bool,
) -> app_commands.Command[Any, ..., None]:
    kinds, descriptions = _kinds(options.offer), _descriptions(options)

    @everywhere
    @app_commands.describe(**{name: descriptions[name] for name in kinds})
    async def imagine(interaction: discord.Interaction, **chosen: Any) -> None:
        await answer(interaction, **chosen)

    async def offer_sizes(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """What fits the text so far, in the member's words."""
        return size_choices(typed, options.offer, texts_of(interaction))

    async def offer_styles(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Likewise, of this guild's."""
        return await offered(service.styles(guild_id_of(interaction) or 0, typed), style_choices)

    if "rewrite" in kinds:
        app_commands.choices(rewrite=_rewritings(asks=asks))(imagine)
    imagine.__signature__ = _signature(kinds)  # type: ignore[attr-defined] # discord.py reads it
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="imagine", description=described("Paint a picture with Z-Image"), callback=imagine
    )
    command.autocomplete("size")(offer_sizes)
    command.autocomplete("style")(offer_styles)
    return command


def _kinds(offer: Offer) -> dict[str, Any]:
    """What the provider takes, within its numbers, in the order in which Discord shows it."""
    kinds: dict[str, Any] = {
        "prompt": Range[str, 1, PROMPT_OPTION_LIMIT],
        "size": Range[str, 1, 100] | None,
        "seed": Range[int, 0, offer.max_seed] | None,
    }
    if offer.rewrites:
        kinds["rewrite"] = str | None
    if offer.negative_limit is not None:
        kinds["negative"] = Range[str, 1, offer.negative_limit] | None
    kinds["style"] = Range[str, 1, 100] | None
    kinds["count"] = Range[int, 1, MOST_BY_OPTION]
    return kinds


def _rewritings(*, asks: bool) -> list[app_commands.Choice[str]]:
    """Nobody is offered to read a rewritten prompt first where nobody rewrites it."""
    names = {Rewriting.OFF: described("off"), Rewriting.ON: described("on")}
    if asks:
        names[Rewriting.ASK] = described("show me first")
    return [app_commands.Choice(name=name, value=str(one)) for one, name in names.items()]


def _signature(kinds: dict[str, Any]) -> Signature:
    """As if it had been written out; only the prompt must be told."""
    return Signature(
        [
            Parameter(
                name,
                Parameter.POSITIONAL_OR_KEYWORD,
                annotation=kind,
                default=_DEFAULTS.get(name),
            )
            for name, kind in {"interaction": discord.Interaction, **kinds}.items()
        ]
    )


def _descriptions(options: Options) -> dict[str, app_commands.locale_str]:
    return {
        "prompt": described(
            "What to paint, in any language; at most {limit} characters",
            limit=str(options.offer.prompt_limit),
        ),
        "size": described(
            "A ratio, a shape or width*height: 16:9, wide, 1280*720; usually {default}",
            default=shown_size(options.default_size),
        ),
        "seed": described("The same seed paints much the same picture again; usually a new one"),
        "rewrite": _rewrite_description(options),
        "negative": described("What to leave out; Z-Image may not heed it"),
        "style": described("One of this server's styles; its text goes around your prompt"),
        "count": described("How many pictures; with a seed each has the next one"),
    }


def _rewrite_description(options: Options) -> app_commands.locale_str:
    prices = {
        "rewritten": dollars(options.rewritten_micros),
        "plain": dollars(options.plain_micros),
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
