"""Finding pictures again: a year of a guild that paints 1,000,000, beside one with a block of them.

Two real files, the smaller one's pictures being the newest of the larger. Words are as frequent as
in prose (Zipf). Timed is all that the bot does between a member's press and the answer, but for the
looks at Discord: the days, the search, the page's pictures as records, their card. Beside it stand
the search alone, and the plain way on the same file: a row for each word of each picture
(`tenant_id, word, job_id`).

A search reads block after block until a page is full. What a block costs grows as it fills, most
for the beginning of a word: each of the words that begin so is a row. So the newest block is full
in both files, the dearest that it can be, and held to a time; the growth is what all the others
add. The last word of any search is a beginning, and what unpacks those rows keeps the interpreter
from all else that the bot does: 30 ms is less than the way over the network.

A search that fills no page reads every block, so it has no such bound and grows with them. It may
take a tenth of what a member feels, so that ten times as many pictures are not felt either.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.simulator.rows import NO_LIMITS, START_US, open_rows
from bot.db.sqlite import Database
from bot.features.history.service import HistoryService
from bot.policy.rows import Asking
from bot.queue import picture_words
from bot.queue.authority import Asker
from bot.queue.jobs import select_job
from bot.queue.picture_words import Wanted
from bot.queue.records import ChannelId, GuildId, JobId, MessageId, TenantId, UserId
from bot.queue.words import BLOCK, member_word, packed, place_word
from bot.records import replace
from bot.refusals import PictureGone
from bot.runtime.clock import SystemClock
from bot.texts import Texts
from bot.texts.history_cards import history_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.simulator.rows import Rows

FEW = BLOCK
PICTURES, QUICK_PICTURES = 16 * BLOCK - 1, 3 * BLOCK - 1  # numbered from 1: the last block is full
VOCABULARY, WORDS = 50_000, 12  # of a prompt
CHANNELS, MEMBERS = 20, 2_000
DAY_US = 86_400_000_000
ROUNDS, QUICK_ROUNDS, REPEATS = 9, 3, 20
ON_A_PAGE = 6  # one more than are shown: whether there is another page
LIMIT_MS = {"first_page": 50.0, "beginning": 30.0}
SEARCH_LIMIT_MS, WHOLE_SEARCH_LIMIT_MS = 150.0, 15.0
GROWTH_LIMIT = 2.0
COMPLETION_LIMIT_US = 2_000  # ten a second, and whoever else writes waits for 2 % of the time
# Each in a tenth of the pictures, and together in three alone, one of which is new.
APART = ("umber", "ochre")
GUILD, HERE, ME = GuildId(1), ChannelId(100), UserId(1000)
ASKER = Asker(user_id=ME, guild_id=GUILD, channel_id=HERE, root_channel_id=HERE, may_moderate=False)
ENGLISH = Texts("en-US")
_ROWS = """
    WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)
    INSERT INTO {table} SELECT {values} FROM n"""
_TABLES = {
    "request (id, interaction_id, guild_id, channel_id, user_id, is_thread, locale, guild_locale,"
    " upload_limit_bytes, interaction_expires_at_us, negative, width_px, height_px, rewrite)": (
        f"i, i, 1, 100 + i % {CHANNELS}, 1000 + i % {MEMBERS}, 0, 'en-US', 'en-US',"
        " 10000000, 0, '', 1024, 1024, 0"
    ),
    "message (request_id, message_id, channel_id)": f"i, i, 100 + i % {CHANNELS}",
    "job (id, request_id, tenant_id, user_id, state, priority, is_due, cost, seed, prompt,"
    " created_at_us)": (
        f"i, i, 1, 1000 + i % {MEMBERS}, 'drawn', 0, 0, 1, 7, 'as its words say',"
        " :begins + i * :step"
    ),
    "outbox (job_id)": "i",
    "picture (job_id, state, shown_prompt, width_px, height_px, provider_request_id, duration_us,"
    " reasoning, input_tokens, output_tokens, drawn_at_us, channel_id, message_id)": (
        f"i, 'shown', '', 1024, 1024, 'r', 8000000, '', 0, 0, 0, 100 + i % {CHANNELS}, i"
    ),
}
_BYTES = "SELECT sum(pgsize) FROM dbstat WHERE name = 'picture_word'"
_PLAIN = """
    SELECT job.id FROM plain_word AS one JOIN job ON job.id = one.job_id
    JOIN request ON request.id = job.request_id JOIN picture ON picture.job_id = job.id
    WHERE one.tenant_id = 1 AND one.word = ? AND picture.state = 'shown'
    AND (request.channel_id = 100 OR job.user_id = 1000){second}
    ORDER BY one.job_id DESC LIMIT 6"""
_SECOND = """ AND EXISTS (SELECT 1 FROM plain_word AS two
    WHERE two.tenant_id = 1 AND two.word = ? AND two.job_id = one.job_id)"""


class Asked(NamedTuple):
    """A search as it is typed, and the words of which the plain way is asked as well."""

    name: str
    typed: dict[str, Any]
    plain: tuple[str, ...] = ()


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """Each search over many, and as a ratio to few if it fills a page; then what it costs."""
    many, rounds = (QUICK_PICTURES, QUICK_ROUNDS) if quick else (PICTURES, ROUNDS)
    with ExitStack() as stack:
        large, small = (stack.enter_context(open_rows()) for _ in range(2))
        words = [*itertools.islice(_prompts(many), many)]
        _fill(large, words, first=1)
        _fill(small, words[-FEW:], first=many - FEW + 1)
        _fill_plain(large, words)
        for asked, times in asyncio.run(_times_ms(small, large, rounds)):
            yield from _search(large, asked, times)
        yield _size(large, many)
        yield _completion(large, many)


def _searches() -> list[Asked]:
    rare = f"{VOCABULARY - 1}w"
    return [
        Asked("first_page", {}),
        Asked("frequent_word", {"words": "1w"}, ("1w",)),
        Asked("word", {"words": "30w"}, ("30w",)),
        Asked("rare_word", {"words": rare}, (rare,)),
        Asked("two_words", {"words": "2w 9w"}, ("2w", "9w")),
        Asked("two_words_apart", {"words": " ".join(APART)}, APART),
        Asked("beginning", {"words": "4"}),
        Asked("nothing", {"words": "never"}),
        Asked("two_words_of_two_days", {"words": "2w 9w", "first_day": "1d"}),
        Asked("kept", {"kept": True}),
    ]


def _prompts(many: int) -> Iterator[list[str]]:
    random = Random(1)
    names = [f"{number}w" for number in range(VOCABULARY)]
    weights = [*itertools.accumulate(1 / (number + 1) for number in range(VOCABULARY))]
    for number in range(many):
        words = random.choices(names, cum_weights=weights, k=WORDS)
        if number + 1 in (CHANNELS, 2 * CHANNELS, many - many % CHANNELS):  # in the place that asks
            words += APART
        elif number % 10 < 2:
            words.append(APART[number % 10])
        yield words


def _fill(rows: Rows, words: list[list[str]], *, first: int) -> None:
    last = first + len(words) - 1
    print(f"  filling {len(words):,} pictures", file=sys.stderr)
    rows.configure(per_second=1000, limits=NO_LIMITS)
    step_us = 365 * DAY_US // PICTURES
    begins_us = START_US - last * step_us
    span = {"first": first, "last": last, "begins": begins_us, "step": step_us}
    rows.tx.execute("PRAGMA foreign_keys = OFF")
    rows.tx.execute("BEGIN")
    for table, values in _TABLES.items():
        sql = _ROWS.format(table=table, values=values)
        rows.tx.execute(sql, {name: one for name, one in span.items() if f":{name}" in sql})
    rows.tx.executemany("INSERT INTO picture_word VALUES (1, ?, ?, ?)", _blocks(words, first))
    rows.tx.execute(
        f"INSERT INTO keep SELECT {ME}, job_id, 0 FROM picture WHERE job_id % {CHANNELS} = 0"
        f" ORDER BY job_id DESC LIMIT {ON_A_PAGE}"
    )
    rows.tx.execute("UPDATE queue SET last_job_id = ?", (last,))
    rows.tx.execute("COMMIT")
    rows.tx.execute("PRAGMA foreign_keys = ON")


def _blocks(words: list[list[str]], first: int) -> Iterator[tuple[int, str, bytes]]:
    jobs = enumerate(words, start=first)
    for block, members in itertools.groupby(jobs, key=lambda one: one[0] // BLOCK):
        bits: dict[str, bytearray] = {}
        for job_id, found in members:
            place = job_id % BLOCK
            about = (
                place_word(ChannelId(100 + job_id % CHANNELS)),
                member_word(UserId(1000 + job_id % MEMBERS)),
            )
            for word in (*found, *about):
                bits.setdefault(word, bytearray(BLOCK // 8))[place >> 3] |= 1 << (place & 7)
        for word in sorted(bits):
            yield block, word, packed(int.from_bytes(bits[word], "little"))


def _fill_plain(rows: Rows, words: list[list[str]]) -> None:
    """Of the words that are asked for."""
    rows.tx.execute(
        "CREATE TABLE plain_word (tenant_id INTEGER, word TEXT, job_id INTEGER,"
        " PRIMARY KEY (tenant_id, word, job_id)) WITHOUT ROWID"
    )
    asked = {word for one in _searches() for word in one.plain}
    pairs = {
        (word, job_id)
        for job_id, one in enumerate(words, start=1)
        for word in asked.intersection(one)
    }
    rows.tx.execute("BEGIN")
    rows.tx.executemany("INSERT INTO plain_word VALUES (1, ?, ?)", sorted(pairs))
    rows.tx.execute("COMMIT")


def _search(
    large: Rows, asked: Asked, times: list[tuple[float, float]]
) -> Iterator[dict[str, object]]:
    few_ms, many_ms = (median(column) for column in zip(*times, strict=True))
    found, search_ms = _search_alone(large, asked)
    is_page = found == ON_A_PAGE
    limit_ms = LIMIT_MS.get(asked.name, SEARCH_LIMIT_MS if is_page else WHOLE_SEARCH_LIMIT_MS)
    beside: dict[str, object] = {"found": found, "ms_search": round(search_ms, 2)}
    if asked.plain:
        beside["ms_plain"] = round(_plain_ms(large, asked), 2)
    yield {
        "name": f"history_{asked.name}",
        "value": round(many_ms, 2),
        "unit": "ms a press",
        "limit": limit_ms,
        "holds": sum(big <= limit_ms for _, big in times) * 3 >= 2 * len(times),
        "beside": beside,
    }
    if not is_page:
        return
    yield {
        "name": f"history_{asked.name}_growth",
        "value": round(median(big / few for few, big in times), 2),
        "unit": f"× its time over {FEW:,} pictures",
        "limit": GROWTH_LIMIT,
        "holds": sum(big <= GROWTH_LIMIT * few for few, big in times) * 3 >= 2 * len(times),
        "beside": {"ms_few": round(few_ms, 2)},
    }


async def _times_ms(
    small: Rows, large: Rows, rounds: int
) -> list[tuple[Asked, list[tuple[float, float]]]]:
    """Of each search, over few and over many."""
    async with Database.open(_path(small)) as few, Database.open(_path(large)) as many:

        async def pair(asked: Asked) -> tuple[float, float]:
            return await _press_ms(few, asked), await _press_ms(many, asked)

        return [(one, [await pair(one) for _ in range(rounds)]) for one in _searches()]


def _path(rows: Rows) -> Path:
    return Path(rows.tx.execute("PRAGMA database_list").fetchone()[2])


async def _press_ms(database: Database, asked: Asked) -> float:
    """The mean of some, in time of the CPU."""
    service = HistoryService(database=database, clock=_Noon(), messages=_Unseen())
    asking = Asking(GUILD, HERE, ME)
    gc.collect()
    began_ns = time.process_time_ns()
    for _ in range(REPEATS):
        search = await service.search(asking, **asked.typed)
        page = await service.page(asking, ASKER, search)
        history_card(page, ENGLISH).to_components()  # type: ignore[no-untyped-call]  # its library's
    return (time.process_time_ns() - began_ns) / REPEATS / 1e6


class _Noon(SystemClock):
    """Of the last day of the year."""

    def now_us(self) -> int:
        return START_US


class _Unseen:
    """No looks at Discord."""

    async def links(self, _: object) -> dict[JobId, str]:
        return {}

    async def post_again(self, *_: object) -> MessageId:
        raise PictureGone

    async def find(self, *_: object) -> None:
        return None


def _search_alone(rows: Rows, asked: Asked) -> tuple[int, float]:
    """How many are found, and the time without days, policy and card."""
    typed = asked.typed
    wanted = Wanted(
        tenant_id=TenantId(GUILD),
        user_id=ME,
        words=typed.get("words", ""),
        place_id=HERE,
        kept=typed.get("kept", False),
    )
    began_ns = time.thread_time_ns()
    for _ in range(REPEATS):
        jobs = picture_words.shown(rows.tx, wanted, limit=ON_A_PAGE, newest_first=True)
    return len(jobs), (time.thread_time_ns() - began_ns) / REPEATS / 1e6


def _plain_ms(rows: Rows, asked: Asked) -> float:
    sql = _PLAIN.format(second=_SECOND if len(asked.plain) > 1 else "")
    began_ns = time.thread_time_ns()
    rows.tx.execute(sql, asked.plain).fetchall()
    return (time.thread_time_ns() - began_ns) / 1e6


def _size(rows: Rows, many: int) -> dict[str, object]:
    (size_bytes,) = rows.tx.execute(_BYTES).fetchone()
    return {
        "name": "history_size",
        "value": round(size_bytes / many, 1),
        "unit": f"bytes a picture of {WORDS} words",
        "limit": 200.0,
        "holds": size_bytes / many <= 200,
        "beside": {"megabytes": round(size_bytes / 1e6, 1)},
    }


def _completion(rows: Rows, many: int) -> dict[str, object]:
    """What the words add to the transaction that completes a job, and to the log on disk."""
    jobs = [select_job(rows.tx, JobId(many - number)) for number in range(200)]
    random = Random(2)

    def add_us() -> float:
        began_ns = time.thread_time_ns()
        for job in jobs:
            words = " ".join(f"{random.randrange(2_000)}w" for _ in range(WORDS))
            asked = replace(job, request=replace(job.request, prompt=words))
            rows.run(picture_words.note, [asked])
        return (time.thread_time_ns() - began_ns) / len(jobs) / 1e3

    times_us = [add_us() for _ in range(ROUNDS)]
    return {
        "name": "history_completion",
        "value": round(median(times_us)),
        "unit": f"µs for {WORDS} words, its place and its member",
        "limit": COMPLETION_LIMIT_US,
        "holds": sum(one <= COMPLETION_LIMIT_US for one in times_us) * 3 >= 2 * ROUNDS,
        "beside": {},
    }
