"""Takes a picture that members have reported out of its messages, and puts it back.

    reported so often ─▶ file saved ─▶ messages say that it is hidden ─▶ dismissed ─▶ shown again
                                                                      └▶ removed: deleted

Rows say what is to hold; a repeat after a crash does the same once more. A picture whose file
cannot be had stays where it is: what is hidden must be able to come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.delivery.carry import picture_of
from bot.delivery.posts import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.errors import StorageError
from bot.queue import postings, review
from bot.queue.cases import CaseKind, about_job, find_case, make_case_due
from bot.queue.jobs import select_job
from bot.queue.records import Address
from bot.queue.shown import reposts_of
from bot.texts import Texts
from bot.texts.result_cards import hidden_card

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.delivery.held_files import HeldFiles
    from bot.delivery.posts import Posts
    from bot.delivery.result import ResultPoster
    from bot.queue.records import Job, JobId
    from bot.runtime.clock import Clock

log = structlog.get_logger("bot.delivery")


class Hiding:
    """One for the process."""

    def __init__(
        self,
        *,
        database: Database,
        posts: Posts,
        files: HeldFiles,
        results: ResultPoster,
        clock: Clock,
    ) -> None:
        self._database = database
        self._posts = posts
        self._files = files
        self._results = results
        self._clock = clock

    async def bring(self, job: Job) -> None:
        """Its messages show it, or do not, as its row has it. Raises what may pass by itself."""
        hidden_at_us = picture_of(job).hidden_at_us
        await (self._show(job) if hidden_at_us is None else self._hide(job))
        await self._database.write(postings.settle_shown, job.id, hidden_at_us=hidden_at_us)

    async def _hide(self, job: Job) -> None:
        if not await self._files.keep_hung(job):
            log.error("picture stays, its file cannot be saved", job=job.id)
            return
        await self._database.write(_tell_staff, job.id, now_us=self._clock.now_us())
        await self._at_each(job, self._empty)
        await self._bring_status(job)
        log.info("picture hidden", job=job.id, guild=job.origin.guild_id)

    async def _show(self, job: Job) -> None:
        content = await self._files.saved(job)
        if content is None:
            log.error("picture stays hidden, nobody has its file", job=job.id)
            return

        async def fill(job: Job, at: Address) -> None:
            await self._results.fill_again(job, at, content)

        await self._at_each(job, fill)
        await self._bring_status(job)
        await self._database.write(review.drop_file, job.id)
        log.info("picture shown again", job=job.id, guild=job.origin.guild_id)

    async def _bring_status(self, job: Job) -> None:
        """It may tell the words, and show the picture small, where that hangs elsewhere."""
        try:
            await self._results.bring_status(await self._database.read(select_job, job.id))
        except StorageError:
            raise
        except DELIVERY_ERRORS as error:
            if error_kind(error) is ErrorKind.LATER:
                raise
            log.warning("message not changed", job=job.id, error=type(error).__name__)

    async def _empty(self, job: Job, at: Address) -> None:
        if job.count > 1 and at == _own(job):
            await self._results.gallery.refresh(job)
            return
        async with self._posts.paced(at.message_id):
            fresh = await self._database.read(select_job, job.id)
            if fresh.is_hidden:
                card = hidden_card(fresh, Texts(fresh.origin.guild_locale))
                await self._posts.edit(at, card, attached=())

    async def _at_each(self, job: Job, act: Callable[[Job, Address], Awaitable[None]]) -> None:
        """One that is closed or gone keeps no other. Raises what may pass by itself."""
        for at in await self._messages(job):
            try:
                await self._in_open_thread(job, at, act)
            except StorageError:
                raise
            except DELIVERY_ERRORS as error:
                if error_kind(error) is ErrorKind.LATER:
                    raise
                log.warning("message not changed", job=job.id, error=type(error).__name__)

    async def _in_open_thread(
        self, job: Job, at: Address, act: Callable[[Job, Address], Awaitable[None]]
    ) -> None:
        """It may have been archived since."""
        try:
            await act(job, at)
        except DELIVERY_ERRORS as error:
            if error_kind(error) is not ErrorKind.ARCHIVED:
                raise
            await self._posts.unarchive(at.channel_id)
            await act(job, at)

    async def _messages(self, job: Job) -> Sequence[Address]:
        """Its own, and those in which it was posted again."""
        own = _own(job)
        copies = await self._database.read(reposts_of, job.id)
        return [
            *([] if own is None else [own]),
            *(
                Address(channel_id=one.channel_id, message_id=one.message_id)
                for one in copies
                if one.message_id is not None
            ),
        ]


def _own(job: Job) -> Address | None:
    picture = picture_of(job)
    return job.origin.address(picture.channel_id, picture.message_id)


def _tell_staff(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """From now on their card has the picture, which hangs nowhere else."""
    case = find_case(tx, CaseKind.REPORT, about_job(job_id))
    if case is not None and case.is_open:
        make_case_due(tx, case.id, now_us=now_us)
