"""What word rules find in prompts, and what they let pass."""

from __future__ import annotations

import pytest

from bot.moderation import word_rules
from bot.moderation.phrases import in_jamo, phrase
from bot.moderation.word_rules import Match, Part, RuleOutcome, Verdict, WordRules
from bot.staff_refusals import WordRuleFault, WordRuleRefused
from tests.moderation.rules import found, found_by, rule


@pytest.mark.parametrize(
    ("word", "prompt", "slices"),
    [
        ("banana", "One BANANA, please", ["BANANA"]),
        ("banana", "banana.", ["banana"]),
        ("banana", "bananas", []),
        ("banana*", "two bananas", ["banana"]),
        ("*nana", "a banana", ["nana"]),
        ("*anan*", "a banana", ["anan"]),
        ("*nana", "a bananas", []),
        ("blood orange", "a blood  orange", ["blood  orange"]),
        ("blood orange", f"a blood{17 * ' '}orange", [f"blood{17 * ' '}orange"]),
        ("blood orange", "a blood-orange", ["blood-orange"]),
        ("blood orange", "a bloodorange", []),
        ("blood orange", "b l o o d  o r a n g e", ["b l o o d  o r a n g e"]),
        ("girl", "1girl, solo", ["girl"]),
        ("1488", "no 1488 here", ["1488"]),
        ("88", "b8", []),
        ("188", "in 1888", []),
        ("us", "u.s", ["u.s"]),
        ("🍆", "one 🍆🏽 only", ["🍆"]),
        ("a$$", "a$$ it is", ["a$$"]),
        ("a$$", "an ass", []),
        ("rock'n'roll", "rock n roll", ["rock n roll"]),
        ("Straße", "eine STRASSE", ["STRASSE"]),
    ],
)
def test_words_are_found_in_discords_sense(word: str, prompt: str, slices: list[str]) -> None:
    assert found(prompt, word) == slices


@pytest.mark.parametrize(
    ("word", "prompt"),
    [
        ("banana", "bаnаnа"),  # Cyrillic
        ("banana", "BAΝΑΝΑ"),  # Greek
        ("banana", "ьαոαոα"),
        ("banana", "ь𝐚п𝐚п𝐚"),
        ("banana", "ь🅐п🅐п🅐"),
        ("Kirsche", "Кігѕⅽһе"),  # ⅽ is a numeral
        ("Kirsche", "Кігꜱсһе"),
        ("Kirsche", "Кігṣсһе"),
        ("banana", "ＢＡＮＡＮＡ"),
        ("banana", "𝓫𝓪𝓷𝓪𝓷𝓪"),
        ("banana", "🅱🅰🅽🅰🅽🅰"),
        ("banana", "⒝⒜⒩⒜⒩⒜"),
        ("banana", "🇧🇦🇳🇦🇳🇦"),
        ("banana", "🇧 🇦 🇳 🇦 🇳 🇦"),
        ("banana", "ʙᴀɴᴀɴᴀ"),
        ("banana", "ᴮᴬᴺᴬᴺᴬ"),
        ("banana", "b\u200ba\u00adn\ufeffa\U000e0061na"),
        ("banana", "bánàñä"),
        ("banana", "b̶a̶n̶a̶n̶a̶"),
        ("banana", "ัb่a่nanaั"),  # marks of Thai
        ("banana", "bͅaͅnͅaͅnͅaͅ"),
        ("banana", "b4n4n4"),
        ("banana", "8@n@n@"),
        ("banana", "b a n a n a"),
        ("banana", "b.a-n_a*n a"),
        ("banana", "b!a!n!a!n!a"),
        ("banana", "b🙂a🙂n🙂a🙂n🙂a"),
        ("banana", "ban-ana"),
        ("banana", "baaaanana"),
        ("banana", "bbaannaannaa"),
        ("banana", "ɐuɐuɐq"),
        ("will", "w111"),
        ("will", "wi1l"),
        ("hell", "h€ll"),
        ("sexy", "5exy"),
        ("taxi", "tax!"),
        ("taxi", "tax|"),
        ("яблоко", "яблoкo"),
        ("яблоко", "яблоkо"),
        ("яблоко", "Я Б Л О К О"),
        ("ёлка", "елка"),
        ("会社", "㍿"),
        ("香蕉", "画一个香🙂蕉"),
        ("香蕉", "画一个香 蕉放在桌上"),
        ("バナナ", "ﾊﾞﾅﾅ"),
        ("バナナ", "ばなな"),
        ("フアン", "ファン"),
        ("三ケ日", "三ヶ日"),
        ("바나나", "ㅂㅏㄴㅏㄴㅏ"),
        ("바나나", "바+ㄴㅏ+나"),
        ("바나나", "바 나 나"),
        ("바나나", "바나나나나를"),
        ("Äpfel", "Ảpfel"),
        ("sandía", "sándíá"),
    ],
)
def test_a_disguised_word_is_found(word: str, prompt: str) -> None:
    assert found(f"x, {prompt}, y", word)


