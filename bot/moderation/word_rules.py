"""Word rules of a guild's staff, and what they find in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRule:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a rule found where."""

    rule_id: int
    rule_name: str
    outcome: RuleOutcome
    part: Part
    pattern: str  # word or expression as it stands in the rule
    found: str  # the slice of the text, as it was typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What all rules of a guild found in all texts of a request; nothing, if it is empty."""

    matches: tuple[Match, ...] = ()

    @property
    def outcomes(self) -> frozenset[RuleOutcome]:
        """Everything that is to follow."""
        return frozenset(match.outcome for match in self.matches)


def is_refused(verdict: Verdict, *, is_restricted: bool) -> bool:
    """Whether nothing may be drawn of it in such a place.

    Args:
        is_restricted: the place is age-restricted.
    """
    refusing = {RuleOutcome.REFUSE} if is_restricted else {RuleOutcome.REFUSE, RuleOutcome.RESTRICT}
    return not refusing.isdisjoint(verdict.outcomes)


class WordRules:
    """Compiled."""

    def __init__(self, rules: Sequence[WordRule]) -> None:
        self._words = [
            (rule, word, word.strip("*").casefold()) for rule in rules for word in rule.words
        ]

    def check(
        self,
        parts: Mapping[Part, str],
        *,
        role_ids: Collection[int] = (),
        channel_ids: Collection[int] = (),
    ) -> Verdict:
        """What is found for a member with these roles in these channels."""
        found = [
            Match(
                rule_id=rule.id,
                rule_name=rule.name,
                outcome=rule.outcome,
                part=part,
                pattern=word,
                found=text[at : at + len(sought)],
            )
            for part, text in parts.items()
            for rule, word, sought in self._words
            if not {*role_ids} & {*rule.exempt_roles}
            and not {*channel_ids} & {*rule.exempt_channels}
            and sought
            and (at := text.casefold().find(sought)) >= 0
        ]
        return Verdict(matches=tuple(found))
