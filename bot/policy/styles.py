"""A guild's styles: a text around a member's words, with a size and what to leave out.

Its staff make them, any member names one. A style is found by its normalised name, so that two
that look alike are one. In the audit log and in the file of settings it stands as one text.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict

from bot.errors import PolicyUnreadable
from bot.policy.rules import Key, Scope, read_size
from bot.refusals import PromptEmpty, StyledTooLong
from bot.staff_refusals import StyleFault, StyleRefused
from bot.visible import normalised, trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.providers.image import Offer, Size


HOLE = "{prompt}"
NAME_LIMIT = 32  # characters
KEY_LIMIT = 48  # of some characters the plain form is longer
LEAST_LEFT = 200  # characters, for the member's own words
MOST_STYLES = 50  # of one guild
_PREFIX = "style:"  # of a style's name among the names of settings


class Style(Struct, frozen=True, kw_only=True):
    """What a guild's staff have made; `check_style` says whether it can be kept."""

    name: str  # as it is shown
    prompt: str  # with `{prompt}` where the member's words go
    size: Size | None = None
    negative: str = ""

    @property
    def name_key(self) -> str:
        return name_key(self.name)

    @property
    def share(self) -> int:
        """Characters of a prompt that are the style's."""
        return len(self.prompt) - len(HOLE)


def name_key(name: str) -> str:
    """By which a style is found."""
    return normalised(name)


def style_of(*, name: str, prompt: str, size: Size | None, negative: str) -> Style:
    """As it was typed, without what cannot be seen at the edges; the name on one line."""
    return Style(
        name=trimmed(" ".join(name.split())),
        prompt=trimmed(prompt),
        size=size,
        negative=trimmed(negative),
    )


def check_style(style: Style, offer: Offer) -> None:
    """Raises StyleRefused."""
    fault = _fault(style, offer)
    if fault is not None:
        raise StyleRefused(fault, name=style.name)


def _fault(style: Style, offer: Offer) -> StyleFault | None:
    if not style.name_key:
        return StyleFault.NAMELESS
    if len(style.name) > NAME_LIMIT or len(style.name_key) > KEY_LIMIT:
        return StyleFault.LONG_NAME
    if style.prompt.count(HOLE) != 1:
        return StyleFault.NO_PLACE
    if style.share > offer.prompt_limit - LEAST_LEFT:
        return StyleFault.LONG
    if len(style.negative) > (offer.negative_limit or 0):
        return StyleFault.LONG_NEGATIVE
    return None


def applied(style: Style, words: str, offer: Offer) -> str:
    """The prompt with the member's words in it.

    Raises:
        PromptEmpty, StyledTooLong.
    """
    words = trimmed(words)
    if not words:
        raise PromptEmpty
    before, _, after = style.prompt.partition(HOLE)
    prompt = f"{before}{words}{after}"
    if len(prompt) > offer.prompt_limit:
        raise StyledTooLong(
            characters=len(prompt), limit=offer.prompt_limit, name=style.name, share=style.share
        )
    return prompt


def matching(styles: Sequence[Style], typed: str) -> list[Style]:
    """Those in whose name or text every word is, those whose name begins so before the others."""
    line = normalised(typed)
    found = [
        one
        for one in styles
        if all(word in f"{one.name_key} {normalised(one.prompt)}" for word in line.split())
    ]
    return sorted(found, key=lambda one: (not one.name_key.startswith(line), one.name_key))


def nearest_names(styles: Sequence[Style], typed: str) -> tuple[str, ...]:
    """At most three; of styles that are nothing like it the first."""
    by_key = {one.name_key: one.name for one in sorted(styles, key=lambda one: one.name_key)}
    line = normalised(typed)
    found = [
        *get_close_matches(line, by_key, n=3),
        *(key for key in by_key if line and line in key),
    ]
    return tuple(by_key[key] for key in dict.fromkeys(found or by_key))[:3]


# ------------------------------------------------------------------------------------------------
# A style among what else is set.


def style_row(guild_id: int, key: str) -> Key:
    """Names it in the audit log and in a file."""
    return Key(Scope.GUILD, guild_id, f"{_PREFIX}{key}", guild_id)


def style_key(name: str) -> str | None:
    """Of a name among the names of settings; None if it is no style's."""
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) else None


def style_written(style: Style) -> str:
    """As one text; `style_read` reads it back."""
    size = None if style.size is None else str(style.size)
    return json.dumps({**asdict(style), "size": size}, ensure_ascii=False)


def style_read(text: str) -> Style:
    """Raises PolicyUnreadable."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyUnreadable("a style that is no JSON") from error
    match fields:
        case {"name": str(name), "prompt": str(prompt), "negative": str(negative)}:
            size = _size(fields.get("size"))
            return style_of(name=name, prompt=prompt, size=size, negative=negative)
        case _:
            raise PolicyUnreadable("a style without name, prompt and negative")


def _size(text: Any) -> Size | None:
    if text is None:
        return None
    try:
        return read_size(str(text))
    except ValueError as error:
        raise PolicyUnreadable("a style's size that is no width*height") from error
