"""The rules of `/imagine`: which words a prompt has, and who may do what to its job.

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
from typing import TYPE_CHECKING

from bot.errors import AskedElsewhere, NotYours, PictureDeleted, UnknownJob
from bot.queue.authority import check_known, is_here
from bot.visible import trimmed

if TYPE_CHECKING:
    from bot.queue.authority import Asker
    from bot.queue.records import Job


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


# ------------------------------------------------------------------------------------------------
# Who may do what to a job, and where.
#
# Who may know of one at all: bot/queue/authority.py. A moderator's word holds for the jobs of the
# place that they ask in, and no further.


def check_authority(asker: Asker, job: Job) -> None:
    """Its member anywhere in the guild, a moderator in its place.

    Raises:
        NotYours, UnknownJob.
    """
    check_known(asker, job)
    if job.origin.user_id != asker.user_id and not asker.may_moderate:
        raise NotYours


def check_ownership(asker: Asker, job: Job) -> None:
    """Its member alone.

    Raises:
        NotYours, UnknownJob.
    """
    check_known(asker, job)
    if job.origin.user_id != asker.user_id:
        raise NotYours


def check_repetition(asker: Asker, job: Job) -> None:
    """Anybody, in its place: a prompt never leaves a closed or age-restricted one by a button.

    Raises:
        AskedElsewhere, PictureDeleted, UnknownJob.
    """
    check_known(asker, job)
    if not is_here(asker, job.origin):
        raise AskedElsewhere(job.origin.channel_id)
    if job.is_deleted:
        raise PictureDeleted


def check_deletion(asker: Asker, job: Job) -> None:
    """Its member or a moderator, by the button of the job's own picture.

    Between the post and the row that knows its id, the picture is whatever was posted meanwhile.

    Raises:
        NotYours, UnknownJob.
    """
    check_authority(asker, job)
    picture = job.picture
    if picture is None:
        raise UnknownJob
    is_unrecorded = picture.message_id is None and picture.post_attempted_at_us is not None
    is_own = asker.button and asker.button.message_id == picture.message_id
    if not (is_own or is_unrecorded):
        raise UnknownJob
