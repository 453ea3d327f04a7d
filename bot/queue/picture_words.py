"""Rows by which pictures are found: of each word, the pictures of a block that have it.

A row holds all pictures of up to `BLOCK` consecutive jobs of a tenant whose prompt has the word. So
a search reads a few rows for each block, however often a word occurs, and what two words have in
common is one operation on bits. Newer blocks are read first, no more of them than fill a page.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from itertools import chain, repeat
from operator import and_, itemgetter, or_
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.queue.jobs import select_jobs
from bot.queue.records import NOBODY, JobId, PictureState
from bot.queue.words import (
    BLOCK,
    member_word,
    packed,
    place_word,
    places,
    sought_in,
    unpacked,
    words_of_job,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bot.db import Transaction
    from bot.queue.records import ChannelId, Job, TenantId, UserId


_END = "\U0010ffff"  # behind all that a word may go on with
_FOUND_BY = "tenant_id = ? AND block = ? AND word = ?"


def note(tx: Transaction, jobs: Iterable[Job]) -> None:
    """Their pictures are found from now on. A repeat changes nothing."""
    _change(tx, jobs, lambda known, some: known | some)


def forget(tx: Transaction, jobs: Iterable[Job]) -> None:
    """By nothing any more; they still have their prompts. A repeat changes nothing."""
    _change(tx, jobs, lambda known, some: known & ~some)


def forget_tenant(tx: Transaction, tenant_id: TenantId) -> None:
    """All pictures of a guild, or of a person who asked outside of guilds."""
    tx.execute("DELETE FROM picture_word WHERE tenant_id = ?", (tenant_id,))


def _change(tx: Transaction, jobs: Iterable[Job], changed: Callable[[int, int], int]) -> None:
    kept, emptied = [], []
    for key, bits in _bits_by_key(jobs).items():
        row = tx.execute(f"SELECT jobs FROM picture_word WHERE {_FOUND_BY}", key).fetchone()
        known = 0 if row is None else unpacked(row[0])
        became = changed(known, bits)
        if became == known:
            continue
        if became:
            kept.append((*key, packed(became)))
        else:
            emptied.append(key)
    tx.executemany(
        "INSERT INTO picture_word (tenant_id, block, word, jobs) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (tenant_id, block, word) DO UPDATE SET jobs = excluded.jobs",
        kept,
    )
    tx.executemany(f"DELETE FROM picture_word WHERE {_FOUND_BY}", emptied)


def _bits_by_key(jobs: Iterable[Job]) -> dict[tuple[int, int, str], int]:
    found: defaultdict[tuple[int, int, str], int] = defaultdict(int)
    for job in jobs:
        block, place = divmod(job.id, BLOCK)
        for word in words_of_job(job):
            found[job.origin.tenant_id, block, word] |= 1 << place
    return found


# ------------------------------------------------------------------------------------------------
# Pictures of before there were such rows, the newest first. `unsearched` has one row until none is
# left.


def note_older(tx: Transaction, *, limit: int) -> int:
    """A piece of them; returns how many jobs were looked at, 0 once that is all."""
    row = tx.execute("SELECT before_id FROM unsearched").fetchone()
    if row is None:
        return 0
    jobs = select_jobs(tx, "job.id < ? ORDER BY job.id DESC LIMIT ?", row[0], limit)
    note(tx, [job for job in jobs if _is_found(job)])
    if jobs:
        tx.execute("UPDATE unsearched SET before_id = ?", (jobs[-1].id,))
    else:
        tx.execute("DELETE FROM unsearched")
    return len(jobs)


def _is_found(job: Job) -> bool:
    """Whether it has words in rows; those of what is not shown yet are there before."""
    return job.origin.user_id != NOBODY and (
        job.picture is not None
        and job.picture.state not in {PictureState.WITHHELD, PictureState.DELETED}
    )


# ------------------------------------------------------------------------------------------------
# Searching.


class Wanted(Struct, frozen=True, kw_only=True):
    """Which pictures of a tenant, as the member who asks may see them."""

    tenant_id: TenantId
    user_id: UserId
    words: str = ""
    place_id: ChannelId | None = None  # besides the member's own, all of this place
    kept: bool = False  # those that the member keeps
    from_us: int | None = None
    before_us: int | None = None
    besides_restricted: bool = False  # none that were made in age-restricted places


def shown(
    tx: Transaction, wanted: Wanted, *, limit: int, newest_first: bool, beyond: JobId | None = None
) -> list[Job]:
    """Pictures that everybody there sees, at most `limit`, in that direction.

    Args:
        beyond: the job after which it begins; none of the pages before has it.
    """
    found: list[Job] = []
    for job_id in _matching(tx, wanted, newest_first, beyond):
        found += [job for job in select_jobs(tx, "job.id = ?", job_id) if _is_wanted(job, wanted)]
        if len(found) == limit:
            break
    return found


def _is_wanted(job: Job, wanted: Wanted) -> bool:
    """What reports have hidden is its member's alone."""
    is_away = wanted.besides_restricted and job.origin.is_restricted
    is_secret = job.is_hidden and job.origin.user_id != wanted.user_id
    return job.is_shown and not (is_away or is_secret)


