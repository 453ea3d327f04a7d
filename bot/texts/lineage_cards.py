"""The lineage of a picture: its family as a panel, in words, and in a line under a picture.

The panel's alternative text tells the same tree. Where nothing can be drawn, the card has it in
lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui
from msgspec import Struct

from bot.drawing.svg import Theme
from bot.features.lineage.rules import (
    Alteration,
    Kinship,
    Visibility,
    alterations,
    visibility_of,
)
from bot.features.lineage.svg import MOST_LINES, Portrait, family_panel, panel_size
from bot.texts import escaped, plain
from bot.texts.cards import Card, Colour, Items, heading, picture_url, shown_size, small, within
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.usage_words import pictures_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.features.lineage.rules import FamilyNode, LineagePlace
    from bot.features.lineage.service import FamilyFound
    from bot.pictures import Thumbnail
    from bot.providers.image import ImageRequest, Size
    from bot.queue.records import Job, JobId
    from bot.texts import Texts


FILENAME = "lineage.png"
PROMPT_LIMIT = 60  # characters of a prompt that stands for its picture
LINES_LIMIT = 2400  # characters of the tree in lines; 10 links and the rest have 1600
MOST_ZOOM = 1.5  # pixels a unit, as on a phone
MOST_PIXELS = 1_500_000  # 40 pictures take half a second of the processor


# ------------------------------------------------------------------------------------------------
# What a child has changed.


def alteration_texts(before: ImageRequest, after: ImageRequest, texts: Texts) -> tuple[str, ...]:
    """`other words`, `new seed`; of the same again it says that."""
    changed = alterations(before, after)
    if not changed:
        return (texts.say("the same again"),)
    return tuple(_alteration(one, before, after, texts) for one in changed)


def _alteration(
    alteration: Alteration, before: ImageRequest, after: ImageRequest, texts: Texts
) -> str:
    match alteration:
        case Alteration.WORDS:
            return texts.say("other words")
        case Alteration.LEFT_OUT if after.negative:
            return texts.say("other things left out")
        case Alteration.LEFT_OUT:
            return texts.say("nothing left out")
        case Alteration.SIZE:
            return f"{shown_size(before.size)} → {shown_size(after.size)}"
        case Alteration.REWRITING if after.rewrite:
            return texts.say("rewriting on")
        case Alteration.REWRITING:
            return texts.say("rewriting off")
        case Alteration.SEED:
            return texts.say("new seed")
        case _:
            assert_never(alteration)


def lineage_place_text(place: LineagePlace, request: ImageRequest, texts: Texts) -> str:
    """`generation 3: other words`, for the small print of a picture; nothing of a first one."""
    if place.generation == 1 and place.parent is None:
        return ""
    number = f"{place.generation}+" if place.is_at_least else str(place.generation)
    said = texts.say("generation {number}", number=number)
    if place.parent is None:
        return said
    return f"{said}: {', '.join(alteration_texts(place.parent, request, texts))}"


# ------------------------------------------------------------------------------------------------
# The panel.


class LineageChart(Struct, frozen=True, kw_only=True):
    """A drawing of the tree. `zoom`: pixels a unit, so that no tree has too many."""

    svg: str
    zoom: float


def lineage_chart(
    found: FamilyFound,
    thumbnails: Mapping[JobId, Thumbnail],
    texts: Texts,
    theme: Theme = Theme.DARK,
) -> LineageChart:
    """With a frame and words for whatever has no thumbnail."""
    portraits = _portraits(found, thumbnails, texts)
    width, height = panel_size(portraits)
    svg = family_panel(
        portraits,
        head=texts.say("Lineage"),
        below=_count_text(found, texts),
        language=texts.language,
        theme=theme,
    )
    return LineageChart(svg=svg, zoom=min(MOST_ZOOM, (MOST_PIXELS / (width * height)) ** 0.5))


def _portraits(
    found: FamilyFound, thumbnails: Mapping[JobId, Thumbnail], texts: Texts
) -> list[Portrait]:
    places = found.family.places([node.index for node in found.nodes])
    return [
        Portrait(
            parent=node.parent,
            place=place,
            size=_size(found.job(node.index)),
            changes=_edge_texts(found, node, texts),
            words=_frame_text(found.job(node.index), texts),
            more=_more_text(node, texts),
            thumbnail=thumbnails.get(found.family.ids[node.index]),
            is_asked=node.index == found.family.asked,
            is_direct=not node.skipped,
        )
        for node, place in zip(found.nodes, places, strict=True)
    ]


def _size(job: Job) -> Size:
    return job.picture.size if job.picture else job.request.size


def _edge_texts(found: FamilyFound, node: FamilyNode, texts: Texts) -> tuple[str, ...]:
    """Short enough for a column: a size is the new one alone, the old one is seen above."""
    before, after = found.parent(node.index), found.job(node.index)
    if node.parent is None or before is None:
        return ()
    if node.skipped:
        return (_between_text(node.skipped, texts),)
    said = alteration_texts(before.request, after.request, texts)
    size = f"{shown_size(before.request.size)} → "
    short = [one.replace(size, "→ ") for one in said]
    if len(short) > MOST_LINES:
        left = len(short) - MOST_LINES + 1
        short = [*short[: MOST_LINES - 1], texts.say("+ {count} more", count=left)]
    return tuple(short)


def _frame_text(job: Job, texts: Texts) -> str:
    match visibility_of(job):
        case Visibility.SHOWN:
            return plain(job.request.prompt, PROMPT_LIMIT)
        case Visibility.OPEN:
            return texts.say("being painted")
        case Visibility.DELETED:
            return texts.say("deleted")
        case Visibility.VEILED:
            return texts.say("age-restricted")
        case Visibility.NONE:
            return texts.say("no picture")
        case unknown:
            assert_never(unknown)


def _more_text(node: FamilyNode, texts: Texts) -> str:
    return texts.say("+ {count} more", count=node.more) if node.more else ""


def _between_text(count: int, texts: Texts) -> str:
    return texts.plural("{count} picture between", "{count} pictures between", count=count)


def _count_text(found: FamilyFound, texts: Texts) -> str:
    """`12 pictures`; of a large family how many are shown."""
    count, shown = len(found.family.ids), len(found.nodes)
    if shown == count:
        return pictures_text(count, texts)
    return texts.say("{shown} of {all}", shown=shown, all=pictures_text(count, texts))


# ------------------------------------------------------------------------------------------------
# The same in words.


def lineage_alt_text(found: FamilyFound, texts: Texts) -> str:
    """What a screen reader says in place of the panel."""
    said = f"{texts.say('Lineage')}, {_count_text(found, texts)}"
    for line in _lines(found, texts):
        if len(said) + len(line) + 3 > ALT_TEXT_LIMIT:
            return said + " …"
        said += f"; {line}"
    return said


def _lines(found: FamilyFound, texts: Texts) -> Iterator[str]:
    """One for each that is shown, in the order of the tree."""
    places = found.family.places([node.index for node in found.nodes])
    for node, place in zip(found.nodes, places, strict=True):
        job = found.job(node.index)
        changes = _edge_texts(found, node, texts)
        is_told = visibility_of(job) is not Visibility.SHOWN or not changes
        what = [*changes, *([_frame_text(job, texts)] if is_told else []), _more_text(node, texts)]
        asked = f" ({texts.say('this one')})" if node.index == found.family.asked else ""
        yield f"{place}{asked}: {', '.join(filter(None, what))}"


def _tree_in_lines(found: FamilyFound, texts: Texts) -> str:
    """For want of a panel. A dot for each generation: lists of Discord nest less deep."""
    lines = zip(_depths(found.nodes), _lines(found, texts), strict=True)
    return within(["· " * depth + escaped(line, 200) for depth, line in lines], LINES_LIMIT)


def _depths(nodes: Sequence[FamilyNode]) -> list[int]:
    depths: list[int] = []
    for node in nodes:
        depths.append(0 if node.parent is None else depths[node.parent] + 1)
    return depths


# ------------------------------------------------------------------------------------------------
# The card.


def lineage_card(found: FamilyFound, texts: Texts, *, has_panel: bool) -> Card:
    """`has_panel`: its picture is sent along, as `FILENAME`; else the tree stands in lines."""
    parts: Items = [heading("🌳", texts.say("Lineage"))]
    if has_panel:
        item = discord.MediaGalleryItem(
            f"attachment://{FILENAME}", description=lineage_alt_text(found, texts)
        )
        parts.append(ui.MediaGallery(item))
    else:
        parts.append(ui.TextDisplay(_tree_in_lines(found, texts)))
    parts.append(ui.TextDisplay(_kin_text(found, texts)))
    parts.append(ui.TextDisplay(small(texts.say("job {id}", id=found.asked.id))))
    return Card(Colour.NEUTRAL, *parts)


def _kin_text(found: FamilyFound, texts: Texts) -> str:
    """A line for each kind of relative, with links to the messages where they hang."""
    if len(found.family.ids) == 1:
        return texts.say(
            "Nothing has come from this picture yet. Reroll it, or change its words or size, and"
            " the new picture stands below it here."
        )
    places = dict(
        zip(
            [index for _, index in found.kin],
            found.family.places([index for _, index in found.kin]),
            strict=True,
        )
    )
    lines = []
    for kinship in Kinship:
        links = [
            _link(found.job(index), places[index]) for kind, index in found.kin if kind is kinship
        ]
        if links:
            lines.append(f"{_kinship_text(kinship, texts)}: {' · '.join(links)}")
    return "\n".join(lines) or small(texts.say("None of its relatives hangs in Discord."))


def _link(job: Job, place: str) -> str:
    url = picture_url(job)
    return f"[{place}]({url})" if url else place


def _kinship_text(kinship: Kinship, texts: Texts) -> str:
    match kinship:
        case Kinship.PARENT:
            return texts.say("Came from")
        case Kinship.CHILD:
            return texts.say("Came from it")
        case Kinship.SIBLING:
            return texts.say("Beside it")
        case _:
            assert_never(kinship)
