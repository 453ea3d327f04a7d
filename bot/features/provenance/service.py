"""All that `/provenance` and the menu *Where from?* may ask for. It writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.errors import NotTraced, RelayError, UploadUnread
from bot.features.provenance.rows import recognised
from bot.features.provenance.rules import Evidence, traced
from bot.policy.rows import Asking, load_policy
from bot.queue.shown import jobs_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.sqlite import Database
    from bot.features.provenance.rules import Traced
    from bot.pictures import Uploads
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
        found = await self._database.read(recognised, seen, asker)
        told = found and await self._told(*found, asker, manages=manages)
        if not told:
            raise NotTraced
        return told

    async def message(
        self, message_id: MessageId, links: Sequence[str], asker: Asker, *, manages: bool
    ) -> tuple[Traced, ...]:
        """Of all pictures of a message; at least one. Raises as `file`."""
        jobs = await self._database.read(jobs_at, message_id)
        if jobs:
            told = [await self._told(Evidence.POSTED, job, asker, manages=manages) for job in jobs]
        else:
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

    async def _told(
        self, evidence: Evidence, job: Job, asker: Asker, *, manages: bool
    ) -> Traced | None:
        policy = await self._database.read(load_policy, Asking(asker.guild_id))
        return traced(evidence, job, asker, manages=manages, staff_channel=policy.staff_channel)
