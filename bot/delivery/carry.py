"""A picture's file: what it is called, where it comes from, and how it is made fit for Discord: as
it comes, smaller, or by its link.

Nothing is kept of a picture but its link, which lives for a day. One that waits for the staff for
longer, or is hidden, has its file here or on their card.
"""

from __future__ import annotations

import io
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import discord
import structlog
from msgspec import Struct

from bot.delivery.error_kinds import ErrorKind, error_kind
from bot.errors import BytesAfterPicture, LinkExpired, PictureTooLarge, RelayError
from bot.pictures import WholePicture
from bot.pictures.formats import PictureType
from bot.pictures.provenance import Provenance
from bot.queue import postings, review
from bot.queue.cases import cases_of_job
from bot.queue.records import LINK_LIVES_US
from bot.records import replace
from bot.refusals import UnknownJob
from bot.texts.result_cards import Note, is_spoiler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.pictures import Relay
    from bot.providers.image import Size
    from bot.queue.records import ChannelId, Job, JobId, MessageId, Picture
    from bot.runtime.clock import Clock

_SPOILER = "SPOILER_"

log = structlog.get_logger("bot.delivery")


# ------------------------------------------------------------------------------------------------
# Names: a message that shows a job's picture is known by that of its file.


def attachment(job: Job, name: str) -> str:
    """Where a card finds the file: Discord knows a spoiler by its name."""
    return f"attachment://{_SPOILER if is_spoiler(job) else ''}{name}"


def file_names(job: Job) -> frozenset[str]:
    """Under one of which a picture of the job hangs: a message is known by it."""
    names = {f"zeuxis-{job.id}.{ending}" for ending in PictureType}
    return frozenset(names | {f"{_SPOILER}{name}" for name in names})


def is_of(link: str, job_id: JobId) -> bool:
    """By the name under which pictures are posted."""
    name = urlsplit(link).path.rpartition("/")[2].removeprefix(_SPOILER)
    return name.startswith(f"zeuxis-{job_id}.")


def preview_name(job: Job) -> str:
    """Under which a picture of the job hangs made small; nobody takes it for the picture."""
    return f"preview-{job.id}.jpg"


# ------------------------------------------------------------------------------------------------
# Where the file comes from.


class PictureFiles:
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


def provenance_of(job: Job, model: str) -> Provenance:
    """What the file of a drawn job says of itself."""
    picture, request = picture_of(job), job.request
    return Provenance(
        prompt=request.prompt,
        seed=request.seed,
        size=picture.size,
        model=model,
        job_id=str(job.id),
        rewritten_prompt=picture.shown_prompt if request.rewrite else "",
        provider_request_id=picture.provider_request_id,
    )


def picture_of(job: Job) -> Picture:
    """Of a job that was drawn."""
    if job.picture is None:
        raise UnknownJob
    return job.picture


# ------------------------------------------------------------------------------------------------
# How it is shown.


class Carried(Struct, frozen=True, kw_only=True):
    """A picture that is ready to be shown."""

    job: Job  # with the size that the picture has, whatever the answer said
    image: str  # where the card finds it
    file: tuple[io.BufferedIOBase, str] | None  # what is uploaded, once, and under which name
    notes: tuple[Note, ...]

    def files(self, description: str) -> list[discord.File]:
        if self.file is None:
            return []
        content, name = self.file
        spoiler = is_spoiler(self.job)
        return [discord.File(content, filename=name, description=description, spoiler=spoiler)]


class Put(Protocol):
    """Shows pictures in Discord, all on one message."""

    def __call__(self, *carried: Carried) -> Awaitable[MessageId]: ...


