"""All that `/privacy` may ask for."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Protocol

import structlog
from msgspec import Struct

from bot.errors import StorageError
from bot.features.privacy import rows
from bot.queue.forget import told_of
from bot.refusals import ForgottenToday

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.sqlite import Database
    from bot.queue.records import Address, UserId
    from bot.runtime.clock import Clock


AGAIN_AFTER_US = 86_400_000_000
WORDS_DAYS = 90  # that refusals are kept, and what was said in a case that is decided

log = structlog.get_logger("bot.privacy")


class Terms(Struct, frozen=True, kw_only=True):
    """For how long something is kept."""

    ledger_detail_days: int = 400
    guild_data_days: int = 30


class MessageRemoval(Protocol):
    """What stands in Discord goes by it."""

    async def take_away(self, messages: Sequence[Address], /) -> None:
        """As far as that can be had in a while."""


class PrivacyService:
    """One for the process."""

    def __init__(
        self, *, database: Database, clock: Clock, terms: Terms, messages: MessageRemoval
    ) -> None:
        self._database = database
        self._clock = clock
        self._messages = messages
        self.terms = terms
        self._forgotten_at_us: dict[UserId, int] = {}  # within a day; in no row and no file

    async def export(self, user_id: UserId, *, limit_bytes: int) -> tuple[str, bytes]:
        """The name and content of a file with all that names the member; packed if it is large.

        Raises:
            StorageError.
        """
        kept = await self._database.read(rows.kept_of, user_id)
        facts = {"user_id": str(user_id), "exported_at_us": self._clock.now_us(), **kept}
        content = json.dumps(facts, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        if len(content) <= limit_bytes:
            return "zeuxis.json", content
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeuxis.json", content)
        return "zeuxis.zip", packed.getvalue()

    async def forget(self, user_id: UserId) -> None:
        """At once and everywhere; what waited is cancelled, sums stay without a name.

        Once a day: the member's own limits begin anew with it, and it walks through all jobs.

        Raises:
            ForgottenToday, StorageError: nothing was changed.
        """
        now_us = self._clock.now_us()
        self._check_pause(user_id, now_us)
        messages = await self._database.read(told_of, user_id)
        jobs = await self._database.write(rows.forget, user_id, now_us=now_us)
        self._forgotten_at_us[user_id] = now_us
        log.info("a member was forgotten", open_jobs=jobs)
        try:
            await self._database.empty_log()  # else what was wiped would be readable there
        except StorageError as error:
            log.error("log not emptied yet", error=str(error))  # noqa: TRY400 - the next round does
        await self._messages.take_away(messages)  # no row, and so no button, knows them any more

    def _check_pause(self, user_id: UserId, now_us: int) -> None:
        """A clock that was set back ends it, rather than making it longer."""
        self._forgotten_at_us = {
            some_id: at_us
            for some_id, at_us in self._forgotten_at_us.items()
            if 0 <= now_us - at_us < AGAIN_AFTER_US
        }
        at_us = self._forgotten_at_us.get(user_id)
        if at_us is not None:
            raise ForgottenToday(until_at_us=at_us + AGAIN_AFTER_US)
