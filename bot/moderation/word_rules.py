"""Word rules of a guild's staff, and what they find in a text."""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from bot import visible
from bot.moderation import disguise, phrases
from bot.moderation.automaton import Automaton
from bot.moderation.patterns import Patterns, RulePattern
from bot.staff_refusals import WordRuleFault, WordRuleRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from bot.moderation.disguise import Unmasked
    from bot.moderation.phrases import Phrase, View

MOST_RULES = 25  # of a guild, as all that follow
MOST_WORDS = 10_000  # with those allowed
MOST_PATTERNS = 100
MOST_WORD_CHARACTERS = 60  # as in AutoMod
MOST_NAME_CHARACTERS = 100
_MOST_LOOKALIKES = 50  # words that differ only in what may be read as one another


class RuleOutcome(StrEnum):
    """What becomes of a request in which a rule found something; the strictest first."""

    REFUSE = "refuse"
    HOLD = "hold"  # drawn, and shown to staff before anybody else
    SPOILER = "spoiler"
    RESTRICT = "restrict"  # in age-restricted channels alone


class Part(StrEnum):
    """Which text of a request."""

    PROMPT = "prompt"
    NEGATIVE = "negative"
    REWRITTEN = "rewritten"


class WordRule(Struct, frozen=True, kw_only=True):
    """One category of a guild's staff: what it looks for, and what follows."""

    id: int
    name: str
    outcome: RuleOutcome
    words: tuple[str, ...] = ()  # also phrases; `*` at an end as in Discord's AutoMod
    patterns: tuple[str, ...] = ()  # regular expressions
    allowed: tuple[str, ...] = ()  # written as words are; what they cover is not found
    exempt_roles: tuple[int, ...] = ()
    exempt_channels: tuple[int, ...] = ()
    automod_id: int | None = None  # Discord's rule that it was read from
    not_applied: tuple[str, ...] = ()  # what of that rule cannot be applied, and why


class Match(Struct, frozen=True, kw_only=True):
    """What a rule found where."""

    rule_id: int
    rule_name: str
    outcome: RuleOutcome
    part: Part
    pattern: str  # word or expression as it stands in the rule
    found: str  # the slice of the text, as it was typed


class Verdict(Struct, frozen=True, kw_only=True):
    """What all rules of a guild found in all texts of a request; nothing, if it is empty."""

    matches: tuple[Match, ...] = ()

    @property
    def outcomes(self) -> frozenset[RuleOutcome]:
        """Everything that is to follow."""
        return frozenset(match.outcome for match in self.matches)


def refusing(verdict: Verdict, *, is_restricted: bool) -> tuple[str, ...]:
    """The names of the rules for which nothing may be drawn of it in such a place.

    Args:
        is_restricted: the place is age-restricted.
    """
    outcomes = {RuleOutcome.REFUSE} if is_restricted else {RuleOutcome.REFUSE, RuleOutcome.RESTRICT}
    found = (one.rule_name for one in verdict.matches if one.outcome in outcomes)
    return tuple(dict.fromkeys(found))


def is_refused(verdict: Verdict, *, is_restricted: bool) -> bool:
    """Whether nothing may be drawn of it there."""
    return bool(refusing(verdict, is_restricted=is_restricted))


class _WordEntry(NamedTuple):
    """A word of a rule: which rule by its place, as it stands there, and what is looked for."""

    rule: int
    word: str
    phrase: Phrase
    is_allowed: bool


class _Found(NamedTuple):
    """Which rule's word or expression, and where in the text, from and up to."""

    rule: int
    pattern: str
    start: int
    end: int


class _Allowed:
    """Which slices of a text each rule allows."""

    def __init__(self, found: Iterable[_Found]) -> None:
        spans: dict[int, list[tuple[int, int]]] = {}
        for one in found:
            spans.setdefault(one.rule, []).append((one.start, one.end))
        self._starts = {rule: sorted(start for start, _ in of) for rule, of in spans.items()}
        self._ends = {  # of what begins up to there, the last end
            rule: [*accumulate((end for _, end in sorted(of)), max)] for rule, of in spans.items()
        }

    def covers(self, found: _Found) -> bool:
        before = bisect_right(self._starts.get(found.rule, ()), found.start)
        return before > 0 and self._ends[found.rule][before - 1] >= found.end


