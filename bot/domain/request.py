"""What a member asks to have drawn.

Limits from the Z-Image API reference (2025-12-23): a prompt of at most 800 characters (each
Chinese character, letter, digit or symbol counts one; we count code points), a seed from 0 to
2147483647. The service cuts a longer prompt without a word, so we refuse it with its count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.visible import trimmed
from bot.errors import PromptEmpty, PromptTooLong, SeedOutOfRange

if TYPE_CHECKING:
    from bot.domain.sizes import Size

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