def _matching(
    tx: Transaction, wanted: Wanted, newest_first: bool, beyond: JobId | None
) -> Iterator[JobId]:
    lowest, end = _span(tx, wanted)
    if beyond is not None:
        lowest, end = (lowest, min(end, beyond)) if newest_first else (max(lowest, beyond + 1), end)
    sought = sought_in(wanted.words)
    whole = [one.word for one in sought if not one.is_beginning]
    beginnings = [one.word for one in sought if one.is_beginning]
    words = [*whole, *_places_seen(wanted)]
    blocks = (lowest // BLOCK, (end - 1) // BLOCK)
    for block, contents in _blocks(tx, wanted.tenant_id, words, blocks, newest_first):
        if None in contents[: len(whole)]:
            continue
        had = [unpacked(content) if content else 0 for content in contents[: len(whole)]]
        if whole and not reduce(and_, had):
            continue  # most blocks of words that are rare together
        seen = [unpacked(content) if content else 0 for content in contents[len(whole) :]]
        bits = reduce(and_, had, reduce(or_, seen))
        bits = _within(bits, lowest - block * BLOCK, end - block * BLOCK)
        found = _narrowed(tx, wanted, beginnings, block, bits)
        for place in places(found, newest_first=newest_first):
            yield JobId(block * BLOCK + place)


def _places_seen(wanted: Wanted) -> list[str]:
    """By which a picture is the member's own, or of the place."""
    own = [member_word(wanted.user_id)]
    return own if wanted.place_id is None else [*own, place_word(wanted.place_id)]


def _blocks(
    tx: Transaction,
    tenant_id: TenantId,
    words: Sequence[str],
    blocks: tuple[int, int],
    newest_first: bool,
) -> Iterator[tuple[int, list[bytes | None]]]:
    """Blocks in order, with what each has of these words; few at first, as a page may need no
    more."""
    first, last = blocks
    sql = _steps(len(words), newest_first)
    for count in chain((2, 16), repeat(128)):
        keys = [key for word in words for key in (tenant_id, word)]
        end = first if newest_first else last
        rows = tx.execute(sql, (tenant_id, first, last, tenant_id, end, count, *keys))
        found = sorted(rows.fetchall(), key=itemgetter(0), reverse=newest_first)
        for block, *contents in found:
            yield block, contents
        if len(found) < count:
            return
        first, last = (first, found[-1][0] - 1) if newest_first else (found[-1][0] + 1, last)


def _steps(words: int, newest_first: bool) -> str:
    """From each block that there is to the next one, by the index: one bound at each end, since
    SQLite begins at the first one that it is told."""
    which, last = ("max", "block >= ?") if newest_first else ("min", "block <= ?")
    nearest = f"SELECT {which}(block) FROM picture_word WHERE tenant_id = ?"
    beyond = "<" if newest_first else ">"
    first = nearest.replace("(block)", "(block), 1")
    columns = "".join(f", word{one}.jobs" for one in range(words))
    joined = "".join(
        f" LEFT JOIN picture_word AS word{one} ON word{one}.block = step.block"
        f" AND word{one}.tenant_id = ? AND word{one}.word = ?"
        for one in range(words)
    )
    return (
        f"WITH RECURSIVE step (block, number) AS ({first} AND block BETWEEN ? AND ?"
        f" UNION ALL SELECT ({nearest} AND {last} AND block {beyond} step.block), number + 1"
        " FROM step WHERE block IS NOT NULL AND number < ?)"
        f" SELECT step.block{columns} FROM step{joined} WHERE step.block IS NOT NULL"
    )


def _within(bits: int, first: int, end: int) -> int:
    """Those of a span of places, which may begin before the block and end after it."""
    if end < BLOCK:
        bits &= (1 << max(end, 0)) - 1
    if first > 0:
        bits &= -1 << min(first, BLOCK)
    return bits


def _narrowed(
    tx: Transaction, wanted: Wanted, beginnings: Iterable[str], block: int, bits: int
) -> int:
    """Those of a block that the member keeps, if only such are wanted, and the beginnings."""
    if bits and wanted.kept:
        bits &= _kept(tx, wanted.user_id, block)
    for word in beginnings:
        bits = bits and bits & _beginning(tx, wanted.tenant_id, block, word)
    return bits


def _beginning(tx: Transaction, tenant_id: int, block: int, word: str) -> int:
    rows = tx.execute(
        "SELECT jobs FROM picture_word WHERE tenant_id = ? AND block = ?"
        " AND word >= ? AND word < ?",
        (tenant_id, block, word, word + _END),
    )
    return unpacked(*(content for (content,) in rows))


def _kept(tx: Transaction, user_id: UserId, block: int) -> int:
    rows = tx.execute(
        "SELECT job_id FROM keep WHERE user_id = ? AND job_id >= ? AND job_id < ?",
        (user_id, block * BLOCK, (block + 1) * BLOCK),
    )
    bits = 0
    for (job_id,) in rows:
        bits |= 1 << job_id % BLOCK
    return bits


def _span(tx: Transaction, wanted: Wanted) -> tuple[int, int]:
    """The lowest number, and the end behind the highest. Numbers grow with time, as long as the
    clock is not set back."""
    (last,) = tx.execute("SELECT last_job_id FROM queue").fetchone()
    lowest = 0 if wanted.from_us is None else _first_since(tx, wanted.from_us, last)
    end = last + 1 if wanted.before_us is None else _first_since(tx, wanted.before_us, last)
    return lowest, end


def _first_since(tx: Transaction, at_us: int, last: int) -> int:
    """The first job of that instant or later, by halving; `last + 1` if there is none."""
    low, high = 0, last + 1
    while low < high:
        middle = (low + high) // 2
        row = tx.execute(
            "SELECT id, created_at_us FROM job WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is None or row[1] >= at_us:
            high = middle
        else:
            low = row[0] + 1
    return low
