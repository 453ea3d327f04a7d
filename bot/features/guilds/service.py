"""Which guilds the bot is in, whom it has to greet, and what each of them costs.

A greeting is noted once it is sent: a crash in between has it said again rather than never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from bot.features.guilds import rows
from bot.policy.rows import Asking, load_policy
from bot.queue import ledger

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.queue.ledger import GuildRow
    from bot.queue.records import GuildId
    from bot.runtime.clock import Clock


GREETED_WITHIN_US = 7 * 24 * 3600 * 1_000_000
LISTED_AFTER_US = 600 * 1_000_000  # Discord's list may be older than a guild that has just come

log = structlog.get_logger("bot.guilds")


class Arrival(Struct, frozen=True, kw_only=True):
    """A guild whose staff are to be told something."""

    guild_id: GuildId
    is_allowed: bool  # else they are told that it is not, and nothing is drawn
    is_set_up: bool  # what they had set when the bot was there before holds again


class GuildService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def opened(self, guild_id: GuildId, joined_at_us: int) -> Arrival | None:
        """The bot is in a guild since then; returns it if its staff are to be told something.

        A guild to which the bot came long ago, or that has asked for pictures before this version
        kept count, knows it. One that may use the bot only now is greeted now.

        Raises:
            StorageError, PolicyUnreadable: nothing is known of it.
        """
        if await self._database.read(rows.is_greeted, guild_id, joined_at_us):
            return None
        return await self._database.write(
            _arrival, guild_id, joined_at_us=joined_at_us, now_us=self._clock.now_us()
        )

    async def note_told(self, arrival: Arrival) -> None:
        """Raises StorageError."""
        await self._database.write(
            rows.note_told,
            arrival.guild_id,
            is_allowed=arrival.is_allowed,
            now_us=self._clock.now_us(),
        )

    async def closed(self, guild_id: GuildId) -> None:
        """The bot is in it no more. Raises StorageError."""
        await self._database.write(rows.leave, guild_id, now_us=self._clock.now_us())

    async def listed(self, guild_ids: Collection[int]) -> None:
        """These are all, as Discord says when a connection begins. Raises StorageError."""
        now_us = self._clock.now_us()
        gone = await self._database.write(
            rows.leave_others,
            guild_ids,
            joined_before_us=now_us - LISTED_AFTER_US,
            now_us=now_us,
        )
        for guild_id in gone:
            log.info("guild left while the bot was away", guild=guild_id)

    async def costs(self) -> tuple[GuildRow, ...]:
        """Those that cost the most first. Raises StorageError."""
        return await self._database.read(ledger.guild_rows, now_us=self._clock.now_us())


def _arrival(
    tx: Transaction, guild_id: GuildId, *, joined_at_us: int, now_us: int
) -> Arrival | None:
    told = rows.enter(
        tx,
        guild_id,
        joined_at_us=joined_at_us,
        is_old=now_us - joined_at_us > GREETED_WITHIN_US,
        now_us=now_us,
    )
    is_allowed = load_policy(tx, Asking(guild_id)).is_allowed
    if told.is_greeted or (told.is_refused and not is_allowed):
        return None
    is_set_up = rows.is_set_up(tx, guild_id)
    return Arrival(guild_id=guild_id, is_allowed=is_allowed, is_set_up=is_set_up)
