"""All that the panel of `/settings` and the operator's commands may ask for.

Whoever calls has made sure that the asker is staff of that guild, or the operator, at this very
moment; what they may set is decided here. A change is whole or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from bot.features.settings.file import exported, imported
from bot.policy.changes import (
    Author,
    audit_entries,
    change_policy,
    newest_entry,
    undo_last,
)
from bot.policy.precedence import held_of, policy_of
from bot.policy.rows import rows_of, rows_of_styles, rows_of_tenant
from bot.policy.rules import Key, Scope
from bot.policy.styles import style_key
from bot.queue import quota_use

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.policy.changes import AuditEntry, Change
    from bot.policy.precedence import Held
    from bot.policy.quotas import QuotaState
    from bot.policy.rows import Asking
    from bot.policy.rules import CheckedBy, Policy, Row
    from bot.providers.image import Offer
    from bot.queue.records import GuildId, UserId
    from bot.runtime.clock import Clock


log = structlog.get_logger("bot.settings")


class SettingsView(Struct, frozen=True, kw_only=True):
    """What holds somewhere at one moment.

    Attributes:
        held: the rows that concern the place, by name.
        own: the values of all rows that the guild's staff have set.
        states: how much of each limit there is used.
        seen: the newest entry of the audit log; to be named with a change.
    """

    policy: Policy
    held: dict[str, list[Held]]
    own: dict[Key, str]
    seen: int
    states: tuple[QuotaState, ...]


class SettingsService:
    """One for the process."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        offer: Offer,
        checks: Collection[CheckedBy] = (),
    ) -> None:
        """Args: checks: of pictures, that the operator has set up."""
        self._database = database
        self._clock = clock
        self.offer = offer
        self.checks = frozenset(checks)

    async def view(self, asking: Asking) -> SettingsView:
        """Raises StorageError."""
        return await self._database.read(_view, asking, now_us=self._clock.now_us())

    async def change(
        self, changes: Sequence[Change], author: Author, *, seen: int | None = None
    ) -> tuple[AuditEntry, ...]:
        """Returns what was changed; nothing, if all of it held before.

        Raises:
            SettingChanged, SettingRefused, StorageError: nothing was changed.
        """
        entries = await self._database.write(
            change_policy, changes, author, self.offer, seen=seen, now_us=self._clock.now_us()
        )
        for one in entries:
            log.info("setting changed", **_told(one))
        return entries

    async def undo(self, tenant_id: int, author: Author) -> tuple[AuditEntry, ...]:
        """Takes the last change back. Raises NothingToUndo, SettingRefused, StorageError."""
        entries = await self._database.write(
            undo_last, tenant_id, author, self.offer, now_us=self._clock.now_us()
        )
        for one in entries:
            log.info("setting taken back", **_told(one))
        return entries

    async def log(self, tenant_id: int, *, before: int | None = None) -> tuple[AuditEntry, ...]:
        """A page, the newest first. Raises StorageError."""
        return await self._database.read(audit_entries, tenant_id, before=before)

    async def export(self, guild_id: GuildId) -> bytes:
        """A file that `restore` takes. Raises StorageError."""
        return exported(guild_id, await self._database.read(_rows, guild_id))

    async def restore(
        self, guild_id: GuildId, content: bytes, user_id: UserId
    ) -> tuple[AuditEntry, ...]:
        """Makes the guild's settings those of the file.

        Raises:
            ImportRefused, SettingRefused, StorageError: nothing was changed.
        """
        author = Author(actor=str(user_id), source="file")
        entries = await self._database.write(
            _restore, guild_id, content, author, self.offer, now_us=self._clock.now_us()
        )
        for one in entries:
            log.info("setting changed", **_told(one))
        return entries


def _restore(
    tx: Transaction, guild_id: GuildId, content: bytes, author: Author, offer: Offer, *, now_us: int
) -> tuple[AuditEntry, ...]:
    """In the writer's thread, since a file may hold thousands of values."""
    changes = imported(content, guild_id, list(_keys(_rows(tx, guild_id))))
    return change_policy(tx, changes, author, offer, now_us=now_us)


def _rows(tx: Transaction, guild_id: int) -> list[Row]:
    """What the guild's staff have set, with their styles."""
    return [*rows_of_tenant(tx, guild_id), *rows_of_styles(tx, guild_id)]


def _keys(rows: Iterable[Row]) -> dict[Key, str]:
    return {
        Key(Scope(str(scope)), int(str(scope_id)), str(name), int(str(tenant_id))): str(text)
        for scope, scope_id, name, tenant_id, text in rows
    }


def _view(tx: Transaction, asking: Asking, *, now_us: int) -> SettingsView:
    rows = rows_of(tx, asking)
    policy = policy_of(rows)
    guild_id = asking.guild_id or 0
    return SettingsView(
        policy=policy,
        held=held_of(rows),
        own=_keys(rows_of_tenant(tx, guild_id)) if guild_id else {},
        seen=newest_entry(tx, guild_id),
        states=quota_use.states_of(tx, policy, asking, now_us=now_us),
    )


_OF_ONE = (Scope.MEMBER, Scope.PERSON)


def _told(entry: AuditEntry) -> dict[str, object]:
    """Without a member's number and the text of a style; the entry of the audit log has them."""
    return {
        "entry": entry.id,
        "source": entry.source,
        "guild": entry.tenant_id,
        "scope": entry.key.scope,
        "scope_id": None if entry.key.scope in _OF_ONE else entry.key.scope_id,
        "name": entry.key.name,
        **({} if style_key(entry.key.name) else {"was": entry.was, "became": entry.became}),
    }
