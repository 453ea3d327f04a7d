"""What is said to members in the place of what they asked for: why, with what belongs to it.

A request for pictures that is not queued (`NotQueued`) costs nothing, and is answered so; below
stands what is done with pictures that are there. The texts are in `bot/texts`, and what staff are
told in `bot/staff_refusals.py`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from enum import StrEnum

from bot.errors import ZeuxisError


class Refusal(ZeuxisError):
    """What was asked for is not done; nothing was changed, nothing is charged."""


class NotQueued(Refusal):
    """A request for pictures: none was queued, nothing is charged."""


class PromptEmpty(NotQueued):
    """Nothing that can be seen."""


class PromptTooLong(NotQueued, kw_only=True):
    """Longer than the provider reads; it would cut the rest without a word."""

    characters: int
    limit: int


class StyledTooLong(NotQueued, kw_only=True):
    """With the style's words around the member's; `share` is the style's characters."""

    characters: int
    limit: int
    name: str = field(repr=False)
    share: int


class UnknownStyle(NotQueued):
    """No such style in this guild, or no more; `near` are names that may have been meant."""

    name: str = field(repr=False)
    _: KW_ONLY
    near: tuple[str, ...] = field(repr=False)


class BraceFault(StrEnum):
    """What is wrong with the alternatives in a prompt."""

    UNCLOSED = "unclosed"
    UNOPENED = "unopened"
    NESTED = "nested"
    EMPTY = "empty"  # nothing between two bars


class BracesBroken(NotQueued):
    """Alternatives that cannot be told apart; `before` and `after` are words around the place."""

    fault: BraceFault
    _: KW_ONLY
    before: str = field(repr=False)
    after: str = field(repr=False)


class SizeNotUnderstood(NotQueued):
    """Neither a name, a ratio nor width*height."""

    text: str = field(repr=False)


class SizeOutOfRange(NotQueued, kw_only=True):
    """The area is outside what the provider draws."""

    width_px: int
    height_px: int
    min_area_px: int
    max_area_px: int


class SizeTooNarrow(NotQueued, kw_only=True):
    """One side is many times the other; the area alone would pass."""

    width_px: int
    height_px: int
    limit_ratio: int


class SizeOverLimit(NotQueued, kw_only=True):
    """Larger than the guild allows; areas in pixels."""

    area_px: int
    most_px: int


class SeedNotUnderstood(NotQueued):
    """What was typed is no number."""

    text: str = field(repr=False)


class SeedOutOfRange(NotQueued):
    """Below 0, or above the most that the provider takes."""

    seed: int
    _: KW_ONLY
    most: int


class BatchTooLarge(NotQueued, kw_only=True):
    """More pictures at once than are allowed here."""

    count: int
    limit: int


class RewritingOff(NotQueued):
    """The guild allows no rewriting of prompts."""


class NoRewriter(NotQueued, kw_only=True):
    """The operator has named no model that rewrites, or there are several prompts in one."""

    has_several: bool = False


class RewritingEnd(StrEnum):
    """How a rewriting came to nothing."""

    REFUSED = "refused"  # by the content check of whoever rewrites
    FAILED = "failed"  # for nothing; it may be tried again
    LOST = "lost"


class RewritingFailed(NotQueued):
    """The prompt was not rewritten; nothing was queued."""

    end: RewritingEnd
    _: KW_ONLY
    may_cost: bool = False


class QueueScope(StrEnum):
    """Whose share of the queue is full."""

    MEMBER = "member"  # this member in this guild
    GUILD = "guild"  # all members of this guild together


class QueueFull(NotQueued, kw_only=True):
    """As many jobs wait as may wait."""

    scope: QueueScope
    waiting: int
    limit: int


class WaitTooLong(NotQueued, kw_only=True):
    """The expected wait is longer than the guild accepts."""

    expected_s: float
    limit_s: float


class TokenTooShort(NotQueued, kw_only=True):
    """By an interaction's token alone the picture would come too late; seconds."""

    expected_s: float
    left_s: float


class Outage(StrEnum):
    """Why the provider draws nothing for anybody."""

    KEY = "key"  # wrong key or region
    ACCESS = "access"  # rights or model name
    ACCOUNT = "account"  # unpaid bill, free tier used up
    FAILING = "failing"  # it answers with errors only
    UNREACHABLE = "unreachable"  # no request leaves: our network, DNS, or the whole service


class ProviderDown(NotQueued):
    """No call is made at present; `until_at_us` is the next probe (epoch microseconds)."""

    outage: Outage
    _: KW_ONLY
    until_at_us: int


class Level(StrEnum):
    """Whose pictures are counted together."""

    ACCOUNT = "account"  # all there are
    GUILD = "guild"
    CHANNEL = "channel"  # with its threads
    ROLE = "role"  # the member's own pictures; its limit comes with a role
    MEMBER = "member"  # in one guild
    PERSON = "person"  # over all guilds and direct messages


class Unit(StrEnum):
    """What is counted."""

    PICTURES = "pictures"
    MICROS = "micros"  # micro-dollars


