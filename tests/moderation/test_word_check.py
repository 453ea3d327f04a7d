"""A guild's rules are compiled once, until somebody changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.db.sqlite import Database
from bot.errors import PolicyUnreadable
from bot.moderation import word_check
from bot.moderation.word_check import WordCheck
from bot.moderation.word_rule_rows import drop_rule, put_rule
from bot.moderation.word_rules import Part, RuleOutcome, WordRule
from tests.queue.world import migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FRUIT = WordRule(id=0, name="Fruit", outcome=RuleOutcome.REFUSE, words=("durian",))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as opened:
        yield opened


async def found(check: WordCheck, text: str, tenant: int = 5) -> list[str]:
    verdict = await check.check(tenant, {Part.PROMPT: text})
    return [one.rule_name for one in verdict.matches]


async def put(database: Database, rule: WordRule, tenant: int = 5) -> None:
    await database.write(put_rule, tenant, rule, by=7, now_us=1)


async def test_what_staff_have_changed_holds_at_once(database: Database) -> None:
    """Once they have been told of it."""
    check = WordCheck(database=database)
    assert await found(check, "a durian") == []
    await put(database, FRUIT)
    check.note_change(5)
    assert await found(check, "a durian") == ["Fruit"]
    assert await found(check, "a durian", tenant=6) == []
    await database.write(drop_rule, 5, "fruit")
    check.note_change(5)
    assert await found(check, "a durian") == []


async def test_rules_that_are_known_cost_no_look_into_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(database, FRUIT)
    check = WordCheck(database=database)
    assert await found(check, "a durian") == ["Fruit"]

    async def read(*_: Any, **__: Any) -> Any:
        raise AssertionError("it has looked")

    monkeypatch.setattr(database, "read", read)
    assert await found(check, "a durian") == ["Fruit"]


async def test_a_change_while_rules_are_read_is_not_missed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, read = WordCheck(database=database), database.read

    async def slowly(*args: Any, **kwargs: Any) -> Any:
        before = await read(*args, **kwargs)
        await put(database, FRUIT)
        check.note_change(5)
        return before

    monkeypatch.setattr(database, "read", slowly)
    assert await found(check, "a durian") == []
    monkeypatch.undo()
    assert await found(check, "a durian") == ["Fruit"]


async def test_a_rule_that_cannot_be_applied_lets_nothing_pass(database: Database) -> None:
    """It was stored by another version, or a package was taken away."""
    await put(database, WordRule(id=0, name="All", outcome=RuleOutcome.REFUSE, words=("*",)))
    with pytest.raises(PolicyUnreadable, match="word rules of guild 5"):
        await found(WordCheck(database=database), "a cat")


async def test_memory_holds_so_many_words_and_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the guilds that were asked for last."""
    monkeypatch.setattr(word_check, "MOST_KEPT", 4)
    for tenant in (5, 6, 7):
        await put(database, FRUIT, tenant)
    check = WordCheck(database=database)
    for tenant in (5, 6, 5, 7):
        assert await found(check, "a durian", tenant) == ["Fruit"]
    assert [*check._compiled] == [5, 7]
