"""A page of pictures, as rows have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.features.history.rules import (
    ON_A_PAGE,
    Found,
    HistoryPage,
    Reach,
    begins_at_us,
    ends_at_us,
)
from bot.policy.rows import load_policy
from bot.queue import picture_words
from bot.queue.authority import as_seen
from bot.queue.picture_words import Wanted
from bot.queue.records import tenant_of
from bot.queue.shown import is_kept

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.features.history.rules import Search, Turn
    from bot.policy.rows import Asking
    from bot.queue.authority import Asker
    from bot.queue.records import Job


def page(
    tx: Transaction, asking: Asking, asker: Asker, search: Search, turn: Turn | None
) -> HistoryPage:
    """The newest pictures, or those beyond a job. Who turns back to the beginning finds what has
    come since as well."""
    wanted = _wanted(tx, asking, asker, search)
    if turn is not None and not turn.newest_first:
        jobs = picture_words.shown(
            tx, wanted, limit=ON_A_PAGE + 1, newest_first=False, beyond=turn.beyond
        )
        if len(jobs) >= ON_A_PAGE:
            shown = jobs[:ON_A_PAGE][::-1]
            return _page(tx, asker, search, shown, (len(jobs) > ON_A_PAGE, True))
        turn = None
    beyond = None if turn is None else turn.beyond
    jobs = picture_words.shown(tx, wanted, limit=ON_A_PAGE + 1, newest_first=True, beyond=beyond)
    more = turn is not None, len(jobs) > ON_A_PAGE
    return _page(tx, asker, search, jobs[:ON_A_PAGE], more)


def _page(
    tx: Transaction, asker: Asker, search: Search, jobs: list[Job], more: tuple[bool, bool]
) -> HistoryPage:
    found = tuple(
        Found(job=as_seen(asker, job), is_kept=is_kept(tx, job.id, asker.user_id)) for job in jobs
    )
    return HistoryPage(search=search, found=found, has_newer=more[0], has_older=more[1])


def _wanted(tx: Transaction, asking: Asking, asker: Asker, search: Search) -> Wanted:
    zone = load_policy(tx, asking).zone
    first, last = search.first_day, search.last_day
    return Wanted(
        tenant_id=tenant_of(asker.guild_id or None, asker.user_id),
        user_id=asker.user_id,
        words=search.words,
        place_id=asker.root_channel_id if search.whose is Reach.SERVER else None,
        kept=search.kept,
        from_us=None if first is None else begins_at_us(first, zone),
        before_us=None if last is None else ends_at_us(last, zone),
        # A search would tell the words of what is listed without them.
        besides_restricted=bool(search.words) and not asker.is_restricted,
    )
