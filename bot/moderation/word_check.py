"""A guild's word rules, read and compiled once until somebody changes them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from bot.errors import PolicyUnreadable
from bot.moderation.word_rule_rows import rules_of
from bot.moderation.word_rules import WordRules
from bot.staff_refusals import WordRuleRefused

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.db.sqlite import Database
    from bot.moderation.word_rules import Part, Verdict

MOST_KEPT = 100_000  # words of rules that are compiled, over all guilds: about 200 MB


class _Compiled(NamedTuple):
    rules: WordRules
    words: int


class WordCheck:
    """One for the process, which holds the database alone: so nobody else changes a rule.

    That is why a request is checked from memory. A look into the database before each would wait
    behind all that is being read, and with it whoever asks for a picture.
    """

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._compiled: OrderedDict[int, _Compiled] = OrderedDict()
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
        """What the guild's rules find in these texts.

        Raises:
            PolicyUnreadable: a rule that is stored cannot be applied any more, such as a regular
                expression where re2 is not installed. Then nothing may pass.
            StorageError.

        Args:
            role_ids: of the member; some may be exempt, as may
            channel_ids: the channel and, of a thread, the one that it is in.
        """
        kept = self._compiled.get(tenant_id)
        if kept is None:
            kept = await self._load(tenant_id)
        else:
            self._compiled.move_to_end(tenant_id)
        return kept.rules.check(parts, role_ids=role_ids, channel_ids=channel_ids)

    async def _load(self, tenant_id: int) -> _Compiled:
        """Kept unless somebody has changed a rule since it began to read."""
        changes = self._changes
        found = await self._database.read(rules_of, tenant_id)
        try:
            rules = await asyncio.to_thread(WordRules, found) if found else WordRules(())
        except WordRuleRefused as error:
            raise PolicyUnreadable(f"word rules of guild {tenant_id}: {error.fault}") from error
        made = _Compiled(rules, sum(len(one.words) + len(one.allowed) for one in found))
        if changes == self._changes:
            self._compiled[tenant_id] = made
            self._make_room()
        return made

    def _make_room(self) -> None:
        """Those that were asked for longest ago go, but for the newest."""
        while len(self._compiled) > 1 and self._words() > MOST_KEPT:
            self._compiled.popitem(last=False)

    def _words(self) -> int:
        return sum(one.words + 1 for one in self._compiled.values())
