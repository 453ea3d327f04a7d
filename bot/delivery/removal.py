"""Takes pictures out of Discord: deleted ones for good, reported ones until the staff have looked.

    deleted, by its member or the staff ─▶ its messages go, its words leave status and thread title

    reported so often ─▶ file saved ─▶ messages say that it is hidden ─▶ dismissed ─▶ shown again
                                                                      └▶ removed: deleted

Rows say what is to hold; a repeat after a crash does the same once more. A picture whose file
cannot be had stays where it is: what is hidden must be able to come back.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.delivery.carry import picture_of
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.members import audit_reason
from bot.errors import LinkExpired
from bot.features.moderation.rows.decisions import removal_of
from bot.queue import postings
from bot.queue.cases import CaseKind, about_job, find_case, make_case_due
from bot.queue.jobs import select_job
from bot.queue.records import Address
from bot.queue.shown import drop_repost, reposts_of
from bot.texts import Texts
from bot.texts.result_cards import hidden_card, result_marks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.delivery.carry import PictureFiles
    from bot.delivery.notify import Notifier
    from bot.delivery.posts import Posts
    from bot.delivery.result import ResultPoster
    from bot.queue.records import Job, JobId, MessageId
    from bot.queue.shown import Repost
    from bot.runtime.clock import Clock

log = structlog.get_logger("bot.delivery")


class Removal:
    """One for the process. What may pass by itself is raised: try again later. A place that is
    closed or gone keeps no other."""

    def __init__(
        self,
        *,
        database: Database,
        posts: Posts,
        files: PictureFiles,
        results: ResultPoster,
        notifier: Notifier,
        clock: Clock,
    ) -> None:
        self._database = database
        self._posts = posts
        self._files = files
        self._results = results
        self._notifier = notifier
        self._clock = clock

    async def erase(self, job: Job) -> None:
        """Of a deleted picture nothing is left in Discord, as far as that can be had."""
        steps = (
            self._take_own_away,
            self._erase_status,
            self._results.places.retitle,
            self._take_copies_away,
        )
        for step in steps:
            await _unless_closed(job, step.__name__.lstrip("_"), partial(step, job))

    async def bring(self, job: Job) -> None:
        """Its messages show it, or do not, as its row has it."""
        hidden_at_us = picture_of(job).hidden_at_us
        await (self._show(job) if hidden_at_us is None else self._hide(job))
        await self._database.write(postings.settle_shown, job.id, hidden_at_us=hidden_at_us)

    # ---------------------------------------------------------------------------------------------
    # For good.

    async def _take_own_away(self, job: Job) -> None:
        """Where its own button was not the one: the staff have removed it, or it was deleted by a
        copy's. Of a gallery the card sees to that."""
        own = _own(job)
        if own is None or job.count > 1:
            return
        removal = await self._database.read(removal_of, job.id)
        if removal is not None and removal.end is not None:
            said = f"case {removal.id}, by {removal.end.by}: {removal.end.reason}"
            await self._delete(own, reason=audit_reason(said))
        elif await self._database.read(reposts_of, job.id):
            await self._delete(own)

    async def _erase_status(self, job: Job) -> None:
        """It goes if it has become the picture; perhaps the picture's button could not do that."""
        if job.address is not None and job.count == 1 and job.address == _own(job):
            await self._delete(job.address)
        else:
            await self._notifier.bring_status(job)

    async def _take_copies_away(self, job: Job) -> None:
        """Wherever the picture was posted again."""
        copies = await self._database.read(reposts_of, job.id)
        known = {one.message_id for one in copies if one.message_id is not None}
        for one in copies:
            await _unless_closed(job, "copy", partial(self._take_copy_away, job, one, known))

    async def _take_copy_away(self, job: Job, one: Repost, known: Collection[MessageId]) -> None:
        """Also one of an attempt whose end nobody knows."""
        message_id = one.message_id or await self._posts.find_own(
            one.channel_id, result_marks(job), after=one.interaction_id, besides=known
        )
        if message_id is not None:
            await self._delete(Address(channel_id=one.channel_id, message_id=message_id))
        await self._database.write(drop_repost, one.interaction_id)

    async def _delete(self, at: Address, *, reason: str | None = None) -> None:
        delete = partial(self._posts.delete, at, reason=reason)
        await self._posts.in_open_thread(at.channel_id, delete)

    # ---------------------------------------------------------------------------------------------
    # Until the staff have looked, and back.

    async def _hide(self, job: Job) -> None:
        if not await self._files.keep_hung(job):
            log.error("picture stays, its file cannot be saved", job=job.id)
            return
        await self._database.write(_tell_staff, job.id, now_us=self._clock.now_us())
        await self._at_each(job, self._empty)
        await self._bring_words(job)
        log.info("picture hidden", job=job.id, guild=job.origin.guild_id)

    async def _show(self, job: Job) -> None:
        try:
            await self._files.source(job)
        except LinkExpired:
            log.error("picture stays hidden, nobody has its file", job=job.id)  # noqa: TRY400 - says all
            return
        await self._at_each(job, self._results.fill_again)
        await self._bring_words(job)
        await self._database.write(postings.forget_source, job.id)
        log.info("picture shown again", job=job.id, guild=job.origin.guild_id)

    async def _bring_words(self, job: Job) -> None:
        """Status and title of its thread may tell them, and the status show it small."""
        fresh = await self._database.read(select_job, job.id)
        await _unless_closed(job, "status", partial(self._results.bring_status, fresh))
        await _unless_closed(job, "title", partial(self._results.places.retitle, fresh))

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
        for at in await self._messages(job):
            again = partial(self._posts.in_open_thread, at.channel_id, partial(act, job, at))
            await _unless_closed(job, "message", again)

    async def _messages(self, job: Job) -> Sequence[Address]:
        """Its own, and those in which it was posted again."""
        own = _own(job)
        copies = await self._database.read(reposts_of, job.id)
        hanging = [(one.channel_id, one.message_id) for one in copies]
        return [
            *([] if own is None else [own]),
            *(Address(channel_id=at, message_id=one) for at, one in hanging if one is not None),
        ]


async def _unless_closed(job: Job, what: str, act: Callable[[], Awaitable[None]]) -> None:
    """Raises what may pass by itself."""
    try:
        await act()
    except DELIVERY_ERRORS as error:
        if error_kind(error) is ErrorKind.LATER:
            raise
        code = getattr(error, "code", None)
        log.warning(
            "not changed in Discord", job=job.id, what=what, error=type(error).__name__, code=code
        )


def _own(job: Job) -> Address | None:
    picture = job.picture
    if picture is None:
        return None
    return job.origin.address(picture.channel_id, picture.message_id)


def _tell_staff(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """From now on their card has the picture, which hangs nowhere else."""
    case = find_case(tx, CaseKind.REPORT, about_job(job_id))
    if case is not None and case.is_open:
        make_case_due(tx, case.id, now_us=now_us)
