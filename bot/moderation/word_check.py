"""A guild's word rules, read and compiled once until somebody changes them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from bot.moderation.word_rule_rows import rules_of
from bot.moderation.word_rules import WordRules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.db.sqlite import Database
    from bot.moderation.word_rules import Part, Verdict

MOST_KEPT = 200  # guilds whose rules are compiled; 10,000 words take some megabytes


class WordCheck:
    """One for the process, which holds the database alone: so nobody else changes a rule.

    That is why a request is checked from memory. A look into the database before each would wait
    behind all that is being read, and with it whoever asks for a picture.
    """

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._compiled: OrderedDict[int, WordRules] = OrderedDict()
        self._changes = 0

    def note_change(self, tenant_id: int) -> None:
        """To be called once a change of the guild's rules is on disk."""
        self._changes += 1
        self._compiled.pop(tenant_id, None)

    async def check(
        self,
        tenant_id: int,
        parts: Mapping[Part, str],
        *,
        role_ids: Collection[int] = (),
        channel_ids: Collection[int] = (),
    ) -> Verdict:
        """What the guild's rules find in these texts. Raises StorageError.

        Args:
            role_ids: of the member; some may be exempt, as may
            channel_ids: the channel and, of a thread, the one that it is in.
        """
        rules = self._compiled.get(tenant_id)
        if rules is None:
            rules = await self._load(tenant_id)
        else:
            self._compiled.move_to_end(tenant_id)
        return rules.check(parts, role_ids=role_ids, channel_ids=channel_ids)

    async def _load(self, tenant_id: int) -> WordRules:
        """Kept unless somebody has changed a rule since it began to read."""
        changes = self._changes
        found = await self._database.read(rules_of, tenant_id)
        rules = await asyncio.to_thread(WordRules, found) if found else WordRules(())
        if changes == self._changes:
            self._compiled[tenant_id] = rules
            while len(self._compiled) > MOST_KEPT:
                self._compiled.popitem(last=False)
        return rules
