"""All that `/style` may ask for.

Whoever calls has made sure that the asker is staff of that guild at this very moment. A change is
whole or not at all, stands in the guild's log and can be taken back like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.policy.changes import Change, change_policy, newest_entry
from bot.policy.rows import find_style, styles_of
from bot.policy.styles import style_row
from bot.refusals import UnknownStyle
from bot.staff_refusals import StyleFault, StyleRefused

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.policy.changes import Author
    from bot.policy.styles import Style
    from bot.providers.image import Offer
    from bot.queue.records import GuildId
    from bot.runtime.clock import Clock


log = structlog.get_logger("bot.styles")


class StyleService:
    """One for the process."""

    def __init__(self, *, database: Database, clock: Clock, offer: Offer) -> None:
        self._database = database
        self._clock = clock
        self.offer = offer

    async def styles(self, guild_id: GuildId) -> tuple[Style, ...]:
        """By their names. Raises StorageError."""
        return await self._database.read(styles_of, guild_id)

    async def seen(self, guild_id: GuildId) -> int:
        """What a form that is opened now has seen, to be named when it is kept."""
        return await self._database.read(newest_entry, guild_id)

    async def find(self, guild_id: GuildId, name: str) -> tuple[Style, int]:
        """With what a form that is opened now has seen. Raises UnknownStyle, StorageError."""
        return await self._database.read(_find, guild_id, name)

    async def keep(
        self, guild_id: GuildId, style: Style, author: Author, *, was: str, seen: int
    ) -> Style | None:
        """Makes a new one, or changes the one of this name key. Returns what stood there before.

        Args:
            was: the name key of the style that is changed; empty: a new one.
            seen: see `seen`.

        Raises:
            StyleRefused, UnknownStyle, SettingChanged, StorageError: nothing was changed.
        """
        now_us = self._clock.now_us()
        before = await self._database.write(
            keep_style, guild_id, style, author, self.offer, was=was, seen=seen, now_us=now_us
        )
        log.info("style kept", guild=guild_id, is_new=before is None)
        return before

    async def remove(self, guild_id: GuildId, name: str, author: Author) -> Style:
        """Returns what stood there. Raises UnknownStyle, StorageError: nothing was changed."""
        now_us = self._clock.now_us()
        gone = await self._database.write(
            remove_style, guild_id, name, author, self.offer, now_us=now_us
        )
        log.info("style removed", guild=guild_id)
        return gone


def _find(tx: Transaction, guild_id: GuildId, name: str) -> tuple[Style, int]:
    return find_style(tx, guild_id, name), newest_entry(tx, guild_id)


def keep_style(
    tx: Transaction,
    guild_id: GuildId,
    style: Style,
    author: Author,
    offer: Offer,
    *,
    was: str = "",
    seen: int | None = None,
    now_us: int,
) -> Style | None:
    """See `StyleService.keep`; on an error the transaction is to be undone."""
    before = find_style(tx, guild_id, was) if was else None
    if style.name_key and style.name_key != was and _is_taken(tx, guild_id, style):
        raise StyleRefused(StyleFault.TAKEN, name=style.name)
    changes = [Change(key=style_row(guild_id, style.name_key), value=style)]
    if before is not None and style.name_key != was:
        changes.insert(0, Change(key=style_row(guild_id, was), value=None))
    change_policy(tx, changes, author, offer, seen=seen, now_us=now_us)
    return before


def remove_style(
    tx: Transaction, guild_id: GuildId, name: str, author: Author, offer: Offer, *, now_us: int
) -> Style:
    """See `StyleService.remove`."""
    style = find_style(tx, guild_id, name)
    change = Change(key=style_row(guild_id, style.name_key), value=None)
    change_policy(tx, [change], author, offer, now_us=now_us)
    return style


def _is_taken(tx: Transaction, guild_id: GuildId, style: Style) -> bool:
    try:
        find_style(tx, guild_id, style.name)
    except UnknownStyle:
        return False
    return True