@pytest.mark.parametrize(
    ("word", "prompt"),
    [
        ("cunt", "Scunthorpe"),
        ("cock", "a cockpit, a peacock"),
        ("ass", "an assassin of class; grass"),
        ("sex", "Essex, Middlesex"),
        ("rapist", "a therapist"),
        ("therapist", "the rapist"),
        ("penis", "the pen is red"),
        ("hell", "she'll say he'll come"),
        ("grape", "grapevine"),
        ("pal", "a pall"),
        ("pall", "a pal"),
        ("mall", "mail"),
        ("ass", "455 horses"),
        ("ano", "el año nuevo"),
        ("año", "el ano"),
        ("pêche", "un péché"),
        ("bär", "die Bar"),
        ("за\u0301мок", "замок"),  # the stress tells a castle from a lock
        ("cat", "Кот"),
        ("us", "in the U.S.A."),
        ("fuji", "🇫🇺 🇯🇮"),  # flags
        ("plum", f"{17 * ' '}".join("plum")),
        ("香蕉", "很香，蕉叶很绿"),
        ("바나나", "바나낙"),
        ("사과", "정중히 사과합니다"),
        ("केल", "यह केला है"),
        ("กา", "กาั"),
    ],
)
def test_a_clean_prompt_passes(word: str, prompt: str) -> None:
    assert found(prompt, word) == []


@pytest.mark.parametrize(
    ("word", "prompt"),
    [
        ("केला", "यह केला है"),
        ("กล้วย", "กินกล้วยหอม"),
        ("תפוח", "זה תפוח"),
        ("تفاح", "هذا تفاح"),
        ("桃", "桃の木"),
        ("바나나", "노란 바나나를 그려 줘"),
        ("바나나", "바나나들에게서"),
        ("banana", "画一个banana放在桌上"),
        ("banana", "banana를"),
    ],
)
def test_scripts_with_letters_of_their_own_are_read_as_they_are(word: str, prompt: str) -> None:
    assert found(prompt, word) == [word]


def test_what_is_allowed_is_not_found() -> None:
    words, allowed = ("*rape*", "*nana"), ("grape*", "drape", "banana")
    for prompt in ("a grapefruit", "DRAPE", "a banana"):
        assert found(prompt, *words, allowed=allowed) == []
    assert found("banana", "banana", allowed=("*nana",)) == []


def test_signs_are_allowed_as_words_are() -> None:
    assert found("🙂", "fig", allowed=("🙂",)) == []
    assert found("a 🍆🙂", "🍆", allowed=("🍆🙂",)) == []
    assert found("a 🍆🙂, a 🍆", "🍆", allowed=("🍆🙂",)) == ["🍆"]
    assert found("a 🍆🙂", "🍆🙂", allowed=("🍆",)) == ["🍆🙂"]


def test_syllables_of_hangul_alone_are_taken_apart() -> None:
    """Kana with marks would come apart as well, and each such word be looked for twice."""
    assert in_jamo(phrase("바나나")) != phrase("바나나")
    assert in_jamo(phrase("バナナ")) == phrase("バナナ")


def test_what_is_allowed_is_allowed_as_it_is_spelled_alone() -> None:
    assert found("a dr4pe", "*rape*", allowed=("drape",)) == ["r4pe"]
    assert found("schwul", "schwul", allowed=("schwül",)) == ["schwul"]
    assert found("schwül", "schwul", allowed=("schwül",)) == []


def test_one_that_is_allowed_does_not_allow_the_next() -> None:
    assert found("grape and rape", "*rape*", allowed=("grape",)) == ["rape"]


def test_what_one_rule_allows_another_may_find() -> None:
    rules = WordRules([rule("*rape*", id=1, allowed=("grape",)), rule("grape", id=2)])
    assert [one.rule_id for one in rules.check({Part.PROMPT: "grape"}).matches] == [2]