class WordRules:
    """Rules of one guild, compiled; never changed, so that threads may share it.

    Raises WordRuleRefused if there are too many, or one of them is empty, matches anything or costs
    too much. 10,000 words take a fifth of a second.
    """

    def __init__(self, rules: Sequence[WordRule]) -> None:
        _check_bounds(rules)
        self._rules = tuple(rules)
        entries = [entry for at, rule in enumerate(rules) for entry in _entries(at, rule)]
        self._signs = [entry for entry in entries if entry.phrase.is_sign]
        by_key: dict[str, list[_WordEntry]] = {}
        for entry in entries:
            if not entry.phrase.is_sign:
                by_key.setdefault(entry.phrase.key, []).append(entry)
        _check_lookalikes(by_key)
        self._entries = list(by_key.values())
        self._has_allowed = any(entry.is_allowed for entry in entries)
        self._lengths = [*map(len, by_key)]
        self._automaton = Automaton([*by_key])
        self._patterns = Patterns(
            [RulePattern(at, text) for at, rule in enumerate(rules) for text in rule.patterns]
        )

    def check(
        self,
        parts: Mapping[Part, str],
        *,
        role_ids: Collection[int] = (),
        channel_ids: Collection[int] = (),
    ) -> Verdict:
        """What they find, each word or expression once a part.

        `role_ids` are the member's, `channel_ids` the channel and its parent: a rule that exempts
        one of them is left out.
        """
        binding = {
            at
            for at, rule in enumerate(self._rules)
            if not {*rule.exempt_roles} & {*role_ids}
            and not {*rule.exempt_channels} & {*channel_ids}
        }
        if not binding:
            return Verdict()
        return Verdict(
            matches=tuple(
                self._match(part, text, found)
                for part, text in parts.items()
                for found in self._find(text, binding)
            )
        )

    def _match(self, part: Part, text: str, found: _Found) -> Match:
        rule = self._rules[found.rule]
        return Match(
            rule_id=rule.id,
            rule_name=rule.name,
            outcome=rule.outcome,
            part=part,
            pattern=found.pattern,
            found=text[found.start : found.end],
        )

    def _find(self, text: str, binding: Collection[int]) -> list[_Found]:
        """In the order of the rules, each word or expression once."""
        first: dict[tuple[int, str], _Found] = {}
        for found in self._occurrences(text, binding):
            first.setdefault((found.rule, found.pattern), found)
        return sorted(first.values(), key=lambda found: (found.rule, found.start))

    def _occurrences(self, text: str, binding: Collection[int]) -> Iterator[_Found]:
        yield from self._words_in(text, binding)
        turned = disguise.flipped(text)
        if turned is not None:
            for found in self._words_in(turned, binding):
                start, end = len(text) - found.end, len(text) - found.start
                yield found._replace(start=start, end=end)

    def _words_in(self, text: str, binding: Collection[int]) -> Iterator[_Found]:
        unmasked = disguise.unmasked(text)
        views = [phrases.view(unmasked, self._automaton, signs=False)]
        if disguise.with_signs(unmasked.cells):
            views.append(phrases.view(unmasked, self._automaton, signs=True))
        jamo = disguise.in_jamo(unmasked)
        if jamo is not None:
            views.append(phrases.view(jamo, self._automaton, signs=False))
        allowed = _Allowed(self._allowed_in(views, binding) if self._has_allowed else ())
        yield from self._placed(views, binding, allowed)
        signs = self._signs_in(unmasked, binding, are_allowed=False)
        for found in chain(signs, self._patterns_in(text, binding)):
            if not allowed.covers(found):
                yield found

    def _allowed_in(self, views: Sequence[View], binding: Collection[int]) -> Iterator[_Found]:
        yield from self._signs_in(views[0].unmasked, binding, are_allowed=True)
        for view, entry, first, last in self._candidates(views):
            if entry.is_allowed and entry.rule in binding:
                cells = phrases.place(entry.phrase, view, first, last, strict=True)
                if cells is not None:
                    span = view.unmasked.span(*phrases.widened(entry.phrase, view, *cells))
                    yield _Found(entry.rule, entry.word, *span)

    def _placed(
        self, views: Iterable[View], binding: Collection[int], allowed: _Allowed
    ) -> Iterator[_Found]:
        done: set[int] = set()
        for view, entry, first, last in self._candidates(views):
            if entry.is_allowed or entry.rule not in binding or id(entry) in done:
                continue
            cells = phrases.place(entry.phrase, view, first, last)
            if cells is None:
                continue
            found = _Found(entry.rule, entry.word, *view.unmasked.span(*cells))
            if not allowed.covers(found):
                done.add(id(entry))
                yield found

    def _candidates(self, views: Iterable[View]) -> Iterator[tuple[View, _WordEntry, int, int]]:
        """Where an entry may stand, between which two runs."""
        for view in views:
            for last, numbers in view.ends:
                for number in numbers:
                    first = last + 1 - self._lengths[number]
                    for entry in self._entries[number]:
                        yield view, entry, first, last

    def _signs_in(
        self, unmasked: Unmasked, binding: Collection[int], *, are_allowed: bool
    ) -> Iterator[_Found]:
        for entry in self._signs:
            if entry.is_allowed is not are_allowed or entry.rule not in binding:
                continue
            sign = entry.phrase.letters
            start = unmasked.cells.find(sign)
            while start >= 0:
                span = unmasked.span(start, start + len(sign))
                yield _Found(entry.rule, entry.word, *span)
                start = unmasked.cells.find(sign, start + 1)

    def _patterns_in(self, text: str, binding: Collection[int]) -> Iterator[_Found]:
        if not self._patterns:
            return
        for pattern, start, end in self._patterns.find(text):
            if pattern.rule in binding:
                yield _Found(pattern.rule, pattern.text, start, end)
        plain = disguise.plain(text)
        for pattern, start, end in self._patterns.find(plain.cells):
            if pattern.rule in binding and start < end:
                yield _Found(pattern.rule, pattern.text, *plain.span(start, end))


