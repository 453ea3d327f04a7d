"""Every error of the project, in one tree.

    ZeuxisError
    ├── SettingsError               the environment or .env is wrong; all problems at once
    ├── BillUnreadable              a file that is no bill, or none that can be read
    ├── PortTaken                   the health check's port cannot be had
    ├── WrongState                  a row was to be changed as its state does not allow: our bug
    ├── CalledOff                   a picture on its way was cancelled or deleted: not to be posted
    ├── Refusal                     what a member or the staff asked for is not done: said to them
    │   └── NotQueued               no picture of a request was queued: costs nothing, and says so
    ├── StorageError                the database cannot serve now
    │   ├── StorageUnavailable      full, locked, read-only: try again later
    │   ├── FormTooLate             slow, and a form can only be the first answer: press again
    │   ├── DatabaseInUse           another process runs on it; refuse to start
    │   ├── DatabaseDisplaced       deleted or replaced under the running bot; stop, keep a copy
    │   ├── SchemaTooNew            written by a newer Zeuxis; refuse to start
    │   ├── SchemaTooOld            not migrated yet; looking does not migrate
    │   ├── NotOurDatabase          another program's SQLite file
    │   ├── BackupRefused           the file named for a backup or a restore cannot be it
    │   ├── StorageCorrupt          restore a backup
    │   ├── PolicyUnreadable        a row of what was set makes no sense; mend or delete it
    │   └── LeaseLost               another worker owns the job now; drop the result's claim
    ├── ProviderError               Z-Image's answer, or the lack of one; status, code, request_id
    │   ├── NotSent                 nothing left this machine: safe to send again
    │   ├── AnswerLost              sent, no answer: perhaps billed, never sent again
    │   ├── AnswerUnreadable        a 200 that makes no sense: perhaps billed, never sent again
    │   ├── NoImage                 a 200 without an image
    │   ├── ContentRefused          the provider's content check
    │   ├── RequestRejected         400: our bug or a bad option
    │   ├── KeyRejected             wrong key, or right key in the wrong region
    │   ├── AccessRefused           rights, model name, region, by the provider's own code
    │   ├── AccountBlocked          unpaid bill, free tier used up
    │   ├── RateLimited             429: wait and slow down
    │   ├── UnexpectedAnswer        none of the provider's: a firewall's or proxy's page; try again
    │   └── ProviderFailed          5xx, gateway pages: try again with backoff
    ├── CheckFailed                 nobody knows what a picture shows; whether to ask again
    └── RelayError                  the picture's way from the provider to Discord
        ├── LinkNotAllowed          not https, or a host off the list
        ├── LinkExpired             the storage refuses the link: gone for good
        ├── DownloadFailed          cut, slow, 5xx: free to try again
        │   └── BytesAfterPicture   more came than the picture: again, up to its end
        ├── NotAPicture             no PNG, JPEG or WebP, broken, or longer than any picture
        └── PictureTooLarge         over the limit, known before any byte flows

Below `Refusal` and `NotQueued` the classes stand side by side. Errors become text for members in
`bot/texts` and nowhere else. Messages here are for logs.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, fields
from enum import StrEnum
from typing import NamedTuple, dataclass_transform


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class ZeuxisError(Exception):
    """Whatever Zeuxis raises on purpose. A class names its fields, and has no `__init__`."""

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        dataclass(eq=False, kw_only=kw_only)(cls)

    def __init__(self) -> None:
        """Of a class without fields."""

    def __str__(self) -> str:
        """For logs: the message or the docstring's first line, and the fields that may be logged.

        What people typed and who they are may not: `field(repr=False)`.
        """
        said = [getattr(self, "message", "") or (self.__doc__ or "").partition("\n")[0]]
        for one in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, one.name)
            if one.repr and one.name != "message" and value is not None:
                said.append(f"{one.name}={value}")
        return " ".join(said)


class WrongState(ZeuxisError):
    """A row was to change to a state that its own cannot become. Nothing was changed."""

    message: str


class CalledOff(ZeuxisError):
    """A picture was cancelled or deleted on its way. Its row says what is to be told instead."""


class SettingsError(ZeuxisError):
    """The settings cannot be used; `problems` names each variable and what was expected."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.problems)


class BillUnreadable(ZeuxisError):
    """The file that was named as the provider's bill; says what was expected where."""

    message: str


class PortTaken(ZeuxisError):
    """The port that the settings name cannot be listened on."""

    message: str


class StorageError(ZeuxisError):
    """The database cannot do what was asked."""

    message: str = ""

    def for_another(self) -> StorageError:
        """The same for one more caller: an exception gathers a traceback where it is raised."""
        copy = type(self)(self.message)
        copy.__cause__ = self.__cause__ or self
        return copy


class FormTooLate(StorageError):
    """What a form begins with took longer to read than Discord waits for it."""


class StorageUnavailable(StorageError):
    """Full, locked or read-only. Nothing was changed; try again later."""


class DatabaseInUse(StorageError):
    """Another Zeuxis runs on this database; two would not know whose calls are out."""


class DatabaseDisplaced(StorageError):
    """Its path no longer leads to the file that is open: a restart would find another one."""


