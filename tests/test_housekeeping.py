"""The rounds of housekeeping; what they wipe is held in tests/robustness/test_secrets.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from bot import queue
from bot.db.sqlite import Database
from bot.features.guilds.rows import enter
from bot.features.privacy.rows import forget_left
from bot.features.privacy.service import Terms
from bot.housekeeping import EVERY_S, Housekeeping
from bot.moderation.word_check import WordCheck
from bot.moderation.word_rule_rows import put_rule
from bot.moderation.word_rules import Part, RuleOutcome, WordRule
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue.forget import gone_guilds
from bot.queue.postings import MembersDay, record_day_thread
from bot.queue.records import ChannelId, GuildId, InteractionId, JobId, UserId
from bot.queue.refusals import record_refusal
from bot.records import replace
from tests.clock import ManualClock
from tests.queue.world import a_price, a_request, an_origin, migrated_file
from tests.running import running

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.db import Transaction


def tokens(tx: Transaction) -> int:
    (count,) = tx.execute(
        "SELECT count(*) FROM request WHERE interaction_token IS NOT NULL"
    ).fetchone()
    return int(count)


async def test_a_round_that_fails_is_followed_by_another(tmp_path: Path) -> None:
    """A full disk today does not keep tokens for ever."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        origin = replace(
            an_origin(), interaction_token="aW50ZXJ", interaction_expires_at_us=clock.now_us()
        )
        await database.write(
            queue.submit, a_request(), origin, price=a_price, now_us=clock.now_us()
        )
        database._is_open = False
        with capture_logs() as logs:
            async with running(
                Housekeeping(
                    database=database, words=WordCheck(database=database), clock=clock
                ).run()
            ):
                await clock.until_slept()
                database._is_open = True
                assert await database.read(tokens) == 1
                clock.advance(EVERY_S)
                await clock.until_slept()
                assert await database.read(tokens) == 0
    assert [one["event"] for one in logs] == ["nothing wiped", "dead tokens and links wiped"]


class SlowClock(ManualClock):
    """Each look at it comes 25 seconds after the one before."""

    def now_us(self) -> int:
        self.advance(25)
        return super().now_us()


async def test_older_pictures_are_made_searchable_in_several_rounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million of them must not keep dead tokens for as long as they take."""
    monkeypatch.setattr("bot.housekeeping.OLDER_AT_ONCE", 1)
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        for number in range(5):
            await database.write(
                queue.submit,
                a_request(),
                replace(an_origin(), interaction_id=InteractionId(100 + number)),
                price=a_price,
                now_us=clock.now_us(),
            )
        await database.write(lambda tx: tx.execute("INSERT INTO unsearched VALUES (1000)"))
        housekeeping = Housekeeping(
            database=database, words=WordCheck(database=database), clock=SlowClock()
        )
        rounds = 0
        while await database.read(is_unsearched):
            await housekeeping.make_searchable()
            rounds += 1
    assert rounds == 3


def is_unsearched(tx: Transaction) -> bool:
    return tx.execute("SELECT 1 FROM unsearched").fetchone() is not None


# ------------------------------------------------------------------------------------------------
# Once a day.


async def submitted(database: Database, clock: ManualClock, guild: int = 1) -> None:
    origin = an_origin(guild)
    await database.write(queue.submit, a_request(), origin, price=a_price, now_us=clock.now_us())


async def ended(database: Database, clock: ManualClock) -> None:
    await database.write(queue.close_guild, GuildId(1), now_us=clock.now_us())


def count(tx: Transaction, table: str) -> int:
    (found,) = tx.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found)


async def test_details_of_the_ledger_are_folded_when_they_are_old(tmp_path: Path) -> None:
    """After so many days, and not a day before."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        await submitted(database, clock)
        await ended(database, clock)
        housekeeping = Housekeeping(
            database=database,
            words=WordCheck(database=database),
            clock=clock,
            terms=Terms(ledger_detail_days=62),
        )
        clock.advance(61 * 86_400)
        await housekeeping.tidy()
        assert await database.read(count, "ledger") == 2
        clock.advance(86_400 + 1)
        await housekeeping.tidy()
        assert await database.read(count, "ledger") == 0
        assert await database.read(count, "ledger_day") == 2