def _entries(at: int, rule: WordRule) -> Iterator[_WordEntry]:
    for words, is_allowed in ((rule.words, False), (rule.allowed, True)):
        for word in words:
            phrase = check_word(word)
            yield _WordEntry(at, word, phrase, is_allowed)
            jamo = phrases.in_jamo(phrase)
            if jamo != phrase:
                yield _WordEntry(at, word, jamo, is_allowed)


def check_word(word: str) -> Phrase:
    """What is looked for. Raises WordRuleRefused: too long, nothing to see, or matches anything."""
    if len(word) > MOST_WORD_CHARACTERS:
        raise WordRuleRefused(WordRuleFault.TOO_LONG, entry=word, limit=MOST_WORD_CHARACTERS)
    phrase = phrases.phrase(word)
    is_open = phrase.is_open_before or phrase.is_open_after
    if not phrase.letters:
        fault = WordRuleFault.MATCHES_ALL if is_open else WordRuleFault.EMPTY
        raise WordRuleRefused(fault, entry=word)
    if is_open and len(phrase.letters) == 1 and not phrase.is_without_breaks:
        raise WordRuleRefused(WordRuleFault.MATCHES_ALL, entry=word)
    return phrase


def _check_bounds(rules: Sequence[WordRule]) -> None:
    counts = (
        (len(rules), MOST_RULES, WordRuleFault.TOO_MANY_RULES),
        (
            _sum(rules, lambda rule: (*rule.words, *rule.allowed)),
            MOST_WORDS,
            WordRuleFault.TOO_MANY_WORDS,
        ),
        (_sum(rules, lambda rule: rule.patterns), MOST_PATTERNS, WordRuleFault.TOO_MANY_PATTERNS),
    )
    for number, limit, fault in counts:
        if number > limit:
            raise WordRuleRefused(fault, limit=limit)
    for rule in rules:
        name = visible.trimmed(rule.name)
        if not 0 < len(name) <= MOST_NAME_CHARACTERS:
            raise WordRuleRefused(WordRuleFault.NAME, entry=name, limit=MOST_NAME_CHARACTERS)
        if not rule.words and not rule.patterns:
            raise WordRuleRefused(WordRuleFault.EMPTY, entry=rule.name)


def _sum(rules: Iterable[WordRule], of: Callable[[WordRule], tuple[str, ...]]) -> int:
    return sum(len(of(rule)) for rule in rules)


def _check_lookalikes(by_key: Mapping[str, list[_WordEntry]]) -> None:
    """Each would be looked at wherever one of them may stand."""
    for entries in by_key.values():
        if len({entry.phrase for entry in entries}) > _MOST_LOOKALIKES:
            raise WordRuleRefused(
                WordRuleFault.TOO_COSTLY, entry=entries[-1].word, limit=_MOST_LOOKALIKES
            )
