"""Who may know of a job: whoever asked for it anywhere in its guild, and everybody in its place.

A place is a channel with its public threads; a private thread is a place of its own. Discord tells
what a member may do in the place of the interaction. A job of another place is unknown to whoever
did not ask for it: an answer that told it from a number of nothing would tell that it exists.

A button acts on the job that its message was made for. Its number alone does not say so after a
database was lost, hence two checks that hold without any database: the message is younger than
the job's interaction, and what everybody sees acts in its own place only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.errors import UnknownJob

if TYPE_CHECKING:
    from bot.queue.records import ChannelId, GuildId, InteractionId, Job, MessageId, UserId


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


def _is_public(asker: Asker) -> bool:
    return asker.button is not None and not asker.button.is_private


def _is_its_button(asker: Asker, whence: Whence) -> bool:
    """Ids of Discord grow with time, and a message about a job is younger than its interaction."""
    return asker.button is None or asker.button.message_id > whence.interaction_id
