"""Staff keep, change, rename and drop word rules, by hand, from files and from AutoMod."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from bot.db.sqlite import Database
from bot.features.moderation.word_list import LARGEST_FILE_BYTES, TypedRule, WordListService
from bot.moderation.word_check import WordCheck
from bot.moderation.word_rules import MOST_RULES, MOST_WORDS, Part, RuleOutcome
from bot.queue.records import GuildId, UserId
from bot.records import replace
from bot.staff_refusals import (
    AutomodFault,
    AutomodUnread,
    ImportFault,
    UnknownWordRule,
    WordField,
    WordFileRefused,
    WordLinesRefused,
    WordRuleChanged,
    WordRuleFault,
    WordRuleRefused,
)
from tests.clock import ManualClock
from tests.queue.world import migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GUILD, ADA, BEN = GuildId(5), UserId(11), UserId(12)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as opened:
        yield opened


@pytest.fixture
def check(database: Database) -> WordCheck:
    return WordCheck(database=database)


@pytest.fixture
def service(database: Database, check: WordCheck) -> WordListService:
    return WordListService(database=database, clock=ManualClock(), words=check)


def typed(
    name: str = "slurs", outcome: RuleOutcome = RuleOutcome.REFUSE, **lists: str
) -> TypedRule:
    return TypedRule(
        name=name,
        outcome=outcome,
        lists={WordField(one): text for one, text in (lists or {"words": "walrus"}).items()},
    )


def automod(rule_id: int = 1, name: str = "Bad", **more: Any) -> dict[str, Any]:
    words = more.pop("words", ["walrus"])
    return {
        "id": str(rule_id),
        "name": name,
        "trigger_type": 1,
        "trigger_metadata": {"keyword_filter": words, **more.pop("metadata", {})},
        "actions": [{"type": 1}],
        "enabled": True,
        **more,
    }


def ten_thousand_words() -> list[str]:
    """None of which looks like many others."""
    consonants = "bdfgkmprtz"
    return [f"{a}a{b}o{c}e{d}" for a, b, c, d in product(consonants, repeat=4)]


async def the_log(database: Database) -> list[tuple[str, str]]:
    return await database.read(
        lambda tx: tx.execute(
            "SELECT actor, details FROM audit WHERE action = 'rule' ORDER BY id"
        ).fetchall()
    )


async def finds(check: WordCheck, text: str) -> set[str]:
    verdict = await check.check(GUILD, {Part.PROMPT: text})
    return {one.rule_name for one in verdict.matches}


class TestKeeping:
    async def test_what_was_typed_is_kept_each_entry_once(
        self, service: WordListService, check: WordCheck
    ) -> None:
        rule_id = await service.keep(
            GUILD, typed(words=" walrus \n\nwalrus\nsea cow\n", allowed="walrus tusk"), by=ADA
        )
        kept = await service.rule(GUILD, rule_id)
        assert kept.rule.words == ("walrus", "sea cow")
        assert kept.rule.allowed == ("walrus tusk",)
        assert kept.changed_by == ADA
        assert await finds(check, "a W4LRUS in fog") == {"slurs"}

    async def test_words_may_have_commas_between_them_as_in_automod(
        self, service: WordListService, check: WordCheck
    ) -> None:
        """Those of a number stay, and so do those of an expression."""
        pytest.importorskip("re2")
        words, patterns = "walrus, sea cow,*gore*\n海象、1,000 eyes,", "x{2,3}"
        rule_id = await service.keep(
            GUILD, typed(words=words, allowed="walrus tusk, cow bell", patterns=patterns), by=ADA
        )
        kept = (await service.rule(GUILD, rule_id)).rule
        assert kept.words == ("walrus", "sea cow", "*gore*", "海象", "1,000 eyes")
        assert kept.allowed == ("walrus tusk", "cow bell")
        assert kept.patterns == ("x{2,3}",)
        assert await finds(check, "a walrus") == {"slurs"}

    async def test_another_guild_has_none_of_it(self, service: WordListService) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        assert await service.rules(GuildId(6)) == ()
        with pytest.raises(UnknownWordRule):
            await service.rule(GuildId(6), rule_id)

    async def test_each_wrong_line_is_named_and_nothing_is_kept(
        self, service: WordListService, database: Database
    ) -> None:
        with pytest.raises(WordLinesRefused) as refused:
            await service.keep(
                GUILD, typed(words="walrus\n*\nfine\n" + "x" * 61, patterns="(?=a)"), by=ADA
            )
        assert [(one.field, one.number) for one in refused.value.lines] == [
            (WordField.WORDS, 2),
            (WordField.WORDS, 4),
            (WordField.PATTERNS, 1),
        ]
        assert await service.rules(GUILD) == ()
        assert await the_log(database) == []

    @pytest.mark.parametrize(
        ("rule", "fault"),
        [
            (typed(words="  \n"), WordRuleFault.EMPTY),
            (typed("  "), WordRuleFault.NAME),
            (typed("n" * 101), WordRuleFault.NAME),
            (
                typed(words="\n".join(f"walrus{one}" for one in range(MOST_WORDS + 1))),
                WordRuleFault.TOO_MANY_WORDS,
            ),
        ],
    )
    async def test_a_rule_that_cannot_be_compiled_is_not_kept(
        self, service: WordListService, rule: TypedRule, fault: WordRuleFault
    ) -> None:
        with pytest.raises(WordRuleRefused) as refused:
            await service.keep(GUILD, rule, by=ADA)
        assert refused.value.fault is fault
        assert await service.rules(GUILD) == ()

    async def test_a_costly_expression_is_refused_by_its_line(
        self, service: WordListService
    ) -> None:
        pytest.importorskip("re2")
        with pytest.raises(WordLinesRefused) as refused:
            await service.keep(GUILD, typed(patterns="fine\n((x{100}){100}){10}"), by=ADA)
        (line,) = refused.value.lines
        assert (line.number, line.refused.fault) == (2, WordRuleFault.TOO_COSTLY)

    async def test_a_name_is_taken_once_however_it_is_written(
        self, service: WordListService
    ) -> None:
        await service.keep(GUILD, typed("Slurs"), by=ADA)
        with pytest.raises(WordRuleRefused) as refused:
            await service.keep(GUILD, typed("  sLURS "), by=ADA)
        assert refused.value.fault is WordRuleFault.TAKEN

    async def test_there_are_only_so_many_rules(self, service: WordListService) -> None:
        for number in range(MOST_RULES):
            await service.keep(GUILD, typed(f"rule {number}"), by=ADA)
        with pytest.raises(WordRuleRefused) as refused:
            await service.keep(GUILD, typed("one more"), by=ADA)
        assert refused.value.fault is WordRuleFault.TOO_MANY_RULES
        assert len(await service.rules(GUILD)) == MOST_RULES

    async def test_two_at_once_are_both_kept(
        self, service: WordListService, check: WordCheck
    ) -> None:
        await asyncio.gather(
            service.keep(GUILD, typed("one"), by=ADA),
            service.keep(GUILD, typed("two", words="dugong"), by=BEN),
        )
        assert await finds(check, "walrus dugong") == {"one", "two"}


class TestChanging:
    async def test_a_list_that_was_not_shown_stays(self, service: WordListService) -> None:
        rule_id = await service.keep(GUILD, typed(words="walrus", allowed="walrus tusk"), by=ADA)
        seen = (await service.rule(GUILD, rule_id)).changed_at_us
        await service.keep(GUILD, typed(words="dugong"), by=BEN, rule_id=rule_id, seen=seen)
        kept = await service.rule(GUILD, rule_id)
        assert (kept.rule.words, kept.rule.allowed) == (("dugong",), ("walrus tusk",))
        assert kept.changed_by == BEN

    async def test_a_rule_is_renamed(self, service: WordListService, database: Database) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        seen = (await service.rule(GUILD, rule_id)).changed_at_us
        rule_id = await service.keep(GUILD, typed("beasts"), by=ADA, rule_id=rule_id, seen=seen)
        assert [one.rule.name for one in await service.rules(GUILD)] == ["beasts"]
        assert (await service.rule(GUILD, rule_id)).rule.words == ("walrus",)
        assert (await the_log(database))[-1] == ("11", "'slurs' → 'beasts': changed, 1 words")

    async def test_whoever_changes_an_older_state_learns_by_whom_it_was_changed(
        self, service: WordListService
    ) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        seen = (await service.rule(GUILD, rule_id)).changed_at_us
        await service.keep(GUILD, typed(words="dugong"), by=BEN, rule_id=rule_id, seen=seen)
        with pytest.raises(WordRuleChanged) as refused:
            await service.keep(GUILD, typed(words="manatee"), by=ADA, rule_id=rule_id, seen=seen)
        assert (refused.value.name, refused.value.by) == ("slurs", BEN)
        with pytest.raises(WordRuleChanged):
            await service.drop(GUILD, rule_id, by=ADA, seen=seen)
        assert (await service.rule(GUILD, rule_id)).rule.words == ("dugong",)

    async def test_one_thing_of_it_is_changed(
        self, service: WordListService, database: Database
    ) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        seen = (await service.rule(GUILD, rule_id)).changed_at_us
        await service.change(
            GUILD,
            rule_id,
            lambda rule: replace(rule, exempt_roles=(7,), outcome=RuleOutcome.HOLD),
            by=ADA,
            seen=seen,
        )
        assert (await service.rule(GUILD, rule_id)).rule.exempt_roles == (7,)
        said = "'slurs': outcome refuse → hold, exempt roles 0 → 1, 1 words"
        assert (await the_log(database))[-1] == ("11", said)

    async def test_what_is_dropped_finds_nothing_more(
        self, service: WordListService, database: Database, check: WordCheck
    ) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        seen = (await service.rule(GUILD, rule_id)).changed_at_us
        assert (await service.drop(GUILD, rule_id, by=BEN, seen=seen)).name == "slurs"
        assert await finds(check, "walrus") == set()
        with pytest.raises(UnknownWordRule):
            await service.drop(GUILD, rule_id, by=BEN, seen=seen)
        assert await the_log(database) == [
            ("11", "'slurs' made: refuse, 1 words"),
            ("12", "'slurs' dropped: refuse, 1 words"),
        ]


class TestFiles:
    @pytest.mark.slow
    async def test_ten_thousand_words_of_a_file_are_kept(
        self, service: WordListService, database: Database, check: WordCheck
    ) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        seen = (await service.rule(GUILD, rule_id)).changed_at_us
        words = "\r\n".join(ten_thousand_words())
        count = await service.take_file(
            GUILD, rule_id, WordField.WORDS, b"\xef\xbb\xbf" + words.encode(), by=ADA, seen=seen
        )
        assert count == MOST_WORDS
        assert await finds(check, "a bakogeb, and no other") == {"slurs"}
        assert (await the_log(database))[-1][1] == "'slurs': words 1 → 10000, 10000 words"

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b"x" * (LARGEST_FILE_BYTES + 1), ImportFault.TOO_LARGE),
            (b"\xff\xfe\x00", ImportFault.BROKEN),
        ],
    )
    async def test_what_is_no_list_changes_nothing(
        self, service: WordListService, content: bytes, fault: ImportFault
    ) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        before = await service.rule(GUILD, rule_id)
        with pytest.raises(WordFileRefused) as refused:
            await service.take_file(
                GUILD, rule_id, WordField.WORDS, content, by=ADA, seen=before.changed_at_us
            )
        assert refused.value.fault is fault
        assert await service.rule(GUILD, rule_id) == before

    async def test_wrong_lines_of_a_file_are_named(self, service: WordListService) -> None:
        rule_id = await service.keep(GUILD, typed(), by=ADA)
        before = await service.rule(GUILD, rule_id)
        with pytest.raises(WordLinesRefused) as refused:
            await service.take_file(
                GUILD, rule_id, WordField.ALLOWED, b"fine\n*", by=ADA, seen=before.changed_at_us
            )
        assert [(one.field, one.number) for one in refused.value.lines] == [(WordField.ALLOWED, 2)]
        assert await service.rule(GUILD, rule_id) == before


class TestAutomod:
    async def test_its_rules_are_taken_over_and_what_cannot_be_is_told(
        self, service: WordListService, check: WordCheck
    ) -> None:
        found = [
            automod(1, words=["walrus*"], metadata={"regex_patterns": ["(?=a)"]}),
            {"id": "2", "name": "Presets", "trigger_type": 4, "trigger_metadata": {"presets": [1]}},
        ]
        read = await service.read_automod(GUILD, found, by=ADA)
        assert read.added == ("AutoMod: Bad",)
        assert [str(one) for one in read.not_applied] == ["pattern:(?=a)", "preset:profanity"]
        (kept,) = await service.rules(GUILD)
        assert (kept.rule.automod_id, kept.rule.not_applied) == (1, ("pattern:(?=a)",))
        assert await finds(check, "walruses") == {"AutoMod: Bad"}

    async def test_read_again_it_changes_what_differs_and_keeps_outcomes(
        self, service: WordListService
    ) -> None:
        await service.read_automod(
            GUILD, [automod(1), automod(2, "Old"), automod(3, "Same")], by=ADA
        )
        first = next(one for one in await service.rules(GUILD) if one.rule.automod_id == 1)
        await service.change(
            GUILD,
            first.rule.id,
            lambda rule: replace(rule, outcome=RuleOutcome.HOLD),
            by=BEN,
            seen=first.changed_at_us,
        )
        read = await service.read_automod(
            GUILD, [automod(1, "Worse", words=["dugong"]), automod(3, "Same")], by=ADA
        )
        assert (read.added, read.changed, read.dropped) == (
            (),
            ("AutoMod: Worse",),
            ("AutoMod: Old",),
        )
        rules = {one.rule.automod_id: one.rule for one in await service.rules(GUILD)}
        assert rules[1].outcome is RuleOutcome.HOLD
        assert rules[1].words == ("dugong",)
        assert set(rules) == {1, 3}

    async def test_a_disabled_rule_is_dropped_and_told(self, service: WordListService) -> None:
        await service.read_automod(GUILD, [automod()], by=ADA)
        read = await service.read_automod(GUILD, [automod(enabled=False)], by=ADA)
        assert (read.dropped, [str(one) for one in read.not_applied]) == (
            ("AutoMod: Bad",),
            ["disabled"],
        )
        assert await service.rules(GUILD) == ()

    async def test_two_that_swap_their_names_and_one_of_the_staffs_are_told_apart(
        self, service: WordListService
    ) -> None:
        await service.keep(GUILD, typed("AutoMod: One"), by=ADA)
        await service.read_automod(GUILD, [automod(1, "One"), automod(2, "Two")], by=ADA)
        await service.read_automod(GUILD, [automod(1, "Two"), automod(2, "One")], by=ADA)
        names = {one.rule.automod_id: one.rule.name for one in await service.rules(GUILD)}
        assert names == {None: "AutoMod: One", 1: "AutoMod: Two", 2: "AutoMod: One (2)"}

    async def test_what_discord_never_documented_changes_nothing(
        self, service: WordListService
    ) -> None:
        await service.read_automod(GUILD, [automod()], by=ADA)
        with pytest.raises(AutomodUnread) as refused:
            await service.read_automod(GUILD, [{"id": 7}], by=ADA)
        assert refused.value.fault is AutomodFault.UNREADABLE
        assert len(await service.rules(GUILD)) == 1