class SchemaTooNew(StorageError):
    """The database was written by a newer Zeuxis."""


class SchemaTooOld(StorageError):
    """The database is an older Zeuxis's, which may be running on it. Nothing was changed."""


class NotOurDatabase(StorageError):
    """A SQLite file that Zeuxis has not made. Nothing was changed."""


class BackupRefused(StorageError):
    """The file named for a backup or a restore cannot be it. Nothing was changed."""


class StorageCorrupt(StorageError):
    """The file is damaged; restore a backup."""


class PolicyUnreadable(StorageError):
    """A row of the policy makes no sense, by its name, value and what was expected.

    Nothing was changed; a running bot goes on once the row is mended or deleted.
    """


class LeaseLost(StorageError):
    """The job's lease has passed to another worker or ended; this worker's write was refused."""


class Retry(StrEnum):
    """What may be done with the same request."""

    NO = "no"  # the answer will not change, or the call may have been billed
    BACKOFF = "backoff"  # after a growing, jittered wait
    SLOWER = "slower"  # after a wait, and the account's pace must fall


class ProviderError(ZeuxisError):
    """Z-Image did not draw. Failed calls are not billed (API reference, 2025-12-23)."""

    message: str
    _: KW_ONLY
    status: int | None = None
    code: str | None = None
    request_id: str | None = None

    retry = Retry.NO


class NotSent(ProviderError):
    """The connection never carried the request; nothing can have been billed."""

    retry = Retry.BACKOFF


class AnswerLost(ProviderError):
    """The request went out and no answer came: perhaps drawn and billed. Never sent again."""


class AnswerUnreadable(ProviderError):
    """Status 200 with a body that makes no sense: perhaps billed. Never sent again."""


class NoImage(ProviderError):
    """Status 200 without an image."""


class Inspected(StrEnum):
    """What the provider's content check looked at."""

    INPUT = "input"  # the prompt
    OUTPUT = "output"  # the picture; another seed may pass
    PROPERTY = "property"  # suspected infringement of intellectual property
    UNKNOWN = "unknown"


class ContentRefused(ProviderError, kw_only=True):
    """The provider's content check said no."""

    inspected: Inspected = Inspected.UNKNOWN


class RequestRejected(ProviderError):
    """The provider does not understand the request: our bug, or an option it dislikes."""


class KeyRejected(ProviderError):
    """The API key is wrong, or belongs to the other region. The operator must act."""


class AccessRefused(ProviderError):
    """Rights, model name or region. The operator must act."""


class AccountBlocked(ProviderError):
    """An unpaid bill or an exhausted free tier. The operator must act."""


class UnexpectedAnswer(ProviderError):
    """Redirected, or refused by something that is not the provider: a firewall, a proxy, a portal.

    Nothing was drawn. It may dislike this one request, or stand before all of them.
    """

    retry = Retry.BACKOFF


class Throttle(StrEnum):
    """Which of the provider's limits was hit."""

    RATE = "rate"  # requests per second or minute
    BURST = "burst"  # the rate rose too quickly
    ALLOCATION = "allocation"  # the allocated quota of this minute
    UNKNOWN = "unknown"


class RateLimited(ProviderError, kw_only=True):
    """Status 429. Not billed. `retry_after_s` only if the provider said so."""

    retry = Retry.SLOWER

    throttle: Throttle = Throttle.UNKNOWN
    retry_after_s: float | None = None


class ProviderFailed(ProviderError, kw_only=True):
    """The provider or a gateway before it failed. `retry_after_s` only if it said so."""

    retry = Retry.BACKOFF

    retry_after_s: float | None = None


class CheckFailed(ZeuxisError):
    """A picture was not checked, so nobody knows what it shows.

    Checks are free, so `retry` alone says whether to ask again. `retry_after_s` only if told.
    """

    message: str
    _: KW_ONLY
    retry: Retry = Retry.NO
    retry_after_s: float | None = None


class RelayError(ZeuxisError):
    """The picture could not be carried. Never holds a link: its signature is a credential."""

    message: str = ""


class LinkNotAllowed(RelayError):
    """The provider's link is no web address, or its host is off the list or a private one."""


class LinkExpired(RelayError):
    """The storage gives nothing for this link. Drawing it again would be billed again."""


class DownloadFailed(RelayError):
    """The download broke. It costs nothing to try again."""


class BytesAfterPicture(DownloadFailed, kw_only=True):
    """More was sent than the picture, so its announced length was wrong.

    `ends_at_bytes`: where the picture ends in what the storage sends; open it again up to there.
    """

    ends_at_bytes: int


class NotAPicture(RelayError):
    """What came is no whole PNG, JPEG or WebP. The same would come again."""


class PictureTooLarge(RelayError, kw_only=True):
    """Over the upload limit."""

    size_bytes: int
    limit_bytes: int


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


class NotStaff(Refusal):
    """Settings are for whoever may manage the guild, at this very moment."""


class NotOperator(Refusal):
    """Only whoever runs the bot may do that."""


class SettingRefused(Refusal, kw_only=True):
    """No value for that setting, or one that contradicts another; says what was expected."""

    name: str
    expected: str

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}"


