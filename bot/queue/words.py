"""By which words a picture is found, and how the numbers of many pictures are packed.

A word is a run of letters and numbers, without regard to case or to the forms that Unicode holds to
be the same. Scripts that set no blanks between words (Chinese, Japanese, Thai, …) are found by each
two characters that stand side by side.

Sources: Unicode Standard Annexes #15 (NFKC) and #24 (scripts); Chambi and others, "Better bitmap
performance with Roaring bitmaps", 2016 (lists where they are short, else bitmaps).
"""

from __future__ import annotations

import re
import struct
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.queue.records import ChannelId, Job, UserId

MOST_WORDS = 64  # of one picture; a prompt of 800 characters seldom has more that differ
WORD_LIMIT = 32  # characters; what is longer is found by its beginning
MOST_SOUGHT = 8  # words of one search

_DENSE = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "]+"
)


class Sought(NamedTuple):
    """A word of a search."""

    word: str
    is_beginning: bool  # whatever begins with it is meant too


def words_of(text: str) -> frozenset[str]:
    """The first `MOST_WORDS` different words."""
    found: dict[str, None] = {}
    for run in _runs(text):
        found.update(dict.fromkeys(_indexed(run)))
        if len(found) >= MOST_WORDS:
            break
    return frozenset([*found][:MOST_WORDS])


def sought_in(typed: str) -> tuple[Sought, ...]:
    """All of them are to be there; the last one may still be typed, so it is a beginning."""
    found: dict[Sought, None] = {}
    for run in _runs(typed):
        found.update(dict.fromkeys(_asked(run)))
    first = [*found][:MOST_SOUGHT]
    if first and len(found) <= MOST_SOUGHT and not _DENSE.match(first[-1].word):
        first[-1] = first[-1]._replace(is_beginning=True)
    return tuple(first)


def folded(text: str) -> str:
    """What of it counts in a search, words and blanks; again folded it stays the same."""
    shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(one if _is_part(one) else " " for one in shown).split())


def _runs(text: str) -> Iterator[str]:
    """Runs of one kind: of a script with blanks between its words, or of one without."""
    for word in folded(text).split():
        end = 0
        for dense in _DENSE.finditer(word):
            yield word[end : dense.start()]
            yield dense[0]
            end = dense.end()
        yield word[end:]


def _is_part(character: str) -> bool:
    """Letters, numbers, and the signs that are written over, under or around them."""
    return unicodedata.category(character)[0] in "LNM"


def _indexed(run: str) -> list[str]:
    """The last character of a dense run begins no pair, so it stands alone too."""
    if not _DENSE.match(run):
        return [run[:WORD_LIMIT]] if run else []
    return [*_pairs(run), run[-1]]


def _asked(run: str) -> list[Sought]:
    if not _DENSE.match(run):
        return [Sought(run[:WORD_LIMIT], is_beginning=False)] if run else []
    if len(run) == 1:
        return [Sought(run, is_beginning=True)]
    return [Sought(pair, is_beginning=False) for pair in _pairs(run)]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


# ------------------------------------------------------------------------------------------------
# What else a picture is found by stands among its words, under signs that no word has.


def place_word(channel_id: ChannelId) -> str:
    """The root channel."""
    return f"#{channel_id}"


def member_word(user_id: UserId) -> str:
    return f"@{user_id}"


def words_of_job(job: Job) -> frozenset[str]:
    """Those of its prompt, its place and its member."""
    origin = job.origin
    about = (place_word(origin.root_channel_id), member_word(origin.user_id))
    return words_of(job.request.prompt).union(about)


# ------------------------------------------------------------------------------------------------
# Numbers of jobs in blocks. A set of places in a block is an int, whose bits they are; in a row it
# is a list of places while that is short, else the bits.


BLOCK = 1 << 16  # jobs
_BITMAP_BYTES = BLOCK // 8
_MOST_LISTED = 256  # places, of two bytes each


def packed(bits: int) -> bytes:
    """Shorter than a bitmap if there are few."""
    if bits.bit_count() > _MOST_LISTED:
        return bits.to_bytes(_BITMAP_BYTES, "little")
    return b"".join(place.to_bytes(2, "little") for place in places(bits, newest_first=False))


def unpacked(*contents: bytes) -> int:
    """All together of what `packed` has made; thousands of lists cost what their places do."""
    bits, listed = 0, bytearray()
    for content in contents:
        if len(content) == _BITMAP_BYTES:
            bits |= int.from_bytes(content, "little")
        else:
            listed += content
    few = bytearray(_BITMAP_BYTES if listed else 0)
    for place in struct.unpack(f"<{len(listed) // 2}H", listed):
        few[place >> 3] |= 1 << (place & 7)
    return bits | int.from_bytes(few, "little")


def places(bits: int, *, newest_first: bool) -> Iterator[int]:
    """The places whose bits are set."""
    digits = f"{bits:b}"  # the highest place first
    find = digits.find if newest_first else digits.rfind
    start, end = 0, len(digits)
    while (at := find("1", start, end)) >= 0:
        yield len(digits) - 1 - at
        start, end = (at + 1, end) if newest_first else (0, at)
