"""The rules of `/imagine`: which words a prompt has.

What Discord keeps as `<…>` in a text becomes the words that members see in its place. A model can
draw `pepe happy` and `Ada`, not `<:pepe_happy:1>` and `<@42>`; and a thread's title and an
alternative text show the raw ids to everybody.

Source: Discord's reference, "Message Formatting" (2026-08).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from bot.visible import trimmed


class Mentioned(StrEnum):
    """Whose name is asked for by an id."""

    USER = "user"
    ROLE = "role"
    CHANNEL = "channel"


NameOf = Callable[[Mentioned, int], str | None]

_NAMELESS = {Mentioned.USER: "someone", Mentioned.ROLE: "people", Mentioned.CHANNEL: "a channel"}
_ID = r"\d{1,20}"
_MARK = re.compile(
    rf"<(?:@!?(?P<user>{_ID})|@&(?P<role>{_ID})|\#(?P<channel>{_ID})"
    rf"|a?:(?P<emoji>\w{{1,64}}):{_ID}"
    rf"|/(?P<command>[^<>:]{{1,120}}):{_ID}"
    rf"|t:(?P<at_s>-?{_ID})(?::(?P<style>[a-zA-Z]))?"
    rf"|id:(?P<page>[\w-]{{1,40}})(?::{_ID})?)>",
    re.ASCII,
)


def named(text: str, name_of: NameOf) -> str:
    """The text without ids; whoever has no name is `someone`, `people` or `a channel`."""
    while _MARK.search(text):  # a name within a mark may leave a mark
        text = _MARK.sub(lambda found: _apart(found, _word(found, name_of)), text)
    return text


def _word(found: re.Match[str], name_of: NameOf) -> str:
    for kind in Mentioned:
        if found[kind]:
            return _cleaned(name_of(kind, int(found[kind])) or "") or _NAMELESS[kind]
    if found["at_s"]:
        return _instant(int(found["at_s"]), found["style"])
    word = found["emoji"] or found["command"] or found["page"]
    return word.replace("_", " ").replace("-", " ").strip()


def _cleaned(name: str) -> str:
    """Members choose their names: what might be a mark again goes."""
    return trimmed(" ".join(re.sub("[<>@]", "", name).split()))


def _instant(at_s: int, style: str | None) -> str:
    try:
        at = datetime.fromtimestamp(at_s, UTC)
    except (OverflowError, OSError, ValueError):
        return "a date"
    return f"{at:%H:%M}" if style in ("t", "T") else f"{at.day} {at:%B} {at.year}"


def _apart(found: re.Match[str], word: str) -> str:
    """A blank where the word would else run into its neighbour."""
    start, end = found.span()
    before, after = found.string[max(0, start - 1) : start], found.string[end : end + 1]
    is_close = before.isalnum() or before == ">"
    return " " * is_close + word + " " * after.isalnum()
