"""Picture sizes: what Z-Image recommends, what it accepts, and what a member may type.

Source: Z-Image API reference (2025-12-23), `size`: total pixels between 512×512 and 2048×2048,
33 recommended sizes in three tiers. Sides that are no multiple of 16 are not documented; the open
weights refuse them, so they are rounded here and the member is told.

What is typed is read by its meaning: `１０２４＊７６８`, `1024 px × 768 px` and `2K` are sizes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.errors import (
    PromptEmpty,
    PromptTooLong,
    SeedOutOfRange,
    SizeNotUnderstood,
    SizeOutOfRange,
    SizeTooNarrow,
)
from bot.visible import normalised, trimmed

MIN_AREA_PX = 512 * 512
MAX_AREA_PX = 2048 * 2048
SIDE_STEP_PX = 16
# The reference names no limit of the ratio; beyond this one pictures fall apart, and 4096*200 is a
# slip of the finger more often than meant.
MAX_RATIO = 8


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width × height in pixels."""

    width_px: int
    height_px: int

    @property
    def area_px(self) -> int:
        return self.width_px * self.height_px

    def __str__(self) -> str:
        """As the API writes it: `1024*1536`."""
        return f"{self.width_px}*{self.height_px}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """One of the 33 sizes of the reference."""

    size: Size
    ratio: str
    tier_px: int  # 1024, 1280 or 1536: the side of a square of about the same area
    names: tuple[str, ...]


_NAMES = {
    "1:1": ("square", "avatar"),
    "2:3": ("portrait", "poster"),
    "3:2": ("landscape", "photo"),
    "3:4": ("portrait", "book"),
    "4:3": ("landscape", "classic"),
    "7:9": ("portrait", "card"),
    "9:7": ("landscape", "print"),
    "9:16": ("tall", "phone", "story"),
    "9:21": ("tall", "banner", "bookmark"),
    "16:9": ("wide", "screen", "video"),
    "21:9": ("wide", "cinema", "ultrawide"),
}
_TIERS = {
    1024: "1024*1024 832*1248 1248*832 864*1152 1152*864 896*1152 1152*896 720*1280 576*1344"
    " 1280*720 1344*576",
    1280: "1280*1280 1024*1536 1536*1024 1104*1472 1472*1104 1120*1440 1440*1120 864*1536 720*1680"
    " 1536*864 1680*720",
    1536: "1536*1536 1248*1872 1872*1248 1296*1728 1728*1296 1344*1728 1728*1344 1152*2048 864*2016"
    " 2048*1152 2016*864",
}
_TIER_NAMES = {1024: ("small", "fast"), 1280: ("medium",), 1536: ("large", "big")}


def _recommended() -> tuple[Recommended, ...]:
    return tuple(
        Recommended(
            size=Size(*map(int, text.split("*"))),
            ratio=ratio,
            tier_px=tier_px,
            names=(*names, *_TIER_NAMES[tier_px]),
        )
        for tier_px, texts in _TIERS.items()
        for (ratio, names), text in zip(_NAMES.items(), texts.split(), strict=True)
    )


RECOMMENDED = _recommended()
DEFAULT_SIZE = Size(1024, 1024)

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
_TIER_WORDS = frozenset(map(str, _TIERS))
_LONGEST_SIDE_PX = max(max(one.size.width_px, one.size.height_px) for one in RECOMMENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSize:
    """What will be drawn, and whether that is not quite what was typed."""

    size: Size
    asked: Size

    @property
    def was_rounded(self) -> bool:
        return self.size != self.asked


def parse_size(text: str) -> ChosenSize:
    """Reads a pair (`1024*1536`), a side of a square (`768`, `2K`), a ratio (`16:9`) or a name.

    Raises:
        SizeNotUnderstood: no size, ratio or name in it.
        SizeOutOfRange: the area is outside 512×512…2048×2048 px, as typed or once rounded.
        SizeTooNarrow: one side is over eight times the other.
    """
    typed = typed_size(text)
    if typed is not None:
        return _chosen(typed)
    words = set(_words(text))
    for one in RECOMMENDED:
        if words and words <= _known_as(one):
            return ChosenSize(size=one.size, asked=one.size)
    raise SizeNotUnderstood(text)


def typed_size(text: str) -> Size | None:
    """The sides, if it is sides that were typed; nobody has looked whether they can be drawn."""
    line = _plain(text)
    pair = _PAIR.fullmatch(line)
    if pair:
        width_px, height_px = map(int, filter(None, pair.groups()))
        return Size(width_px, height_px)
    square = _SQUARE.fullmatch(line)
    if square and line not in _TIER_WORDS:
        return Size(int(square[1]), int(square[1]))
    return None


def search_sizes(text: str) -> tuple[Recommended, ...]:
    """The recommended sizes of which every word of `text` is a beginning, in their order."""
    words = _words(text)
    return tuple(one for one in RECOMMENDED if all(_fits(one, word) for word in words))


def _plain(text: str) -> str:
    """Signs, units and ratios in the one form that is parsed."""
    line = normalised(text).translate(_SIGNS)
    line = _THOUSANDS.sub(r"\1\2", line)
    line = _UNIT.sub("", line)
    line = _KILO.sub(lambda found: str(int(found[1]) * 1024), line)
    return _RATIO.sub(_ratio, line)


def _ratio(found: re.Match[str]) -> str:
    """`32/18` is 16:9; with a cross between them two small numbers may be sides, if odd ones."""
    wide, high = int(found[1]), int(found[3])
    for ratio in _NAMES:
        one_wide, one_high = map(int, ratio.split(":"))
        is_same = (wide, high) == (one_wide, one_high)
        if is_same or (found[2] != "x" and 0 < wide * one_high == high * one_wide):
            return ratio
    return found[0]


def _words(text: str) -> list[str]:
    return re.findall(r"[^ ,;]+", _plain(text))


def _known_as(one: Recommended) -> set[str]:
    words = {one.ratio, str(one.tier_px), *one.names}
    if _LONGEST_SIDE_PX in (one.size.width_px, one.size.height_px):
        words.add(str(_LONGEST_SIDE_PX))  # `2K wide`
    return words


def _fits(one: Recommended, word: str) -> bool:
    return (
        one.ratio.startswith(word)
        or str(one.size).startswith(word.replace("x", "*"))
        or any(name.startswith(word) for name in one.names)
    )


def _chosen(asked: Size) -> ChosenSize:
    size = Size(_rounded(asked.width_px), _rounded(asked.height_px))
    if not (_in_range(asked) and _in_range(size)):
        raise SizeOutOfRange(width_px=asked.width_px, height_px=asked.height_px)
    if max(asked.width_px, asked.height_px) > MAX_RATIO * min(asked.width_px, asked.height_px):
        raise SizeTooNarrow(
            width_px=asked.width_px, height_px=asked.height_px, limit_ratio=MAX_RATIO
        )
    return ChosenSize(size=size, asked=asked)


def _rounded(side_px: int) -> int:
    return (side_px + SIDE_STEP_PX // 2) // SIDE_STEP_PX * SIDE_STEP_PX


def _in_range(size: Size) -> bool:
    return MIN_AREA_PX <= size.area_px <= MAX_AREA_PX


# ------------------------------------------------------------------------------------------------
# What a member asks to have drawn.
#
# Limits from the Z-Image API reference (2025-12-23): a prompt of at most 800 characters (each
# Chinese character, letter, digit or symbol counts one; we count code points), a seed from 0 to
# 2147483647. The service cuts a longer prompt without a word, so we refuse it with its count.


PROMPT_LIMIT_CHARACTERS = 800
NEGATIVE_LIMIT_CHARACTERS = 500  # documented for the sibling qwen-image only
MAX_SEED = 2_147_483_647


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture to draw. Build it with `image_request`, which checks the limits."""

    prompt: str
    size: Size
    seed: int
    rewrite: bool
    negative: str = ""


