"""Who may know of a job, and do what to it.

Whoever asked for it knows of it anywhere in its guild, and everybody else in its place: a channel
with its public threads; a private thread is a place of its own. Discord tells what a member may do
in the place of the interaction. A job of another place is unknown to whoever did not ask for it:
an answer that told it from a number of nothing would tell that it exists.

A button acts on the job that its message was made for. Its number alone does not say so after a
database was lost, hence two checks that hold without any database: the message is younger than
the job's interaction, and what everybody sees acts in its own place only.

What was made in an age-restricted place is known of everywhere in its guild, and neither seen nor
used but in such places.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from bot.records import replace
from bot.refusals import (
    AskedElsewhere,
    MadeRestricted,
    NotYours,
    OnlyTheirs,
    PictureDeleted,
    PictureHidden,
    UnknownJob,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.queue.records import ChannelId, GuildId, InteractionId, Job, MessageId, UserId


class Button(Struct, frozen=True, kw_only=True):
    """The message whose button was pressed."""

    message_id: MessageId
    is_private: bool  # only the member sees it, perhaps away from the job's place


class Asker(Struct, frozen=True, kw_only=True):
    """A member, where they ask, and what Discord lets them do there."""

    user_id: UserId
    guild_id: GuildId | None  # None: outside of guilds, where the person counts alone
    channel_id: ChannelId
    root_channel_id: ChannelId  # as in `Origin`
    may_moderate: bool
    is_restricted: bool = False  # they ask in an age-restricted place
    button: Button | None = None  # None: a command


class Whence(Protocol):
    """As much of an `Origin` as tells who may know of it."""

    @property
    def interaction_id(self) -> InteractionId: ...
    @property
    def guild_id(self) -> GuildId | None: ...
    @property
    def channel_id(self) -> ChannelId: ...
    @property
    def root_channel_id(self) -> ChannelId: ...
    @property
    def user_id(self) -> UserId: ...
    @property
    def is_restricted(self) -> bool | int: ...


def check_known(asker: Asker, job: Job) -> None:
    """Raises UnknownJob: as if there were no such job."""
    if not is_known(asker, job.origin):
        raise UnknownJob


def is_known(asker: Asker, whence: Whence) -> bool:
    """Whether there is such a job for them."""
    if whence.guild_id != asker.guild_id or not _is_its_button(asker, whence):
        return False
    is_own = whence.user_id == asker.user_id
    return is_here(asker, whence) or (is_own and not _is_public(asker))


def is_here(asker: Asker, whence: Whence) -> bool:
    """Whether they ask in its place."""
    is_its_channel = asker.channel_id == whence.channel_id
    return is_its_channel or asker.root_channel_id == whence.root_channel_id


def is_veiled(asker: Asker, whence: Whence) -> bool:
    """Whether it was made in an age-restricted place, and this is none."""
    return bool(whence.is_restricted) and not asker.is_restricted


def check_unveiled(asker: Asker, job: Job) -> None:
    """Raises MadeRestricted."""
    if is_veiled(asker, job.origin):
        raise MadeRestricted


def as_seen(asker: Asker, job: Job) -> Job:
    """Without words and picture, where those stay in age-restricted places."""
    return as_seen_in(asker.is_restricted, job)


def as_seen_in(is_restricted: bool, job: Job) -> Job:
    """A job of an age-restricted place can be listed in another, and tells nothing."""
    return _veiled(job) if job.origin.is_restricted and not is_restricted else job


def _veiled(job: Job) -> Job:
    picture = job.picture and replace(
        job.picture, link=None, shown_prompt="", reasoning="", alt_text=None
    )
    request = replace(job.request, prompt="", negative="")
    return replace(job, request=request, picture=picture, is_veiled=True)


def _is_public(asker: Asker) -> bool:
    return asker.button is not None and not asker.button.is_private


def _is_its_button(asker: Asker, whence: Whence) -> bool:
    """Ids of Discord grow with time, and a message about a job is younger than its interaction."""
    return asker.button is None or asker.button.message_id > whence.interaction_id


# ------------------------------------------------------------------------------------------------
# Who may do what. A moderator's word holds for the jobs of the place that they ask in, no further.


class Act(StrEnum):
    """What can be done to a job."""

    CANCEL = "cancel"
    EXPLAIN = "explain"  # why it is where it is
    PUT_FIRST = "put first"  # before its member's others
    PAINT = "paint"  # another picture from its words: rerolled, edited, in another size
    LOOK = "look"  # its prompts, its family, its hands
    KEEP = "keep"  # for oneself
    REPORT = "report"
    DESCRIBE = "describe"  # the alternative text
    DELETE = "delete"


class Doer(StrEnum):
    """Who may, of those that know of the job."""

    ITS_MEMBER = "its member"
    AUTHORITY = "its member and moderators"
    EVERYBODY = "everybody"


DOERS: Mapping[Act, Doer] = {
    Act.CANCEL: Doer.AUTHORITY,
    Act.EXPLAIN: Doer.AUTHORITY,
    Act.PUT_FIRST: Doer.ITS_MEMBER,
    Act.PAINT: Doer.EVERYBODY,
    Act.LOOK: Doer.EVERYBODY,
    Act.KEEP: Doer.EVERYBODY,
    Act.REPORT: Doer.EVERYBODY,
    Act.DESCRIBE: Doer.AUTHORITY,
    Act.DELETE: Doer.AUTHORITY,
}
# What neither shows nor uses picture or words is done anywhere.
_ANYWHERE = frozenset({Act.CANCEL, Act.REPORT, Act.DELETE})
_OF_WORDS = frozenset({Act.PAINT, Act.LOOK, Act.KEEP, Act.REPORT, Act.DESCRIBE})
_TELLS_WORDS = frozenset({Act.PAINT, Act.LOOK})
_OF_PICTURES = frozenset({Act.KEEP, Act.REPORT, Act.DESCRIBE, Act.DELETE})


def check(act: Act, asker: Asker, job: Job, *, copies: Collection[MessageId | None] = ()) -> None:
    """Painting is done in the job's place alone: a prompt never leaves a closed or age-restricted
    one by a button. Nor do others come to the words of a picture that is still to be looked at, or
    that is hidden until the staff have looked.

    Args:
        copies: of the messages in which the picture was posted again here; None of one that nobody
            knows.

    Raises:
        UnknownJob: they may not know of it, or there is no picture as they mean.
        NotYours, OnlyTheirs: somebody else may.
        MadeRestricted: its words are not told here.
        AskedElsewhere: their own, to be painted in its place.
        PictureDeleted, PictureHidden.
    """
    check_known(asker, job)
    if job.origin.user_id != asker.user_id:
        _check_other(DOERS[act], asker)
        if act in _OF_WORDS and (job.is_unreviewed or (act is Act.LOOK and job.is_withheld)):
            raise UnknownJob  # nobody has looked at the words that were drawn
        if act in _TELLS_WORDS and job.is_hidden:
            raise PictureHidden
    if act not in _ANYWHERE:
        check_unveiled(asker, job)
    if act is Act.PAINT and not is_here(asker, job.origin):
        raise AskedElsewhere(job.origin.channel_id)
    if act in _OF_WORDS and job.is_deleted:
        raise PictureDeleted
    if act in _OF_PICTURES and job.picture is None:
        raise UnknownJob
    if act is Act.DELETE and not (_is_its_picture(asker, job) or _is_copy(asker, copies)):
        raise UnknownJob


def _check_other(doer: Doer, asker: Asker) -> None:
    if doer is Doer.ITS_MEMBER:
        raise OnlyTheirs
    if doer is Doer.AUTHORITY and not asker.may_moderate:
        raise NotYours


def _is_its_picture(asker: Asker, job: Job) -> bool:
    """By a button of the job's own picture, or of a private answer about it; by no command.

    Between the post and the row that knows its id, the picture is whatever was posted meanwhile.
    """
    picture, button = job.picture, asker.button
    if picture is None or (picture.message_id is None and picture.post_attempted_at_us is not None):
        return picture is not None
    return button is not None and (button.is_private or button.message_id == picture.message_id)


def _is_copy(asker: Asker, copies: Collection[MessageId | None]) -> bool:
    return asker.button is not None and (None in copies or asker.button.message_id in copies)
