"""All that `/provenance` and the menu *Where from?* may ask for. It writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.errors import RelayError
from bot.features.provenance.rules import Evidence, is_believed, job_named, nearest, traced
from bot.policy.rows import Asking, load_policy
from bot.queue import shown
from bot.queue.jobs import select_job
from bot.queue.records import tenant_of
from bot.queue.shown import jobs_at
from bot.refusals import NotTraced, UnknownJob, UploadUnread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.features.provenance.rules import Traced
    from bot.pictures import SeenUpload, Uploads
    from bot.queue.authority import Asker
    from bot.queue.records import Job, MessageId

MOST_LOOKED_AT = 4  # files of one message

log = structlog.get_logger("bot.features.provenance")


class ProvenanceService:
    """One for the process."""

    def __init__(self, *, database: Database, uploads: Uploads, model: str) -> None:
        self._database = database
        self._uploads = uploads
        self.model = model

    async def file(self, link: str, asker: Asker, *, manages: bool) -> Traced:
        """Of a picture that somebody has put into Discord.

        Args:
            manages: they may manage the server.

        Raises:
            NotTraced: nothing is known of it here, or nothing that they may know.
            UploadUnread: it is no picture, or cannot be had now.
            StorageError.
        """
        try:
            seen = await self._uploads.look(link)
        except RelayError as error:
            log.info("upload not read", error=type(error).__name__, detail=str(error))
            raise UploadUnread from None
        told = await self._database.read(_of_file, seen, asker, manages=manages)
        if told is None:
            raise NotTraced
        return told

    async def message(
        self, message_id: MessageId, links: Sequence[str], asker: Asker, *, manages: bool
    ) -> tuple[Traced, ...]:
        """Of all pictures of a message; at least one. Raises as `file`."""
        told = await self._database.read(_of_message, message_id, asker, manages=manages)
        if not told:
            told = [await self._perhaps(one, asker, manages) for one in links[:MOST_LOOKED_AT]]
        found = tuple(one for one in told if one is not None)
        if not found:
            raise NotTraced
        return found

    async def _perhaps(self, link: str, asker: Asker, manages: bool) -> Traced | None:
        try:
            return await self.file(link, asker, manages=manages)
        except (NotTraced, UploadUnread):
            return None


def _of_file(tx: Transaction, seen: SeenUpload, asker: Asker, *, manages: bool) -> Traced | None:
    """By its metadata, if they are to be believed; else by its look, among the guild's."""
    found = _by_marks(tx, seen) or _by_look(tx, seen, asker)
    return None if found is None else _told(tx, *found, asker, manages=manages)


def _of_message(
    tx: Transaction, message_id: MessageId, asker: Asker, *, manages: bool
) -> list[Traced | None]:
    """Of each picture of ours that hangs there."""
    jobs = jobs_at(tx, message_id)
    return [_told(tx, Evidence.POSTED, job, asker, manages=manages) for job in jobs]


def _told(
    tx: Transaction, evidence: Evidence, job: Job, asker: Asker, *, manages: bool
) -> Traced | None:
    staff_channel = load_policy(tx, Asking(asker.guild_id)).staff_channel
    return traced(evidence, job, asker, manages=manages, staff_channel=staff_channel)


def _by_marks(tx: Transaction, seen: SeenUpload) -> tuple[Evidence, Job] | None:
    job_id = job_named(seen.marks)
    if job_id is None or seen.marks is None:
        return None
    try:
        job = select_job(tx, job_id)
    except UnknownJob:
        return None
    posted = shown.likeness_of_job(tx, job_id)
    evidence = is_believed(seen.marks, job, (seen.likeness, posted))
    return None if evidence is None else (evidence, job)


def _by_look(tx: Transaction, seen: SeenUpload, asker: Asker) -> tuple[Evidence, Job] | None:
    if seen.likeness is None:
        return None
    tenant_id = tenant_of(asker.guild_id, asker.user_id)
    alike = nearest(seen.likeness, shown.likenesses_of(tx, tenant_id))
    if alike is None:
        return None
    return Evidence.ALIKE, select_job(tx, shown.job_that_looks(tx, tenant_id, alike))
