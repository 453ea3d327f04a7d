"""Files of pictures that were held for longer than the provider's link lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.delivery.carry import file_names, is_of, picture_of, provenance_of
from bot.delivery.posts import ErrorKind, error_kind
from bot.errors import LinkExpired, RelayError
from bot.pictures import WholePicture
from bot.queue import postings, review
from bot.queue.cases import cases_of_job
from bot.queue.records import LINK_LIVES_US

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.pictures import Relay
    from bot.pictures.provenance import Provenance
    from bot.queue.records import ChannelId, Job, MessageId
    from bot.runtime.clock import Clock


class HeldFiles:
    """Where a picture's file comes from: the provider's link, and for one that was held for longer
    than that lives what was kept of it, here or on the card of the staff."""

    def __init__(
        self,
        *,
        database: Database,
        posts: Posts,
        relay: Relay,
        copies: Relay,
        model: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._posts = posts
        self._relay = relay
        self._copies = copies  # of what Discord has
        self._model = model
        self._clock = clock

    async def source(self, job: Job) -> str | bytes:
        """A link, or the file itself. Raises LinkExpired, and as `kept`."""
        picture = picture_of(job)
        lives_until_us = picture.drawn_at_us + LINK_LIVES_US
        is_alive = self._clock.now_us() < lives_until_us or not _may_be_kept(job)
        if picture.link is not None and is_alive:
            return picture.link
        kept = await self.kept(job)
        if kept is None:
            raise LinkExpired("the link is dead, and nobody has the file")
        return kept

    async def kept(self, job: Job) -> bytes | None:
        """Here, or on the card of the staff. Raises what may pass by itself of Discord and of its
        storage."""
        found = await self._database.read(review.kept_file, job.id)
        return found or await self._on_card(job)

    async def keep_hung(self, job: Job) -> bool:
        """Whether a picture that hangs can be shown again once it hangs no more: its file is saved,
        from its message if nowhere else, or its link where it is shown by that. Raises as `kept`.
        """
        if await self.kept(job) is not None:
            return True
        picture = picture_of(job)
        if picture.channel_id is None or picture.message_id is None:
            return False
        found = await self._from_message(job, picture.channel_id, picture.message_id)
        if isinstance(found, str):
            await self._database.write(postings.keep_link, job.id, found)
        elif found is not None:
            await self._database.write(review.keep_file, job.id, found.filename, found.content)
        return found is not None

    async def _on_card(self, job: Job) -> bytes | None:
        for case in await self._database.read(cases_of_job, job.id):
            if case.card_channel_id is None or case.card_message_id is None:
                continue
            found = await self._from_message(job, case.card_channel_id, case.card_message_id)
            if isinstance(found, WholePicture):
                return found.content
        return None

    async def _from_message(
        self, job: Job, channel_id: ChannelId, message_id: MessageId
    ) -> WholePicture | str | None:
        """Its file, or the provider's link by which it is shown alone; None if there is neither."""
        try:
            links = await self._posts.links(channel_id, message_id)
            link = next((one for one in links if is_of(one, job.id)), None)
            if link is not None:
                return await self._copies.read(link, provenance=self._provenance(job))
        except (discord.HTTPException, RelayError) as error:
            if error_kind(error) is ErrorKind.LATER:
                raise
            return None
        return picture_of(job).link or (links[0] if links and job.count == 1 else None)

    async def whole(self, job: Job) -> bytes:
        """Raises RelayError, and as `kept`."""
        source = await self.source(job)
        return source if isinstance(source, bytes) else (await self._read(source, job)).content

    async def keep(self, job: Job) -> None:
        """In the database, whatever becomes of the link and of the card. Raises as `whole`."""
        if await self._database.read(review.kept_file, job.id) is not None:
            return
        source = await self.source(job)
        if isinstance(source, bytes):
            name, content = min(file_names(job)), source
        else:
            read = await self._read(source, job)
            name, content = read.filename, read.content
        await self._database.write(review.keep_file, job.id, name, content)

    async def _read(self, link: str, job: Job) -> WholePicture:
        return await self._relay.read(link, provenance=self._provenance(job))

    def _provenance(self, job: Job) -> Provenance:
        return provenance_of(job, self._model)


def _may_be_kept(job: Job) -> bool:
    """It was held, or is, or is hidden."""
    return (
        job.is_held
        or job.is_hidden
        or picture_of(job).released_at_us is not None
        or job.review_case is not None
    )
