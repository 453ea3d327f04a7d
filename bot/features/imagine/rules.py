"""The rules of `/imagine`: which words a prompt has, and who may do what to its job.

What Discord keeps as `<…>` in a text becomes the words that members see in its place. A model can
draw `pepe happy` and `Ada`, not `<:pepe_happy:1>` and `<@42>`; and a thread's title and an
alternative text show the raw ids to everybody.

Source: Discord's reference, "Message Formatting" (2026-08).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors import AskedElsewhere, NotYours, PictureDeleted, UnknownJob
from bot.visible import trimmed

if TYPE_CHECKING:
    from bot.queue.records import ChannelId, GuildId, Job, MessageId, UserId


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
# A place is a channel with its public threads; a private thread is a place of its own. Discord
# tells what a member may do in the place of the interaction, so a moderator's word holds for the
# jobs of that place and no further. A job of another place is unknown to whoever did not ask for
# it: an answer that told it from a number of nothing would tell that it exists.
#
# A button acts on the job that its message was made for. Its number alone does not say so after a
# database was lost, hence two checks that hold without any database: the message is younger than
# the job's interaction, and what everybody sees acts in its own place only.


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The message whose button was pressed."""

    message_id: MessageId
    is_private: bool  # only the member sees it, perhaps away from the job's place


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A member, where they ask, and what Discord lets them do there."""

    user_id: UserId
    guild_id: GuildId
    channel_id: ChannelId
    root_channel_id: ChannelId  # as in `Origin`
    may_moderate: bool
    button: Button | None = None  # None: a command


def check_known(asker: Asker, job: Job) -> None:
    """Raises UnknownJob: as if there were no such job."""
    is_own = job.origin.user_id == asker.user_id
    if job.origin.guild_id != asker.guild_id or not _is_its_button(asker, job):
        raise UnknownJob
    if not _is_here(asker, job) and (not is_own or _is_public(asker)):
        raise UnknownJob


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
    if not _is_here(asker, job):
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


def _is_here(asker: Asker, job: Job) -> bool:
    origin = job.origin
    return asker.channel_id == origin.channel_id or asker.root_channel_id == origin.root_channel_id


def _is_public(asker: Asker) -> bool:
    return asker.button is not None and not asker.button.is_private


def _is_its_button(asker: Asker, job: Job) -> bool:
    """Ids of Discord grow with time, and a message about a job is younger than its interaction."""
    return asker.button is None or asker.button.message_id > job.origin.interaction_id
