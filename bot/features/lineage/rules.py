"""Families of pictures: what a child has changed, and which of many relatives are shown.

A family is what whoever asks may see of it: where that ends, upwards or downwards, it ends for
them, and nothing tells that there is more.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from bot.features.lineage.tree import tidy_tree
from bot.queue.records import JobId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bot.providers.image import ImageRequest
    from bot.queue.records import ChannelId, Job, MessageId


MOST_WHOLE = 40  # pictures of a family that is drawn with all its members
MOST_ROWS = 8
MOST_COLUMNS = 10
END_OF_LINE = 5  # of a longer line, besides the first
NEAREST = 5  # of more siblings, and of more children
MOST_LINKS = 10
MOST_LOOKED_AT = 40  # near ones, for links
LONGEST_PLACE = 8  # numbers


class Alteration(StrEnum):
    """What a request has different from the one that it came from."""

    WORDS = "words"
    LEFT_OUT = "left out"
    SIZE = "size"
    REWRITING = "rewriting"
    SEED = "seed"


def alterations(before: ImageRequest, after: ImageRequest) -> tuple[Alteration, ...]:
    """Empty: the same again. Words that were deleted with their picture are not compared."""
    has_words = bool(before.prompt and after.prompt)
    differ = {
        Alteration.WORDS: has_words and before.prompt != after.prompt,
        Alteration.LEFT_OUT: has_words and before.negative != after.negative,
        Alteration.SIZE: before.size != after.size,
        Alteration.REWRITING: before.rewrite != after.rewrite,
        Alteration.SEED: before.seed != after.seed,
    }
    return tuple(change for change, is_so in differ.items() if is_so)


# ------------------------------------------------------------------------------------------------
# Who belongs to the family.


class Family(Struct, frozen=True):
    """Members from the first one downwards: parents before children, siblings by their numbers."""

    ids: tuple[JobId, ...]
    parents: tuple[int | None, ...]  # indices; None has no parent that is seen
    asked: int  # index of the one that was asked for

    def children(self) -> Mapping[int | None, Sequence[int]]:
        found = defaultdict[int | None, list[int]](list)
        for index, parent in enumerate(self.parents):
            found[parent].append(index)
        return found

    def line(self, index: int) -> tuple[int, ...]:
        """From the first one to this one."""
        found: list[int] = []
        at: int | None = index
        while at is not None:
            found.append(at)
            at = self.parents[at]
        return tuple(reversed(found))

    def places(self, indices: Sequence[int]) -> tuple[str, ...]:
        """`1.2.3` is the third child of the second child of the first; of a long line the end."""
        children = self.children()
        return tuple(self._place(one, children) for one in indices)

    def _place(self, index: int, children: Mapping[int | None, Sequence[int]]) -> str:
        line = self.line(index)
        numbers = [children[self.parents[one]].index(one) + 1 for one in line[-LONGEST_PLACE:]]
        return "…" * (len(line) > LONGEST_PLACE) + ".".join(map(str, numbers))


def family_of(asked: JobId, parents: Mapping[JobId, JobId | None]) -> Family:
    """From who came from whom, in any order. Where a parent is not among them, the line begins.

    A circle, which only a hand in the rows can make, is cut where it closes.
    """
    children = defaultdict[JobId | None, list[JobId]](list)
    for one, parent in sorted(parents.items()):
        children[parent].append(one)
    indices: dict[JobId, int] = {}
    found: list[int | None] = []
    for one, parent in _downwards(children[parents[_first(asked, parents)]], children):
        indices[one] = len(found)
        found.append(None if parent is None else indices[parent])
    return Family(tuple(indices), tuple(found), indices[asked])


def _first(asked: JobId, parents: Mapping[JobId, JobId | None]) -> JobId:
    first, seen = asked, {asked}
    while (parent := parents[first]) in parents and parent not in seen:
        first = cast("JobId", parent)
        seen.add(first)
    return first


def _downwards(
    roots: Sequence[JobId], children: Mapping[JobId | None, Sequence[JobId]]
) -> Iterator[tuple[JobId, JobId | None]]:
    """Each once, with its parent; a branch to its end before the next."""
    stack: list[tuple[JobId, JobId | None]] = [(one, None) for one in reversed(roots)]
    seen: set[JobId] = set(roots)
    while stack:
        one, parent = stack.pop()
        yield one, parent
        fresh = [child for child in children.get(one, ()) if child not in seen]
        seen.update(fresh)
        stack += [(child, one) for child in reversed(fresh)]


# ------------------------------------------------------------------------------------------------
# Which of them are drawn.


class FamilyNode(Struct, frozen=True, kw_only=True):
    """One of those that are drawn."""

    index: int  # in the family
    parent: int | None  # its nearest ancestor that is drawn, as an index of what is drawn
    skipped: int  # generations between the two
    more: int  # below it that are not drawn


def nodes_shown(family: Family) -> tuple[FamilyNode, ...]:
    """All of a small family; of a large one the line to who was asked for, with their nearest."""
    kept = range(len(family.ids)) if _is_drawn_whole(family) else sorted(_nearest(family))
    places = {index: place for place, index in enumerate(kept)}
    more = _hidden_below(family, places)
    return tuple(_shown(family, index, places, more[index]) for index in kept)


def _is_drawn_whole(family: Family) -> bool:
    if len(family.ids) > MOST_WHOLE:
        return False
    spots = tidy_tree(family.parents)
    return all(spot.column < MOST_COLUMNS and spot.row < MOST_ROWS for spot in spots)


def _nearest(family: Family) -> set[int]:
    line, children = family.line(family.asked), family.children()
    shown = line if len(line) <= END_OF_LINE + 1 else (line[0], *line[-END_OF_LINE:])
    siblings = _around(family.asked, children[family.parents[family.asked]])
    return {*shown, *siblings, *children[family.asked][:NEAREST]}


def _around(one: int, siblings: Sequence[int]) -> Sequence[int]:
    """It and its neighbours."""
    place = siblings.index(one)
    first = max(0, min(place - NEAREST // 2, len(siblings) - NEAREST))
    return siblings[first : first + NEAREST]


def _hidden_below(family: Family, kept: Collection[int]) -> Mapping[int, int]:
    """Of each member how many below it are not drawn, down to those that are."""
    more = dict.fromkeys(range(len(family.ids)), 0)
    for index in reversed(range(len(family.ids))):
        parent = family.parents[index]
        if index not in kept and parent is not None:
            more[parent] += more[index] + 1
    return more


def _shown(family: Family, index: int, places: Mapping[int, int], more: int) -> FamilyNode:
    skipped, at = 0, family.parents[index]
    while at is not None and at not in places:
        skipped, at = skipped + 1, family.parents[at]
    parent = None if at is None else places[at]
    return FamilyNode(index=index, parent=parent, skipped=skipped, more=more)


# ------------------------------------------------------------------------------------------------
# Who is near.


class Kinship(StrEnum):
    """What one is to who was asked for."""

    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"


def nearest_kin(family: Family) -> tuple[tuple[Kinship, int], ...]:
    """The parent, children, then siblings; more than are linked, since some may hang nowhere."""
    parent, children = family.parents[family.asked], family.children()
    siblings = (one for one in children[parent] if one != family.asked)
    kin = (
        *((Kinship.PARENT, one) for one in (parent,) if one is not None),
        *((Kinship.CHILD, one) for one in children[family.asked]),
        *((Kinship.SIBLING, one) for one in siblings),
    )
    return kin[:MOST_LOOKED_AT]


# ------------------------------------------------------------------------------------------------
# Where one stands, in a line of words.


class LineagePlace(Struct, frozen=True, kw_only=True):
    """How far from the first picture, and by what it differs from its parent.

    Attributes:
        generation: 1 is the first picture.
        is_at_least: the line goes on upwards beyond where it was followed.
        parent: None if there is none, or no row any more.
    """

    generation: int
    is_at_least: bool = False
    parent: ImageRequest | None = None


# ------------------------------------------------------------------------------------------------
# What is seen of one picture.


class Visibility(StrEnum):
    """Whether there is a picture to look at."""

    SHOWN = "shown"  # it hangs in Discord
    OPEN = "open"  # still to be drawn, or to be shown
    DELETED = "deleted"
    VEILED = "veiled"  # of an age-restricted place, seen elsewhere
    NONE = "none"  # none was drawn, or it found no place


def visibility_of(job: Job) -> Visibility:
    if job.is_deleted:
        return Visibility.DELETED
    if job.is_veiled:
        return Visibility.VEILED
    if where_it_hangs(job) is not None:
        return Visibility.SHOWN
    return Visibility.OPEN if job.is_open else Visibility.NONE


def where_it_hangs(job: Job) -> tuple[ChannelId, MessageId] | None:
    """The message with the picture; None while, or because, members see none."""
    picture = job.picture
    if picture is None or not job.is_shown or job.is_hidden or picture.message_id is None:
        return None
    channel_id = picture.channel_id or job.message.thread_id or job.origin.channel_id
    return channel_id, picture.message_id


def link_in(message: object, job_id: JobId) -> str | None:
    """The `proxy_url` of this job's picture: by the name of its file, or as the only one."""
    links = list(dict.fromkeys(_proxy_urls(message)))
    named = [link for link in links if f"/zeuxis-{job_id}." in link]
    return named[0] if named else links[0] if len(links) == 1 else None


def _proxy_urls(part: Any) -> Iterator[str]:
    """Of attachments, and of the media that components show."""
    if isinstance(part, dict):
        if isinstance(part.get("proxy_url"), str):
            yield part["proxy_url"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _proxy_urls(one)
