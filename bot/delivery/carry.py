"""How a picture is made fit for Discord: as it comes, smaller, or by its link."""

from __future__ import annotations

import io
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import discord
import structlog

from bot.delivery.posts import ErrorKind, error_kind
from bot.errors import BytesAfterPicture, LinkExpired, PictureTooLarge, RelayError, UnknownJob
from bot.pictures.formats import PictureType
from bot.pictures.provenance import Provenance
from bot.texts.result_cards import Note

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from bot.pictures import Relay
    from bot.providers.image import Size
    from bot.queue.records import Job, MessageId, Picture

log = structlog.get_logger("bot.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A picture that is ready to be shown."""

    job: Job  # with the size that the picture has, whatever the answer said
    image: str  # where the card finds it
    file: tuple[io.BufferedIOBase, str] | None  # what is uploaded, once, and under which name
    notes: tuple[Note, ...]

    def files(self, description: str) -> list[discord.File]:
        if self.file is None:
            return []
        content, name = self.file
        return [discord.File(content, filename=name, description=description)]


class Put(Protocol):
    """Shows pictures in Discord, all on one message."""

    def __call__(self, *carried: Carried) -> Awaitable[MessageId]: ...


class Carrier:
    """Fetches a job's picture anew for each try, since none is kept."""

    def __init__(self, *, relay: Relay, model: str) -> None:
        self._relay = relay
        self._model = model

    async def carry(self, job: Job, put: Put, notes: tuple[Note, ...] = ()) -> MessageId:
        """Raises RelayError, and whatever `put` raises but for an upload that is too large."""
        try:
            return await self._stream(job, put, notes)
        except PictureTooLarge:
            return await self._shrink(job, put, notes)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER:
                raise
            return await self._shrink(job, put, notes)

    async def carry_together(
        self, jobs: Sequence[Job], put: Put, notes: tuple[Note, ...] = ()
    ) -> MessageId | None:
        """As they come; None if one of them wants to be carried for itself."""
        try:
            async with AsyncExitStack() as open_ones:
                carried = [
                    await open_ones.enter_async_context(self._open(job, notes)) for job in jobs
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
                link_of(job),
                provenance=provenance_of(job, self._model),
                limit_bytes=job.origin.upload_limit_bytes,
            )
        except RelayError as error:
            log.info("no preview", job=job.id, error=type(error).__name__)
            return None
        return discord.File(io.BytesIO(small.content), filename=small.filename)

    async def _stream(self, job: Job, put: Put, notes: tuple[Note, ...]) -> MessageId:
        """As it comes. What follows a picture's end is not posted: then again, up to its end."""
        try:
            return await self._stream_up_to(None, job, put, notes)
        except BytesAfterPicture as error:
            return await self._stream_up_to(error.ends_at_bytes, job, put, notes)

    async def _stream_up_to(
        self, ends_at_bytes: int | None, job: Job, put: Put, notes: tuple[Note, ...]
    ) -> MessageId:
        async with self._open(job, notes, ends_at_bytes) as carried:
            return await put(carried)

    @asynccontextmanager
    async def _open(
        self, job: Job, notes: tuple[Note, ...], ends_at_bytes: int | None = None
    ) -> AsyncIterator[Carried]:
        async with self._relay.open(
            link_of(job),
            provenance=provenance_of(job, self._model),
            limit_bytes=job.origin.upload_limit_bytes,
            ends_at_bytes=ends_at_bytes,
        ) as picture:
            told = (*notes, *_departures(job, picture.size, picture.type))
            yield _uploaded(job, picture.size, (picture, picture.name), told)

    async def _shrink(self, job: Job, put: Put, notes: tuple[Note, ...]) -> MessageId:
        """Over the upload limit: a smaller file, or else the provider's link while it lives."""
        try:
            smaller = await self._relay.make_smaller(
                link_of(job),
                provenance=provenance_of(job, self._model),
                limit_bytes=job.origin.upload_limit_bytes,
            )
        except PictureTooLarge:
            return await self._show_link(job, put, notes)
        file = (io.BytesIO(smaller.content), smaller.filename)
        told = (*notes, Note.SHRUNK, *_departures(job, smaller.size))
        try:
            return await put(_uploaded(job, smaller.size, file, told))
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.SMALLER:
                raise
            return await self._show_link(job, put, notes)

    async def _show_link(self, job: Job, put: Put, notes: tuple[Note, ...]) -> MessageId:
        """The link of a whole picture, read to its end; never one that only says so."""
        seen = await self._relay.look(link_of(job), provenance=provenance_of(job, self._model))
        told = (*notes, Note.LINKED, *_departures(job, seen.size, seen.type))
        drawn = _as_drawn(job, seen.size)
        return await put(Carried(job=drawn, image=seen.link, file=None, notes=told))


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


def _uploaded(
    job: Job, size: Size, file: tuple[io.BufferedIOBase, str], notes: tuple[Note, ...]
) -> Carried:
    image = f"attachment://{file[1]}"
    return Carried(job=_as_drawn(job, size), image=image, file=file, notes=notes)


def file_names(job: Job) -> frozenset[str]:
    """Under one of which a picture of the job hangs: a message is known by it."""
    return frozenset(f"zeuxis-{job.id}.{ending}" for ending in PictureType)


def preview_name(job: Job) -> str:
    """Under which a picture of the job hangs made small; nobody takes it for the picture."""
    return f"preview-{job.id}.jpg"


def _as_drawn(job: Job, size: Size) -> Job:
    return replace(job, picture=replace(picture_of(job), size=size))


def _departures(job: Job, size: Size, kind: PictureType = PictureType.PNG) -> list[Note]:
    """In what the picture is not as it was asked for."""
    notes = [Note.OTHER_SIZE] if size != job.request.size else []
    return [*notes, Note.OTHER_TYPE] if kind is not PictureType.PNG else notes


def picture_of(job: Job) -> Picture:
    """Of a job that was drawn."""
    if job.picture is None:
        raise UnknownJob(f"job {job.id} was not drawn")
    return job.picture


def link_of(job: Job) -> str:
    """Of a picture whose link lives."""
    link = picture_of(job).link
    if link is None:
        raise LinkExpired("the link was wiped")
    return link