class Carrier:
    """Fetches a job's picture anew for each try, since none is kept but for held ones."""

    def __init__(self, *, relay: Relay, files: PictureFiles, model: str) -> None:
        self._relay = relay
        self._files = files
        self._model = model

    async def carry(self, job: Job, put: Put, notes: tuple[Note, ...] = ()) -> MessageId:
        """Raises RelayError, and whatever `put` raises but for an upload that is too large: a link
        is shown then, of a file that somebody has kept PictureTooLarge comes out."""
        source = await self._files.source(job)
        try:
            return await self._carry(source, job, put, notes)
        except PictureTooLarge:
            raise
        except RelayError as error:
            if isinstance(source, bytes) or error_kind(error) is not ErrorKind.NEVER:
                raise
            kept = await self._files.kept(job)  # the staff's card may have what the link lost
            if kept is None:
                raise
        return await self._carry(kept, job, put, notes)

    async def _carry(
        self, source: str | bytes, job: Job, put: Put, notes: tuple[Note, ...]
    ) -> MessageId:
        try:
            return await self._stream(source, job, put, notes)
        except PictureTooLarge:
            return await self._shrink(source, job, put, notes)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER:
                raise
            return await self._shrink(source, job, put, notes)

    async def carry_together(
        self, jobs: Sequence[Job], put: Put, notes: tuple[Note, ...] = ()
    ) -> MessageId | None:
        """As they come; None if one of them wants to be carried for itself."""
        try:
            async with AsyncExitStack() as open_ones:
                carried = [
                    await open_ones.enter_async_context(
                        self._open(await self._files.source(job), job, notes)
                    )
                    for job in jobs
                ]
                return await put(*carried)
        except RelayError:
            return None
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER:
                raise
            return None

    async def preview(self, job: Job) -> discord.File | None:
        """None where it cannot be made, which is worth no second try."""
        try:
            small = await self._relay.make_preview(
                await self._files.source(job),
                provenance=provenance_of(job, self._model),
                limit_bytes=job.origin.upload_limit_bytes,
            )
        except RelayError as error:
            log.info("no preview", job=job.id, error=type(error).__name__)
            return None
        return discord.File(io.BytesIO(small.content), filename=small.filename)

    async def _stream(
        self, source: str | bytes, job: Job, put: Put, notes: tuple[Note, ...]
    ) -> MessageId:
        """As it comes. What follows a picture's end is not posted: then again, up to its end."""
        try:
            async with self._open(source, job, notes) as carried:
                return await put(carried)
        except BytesAfterPicture as error:
            ends_at_bytes = error.ends_at_bytes
        async with self._open(source, job, notes, ends_at_bytes) as carried:
            return await put(carried)

    @asynccontextmanager
    async def _open(
        self,
        source: str | bytes,
        job: Job,
        notes: tuple[Note, ...],
        ends_at_bytes: int | None = None,
    ) -> AsyncIterator[Carried]:
        async with self._relay.open(
            source,
            provenance=provenance_of(job, self._model),
            limit_bytes=job.origin.upload_limit_bytes,
            ends_at_bytes=ends_at_bytes,
        ) as picture:
            told = (*notes, *_departures(job, picture.size, picture.type))
            yield _uploaded(job, picture.size, (picture, picture.name), told)

    async def _shrink(
        self, source: str | bytes, job: Job, put: Put, notes: tuple[Note, ...]
    ) -> MessageId:
        """Over the upload limit: a smaller file, or else the provider's link while it lives."""
        try:
            smaller = await self._relay.make_smaller(
                source,
                provenance=provenance_of(job, self._model),
                limit_bytes=job.origin.upload_limit_bytes,
            )
        except PictureTooLarge:
            if isinstance(source, bytes):
                raise
            return await self._show_link(source, job, put, notes)
        file = (io.BytesIO(smaller.content), smaller.filename)
        told = (*notes, Note.SHRUNK, *_departures(job, smaller.size))
        try:
            return await put(_uploaded(job, smaller.size, file, told))
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER or isinstance(source, bytes):
                raise
            return await self._show_link(source, job, put, notes)

    async def _show_link(self, link: str, job: Job, put: Put, notes: tuple[Note, ...]) -> MessageId:
        """The link of a whole picture, read to its end; never one that only says so."""
        seen = await self._relay.look(link, provenance=provenance_of(job, self._model))
        told = (*notes, Note.LINKED, *_departures(job, seen.size, seen.type))
        drawn = _as_drawn(job, seen.size)
        return await put(Carried(job=drawn, image=seen.link, file=None, notes=told))


def _uploaded(
    job: Job, size: Size, file: tuple[io.BufferedIOBase, str], notes: tuple[Note, ...]
) -> Carried:
    image = attachment(job, file[1])
    return Carried(job=_as_drawn(job, size), image=image, file=file, notes=notes)


def _as_drawn(job: Job, size: Size) -> Job:
    return replace(job, picture=replace(picture_of(job), size=size))


def _departures(job: Job, size: Size, kind: PictureType = PictureType.PNG) -> list[Note]:
    """In what the picture is not as it was asked for."""
    notes = [Note.OTHER_SIZE] if size != job.request.size else []
    return [*notes, Note.OTHER_TYPE] if kind is not PictureType.PNG else notes
