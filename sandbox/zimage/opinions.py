"""What the moderation endpoint thinks of texts and pictures: what it was told to think.

Nothing is looked at. A test orders scores, for what comes next or for what holds certain words; two
words in a prompt have scores of their own, so that both can be tried by hand. All that apply to an
input count, the highest score of each category.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DOUBTFUL_WORD = "doubtful-by-sandbox"
LURID_WORD = "lurid-by-sandbox"

FLAGGED_FROM = 0.5
"""Guessed; the real thresholds differ by category and are not told."""

_TEXT_ALONE = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "sexual/minors",
)
_BOTH = (
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "violence",
    "violence/graphic",
)
CATEGORIES = tuple(sorted((*_TEXT_ALONE, *_BOTH)))
"""Which there are, and that the seven of `_TEXT_ALONE` are of texts alone, is documented."""


class InputType(StrEnum):
    """What a score is about."""

    TEXT = "text"
    IMAGE = "image"


class ScoreOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be thought of some inputs.

    Attributes:
        scores: By category, 0 to 1.
        contains: Words, in any case, of the text or of the prompt that the picture was painted
            after; without them every input is meant, pictures of unknown origin too.
        on: Texts or pictures alone; both without it. Categories of texts are nothing to pictures.
        times: So many inputs, then none; without end if None.
    """

    scores: dict[str, Annotated[float, Meta(ge=0, le=1)]]
    contains: str = ""
    on: InputType | None = None
    times: Annotated[int, Meta(ge=1)] | None = None

    def __post_init__(self) -> None:
        unknown = self.scores.keys() - set(CATEGORIES)
        if unknown:
            raise ValueError(f"no categories: {', '.join(sorted(unknown))}")


_OF_WORDS = (
    ScoreOrder(contains=DOUBTFUL_WORD, on=InputType.IMAGE, scores={"sexual": 0.6}),
    ScoreOrder(contains=LURID_WORD, scores={"sexual": 0.97}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One text or picture.

    Attributes:
        words: the text, or the prompt that the picture was painted after, if that is known.
    """

    type: InputType
    words: str | None


class Opinions:
    """The orders in force."""

    def __init__(self) -> None:
        self._orders: list[_Given] = []

    def order(self, orders: Sequence[ScoreOrder]) -> None:
        """Puts these in force instead of all others; none make everything harmless."""
        self._orders = [_Given(each) for each in orders]

    def snapshot(self) -> list[dict[str, object]]:
        """Each order in force, and for how many inputs it has been used."""
        return [
            {
                "scores": given.order.scores,
                "contains": given.order.contains,
                "on": given.order.on,
                "times": given.order.times,
                "used": given.used,
            }
            for given in self._orders
        ]

    def of(self, inputs: Iterable[Input]) -> dict[str, object]:
        """One result over all of these inputs, as the endpoint shows it; uses the orders up."""
        scores = dict.fromkeys(CATEGORIES, 0.0001)  # never quite nothing, as there
        types: dict[str, set[InputType]] = {}
        for one in inputs:
            judged = CATEGORIES if one.type is InputType.TEXT else _BOTH
            for category in judged:
                types.setdefault(category, set()).add(one.type)
            for order in self._taken(one):
                for category in order.scores.keys() & set(judged):
                    scores[category] = max(scores[category], order.scores[category])
        return {
            "flagged": any(score >= FLAGGED_FROM for score in scores.values()),
            "categories": {name: score >= FLAGGED_FROM for name, score in scores.items()},
            "category_scores": scores,
            "category_applied_input_types": {
                name: sorted(types.get(name, ())) for name in CATEGORIES
            },
        }

    def _taken(self, one: Input) -> list[ScoreOrder]:
        taken = [order for order in _OF_WORDS if _fits(order, one)]
        for given in self._orders:
            times = given.order.times
            if _fits(given.order, one) and (times is None or given.used < times):
                given.used += 1
                taken.append(given.order)
        return taken


@dataclass(slots=True)
class _Given:
    order: ScoreOrder
    used: int = 0


def _fits(order: ScoreOrder, one: Input) -> bool:
    if order.on not in (None, one.type):
        return False
    return order.contains.casefold() in (one.words or "").casefold()
