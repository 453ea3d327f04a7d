"""Checking a drawn picture before it is shown: what every check answers to.

A check scores; what follows from a score is the policy's. Which there are, the operator's settings
say (see bot/pictures/checks); with none of them nothing is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class PictureScore(Struct, frozen=True, kw_only=True):
    """How sure a check is that a picture is harmful, from 0 to 1. Build it with `worst_of`."""

    score: float  # the worst category's
    category: str  # which that is, in the words of the model; to be shown to staff
    by_category: Mapping[str, float]

    @classmethod
    def worst_of(cls, by_category: Mapping[str, float]) -> PictureScore:
        """Of at least one category."""
        category = max(by_category, key=by_category.__getitem__)
        return cls(score=by_category[category], category=category, by_category=by_category)


class PictureCheck(Protocol):
    """One that looks at pictures."""

    @property
    def name(self) -> str:
        """As policy names it."""

    @property
    def sends_abroad(self) -> bool:
        """Whether pictures and prompts leave this machine for it."""

    async def check(self, picture: bytes, *, prompt: str) -> PictureScore:
        """Scores a whole PNG, JPEG or WebP; one that reads words looks at its prompt as well.

        Costs nothing, so it may be asked again about the same picture.

        Raises:
            CheckFailed: nothing is known of the picture; `retry` says what may be done.
        """
