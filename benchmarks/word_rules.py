"""What it costs to look for 10,000 words and 100 regular expressions in a request.

A prompt of 800 characters and a rewritten one of 2,000, in five languages. Times are of the
processor, since the check never waits; those of the clock stand beside. What else the machine does
makes them longer all the same, so the best of some batches counts. A text of which every word is
disguised is read in several ways, and may take longer. A catastrophic expression is held against a
harmless one; Python's own would not end.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from bot.moderation.word_rules import Part, RuleOutcome, WordRule, WordRules

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = 10_000
PATTERNS = 100
PROMPT_CHARACTERS = 800
REWRITTEN_CHARACTERS = 2_000
BATCHES = 8
BATCH = 200  # checks
LIMIT_MS = 2.0
LIMIT_DISGUISED_MS = 8.0
LIMIT_COMPILED_S = 2.0
LIMIT_MEMORY_MB = 32.0
LIMIT_CATASTROPHIC_MS = 20.0

_SYLLABLES = [
    start + vowel
    for start in ("b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st")
    for vowel in ("a", "e", "i", "o", "u", "ea", "ou", "ai")
]
_PROMPTS = {
    "english": "a portrait of an old sailor with grey beard on the deck at night in heavy rain,"
    " dramatic lighting, oil painting, by the sea, wooden ship, lanterns glowing, 8k, warm colors",
    "german": "ein alter Seemann mit grauem Bart steht nachts auf dem Deck, schöne Laternen über"
    " dem Wasser, Ölgemälde, große Wellen, 8k",
    "russian": "старый моряк с седой бородой ночью на палубе под сильным дождём, масло, холст",
    "korean": "수염이 하얀 늙은 선원이 밤에 비를 맞으며 갑판에 서 있다, 유화, 극적인 조명",
    "chinese": "一位白胡子老水手站在甲板上，夜晚，大雨，戏剧性的光线，油画，木船，灯笼发光",
    "disguised": "𝒂 𝒑𝒐𝒓𝒕𝒓𝒂𝒊𝒕 οf аn о1d s@ilor w!th gr€y be4rd, s h i p, d\u200beck 🙂 ｒａｉｎ!",
}


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The slowest of a hundred checks in each language, then what it takes to have them ready."""
    rng = random.Random(10)
    rule = _rule(rng)
    began_s = time.process_time()
    rules = WordRules([rule])
    compiled_s = time.process_time() - began_s
    for language, sentence in _PROMPTS.items():
        yield _checks(rules, rng, language, sentence, batches=3 if quick else BATCHES)
    yield _figure("compiled", round(compiled_s, 2), "s for all of them", LIMIT_COMPILED_S)
    yield _memory(rule)
    yield _catastrophic()


def _rule(rng: random.Random) -> WordRule:
    words: set[str] = set()
    while len(words) < WORDS:
        form = rng.choices(("{}", "{}*", "*{}", "*{}*", "{} {}"), (70, 10, 5, 10, 5))[0]
        words.add(form.format(_word(rng), _word(rng)))
    patterns = [rf"(?i)\b{_word(rng)}(?:s|es|ed)?\W+{_word(rng)}\b" for _ in range(PATTERNS - 1)]
    return _rule_of(sorted(words), [*patterns, "(a+)+$"])


def _rule_of(words: list[str], patterns: list[str]) -> WordRule:
    return WordRule(
        id=1,
        name="all",
        outcome=RuleOutcome.REFUSE,
        words=tuple(words),
        patterns=tuple(patterns),
    )


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) + rng.choice(["", "n", "s", "t"])


def _checks(
    rules: WordRules, rng: random.Random, language: str, sentence: str, *, batches: int
) -> dict[str, Any]:
    slowest = []
    for _ in range(batches):
        times = [_taken_ms(rules, _parts(rng, sentence)) for _ in range(BATCH)]
        slowest.append([_percentile(one, 0.99) for one in zip(*times, strict=True)])
    return _figure(
        language,
        min(processor for processor, _ in slowest),
        "ms, 99th of 100 checks of prompt and rewriting",
        LIMIT_DISGUISED_MS if language == "disguised" else LIMIT_MS,
        median_batch=sorted(slowest)[batches // 2][0],
        clock=min(clock for _, clock in slowest),
    )


def _parts(rng: random.Random, sentence: str) -> dict[Part, str]:
    return {
        Part.PROMPT: _text(rng, sentence, PROMPT_CHARACTERS),
        Part.REWRITTEN: _text(rng, sentence, REWRITTEN_CHARACTERS),
    }


def _text(rng: random.Random, sentence: str, characters: int) -> str:
    """The words of a sentence in any order, again and again."""
    blank = " " if " " in sentence else "，"
    words = sentence.split(blank)
    return blank.join(rng.choices(words, k=characters))[:characters]


def _taken_ms(rules: WordRules, parts: dict[Part, str]) -> tuple[float, float]:
    """Of the processor, and by the clock."""
    began_s, began_clock_s = time.thread_time(), time.perf_counter()
    rules.check(parts)
    return (time.thread_time() - began_s) * 1e3, (time.perf_counter() - began_clock_s) * 1e3


def _percentile(times: tuple[float, ...], share: float) -> float:
    return round(sorted(times)[int(len(times) * share)], 2)


def _memory(rule: WordRule) -> dict[str, Any]:
    """Of Python alone; re2 has a bound of its own."""
    tracemalloc.start()
    kept = WordRules([rule])
    size_mb = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del kept
    return _figure("memory", round(size_mb, 1), "MB for all of them", LIMIT_MEMORY_MB)


def _catastrophic() -> dict[str, Any]:
    text = {
        Part.PROMPT: "a" * PROMPT_CHARACTERS + "!",
        Part.REWRITTEN: "a" * REWRITTEN_CHARACTERS + "!",
    }
    bad, good = (WordRules([_rule_of(["fig"], [one])]) for one in ("(a+)+$", "b+$"))
    taken_ms, beside_ms = (
        min(_taken_ms(rules, text)[0] for _ in range(9)) for rules in (bad, good)
    )
    return _figure(
        "catastrophic",
        round(taken_ms, 2),
        "ms with (a+)+$ over letters a",
        LIMIT_CATASTROPHIC_MS,
        without=round(beside_ms, 2),
    )


def _figure(name: str, value: float, unit: str, limit: float, **beside: float) -> dict[str, Any]:
    return {
        "name": f"word_rules_{name}",
        "value": value,
        "unit": unit,
        "limit": limit,
        "holds": value <= limit,
        "beside": beside,
    }