def test_exempt_roles_and_channels_are_left_out() -> None:
    rules = WordRules(
        [rule("fig", id=1, exempt_roles=(5,), exempt_channels=(7, 8)), rule("plum", id=2)]
    )
    prompt = {Part.PROMPT: "fig and plum"}
    assert _ids(rules.check(prompt)) == [1, 2]
    assert _ids(rules.check(prompt, role_ids=(4,), channel_ids=(6,))) == [1, 2]
    assert _ids(rules.check(prompt, role_ids=(4, 5))) == [2]
    assert _ids(rules.check(prompt, channel_ids=(8, 6))) == [2]


def test_whoever_is_exempt_everywhere_is_not_looked_at() -> None:
    assert (
        not WordRules([rule("fig", exempt_roles=(5,))])
        .check({Part.PROMPT: "fig"}, role_ids=[5])
        .matches
    )


def test_each_part_is_judged_and_named() -> None:
    rules = WordRules([rule("fig", id=3, name="fruit", outcome=RuleOutcome.HOLD)])
    verdict = rules.check(
        {Part.PROMPT: "an apple", Part.NEGATIVE: "no F1G", Part.REWRITTEN: "a ripe fig, a fig"}
    )
    assert verdict == Verdict(
        matches=tuple(
            Match(
                rule_id=3,
                rule_name="fruit",
                outcome=RuleOutcome.HOLD,
                part=part,
                pattern="fig",
                found=slice_,
            )
            for part, slice_ in ((Part.NEGATIVE, "F1G"), (Part.REWRITTEN, "fig"))
        )
    )
    assert verdict.outcomes == {RuleOutcome.HOLD}


def test_a_guild_without_rules_finds_nothing() -> None:
    assert WordRules([]).check({Part.PROMPT: "fig"}) == Verdict()


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("", WordRuleFault.EMPTY),
        (" \u200b", WordRuleFault.EMPTY),
        ("*", WordRuleFault.MATCHES_ALL),
        ("**", WordRuleFault.MATCHES_ALL),
        ("* *", WordRuleFault.MATCHES_ALL),
        ("a*", WordRuleFault.MATCHES_ALL),
        ("*e*", WordRuleFault.MATCHES_ALL),
        ("x" * 61, WordRuleFault.TOO_LONG),
    ],
)
def test_a_word_that_is_none_is_refused(word: str, fault: WordRuleFault) -> None:
    for words, allowed in (((word,), ()), (("fig",), (word,))):
        with pytest.raises(WordRuleRefused) as refused:
            WordRules([rule(*words, allowed=allowed)])
        assert (refused.value.fault, refused.value.entry) == (fault, word)


def test_as_much_as_is_allowed_is_taken_and_no_more() -> None:
    words = [f"w{number}x" for number in range(word_rules.MOST_WORDS)]
    full = WordRules([rule(*words)])
    assert found_by(full, "a w9999x") == ["w9999x"]
    _refused([rule(*words, allowed=("fig",))], WordRuleFault.TOO_MANY_WORDS)
    rules = [rule("fig", id=number) for number in range(word_rules.MOST_RULES)]
    assert len(WordRules(rules).check({Part.PROMPT: "fig"}).matches) == word_rules.MOST_RULES
    _refused([*rules, rule("fig")], WordRuleFault.TOO_MANY_RULES)
    patterns = ("fi+g",) * (word_rules.MOST_PATTERNS + 1)
    _refused([rule(patterns=patterns)], WordRuleFault.TOO_MANY_PATTERNS)


def test_a_rule_needs_a_name_and_something_to_look_for() -> None:
    _refused([rule()], WordRuleFault.EMPTY)
    _refused([rule("fig", name=" \u200b")], WordRuleFault.NAME)
    _refused([rule("fig", name="n" * 101)], WordRuleFault.NAME)
    assert found("fig", "fig", name="n" * 100) == ["fig"]


def test_words_that_all_look_alike_are_refused() -> None:
    """Each of them would be compared wherever one of them may stand."""
    alike = ["".join("il"[number >> bit & 1] for bit in range(6)) for number in range(51)]
    assert found("iiiiii", *alike[:50]) == ["iiiiii"]
    _refused([rule(*alike)], WordRuleFault.TOO_COSTLY)


def _refused(rules: list[word_rules.WordRule], fault: WordRuleFault) -> None:
    with pytest.raises(WordRuleRefused) as refused:
        WordRules(rules)
    assert refused.value.fault is fault


def _ids(verdict: Verdict) -> list[int]:
    return [match.rule_id for match in verdict.matches]