async def test_threads_of_days_are_forgotten_though_nobody_draws_any_more(tmp_path: Path) -> None:
    """They name members."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        await submitted(database, clock)
        day = MembersDay(ChannelId(10), UserId(1), clock.now_us())
        await database.write(record_day_thread, JobId(1), day, ChannelId(99))
        housekeeping = Housekeeping(
            database=database, words=WordCheck(database=database), clock=clock
        )
        clock.advance(3 * 86_400)
        await housekeeping.tidy()
        assert await database.read(count, "day_thread") == 1
        clock.advance(1)
        await housekeeping.tidy()
        assert await database.read(count, "day_thread") == 0


async def test_a_guild_is_forgotten_some_days_after_the_bot_has_left(tmp_path: Path) -> None:
    """Where it came back meanwhile, its row says so and nothing is forgotten."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        for guild, left_at_us in ((1, clock.now_us()), (2, None)):
            await submitted(database, clock, guild)
            await database.write(note_guild, guild, left_at_us)
        housekeeping = Housekeeping(
            database=database,
            words=WordCheck(database=database),
            clock=clock,
            terms=Terms(guild_data_days=30),
        )
        clock.advance(30 * 86_400 - 1)
        await housekeeping.tidy()
        assert await database.read(count, "guild") == 2
        clock.advance(1)
        with capture_logs() as logs:
            await housekeeping.tidy()
        assert [one["event"] for one in logs] == ["guild forgotten, the bot had left it"]
        assert await database.read(count, "guild") == 1
        assert await database.read(prompts) == [("",), ("a cat",)]


async def test_rules_of_a_guild_that_is_forgotten_hold_no_more(tmp_path: Path) -> None:
    """Should it come back before the next start."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        rule = WordRule(id=0, name="Fruit", outcome=RuleOutcome.REFUSE, words=("durian",))
        await database.write(put_rule, 1, rule, by=7, now_us=1)
        await database.write(note_guild, 1, clock.now_us())
        words = WordCheck(database=database)
        assert (await words.check(1, {Part.PROMPT: "a durian"})).matches
        clock.advance(30 * 86_400)
        terms = Terms(guild_data_days=30)
        await Housekeeping(database=database, clock=clock, words=words, terms=terms).tidy()
        assert not (await words.check(1, {Part.PROMPT: "a durian"})).matches


async def test_a_guild_that_comes_back_at_the_last_moment_is_not_forgotten(
    tmp_path: Path,
) -> None:
    """After the round has seen that it was gone."""
    clock = ManualClock()
    now_us = clock.now_us()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        await submitted(database, clock)
        await database.write(note_guild, 1, now_us)
        assert await database.read(gone_guilds, before_us=now_us) == (1,)
        await database.write(enter, 1, joined_at_us=now_us, is_old=False, now_us=now_us)
        guild_id = GuildId(1)
        assert await database.write(forget_left, guild_id, before_us=now_us, now_us=now_us) is None
        assert await database.read(prompts) == [("a cat",)]


def note_guild(tx: Transaction, guild: int, left_at_us: int | None) -> None:
    row = (guild, left_at_us)
    tx.execute("INSERT INTO guild (id, joined_at_us, left_at_us) VALUES (?, 0, ?)", row)


def prompts(tx: Transaction) -> list[tuple[str]]:
    return tx.execute("SELECT prompt FROM job ORDER BY id").fetchall()


async def test_a_counter_that_is_wrong_is_said_and_mended_within_a_day(tmp_path: Path) -> None:
    """By the round that begins with the day."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        key = Key(Scope.OPERATOR, 0, "guild_pictures_per_month")
        await database.write(set_policy, key, 9, by="x", now_us=1)
        await submitted(database, clock)
        with capture_logs() as logs:
            async with running(
                Housekeeping(
                    database=database, words=WordCheck(database=database), clock=clock
                ).run()
            ):
                await clock.until_slept()
                await database.write(spoil)
                clock.advance(EVERY_S)
                await clock.until_slept()
                assert await database.read(count, "quota_use") == 1
                clock.advance(86_400)
                await clock.until_slept()
                assert await database.read(count, "quota_use") == 0
    assert [one["event"] for one in logs] == [
        "limits were not counted as the ledger says, counted anew"
    ]


def spoil(tx: Transaction) -> None:
    tx.execute("UPDATE quota_use SET pictures = 7")


async def test_words_that_were_refused_are_forgotten_after_90_days(tmp_path: Path) -> None:
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "a.db")) as database:
        keeper = Housekeeping(database=database, words=WordCheck(database=database), clock=clock)
        await database.write(
            record_refusal, a_request(), an_origin(), rules=("insults",), now_us=clock.now_us()
        )
        for days, left in ((89, 1), (2, 0)):
            clock.advance(days * 86_400)
            await keeper.tidy()
            (count,) = await database.read(
                lambda tx: tx.execute("SELECT count(*) FROM refusal").fetchone()
            )
            assert count == left
