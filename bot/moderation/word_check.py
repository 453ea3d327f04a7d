"""A guild's word rules, compiled once for each of their versions."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from bot.moderation.word_rule_rows import newest_change, rules_of
from bot.moderation.word_rules import Verdict, WordRules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.db.sqlite import Database
    from bot.moderation.word_rules import Part

MOST_KEPT = 200  # guilds whose rules are compiled; 10,000 words take some megabytes


class _Compiled(NamedTuple):
    change: tuple[int, int]
    rules: WordRules


class WordCheck:
    """One for the process."""

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._compiled: OrderedDict[int, _Compiled] = OrderedDict()

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
        change = await self._database.read(newest_change, tenant_id)
        if change[0] == 0:
            return Verdict()
        kept = self._compiled.get(tenant_id)
        if kept is None or kept.change != change:
            rules = await self._database.read(rules_of, tenant_id)
            kept = _Compiled(change, await asyncio.to_thread(WordRules, rules))
            self._compiled[tenant_id] = kept
        self._compiled.move_to_end(tenant_id)
        while len(self._compiled) > MOST_KEPT:
            self._compiled.popitem(last=False)
        return kept.rules.check(parts, role_ids=role_ids, channel_ids=channel_ids)
