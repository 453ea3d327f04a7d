"""`/provenance` and the menu *Where from?*: for whoever asks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.queue.records import MessageId
from bot.refusals import UploadUnread
from bot.texts import described
from bot.texts.history_cards import provenance_card
from cogs.answers import promptly, show
from cogs.origin import build_asker, everywhere, is_staff
from cogs.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Sequence

    from bot.features.provenance.rules import Traced
    from bot.features.provenance.service import ProvenanceService

MOST_BYTES = 20 * 1024 * 1024  # as Discord tells it, before anything is fetched


class ProvenanceCog(commands.Cog):
    """A picture that somebody has at hand."""

    def __init__(self, *, provenance: ProvenanceService) -> None:
        self._provenance = provenance

    @app_commands.command(
        description=described("Where a picture comes from: who asked for it, when, with what words")
    )
    @app_commands.describe(picture=described("The picture, perhaps saved, scaled or encoded anew"))
    @everywhere
    async def provenance(
        self, interaction: discord.Interaction, picture: discord.Attachment
    ) -> None:
        async def alone() -> tuple[Traced, ...]:
            for link in _links([picture]):
                asker, manages = build_asker(interaction), is_staff(interaction)
                return (await self._provenance.file(link, asker, manages=manages),)
            raise UploadUnread

        await _answer(interaction, self._provenance, alone())


def provenance_menu(provenance: ProvenanceService) -> app_commands.ContextMenu:
    """discord.py takes none as part of a cog."""

    async def use(interaction: discord.Interaction, message: discord.Message) -> None:
        links = _links([*message.attachments, *_forwarded(message)])
        work = provenance.message(
            MessageId(message.id), links, build_asker(interaction), manages=is_staff(interaction)
        )
        await _answer(interaction, provenance, work)

    return everywhere(app_commands.ContextMenu(name=described("Where from?"), callback=use))


async def _answer(
    interaction: discord.Interaction,
    provenance: ProvenanceService,
    work: Awaitable[Sequence[Traced]],
) -> None:
    found = await promptly(interaction, work, private=True)
    texts = texts_of(interaction)
    await show(interaction, provenance_card(found, provenance.model, texts), private=True)


def _forwarded(message: discord.Message) -> Iterator[discord.Attachment]:
    for snapshot in message.message_snapshots:
        yield from snapshot.attachments


def _links(attachments: Sequence[discord.Attachment]) -> list[str]:
    """Of those that may be pictures, and are not too long."""
    return [
        one.url
        for one in attachments
        if one.size <= MOST_BYTES and (one.content_type or "image/").startswith("image/")
    ]
