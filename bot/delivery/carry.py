"""How a picture is made fit for Discord: as it comes, smaller, or by its link."""

from __future__ import annotations

import io
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import discord
import structlog

from bot.delivery.posts import ErrorKind, error_kind
from bot.errors import BytesAfterPicture, PictureTooLarge, RelayError, UnknownJob
from bot.pictures.formats import PictureType
from bot.pictures.provenance import Provenance
from bot.texts.result_cards import Note, is_spoiler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from bot.delivery.held_files import HeldFiles
    from bot.pictures import Relay
    from bot.providers.image import Size
    from bot.queue.records import Job, JobId, MessageId, Picture

_SPOILER = "SPOILER_"

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
        spoiler = is_spoiler(self.job)
        return [discord.File(content, filename=name, description=description, spoiler=spoiler)]


class Put(Protocol):
    """Shows pictures in Discord, all on one message."""

    def __call__(self, *carried: Carried) -> Awaitable[MessageId]: ...


class Carrier:
    """Fetches a job's picture anew for each try, since none is kept but for held ones."""

    def __init__(self, *, relay: Relay, files: HeldFiles, model: str) -> None:
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
    image = attachment(job, file[1])
    return Carried(job=_as_drawn(job, size), image=image, file=file, notes=notes)


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
