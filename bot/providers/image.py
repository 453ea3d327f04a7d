"""Pictures: what a provider offers, what a member asks for within it, and what was answered.

No provider's numbers stand here; each has its own `Offer`. What a member types is read by its
meaning: `１０２４＊７６８`, `1024 px × 768 px` and `2K` are sizes. Prices are in millionths of a
dollar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.records import Redacted
from bot.refusals import (
    PromptEmpty,
    PromptTooLong,
    SeedNotUnderstood,
    SeedOutOfRange,
    SizeNotUnderstood,
    SizeOutOfRange,
    SizeTooNarrow,
)
from bot.visible import normalised, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEED = re.compile(r"[+-]?[0-9]{1,60}")


class Size(Struct, frozen=True, order=True):
    """Width × height in pixels."""

    width_px: int
    height_px: int

    @property
    def area_px(self) -> int:
        return self.width_px * self.height_px

    def __str__(self) -> str:
        """As members type it: `1024*1536`."""
        return f"{self.width_px}*{self.height_px}"


class ChosenSize(Struct, frozen=True, kw_only=True):
    """What will be drawn, and whether that is not quite what was typed."""

    size: Size
    asked: Size

    @property
    def was_rounded(self) -> bool:
        return self.size != self.asked


class ImageRequest(Struct, frozen=True, kw_only=True):
    """One picture to draw. Build it with `Offer.image_request`, which checks the limits."""

    prompt: str
    size: Size
    seed: int
    rewrite: bool
    negative: str = ""


class Outcome(Redacted, frozen=True, kw_only=True):
    """What the provider answered."""

    redacted = ("url",)

    url: str  # signed, lives 24 h; never logged; '' once it is not needed
    shown_prompt: str  # the rewritten prompt, or the prompt as sent
    size: Size  # what was really produced
    provider_request_id: str
    duration_us: int  # of the call
    reasoning: str = ""  # of the rewriting model
    input_tokens: int = 0
    output_tokens: int = 0
    arrived_at_us: int | None = None  # the request, by the provider's clock, if it says so


# ------------------------------------------------------------------------------------------------
# What a provider offers, and what is asked for within it.


class Recommended(Struct, frozen=True, kw_only=True):
    """A size that the provider names itself."""

    size: Size
    ratio: str  # such as 16:9
    tier_px: int  # the side of a square of about the same area
    names: tuple[str, ...]  # its shape first: square, portrait, landscape, tall or wide


class Offer(Struct, frozen=True, kw_only=True):
    """What a provider draws, in numbers. What passes here is within them."""

    min_area_px: int
    max_area_px: int
    side_step_px: int
    max_ratio: int  # of the longer side to the shorter
    recommended: tuple[Recommended, ...]
    common: tuple[Size, ...]  # of the recommended, those offered before anything is typed
    default_size: Size
    prompt_limit: int  # characters
    negative_limit: int | None  # characters; None: what to leave out cannot be told
    max_seed: int  # the least is 0
    rewrites: bool  # enriches a prompt first, if asked to

    def image_request(
        self, *, prompt: str, size: Size, seed: int, rewrite: bool, negative: str = ""
    ) -> ImageRequest:
        """Edges that cannot be seen are cut off; the rest is the member's own, as it was typed.

        Where nothing can be rewritten, `rewrite` has no effect.

        Raises:
            PromptEmpty, PromptTooLong, SeedOutOfRange.
        """
        prompt, negative = trimmed(prompt), trimmed(negative)
        if not prompt:
            raise PromptEmpty
        _check_length(prompt, self.prompt_limit)
        _check_length(negative, self.negative_limit or 0)
        if not 0 <= seed <= self.max_seed:
            raise SeedOutOfRange(seed, most=self.max_seed)
        rewrite = rewrite and self.rewrites
        return ImageRequest(prompt=prompt, size=size, seed=seed, rewrite=rewrite, negative=negative)

    @staticmethod
    def parse_seed(text: str) -> int | None:
        """None if nothing was typed; whether it is in range says `image_request`.

        Raises:
            SeedNotUnderstood.
        """
        line = normalised(text)
        if not line:
            return None
        if _SEED.fullmatch(line) is None:
            raise SeedNotUnderstood(text)
        return int(line)

    def parse_size(self, text: str) -> ChosenSize:
        """Reads a pair (`1024*1536`), a side of a square (`768`, `2K`), a ratio or a name.

        Raises:
            SizeNotUnderstood: no size, ratio or name in it.
            SizeOutOfRange: the area is outside the offer, as typed or once rounded.
            SizeTooNarrow: one side is too many times the other.
        """
        typed = self.typed_size(text)
        if typed is not None:
            return self._chosen(typed)
        words = set(self._words(text))
        for one in self.recommended:
            if words and words <= self._known_as(one):
                return ChosenSize(size=one.size, asked=one.size)
        raise SizeNotUnderstood(text)

    def typed_size(self, text: str) -> Size | None:
        """The sides, if it is sides that were typed; nobody has looked whether they can be drawn.

        A tier's number alone is its name.
        """
        line = self._plain(text)
        is_tier = line in {str(one.tier_px) for one in self.recommended}
        return None if is_tier else _sides(line)

    def search_sizes(self, text: str) -> tuple[Recommended, ...]:
        """The recommended sizes of which every word of `text` is a beginning, in their order."""
        words = self._words(text)
        return tuple(one for one in self.recommended if all(_fits(one, word) for word in words))

    def draws_area_of(self, size: Size) -> bool:
        return self.min_area_px <= size.area_px <= self.max_area_px

    def _chosen(self, asked: Size) -> ChosenSize:
        size = Size(self._rounded(asked.width_px), self._rounded(asked.height_px))
        width_px, height_px = asked.width_px, asked.height_px
        if not (self.draws_area_of(asked) and self.draws_area_of(size)):
            raise SizeOutOfRange(
                width_px=width_px,
                height_px=height_px,
                min_area_px=self.min_area_px,
                max_area_px=self.max_area_px,
            )
        if max(width_px, height_px) > self.max_ratio * min(width_px, height_px):
            raise SizeTooNarrow(width_px=width_px, height_px=height_px, limit_ratio=self.max_ratio)
        return ChosenSize(size=size, asked=asked)

    def _rounded(self, side_px: int) -> int:
        return (side_px + self.side_step_px // 2) // self.side_step_px * self.side_step_px

    def _words(self, text: str) -> list[str]:
        return re.findall(r"[^ ,;]+", self._plain(text))

    def _plain(self, text: str) -> str:
        return _plain(text, dict.fromkeys(one.ratio for one in self.recommended))

    def _known_as(self, one: Recommended) -> set[str]:
        words = {one.ratio, str(one.tier_px), *one.names}
        longest_px = max(_longer_side_px(other) for other in self.recommended)
        if _longer_side_px(one) == longest_px:
            words.add(str(longest_px))  # `2K wide`
        return words


def _check_length(text: str, limit: int) -> None:
    if len(text) > limit:
        raise PromptTooLong(characters=len(text), limit=limit)


def _longer_side_px(one: Recommended) -> int:
    return max(one.size.width_px, one.size.height_px)


def _fits(one: Recommended, word: str) -> bool:
    return (
        one.ratio.startswith(word)
        or str(one.size).startswith(word.replace("x", "*"))
        or any(name.startswith(word) for name in one.names)
    )


# ------------------------------------------------------------------------------------------------
# How sizes are typed.


# Signs that look like those of a size; full-width ones are plain by then.
_SIGNS = str.maketrans(
    dict.fromkeys("∗⁎·⋅", "*")
    | dict.fromkeys("×✕✖⨉⨯✗✘хχ", "x")
    | dict.fromkeys("∶ː꞉", ":")
    | dict.fromkeys("⁄∕", "/")
)
_THOUSANDS = re.compile(r"(?<![\d:/])(\d{1,2})[,.'’ ](\d{3})(?!\d)")  # 1,024
_UNIT = re.compile(r"(?<=\d) ?(?:px|pixels?)(?=x|[^a-z]|$)")
_KILO = re.compile(r"(?<![\d.,])([1-9]) ?k(?=x|[^a-z]|$)")  # 2K is 2048
_RATIO = re.compile(r"(?<![\dx*:/])(\d{1,2}) ?([x:/]) ?(\d{1,2})(?![\dx*:/])")
_PAIR = re.compile(r"(\d{1,5}) ?(?:[x*]|by) ?(\d{1,5})|(\d{3,5}) ?[:/ ] ?(\d{3,5})")
_SQUARE = re.compile(r"(\d{3,5})²?")


def _plain(text: str, ratios: Iterable[str]) -> str:
    """Signs, units and ratios in the one form that is parsed."""
    line = normalised(text).translate(_SIGNS)
    line = _THOUSANDS.sub(r"\1\2", line)
    line = _UNIT.sub("", line)
    line = _KILO.sub(lambda found: str(int(found[1]) * 1024), line)
    return _RATIO.sub(lambda found: _ratio(found, ratios), line)


def _ratio(found: re.Match[str], ratios: Iterable[str]) -> str:
    """`32/18` is 16:9; with a cross between them two small numbers may be sides, if odd ones."""
    wide, high = int(found[1]), int(found[3])
    for ratio in ratios:
        one_wide, one_high = map(int, ratio.split(":"))
        is_same = (wide, high) == (one_wide, one_high)
        if is_same or (found[2] != "x" and 0 < wide * one_high == high * one_wide):
            return ratio
    return found[0]


def _sides(line: str) -> Size | None:
    pair = _PAIR.fullmatch(line)
    if pair:
        width_px, height_px = map(int, filter(None, pair.groups()))
        return Size(width_px, height_px)
    square = _SQUARE.fullmatch(line)
    return None if square is None else Size(int(square[1]), int(square[1]))


# ------------------------------------------------------------------------------------------------
# Sums of money.


class Prices(Struct, frozen=True, kw_only=True):
    """Micro-dollars for one picture, as the operator has them; the provider says which applies."""

    plain_micros: int
    rewritten_micros: int


def dollars(micros: int) -> str:
    """`$0.015`, `$1.20`: at least two decimals, nothing rounded away."""
    whole, fraction = divmod(micros, 1_000_000)
    digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"${whole}.{digits}"
