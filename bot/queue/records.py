"""What is asked, queued, drawn and said: the records, their states, and how states may change.

    request 1 ─▶ n job 1 ─▶ 0..1 picture        message: what a request has to say in Discord

    job:      queued ──claim──▶ running ──complete──▶ drawn
                │  ▲              │ │ │
                │  └───retry──────┘ │ └─ answer lost ──▶ uncertain
                │                   └─── fail ─────────▶ refused (the provider's check) | failed
                └─cancel, close───▶ cancelled   (running: the paid picture is withheld)

    picture:  held ──approve──▶ due ──post──▶ shown ──delete──▶ deleted
            │             │ │ └─ no place ──▶ undeliverable
            │             │ └─── link dead ─▶ lost
            └─reject──────┴─cancel──▶ withheld ──appeal──▶ due

Records are frozen; the verbs that change rows are functions of this package. A row whose state has
no such change in `JOB_CHANGES` or `PICTURE_CHANGES` is left as it is by every verb. Behind them
stand ids, the operator's limits, and what the service tells of the queue.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from msgspec import Struct

from bot.policy.rules import Review
from bot.records import Redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.providers.image import ImageRequest, Size


LINK_LIVES_US = 24 * 3600 * 1_000_000  # of a picture; Z-Image API reference, 2025-12-23


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"  # waits for its turn, or for the end of a backoff
    RUNNING = "running"  # claimed; a call may be out
    DRAWN = "drawn"  # there is a picture, and it is paid
    CANCELLED = "cancelled"  # withdrawn by the member or a moderator, or its place was closed
    REFUSED = "refused"  # the provider's content check said no; free
    FAILED = "failed"  # nothing was drawn; free
    UNCERTAIN = "uncertain"  # the answer was lost after sending; perhaps billed


class PictureState(StrEnum):
    """Whether members see it."""

    HELD = "held"  # waits for the staff
    DUE = "due"  # to be posted
    SHOWN = "shown"
    UNDELIVERABLE = "undeliverable"  # Discord has no place for it; /queue has its link
    WITHHELD = "withheld"  # cancelled or rejected: paid, and never posted
    LOST = "lost"  # the provider's storage gives it no more
    DELETED = "deleted"  # its member, or a moderator, wanted it gone


JOB_CHANGES: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset(
        # uncertain: in a backup that was put back, what waited may have been drawn since
        {JobState.RUNNING, JobState.CANCELLED, JobState.UNCERTAIN}
    ),
    JobState.RUNNING: frozenset(JobState) - {JobState.RUNNING},
}
PICTURE_CHANGES: Mapping[PictureState, frozenset[PictureState]] = {
    PictureState.HELD: frozenset(
        {PictureState.DUE, PictureState.WITHHELD, PictureState.LOST, PictureState.DELETED}
    ),
    PictureState.DUE: frozenset(
        {
            *(PictureState.SHOWN, PictureState.UNDELIVERABLE, PictureState.LOST),
            *(PictureState.HELD, PictureState.WITHHELD, PictureState.DELETED),
        }
    ),
    PictureState.SHOWN: frozenset({PictureState.DELETED}),
    # shown: another process found a place after all
    PictureState.UNDELIVERABLE: frozenset(
        {PictureState.DUE, PictureState.SHOWN, PictureState.DELETED}
    ),
    PictureState.LOST: frozenset({PictureState.DELETED}),
    # due: the staff had rejected it, and an appeal was granted
    PictureState.WITHHELD: frozenset({PictureState.DUE, PictureState.DELETED}),
}


_NOT_SHOWN_YET = frozenset({PictureState.HELD, PictureState.DUE, PictureState.UNDELIVERABLE})


class Surface(StrEnum):
    """How whoever asked can be answered."""

    GUILD = "guild"  # by the bot, in a guild that it is a member of
    DIRECT = "direct"  # by the bot, in its direct messages with them
    INTERACTION = "interaction"  # by the interaction's token alone, for 15 minutes


class Origin(Redacted, frozen=True, kw_only=True):
    """Where a request came from; all that is needed to answer it from any process."""

    redacted = ("interaction_token",)

    interaction_id: InteractionId  # the idempotency key: one interaction makes one request
    guild_id: GuildId | None  # None: asked in a direct message, or by a user's own install
    channel_id: ChannelId
    user_id: UserId
    upload_limit_bytes: int  # as the interaction told it; Discord's own default changes
    parent_channel_id: ChannelId | None = None  # of a public thread
    is_thread: bool = False  # the channel is a thread: deliver there, make no other
    locale: str = "en-US"  # the member's
    guild_locale: str = "en-US"  # for what everybody reads
    interaction_token: str | None = None  # wiped once dead (15 minutes)
    interaction_expires_at_us: int = 0
    parent_id: JobId | None = None  # the job whose button asked for this one
    surface: Surface = Surface.GUILD
    is_restricted: bool = False  # an age-restricted place: what is made there never leaves such
    joined_at_us: int | None = None  # when the member came to the guild; not kept

    @property
    def tenant_id(self) -> TenantId:
        """Whose turn it takes: the guild's, or outside of guilds the person's own."""
        return tenant_of(self.guild_id, self.user_id)

    @property
    def posts_in_place(self) -> bool:
        """No thread is opened for the picture: it is in one, or the place has none."""
        return self.is_thread or self.surface is not Surface.GUILD

    def can_be_answered(self, now_us: int) -> bool:
        """Where only the token of the interaction reaches, that ends when the token dies."""
        is_alive = self.interaction_token is not None and now_us < self.interaction_expires_at_us
        return self.surface is not Surface.INTERACTION or is_alive

    def address(self, channel_id: ChannelId | None, message_id: MessageId | None) -> Address | None:
        """Of a message about the request; None if there is none that can be changed."""
        by_token = self.surface is Surface.INTERACTION
        if channel_id is None or message_id is None or (by_token and not self.interaction_token):
            return None
        token = self.interaction_token if by_token else None
        return Address(channel_id=channel_id, message_id=message_id, token=token)

    @property
    def root_channel_id(self) -> ChannelId:
        """The place: a channel with its public threads. A private thread is one of its own."""
        return self.parent_channel_id or self.channel_id


class Address(Redacted, frozen=True, kw_only=True):
    """A message of ours, and by what it can be changed."""

    redacted = ("token",)

    channel_id: ChannelId
    message_id: MessageId
    token: str | None = None  # of the interaction that it answers; None: the bot's own works there


class Failure(Struct, frozen=True, kw_only=True):
    """Why there is no picture, or why it is not shown; enough to say it in any language."""

    kind: str  # the class name in bot.errors, e.g. ContentRefused
    detail: str = ""  # e.g. Inspected.OUTPUT, a missing permission
    code: str | None = None
    provider_request_id: str | None = None


class Picture(Redacted, frozen=True, kw_only=True):
    """What was drawn for a job, and where it hangs. Ids are stored as soon as they are known."""

    redacted = ("link",)

    state: PictureState
    link: str | None  # signed, lives 24 h, never logged; None once wiped
    shown_prompt: str  # the rewritten prompt, or the prompt as sent
    size: Size  # what was really produced
    provider_request_id: str
    duration_us: int  # of the call
    reasoning: str = ""  # of the rewriting model
    input_tokens: int = 0
    output_tokens: int = 0
    drawn_at_us: int
    post_attempted_at_us: int | None = None  # from then on it may hang there without our knowing
    deleted_at_us: int | None = None
    channel_id: ChannelId | None = None
    message_id: MessageId | None = None
    cost_micros: int | None = None  # as billed; None if that is not known any more
    alt_text: str | None = None  # as its member has put it; None: from the prompt
    notes: tuple[str, ...] = ()  # what was not as usual about posting it beside others
    is_spoiler: bool = False  # shown once somebody clicks
    released_at_us: int | None = None  # it was held, and may be shown since
    hidden_at_us: int | None = None  # until the staff have looked at its reports


class ReviewCase(Struct, frozen=True, kw_only=True):
    """The staff look, or have looked, at a picture before it is shown."""

    id: int
    place: int | None = None  # among the guild's held pictures, 1 is the oldest; None: decided


class Message(Struct, frozen=True, kw_only=True):
    """The message that tells how a request is, its thread, and whether it has told of this job."""

    channel_id: ChannelId | None = None
    message_id: MessageId | None = None
    thread_id: ChannelId | None = None
    attempts: int = 0  # to say what is due
    told_at_us: int | None = None  # the member knows how it ended


class Job(Struct, frozen=True, kw_only=True):
    """One picture of a request in the queue, with what belongs to it."""

    id: JobId
    request_id: RequestId
    number: int = 1  # among the jobs of its request
    count: int = 1  # jobs of its request
    state: JobState
    request: ImageRequest
    origin: Origin
    priority: int  # orders the member's own jobs only; higher first
    attempts: int  # claims so far
    created_at_us: int
    account: str | None = None  # whose call draws it, or was the last to; None until it is claimed
    not_before_us: int | None = None  # the end of a backoff; running: when the call may leave
    sent_at_us: int | None = None  # the call's first byte was about to leave
    finished_at_us: int | None = None  # drawn, or ended without
    lease_token: str | None = None
    cancel_requested: bool = False
    failure: Failure | None = None  # why there is no picture, or why it is not shown
    picture: Picture | None = None
    message: Message
    review: Review = Review.OFF  # of its picture, as it was when it was asked
    role_ids: tuple[RoleId, ...] = ()  # of its member, then; until it is looked at
    review_case: ReviewCase | None = None
    is_veiled: bool = False  # words and link are left out here: bot.queue.authority

    @property
    def address(self) -> Address | None:
        """Of the message that tells how it is; None if there is none that can be changed."""
        return self.origin.address(self.message.channel_id, self.message.message_id)

    @property
    def is_open(self) -> bool:
        """Still to be drawn, or to be shown if that is possible."""
        return self.state in {JobState.QUEUED, JobState.RUNNING} or (
            self.picture is not None and self.picture.state in _NOT_SHOWN_YET
        )

    @property
    def is_due(self) -> bool:
        """There is a picture to be posted."""
        return self.picture is not None and self.picture.state is PictureState.DUE

    @property
    def is_held(self) -> bool:
        """There is a picture, and nobody but the staff may see it yet."""
        return self.picture is not None and self.picture.state is PictureState.HELD

    @property
    def is_unreviewed(self) -> bool:
        """Nobody has let its picture be shown, though somebody is to, or was: so its words are not
        shown to everybody either."""
        match self.picture and self.picture.state:
            case PictureState.HELD:
                return True
            case PictureState.WITHHELD if self.failure is not None:
                return True  # refused by a rule or a check, or rejected
            case None | PictureState.WITHHELD | PictureState.LOST:
                return self.review is not Review.OFF or self.review_case is not None
            case _:
                return False

    @property
    def is_withheld(self) -> bool:
        """It is painted, and never to be posted."""
        return self.picture is not None and self.picture.state is PictureState.WITHHELD

    @property
    def is_shown(self) -> bool:
        """Its picture hangs, perhaps hidden."""
        return self.picture is not None and self.picture.state is PictureState.SHOWN

    @property
    def is_hidden(self) -> bool:
        """Its picture hangs, and nobody but the staff may see it until they have looked."""
        return self.is_shown and self.picture is not None and self.picture.hidden_at_us is not None

    @property
    def has_secret_words(self) -> bool:
        """They are shown to nobody else: the staff are to look, or have looked, before."""
        return self.is_unreviewed or self.is_hidden

    @property
    def is_without_picture(self) -> bool:
        """It ended, and none is there or will be; one that was deleted was there."""
        picture = self.picture
        return not self.is_open and (picture is None or picture.state is PictureState.LOST)

    @property
    def is_deleted(self) -> bool:
        """Its member wanted the picture gone; the words are."""
        return self.picture is not None and self.picture.state is PictureState.DELETED


# ------------------------------------------------------------------------------------------------
# Identifiers: Discord's snowflakes and our job numbers, kept apart by type.


GuildId = NewType("GuildId", int)
ChannelId = NewType("ChannelId", int)  # a thread is a channel too
MessageId = NewType("MessageId", int)
UserId = NewType("UserId", int)
InteractionId = NewType("InteractionId", int)
RoleId = NewType("RoleId", int)
JobId = NewType("JobId", int)
RequestId = NewType("RequestId", int)  # of its first job
TenantId = NewType("TenantId", int)  # of a guild or of a person; Discord gives no number twice


NOBODY = UserId(0)  # in the place of members who had their data deleted


def tenant_of(guild_id: GuildId | None, user_id: UserId) -> TenantId:
    """The upper level of the fair queue: a guild, or a person by themselves."""
    return TenantId(user_id if guild_id is None else guild_id)
