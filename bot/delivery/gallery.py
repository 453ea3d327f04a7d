"""Messages that show several pictures of one request, and its status message beside them.

Each picture is added by an edit that keeps the files that are there. The card is made anew from the
jobs' rows, within the message's lock, so that whoever edits it last says what is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import discord
import structlog
from discord import ui

from bot.delivery.carry import file_names, picture_of, preview_name
from bot.delivery.error_kinds import ErrorKind, error_kind
from bot.delivery.place import tells_words
from bot.queue import postings
from bot.queue.jobs import select_jobs_of_request
from bot.queue.records import PictureState
from bot.records import replace
from bot.texts import Texts
from bot.texts.gallery_cards import MOST_ON_A_MESSAGE, gallery_card, is_coming
from bot.texts.result_cards import alt_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.db.sqlite import Database
    from bot.delivery.carry import Carried
    from bot.delivery.posts import KeptFile, Posts
    from bot.queue.records import Address, ChannelId, Job, JobId, MessageId
    from bot.texts.cards import Card

MOST_TOGETHER = 4  # pictures in one request to Discord

log = structlog.get_logger("bot.delivery")


class Gallery:
    """Shows requests for several pictures."""

    def __init__(self, *, database: Database, posts: Posts) -> None:
        self._database = database
        self._posts = posts

    async def jobs(self, job: Job) -> tuple[Job, ...]:
        """All of its request: as they are now, but for one that is alone."""
        if job.count == 1:
            return (job,)
        return await self._database.read(select_jobs_of_request, job.request_id)

    async def add(self, to: Address, carried: Sequence[Carried]) -> MessageId:
        """Raises discord.NotFound if the message is gone."""
        await self._keep_notes(carried)
        async with self._posts.paced(to.message_id):
            await self._show(to, await self.jobs(carried[0].job), carried)
        return to.message_id

    async def post(self, channel_id: ChannelId, carried: Sequence[Carried]) -> MessageId:
        """As a message of its own, on which others may follow."""
        await self._keep_notes(carried)
        job = carried[0].job
        jobs, tells = await self.jobs(job), await tells_words(job, self._database)
        card, files = _filled(jobs, carried, {}, tells_words=tells)
        return await self._posts.send(channel_id, card, nonce=f"zx{job.id}r", files=files)

    async def _keep_notes(self, carried: Sequence[Carried]) -> None:
        """Before they are shown, so that the next edit says them too."""
        for one in carried:
            if one.notes != picture_of(one.job).notes:
                await self._database.write(postings.record_notes, one.job.id, one.notes)

    async def due(self, job: Job) -> tuple[Job, ...]:
        """Others of its request that can be shown with it for the first time."""
        if job.count > MOST_TOGETHER:
            return ()
        return tuple(
            one
            for one in await self.jobs(job)
            if one.id != job.id and one.is_due and _is_untried(one)
        )

    async def refresh(self, job: Job) -> None:
        """Says on all messages of the request what holds now; what is deleted leaves them.

        A message goes with its last picture, unless it tells of others that are to come.

        Raises:
            discord.HTTPException: of the status message, or what may pass by itself.
        """
        for on in messages_of(await self.jobs(job)):
            await self._bring(on, job)

    async def settle(self, job: Job) -> None:
        """The last one hangs: other messages with pictures say that nothing is to come, too. Raises
        as `refresh`."""
        jobs = await self.jobs(job)
        for on in messages_of(jobs):
            if on != _stands(job) and shows_pictures(on, jobs):
                await self._bring(on, job)

    async def _bring(self, on: Address, job: Job) -> None:
        try:
            async with self._posts.paced(on.message_id):
                await self._say(on, await self.jobs(job))
        except discord.HTTPException as error:
            if error_kind(error) is ErrorKind.LATER or on == job.address:
                raise
            log.info("gallery not brought up to date", job=job.id, code=error.code)

    async def _say(self, on: Address, jobs: Sequence[Job]) -> None:
        here = [job for job in jobs if _stands(job) == on]
        is_told = on == jobs[0].address and any(map(is_coming, jobs))
        if here and all(job.is_deleted for job in here) and not is_told:
            await self._posts.delete(on)
        else:
            await self._show(on, jobs)

    async def _show(
        self, on: Address, jobs: Sequence[Job], carried: Sequence[Carried] = ()
    ) -> None:
        tells = await tells_words(jobs[0], self._database)
        new = {one.job.id for one in carried}
        hanging = await self._hanging(on, [job for job in jobs if job.id not in new])
        images = {job_id: one.image for job_id, one in hanging.items()}
        jobs = [_as_shown(job) if job.id in hanging or _hangs(job) else job for job in jobs]
        kept = [one.file for one in hanging.values() if one.file]
        small = None if hanging or carried else await self._previewed(on, jobs)
        preview = None
        if small is not None:
            kept.append(small.file)
            alt = alt_text(small.job, _texts(small.job), tells_words=tells)
            preview = preview_gallery(small.job, alt)
        card, files = _filled(jobs, carried, images, tells_words=tells, preview=preview)
        await self._posts.edit(on, card, attached=[*kept, *files])

    async def _previewed(self, on: Address, jobs: Sequence[Job]) -> _Previewed | None:
        """The picture that a status message shows small, unless it was deleted or hidden since."""
        if on != jobs[0].address or not any(_stands(job) not in (None, on) for job in jobs):
            return None
        files = (await self._posts.look(on)).files
        left = (job for job in jobs if not (job.is_deleted or job.is_hidden))
        found = (job for job in left if preview_name(job) in files)
        return next((_Previewed(job, files[preview_name(job)]) for job in found), None)

    async def _hanging(self, on: Address, jobs: Sequence[Job]) -> dict[JobId, _Hanging]:
        """What is there already of these; also what a lost answer has left."""
        if not any(_may_hang(job, on) for job in jobs):
            return {}
        files = (await self._posts.look(on)).files
        found = {}
        for job in jobs:
            name = next(iter(file_names(job) & files.keys()), None)
            link = job.picture.link if job.picture and _stands(job) == on else None
            if job.is_deleted or job.is_hidden:
                continue
            if name is not None:
                found[job.id] = _Hanging(f"attachment://{name}", files[name])
            elif link is not None:
                found[job.id] = _Hanging(link, None)
        return found


class _Hanging(NamedTuple):
    """A picture on a message: where the card finds it, and its file if it has one there."""

    image: str
    file: KeptFile | None


class _Previewed(NamedTuple):
    """A picture that hangs elsewhere, and its small file here."""

    job: Job
    file: KeptFile


def preview_gallery(job: Job, alt: str) -> ui.MediaGallery[Card]:
    """The picture made small, whose file hangs on the message."""
    return ui.MediaGallery(
        discord.MediaGalleryItem(f"attachment://{preview_name(job)}", description=alt)
    )


def messages_of(jobs: Sequence[Job]) -> list[Address]:
    """On which pictures of the request hang, or hung; the status message last."""
    status = jobs[0].address
    found = [one for job in jobs if (one := _stands(job)) is not None and one != status]
    return [*dict.fromkeys(found), *([status] if status else [])]


def newest(jobs: Sequence[Job], channel_id: ChannelId) -> Address | None:
    """The message in this channel to which a further picture is added; None if there is none, or
    it is full."""
    hanging = [one for job in jobs if not job.is_deleted and (one := _stands(job)) is not None]
    here = [one for one in hanging if one.channel_id == channel_id]
    last = max(here, key=lambda one: one.message_id, default=None)
    return None if last is None or here.count(last) >= MOST_ON_A_MESSAGE else last


def shows_pictures(on: Address | None, jobs: Sequence[Job]) -> bool:
    return on is not None and any(_stands(job) == on for job in jobs if not job.is_deleted)


def _stands(job: Job) -> Address | None:
    """The message on which the picture hangs."""
    picture = job.picture
    if picture is None:
        return None
    return job.origin.address(picture.channel_id, picture.message_id)


def _hangs(job: Job) -> bool:
    """Somewhere, though its row may not say so yet."""
    return job.is_due and _stands(job) is not None


def _may_hang(job: Job, on: Address) -> bool:
    is_attempted = job.picture is not None and job.picture.post_attempted_at_us is not None
    return is_attempted and _stands(job) in (on, None)


def _is_untried(job: Job) -> bool:
    picture = job.picture
    is_tried = picture is None or picture.post_attempted_at_us is not None
    return not is_tried and job.message.attempts == 0 and picture_of(job).link is not None


def _filled(
    jobs: Sequence[Job],
    carried: Sequence[Carried],
    hanging: Mapping[JobId, str],
    *,
    tells_words: bool,
    preview: ui.MediaGallery[Card] | None = None,
) -> tuple[Card, list[discord.File]]:
    """The card as it will be in a moment, and what is uploaded for it."""
    texts, images, files = _texts(jobs[0]), dict(hanging), []
    for one in carried:
        jobs = _with_shown(jobs, one)
        images[one.job.id] = one.image
        files += one.files(alt_text(one.job, texts, tells_words=tells_words))
    card = gallery_card(jobs, texts, images, tells_words=tells_words, preview=preview)
    return card, files


def _with_shown(jobs: Sequence[Job], shown: Carried) -> tuple[Job, ...]:
    """As they will be in a moment."""
    picture = replace(picture_of(shown.job), state=PictureState.SHOWN, notes=shown.notes)
    job = replace(shown.job, picture=picture)
    return tuple(job if one.id == job.id else one for one in jobs)


def _as_shown(job: Job) -> Job:
    """It hangs, though its row may not say so yet."""
    return replace(job, picture=replace(picture_of(job), state=PictureState.SHOWN))


def _texts(job: Job) -> Texts:
    return Texts(job.origin.guild_locale)