class Period(StrEnum):
    """In which span."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class SwitchedOff(NotQueued, kw_only=True):
    """A limit of 0 forbids it; it does not renew."""

    level: Level
    by_staff: bool


class QuotaUsedUp(NotQueued, kw_only=True):
    """A limit would be exceeded; `amount` and `left` are in its unit."""

    level: Level
    unit: Unit
    period: Period
    amount: int
    left: int
    renews_at_us: int
    by_staff: bool  # else by the operator


class CoolingDown(NotQueued, kw_only=True):
    """A member waits between two pictures; until the instant (epoch microseconds)."""

    until_at_us: int


class RefusedTooOften(NotQueued, kw_only=True):
    """The provider has refused as many of the member's requests within the hour as may be."""

    until_at_us: int


class GuildNotAllowed(NotQueued):
    """The operator has not allowed this guild, or has blocked it."""


class OutsideNotAllowed(NotQueued):
    """The operator lets this person ask in guilds only, not in direct messages or elsewhere."""


class PlaceNotAllowed(NotQueued):
    """Not in this channel; in those of these ids."""

    channel_ids: tuple[int, ...]


class RoleNotAllowed(NotQueued):
    """For members with one of these roles only."""

    role_ids: tuple[int, ...]


class BlockedHere(NotQueued, kw_only=True):
    """The staff of the guild, or the operator, let the member ask for no pictures."""

    until_at_us: int | None  # None: until it is taken back
    reason: str = field(repr=False)
    by_operator: bool
    appeal_to: int | None = None  # the guild whose staff would hear it; None: nobody, or no more


class WordsRefused(NotQueued):
    """A word rule of the guild's staff. Which one is for them alone."""

    refusal_id: int
    _: KW_ONLY
    can_appeal: bool = True  # once for the same words


class PermissionMissing(NotQueued):
    """The bot lacks permissions in the channel; `names` are Discord's flags, e.g. attach_files."""

    names: tuple[str, ...]


class MemberMayNotPost(NotQueued):
    """The bot does not post for whoever may not post themselves; `names` are Discord's flags."""

    names: tuple[str, ...]


class NotInThread(NotQueued):
    """A private thread that nobody has added the bot to; whoever is in it can."""


class PlaceUnknown(NotQueued):
    """Discord did not tell in time whether the channel is age-restricted; try again."""


class AskedElsewhere(NotQueued):
    """The member's own job, but of another place: its prompt stays there."""

    channel_id: int


class MadeRestricted(NotQueued):
    """Made in an age-restricted channel: picture and words stay in such channels of its guild."""


class PictureDeleted(NotQueued):
    """Nobody can have it drawn again: its words went with it."""


class UnknownJob(Refusal):
    """No such job, or none that this member may know of here."""


class NotYours(Refusal):
    """The job belongs to another member, and this one may not moderate."""


class OnlyTheirs(Refusal):
    """The job belongs to another member, and nobody else may do that to it."""


class PressedTwice(Refusal):
    """The same was asked for a moment ago, by the same member; that was taken."""

    job_id: int


class AlreadyFinished(Refusal):
    """The job has come to its end; there is nothing to cancel."""


class NobodyElseWaits(Refusal):
    """No other member of the place has a job that could go first."""


class DraftEnd(StrEnum):
    """Why nothing can be made of a draft."""

    OPEN = "open"  # it was shown for the same interaction before
    USED = "used"
    DROPPED = "dropped"
    WRITING = "writing"  # not yet
    GONE = "gone"  # deleted after some days, or its rewriting came to nothing


class DraftClosed(Refusal):
    """A draft from which no picture can be asked for, or not any more."""

    end: DraftEnd


class DayNotUnderstood(Refusal):
    """Neither a date nor so many days ago."""

    text: str = field(repr=False)


class NoPictureThere(Refusal):
    """The message shows no picture of ours, or one that the member may not know of."""


class PictureGone(Refusal):
    """No message shows it any more, and nobody else has its file."""


class RepostRefused(Refusal):
    """Discord does not take the picture there; it was not posted."""


class RepostUncertain(Refusal):
    """Discord gave no answer; the next press looks first whether it hangs there."""


class AltTextRefused(Refusal):
    """Everybody reads it, and a word rule of the guild's staff refuses or holds such words."""


class NotTraced(Refusal):
    """Nothing is known here of where the picture comes from, or nothing that they may know."""


class UploadUnread(Refusal):
    """A file that somebody shows is no picture that can be looked at, or could not be had now."""


class AlreadyReported(Refusal):
    """The member has told of this picture before."""


class ReportDecided(Refusal):
    """The staff have looked at the picture that the member wants to report, or has reported."""

    decision: str


class PictureHidden(Refusal):
    """Members have reported it, and the staff have not looked at it yet."""


class NotInGuild(Refusal):
    """What is asked for is a guild's, and the bot is in none here."""


class UsageNotShown(Refusal):
    """The usage of others, which this guild shows to its staff alone."""


class ForgottenToday(Refusal, kw_only=True):
    """A member's data was deleted within a day; not again until the instant (epoch µs)."""

    until_at_us: int