class SettingChanged(Refusal, kw_only=True):
    """Somebody else has changed it meanwhile; `value` is what it is now, None for no row."""

    name: str
    by: str = field(repr=False)
    at_us: int
    value: str | None = field(repr=False)


class NothingToUndo(Refusal):
    """Nothing was changed, or all of it was taken back."""


class ImportFault(StrEnum):
    """Why a file cannot be taken over."""

    TOO_LARGE = "size"
    BROKEN = "format"  # or nothing that was ever exported
    ANOTHER_GUILDS = "guild"
    NEWER = "schema"
    NOT_LOADED = "download"  # Discord does not hand it out


class ImportRefused(Refusal):
    """The file is not this guild's settings, or cannot be read; nothing was changed."""

    fault: ImportFault


class StyleFault(StrEnum):
    """Why a style cannot be kept."""

    NAMELESS = "no name that can be seen"
    LONG_NAME = "long name"
    TAKEN = "name taken"
    NO_PLACE = "no place for the prompt, or several"
    LONG = "too little left for the member"
    LONG_NEGATIVE = "too much to leave out"
    TOO_MANY = "too many"


class StyleRefused(Refusal):
    """A style that cannot be kept; nothing was changed."""

    fault: StyleFault
    _: KW_ONLY
    name: str = field(repr=False)


class WordRuleFault(StrEnum):
    """Why a word rule cannot be kept."""

    EMPTY = "empty"  # nothing to look for, or nothing that can be seen
    MATCHES_ALL = "matches_all"  # it would find something in any text
    TOO_LONG = "too_long"  # a word or an expression; limit in characters
    TOO_MANY_RULES = "too_many_rules"  # of a guild
    TOO_MANY_WORDS = "too_many_words"  # of all its rules, with those allowed
    TOO_MANY_PATTERNS = "too_many_patterns"  # likewise
    BAD_PATTERN = "bad_pattern"  # no regular expression, or what re2 leaves out
    TOO_COSTLY = "too_costly"  # would take more memory or time than there is for it
    NO_PATTERNS = "no_patterns"  # the extra `patterns` is not installed
    NAME = "name"  # empty, too long
    TAKEN = "taken"  # another rule of the guild has the name


class WordRuleRefused(Refusal):
    """A word rule cannot be kept; `entry` is the name, word or expression as staff wrote it."""

    fault: WordRuleFault
    _: KW_ONLY
    entry: str = field(default="", repr=False)
    limit: int = 0


class WordField(StrEnum):
    """Which list of a word rule."""

    WORDS = "words"
    PATTERNS = "patterns"
    ALLOWED = "allowed"


class WordLine(NamedTuple):
    """One line of a list that cannot be kept."""

    field: WordField
    number: int  # from 1, as it was typed
    refused: WordRuleRefused


class WordLinesRefused(Refusal):
    """Some lines of a word rule cannot be kept; nothing was changed."""

    lines: tuple[WordLine, ...] = field(repr=False)


class WordRuleChanged(Refusal, kw_only=True):
    """Somebody else has changed this rule, or dropped it, since it was looked at."""

    name: str = field(repr=False)
    by: int = field(repr=False)
    at_us: int


class UnknownWordRule(Refusal):
    """The guild has no such word rule, or no more."""


class WordFileRefused(Refusal):
    """A file is no list of words. `fault` is never of another guild or a newer version."""

    fault: ImportFault


class AutomodFault(StrEnum):
    """Why Discord's own rules could not be read."""

    NOT_ALLOWED = "not_allowed"  # the bot has no right to
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"  # not as Discord documents them


class AutomodUnread(Refusal):
    """Nothing was read of the guild's AutoMod, and nothing changed."""

    fault: AutomodFault


class NotModerator(Refusal):
    """May not moderate here, as Discord said at the moment of the press."""


class UnknownCase(Refusal):
    """There is none, or none that they may decide."""


class OwnCase(Refusal):
    """Nobody decides about their own picture, unless they manage the server."""


class AlreadyDecided(Refusal, kw_only=True):
    """Of two moderators the first press counts."""

    decision: str
    by: int = field(repr=False)  # 0: nobody, by a setting
    at_us: int


class AppealBar(StrEnum):
    """Why nothing can be appealed against."""

    GONE = "gone"  # there is no such thing, or no more, or it is somebody else's
    AGAIN = "again"  # it was appealed against before
    MANY = "many"  # as many appeals of the member wait as may


class AppealRefused(Refusal):
    """Once against each refusal, rejection and block, by whom it hit."""

    bar: AppealBar


class TimeOutBar(StrEnum):
    """Why a member cannot be timed out."""

    RIGHT = "right"  # the bot may not, or the member stands above it
    PRESSER = "presser"  # whoever decides it may not
    GONE = "gone"  # no member of the guild any more
    UNREACHABLE = "unreachable"  # Discord does not answer


class TimeOutRefused(Refusal):
    """Discord does not let the bot do it; the case is open as before."""

    bar: TimeOutBar


class DurationNotUnderstood(Refusal):
    """Neither a number with a unit, nor within what is possible."""

    text: str = field(repr=False)