def image_request(
    *, prompt: str, size: Size, seed: int, rewrite: bool, negative: str = ""
) -> ImageRequest:
    """Edges that cannot be seen are cut off; the rest is the member's own, as it was typed.

    Raises:
        PromptEmpty, PromptTooLong, SeedOutOfRange.
    """
    prompt, negative = trimmed(prompt), trimmed(negative)
    if not prompt:
        raise PromptEmpty
    _check_length(prompt, PROMPT_LIMIT_CHARACTERS)
    _check_length(negative, NEGATIVE_LIMIT_CHARACTERS)
    if not 0 <= seed <= MAX_SEED:
        raise SeedOutOfRange(seed)
    return ImageRequest(prompt=prompt, size=size, seed=seed, rewrite=rewrite, negative=negative)


def _check_length(text: str, limit: int) -> None:
    if len(text) > limit:
        raise PromptTooLong(characters=len(text), limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the provider answered."""

    url: str = field(repr=False)  # signed, lives 24 h; never logged; '' once it is not needed
    shown_prompt: str  # the rewritten prompt, or the prompt as sent
    size: Size  # what was really produced
    provider_request_id: str
    duration_us: int  # of the call
    reasoning: str = ""  # of the rewriting model
    input_tokens: int = 0
    output_tokens: int = 0
    arrived_at_us: int | None = None  # the request, by the provider's clock, if it says so


# ------------------------------------------------------------------------------------------------
# What a picture costs. Z-Image is priced per image, whatever its size (model card, 2026).


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Micro-dollars per image, without and with rewriting."""

    plain_micros: int = 15_000
    rewritten_micros: int = 30_000

    def of(self, *, rewrite: bool) -> int:
        return self.rewritten_micros if rewrite else self.plain_micros


def dollars(micros: int) -> str:
    """`$0.015`, `$1.20`: at least two decimals, nothing rounded away."""
    whole, fraction = divmod(micros, 1_000_000)
    digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"${whole}.{digits}"
