"""Every error of the project, in one tree.

    ZeuxisError
    ├── SettingsError               the environment or .env is wrong; all problems at once
    ├── BillUnreadable              a file that is no bill, or none that can be read
    ├── PortTaken                   the health check's port cannot be had
    ├── WrongState                  a row was to be changed as its state does not allow: our bug
    ├── CalledOff                   a picture on its way was cancelled or deleted: not to be posted
    ├── Refusal                     a member's request is refused: costs nothing, said to the member
    │   ├── PromptEmpty
    │   ├── PromptTooLong           count, limit
    │   ├── StyledTooLong           count with the style, limit, whose share
    │   ├── SizeNotUnderstood       text
    │   ├── SizeOutOfRange          width and height in px, limits of the area
    │   ├── SizeTooNarrow           width and height in px, limit of long : short
    │   ├── SeedOutOfRange          seed, limit
    │   ├── SeedNotUnderstood       text
    │   ├── QueueFull               scope, waiting, limit
    │   ├── WaitTooLong             expected_s, limit_s
    │   ├── ProviderDown            why nothing is drawn at present
    │   ├── GuildNotAllowed         the operator has not allowed this guild
    │   ├── OutsideNotAllowed       nor this person to ask outside of guilds
    │   ├── TokenTooShort           the picture would come after Discord's time for answers
    │   ├── NotInGuild              about a guild, and asked where the bot is in none
    │   ├── SwitchedOff             a limit is 0: whose, and who has set it
    │   ├── QuotaUsedUp             which limit, what is left, when it renews
    │   ├── CoolingDown             until when
    │   ├── BlockedHere             by whom, until when, why
    │   ├── WordsRefused            the refusal, against which its member may appeal
    │   ├── AltTextRefused
    │   ├── AlreadyDecided          the case, by whom, when and how
    │   ├── UnknownCase             none, or none that they may decide
    │   ├── OwnCase                 about whoever wants to decide it
    │   ├── NotModerator            may not moderate here, at the moment of the press
    │   ├── AppealRefused           why there is nothing to appeal against, or no more
    │   ├── TimeOutRefused          why Discord does not let the bot time a member out
    │   ├── DurationNotUnderstood   text
    │   ├── RefusedTooOften         by the provider; until when the member waits
    │   ├── ReportDecided           what the staff have decided about the reported picture
    │   ├── PictureHidden           until the staff have looked at its reports
    │   ├── PlaceNotAllowed         the channels in which there may be pictures
    │   ├── RoleNotAllowed          the roles whose members may ask for pictures
    │   ├── SizeOverLimit           largest area that the guild allows
    │   ├── RewritingOff            the guild allows no rewriting
    │   ├── NoRewriter              nobody would rewrite it before, or not several at once
    │   ├── RewritingFailed         how it ended, and so whether it may have cost something
    │   ├── DraftClosed             what was not queued yet and cannot be any more, and why
    │   ├── BracesBroken            what is wrong with them, and where
    │   ├── BatchTooLarge           count, limit
    │   ├── SettingRefused          which setting, what was expected
    │   ├── SettingChanged          by whom meanwhile, when, to what
    │   ├── StyleRefused            why a style cannot be kept
    │   ├── UnknownStyle            what was typed, names like it
    │   ├── WordRuleRefused         why a word rule cannot be kept, which word, the limit
    │   ├── WordLinesRefused        likewise, line by line
    │   ├── WordRuleChanged         by whom meanwhile, when
    │   ├── UnknownWordRule
    │   ├── WordFileRefused         a file that is no list of words
    │   ├── AutomodUnread           why Discord's own rules could not be read
    │   ├── ImportRefused           a file that is not this guild's settings
    │   ├── NotStaff                may not manage the guild, at the moment of the press
    │   ├── NothingToUndo
    │   ├── NotOperator             neither the application's owner nor of its team
    │   ├── UsageNotShown           others' usage is for staff here
    │   ├── ForgottenToday          from when on the member may have their data deleted again
    │   ├── PermissionMissing       names of what the bot lacks in the channel
    │   ├── MemberMayNotPost        names of what the member lacks there
    │   ├── NotInThread             a private thread that the bot was not added to
    │   ├── PlaceUnknown            nobody knows whether the channel is age-restricted: try again
    │   ├── NotYours                somebody else's job
    │   ├── OnlyTheirs              likewise, and no moderator's either
    │   ├── PressedTwice            the job that the first press has made
    │   ├── UnknownJob
    │   ├── AskedElsewhere          the channel that the job belongs to
    │   ├── MadeRestricted          made where only adults are; here is no such place
    │   ├── PictureDeleted          its prompt is gone with it
    │   ├── DayNotUnderstood        text
    │   ├── NoPictureThere          a message that shows no picture of ours
    │   ├── NotTraced               where a picture comes from is unknown, or not theirs to know
    │   ├── UploadUnread            a file that somebody shows could not be looked at
    │   ├── PictureGone             no message shows it any more
    │   ├── RepostRefused           Discord does not take it there
    │   ├── RepostUncertain         Discord gave no answer: it may hang there
    │   ├── AlreadyReported         the member has told of this picture before
    │   ├── AlreadyFinished         too late to cancel
    │   └── NobodyElseWaits         whom to let go first
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

Errors become text for members in `bot/texts` and nowhere else. Messages here are for logs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class ZeuxisError(Exception):
    """Whatever Zeuxis raises on purpose."""


class WrongState(ZeuxisError):
    """A row was to change to a state that its own cannot become. Nothing was changed."""


class CalledOff(ZeuxisError):
    """A picture was cancelled or deleted on its way. Its row says what is to be told instead."""


class SettingsError(ZeuxisError):
    """The settings cannot be used; `problems` names each variable and what was expected."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class BillUnreadable(ZeuxisError):
    """The file that was named as the provider's bill; says what was expected where."""


class PortTaken(ZeuxisError):
    """The port that the settings name cannot be listened on."""


class Refusal(ZeuxisError):
    """A member's request is refused. Nothing was queued, nothing is charged."""


class PromptEmpty(Refusal):
    """Nothing that can be seen."""


class PromptTooLong(Refusal):
    """Longer than the provider reads; it would cut the rest without a word."""

    def __init__(self, *, characters: int, limit: int) -> None:
        self.characters = characters
        self.limit = limit
        super().__init__(f"prompt has {characters} characters, limit {limit}")


class StyledTooLong(Refusal):
    """With the style's words around the member's; `share` is the style's characters."""

    def __init__(self, *, characters: int, limit: int, name: str, share: int) -> None:
        self.characters = characters
        self.limit = limit
        self.name = name
        self.share = share
        super().__init__(f"prompt with style has {characters} characters, limit {limit}")


class SizeNotUnderstood(Refusal):
    """Neither a name, a ratio nor width*height."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"size not understood: {text[:40]!r}")


class SizeOutOfRange(Refusal):
    """The area is outside what the provider draws."""

    def __init__(
        self, *, width_px: int, height_px: int, min_area_px: int, max_area_px: int
    ) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self.min_area_px = min_area_px
        self.max_area_px = max_area_px
        super().__init__(f"size {width_px}*{height_px} out of range")


class SizeTooNarrow(Refusal):
    """One side is many times the other; the area alone would pass."""

    def __init__(self, *, width_px: int, height_px: int, limit_ratio: int) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self.limit_ratio = limit_ratio
        super().__init__(f"size {width_px}*{height_px} is narrower than 1:{limit_ratio}")


class SeedOutOfRange(Refusal):
    """Below 0, or above the most that the provider takes."""

    def __init__(self, seed: int, *, most: int) -> None:
        self.seed = seed
        self.most = most
        super().__init__(f"seed {seed} out of range")


class QueueScope(StrEnum):
    """Whose share of the queue is full."""

    MEMBER = "member"  # this member in this guild
    GUILD = "guild"  # all members of this guild together


class SeedNotUnderstood(Refusal):
    """What was typed is no number."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__("the text is no seed")


class QueueFull(Refusal):
    """As many jobs wait as may wait."""

    def __init__(self, *, scope: QueueScope, waiting: int, limit: int) -> None:
        self.scope = scope
        self.waiting = waiting
        self.limit = limit
        super().__init__(f"{waiting} jobs of this {scope} wait, limit {limit}")


class WaitTooLong(Refusal):
    """The expected wait is longer than the guild accepts."""

    def __init__(self, *, expected_s: float, limit_s: float) -> None:
        self.expected_s = expected_s
        self.limit_s = limit_s
        super().__init__(f"expected wait {expected_s:.0f} s, limit {limit_s:.0f} s")


class Outage(StrEnum):
    """Why the provider draws nothing for anybody."""

    KEY = "key"  # wrong key or region
    ACCESS = "access"  # rights or model name
    ACCOUNT = "account"  # unpaid bill, free tier used up
    FAILING = "failing"  # it answers with errors only
    UNREACHABLE = "unreachable"  # no request leaves: our network, DNS, or the whole service


class ProviderDown(Refusal):
    """No call is made at present; `until_at_us` is the next probe (epoch microseconds)."""

    def __init__(self, outage: Outage, *, until_at_us: int) -> None:
        self.outage = outage
        self.until_at_us = until_at_us
        super().__init__(f"provider down: {outage}")


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


class GuildNotAllowed(Refusal):
    """The operator has not allowed this guild, or has blocked it."""


class OutsideNotAllowed(Refusal):
    """The operator lets this person ask in guilds only, not in direct messages or elsewhere."""


class NotInGuild(Refusal):
    """What is asked for is a guild's, and the bot is in none here."""


class TokenTooShort(Refusal):
    """By an interaction's token alone the picture would come too late; seconds."""

    def __init__(self, *, expected_s: float, left_s: float) -> None:
        self.expected_s = expected_s
        self.left_s = left_s
        super().__init__(f"expected wait {expected_s:.0f} s, the token lives {left_s:.0f} s")


class SwitchedOff(Refusal):
    """A limit of 0 forbids it; it does not renew."""

    def __init__(self, *, level: Level, by_staff: bool) -> None:
        self.level = level
        self.by_staff = by_staff
        super().__init__(f"switched off for the {level}")


class QuotaUsedUp(Refusal):
    """A limit would be exceeded; `amount` and `left` are in its unit."""

    def __init__(
        self,
        *,
        level: Level,
        unit: Unit,
        period: Period,
        amount: int,
        left: int,
        renews_at_us: int,
    ) -> None:
        self.level = level
        self.unit = unit
        self.period = period
        self.amount = amount
        self.left = left
        self.renews_at_us = renews_at_us
        super().__init__(f"{amount} {unit} per {period} of the {level}: {left} left")


class BlockedHere(Refusal):
    """The staff of the guild, or the operator, let the member ask for no pictures."""

    def __init__(
        self,
        *,
        until_at_us: int | None,
        reason: str,
        by_operator: bool,
        appeal_to: int | None = None,
    ) -> None:
        self.until_at_us = until_at_us  # None: until it is taken back
        self.reason = reason
        self.by_operator = by_operator
        self.appeal_to = appeal_to  # the guild whose staff would hear it; None: nobody, or no more
        super().__init__("blocked from painting")


class WordsRefused(Refusal):
    """A word rule of the guild's staff. Which one is for them alone."""

    def __init__(self, refusal_id: int, *, can_appeal: bool = True) -> None:
        self.refusal_id = refusal_id
        self.can_appeal = can_appeal  # once for the same words
        super().__init__("a word rule refuses it")


class AltTextRefused(Refusal):
    """Everybody reads it, and a word rule of the guild's staff refuses or holds such words."""


class AlreadyDecided(Refusal):
    """Of two moderators the first press counts."""

    def __init__(self, *, decision: str, by: int, at_us: int) -> None:
        self.decision = decision
        self.by = by  # 0: nobody, by a setting
        self.at_us = at_us
        super().__init__(f"the case is decided: {decision}")


class UnknownCase(Refusal):
    """There is none, or none that they may decide."""


class OwnCase(Refusal):
    """Nobody decides about their own picture, unless they manage the server."""


class CoolingDown(Refusal):
    """A member waits between two pictures; until the instant (epoch microseconds)."""

    def __init__(self, *, until_at_us: int) -> None:
        self.until_at_us = until_at_us
        super().__init__("cooling down")


class NotModerator(Refusal):
    """May not moderate here, as Discord said at the moment of the press."""


class AppealBar(StrEnum):
    """Why nothing can be appealed against."""

    GONE = "gone"  # there is no such thing, or no more, or it is somebody else's
    AGAIN = "again"  # it was appealed against before
    MANY = "many"  # as many appeals of the member wait as may


class AppealRefused(Refusal):
    """Once against each refusal, rejection and block, by whom it hit."""

    def __init__(self, bar: AppealBar) -> None:
        self.bar = bar
        super().__init__(f"no appeal: {bar}")


class TimeOutBar(StrEnum):
    """Why a member cannot be timed out."""

    RIGHT = "right"  # the bot may not, or the member stands above it
    PRESSER = "presser"  # whoever decides it may not
    GONE = "gone"  # no member of the guild any more
    UNREACHABLE = "unreachable"  # Discord does not answer


class TimeOutRefused(Refusal):
    """Discord does not let the bot do it; the case is open as before."""

    def __init__(self, bar: TimeOutBar) -> None:
        self.bar = bar
        super().__init__(f"not timed out: {bar}")


class DurationNotUnderstood(Refusal):
    """Neither a number with a unit, nor within what is possible."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"duration not understood: {text[:40]!r}")


class RefusedTooOften(Refusal):
    """The provider has refused as many of the member's requests within the hour as may be."""

    def __init__(self, *, until_at_us: int) -> None:
        self.until_at_us = until_at_us
        super().__init__("refused too often by the provider")


class ReportDecided(Refusal):
    """The staff have looked at the picture that the member wants to report, or has reported."""

    def __init__(self, decision: str) -> None:
        self.decision = decision
        super().__init__(f"the reported picture's case is decided: {decision}")


class PictureHidden(Refusal):
    """Members have reported it, and the staff have not looked at it yet."""


class PlaceNotAllowed(Refusal):
    """Not in this channel; in those of these ids."""

    def __init__(self, channel_ids: Sequence[int]) -> None:
        self.channel_ids = tuple(channel_ids)
        super().__init__("channel not allowed")


class RoleNotAllowed(Refusal):
    """For members with one of these roles only."""

    def __init__(self, role_ids: Sequence[int]) -> None:
        self.role_ids = tuple(role_ids)
        super().__init__("no role that may ask")


class SizeOverLimit(Refusal):
    """Larger than the guild allows; areas in pixels."""

    def __init__(self, *, area_px: int, most_px: int) -> None:
        self.area_px = area_px
        self.most_px = most_px
        super().__init__(f"{area_px} pixels, at most {most_px}")


class SettingRefused(Refusal):
    """No value for that setting, or one that contradicts another; says what was expected."""

    def __init__(self, *, name: str, expected: str) -> None:
        self.name = name
        self.expected = expected
        super().__init__(f"{name}: expected {expected}")


class SettingChanged(Refusal):
    """Somebody else has changed it meanwhile; `value` is what it is now, None for no row."""

    def __init__(self, *, name: str, by: str, at_us: int, value: str | None) -> None:
        self.name = name
        self.by = by
        self.at_us = at_us
        self.value = value
        super().__init__(f"{name} was changed by {by}")


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

    def __init__(self, fault: StyleFault, *, name: str) -> None:
        self.fault = fault
        self.name = name
        super().__init__(f"style refused: {fault}")


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

    def __init__(self, fault: WordRuleFault, *, entry: str = "", limit: int = 0) -> None:
        self.fault = fault
        self.entry = entry
        self.limit = limit
        super().__init__(f"word rule: {fault}")


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

    def __init__(self, lines: tuple[WordLine, ...]) -> None:
        self.lines = lines
        super().__init__(f"{len(lines)} lines of a word rule")


class WordRuleChanged(Refusal):
    """Somebody else has changed this rule, or dropped it, since it was looked at."""

    def __init__(self, *, name: str, by: int, at_us: int) -> None:
        self.name = name
        self.by = by
        self.at_us = at_us
        super().__init__("word rule changed meanwhile")


class UnknownWordRule(Refusal):
    """The guild has no such word rule, or no more."""


class WordFileRefused(Refusal):
    """A file is no list of words. `fault` is never of another guild or a newer version."""

    def __init__(self, fault: ImportFault) -> None:
        self.fault = fault
        super().__init__(str(fault))


class AutomodFault(StrEnum):
    """Why Discord's own rules could not be read."""

    NOT_ALLOWED = "not_allowed"  # the bot has no right to
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"  # not as Discord documents them


class AutomodUnread(Refusal):
    """Nothing was read of the guild's AutoMod, and nothing changed."""

    def __init__(self, fault: AutomodFault) -> None:
        self.fault = fault
        super().__init__(f"AutoMod: {fault}")


class UnknownStyle(Refusal):
    """No such style in this guild, or no more; `near` are names that may have been meant."""

    def __init__(self, name: str, *, near: Sequence[str]) -> None:
        self.name = name
        self.near = tuple(near)
        super().__init__("no such style")


class ImportFault(StrEnum):
    """Why a file cannot be taken over."""

    TOO_LARGE = "size"
    BROKEN = "format"  # or nothing that was ever exported
    ANOTHER_GUILDS = "guild"
    NEWER = "schema"
    NOT_LOADED = "download"  # Discord does not hand it out


class ImportRefused(Refusal):
    """The file is not this guild's settings, or cannot be read; nothing was changed."""

    def __init__(self, fault: ImportFault) -> None:
        self.fault = fault
        super().__init__(str(fault))


class NotStaff(Refusal):
    """Settings are for whoever may manage the guild, at this very moment."""


class NotOperator(Refusal):
    """Only whoever runs the bot may do that."""


class NothingToUndo(Refusal):
    """Nothing was changed, or all of it was taken back."""


class UsageNotShown(Refusal):
    """The usage of others, which this guild shows to its staff alone."""


class ForgottenToday(Refusal):
    """A member's data was deleted within a day; not again until the instant (epoch µs)."""

    def __init__(self, *, until_at_us: int) -> None:
        self.until_at_us = until_at_us
        super().__init__("forgotten within a day")


class RewritingOff(Refusal):
    """The guild allows no rewriting of prompts."""


class NoRewriter(Refusal):
    """The operator has named no model that rewrites, or there are several prompts in one."""

    def __init__(self, *, has_several: bool = False) -> None:
        self.has_several = has_several
        super().__init__("several prompts" if has_several else "no rewriter")


class RewritingEnd(StrEnum):
    """How a rewriting came to nothing."""

    REFUSED = "refused"  # by the content check of whoever rewrites
    FAILED = "failed"  # for nothing; it may be tried again
    LOST = "lost"


class RewritingFailed(Refusal):
    """The prompt was not rewritten; nothing was queued."""

    def __init__(self, end: RewritingEnd, *, may_cost: bool = False) -> None:
        self.end = end
        self.may_cost = may_cost
        super().__init__(f"rewriting {end}")


class DraftEnd(StrEnum):
    """Why nothing can be made of a draft."""

    OPEN = "open"  # it was shown for the same interaction before
    USED = "used"
    DROPPED = "dropped"
    WRITING = "writing"  # not yet
    GONE = "gone"  # deleted after some days, or its rewriting came to nothing


class DraftClosed(Refusal):
    """A draft from which no picture can be asked for, or not any more."""

    def __init__(self, end: DraftEnd) -> None:
        self.end = end
        super().__init__(f"draft {end}")


class BraceFault(StrEnum):
    """What is wrong with the alternatives in a prompt."""

    UNCLOSED = "unclosed"
    UNOPENED = "unopened"
    NESTED = "nested"
    EMPTY = "empty"  # nothing between two bars


class BracesBroken(Refusal):
    """Alternatives that cannot be told apart; `before` and `after` are words around the place."""

    def __init__(self, fault: BraceFault, *, before: str, after: str) -> None:
        self.fault = fault
        self.before = before
        self.after = after
        super().__init__(f"braces {fault}")


class BatchTooLarge(Refusal):
    """More pictures at once than are allowed here."""

    def __init__(self, *, count: int, limit: int) -> None:
        self.count = count
        self.limit = limit
        super().__init__(f"{limit} pictures at once are allowed, not so many")


class PermissionMissing(Refusal):
    """The bot lacks permissions in the channel; `names` are Discord's flags, e.g. attach_files."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"missing permissions: {', '.join(self.names)}")


class MemberMayNotPost(Refusal):
    """The bot does not post for whoever may not post themselves; `names` are Discord's flags."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"the member lacks permissions: {', '.join(self.names)}")


class NotInThread(Refusal):
    """A private thread that nobody has added the bot to; whoever is in it can."""


class PlaceUnknown(Refusal):
    """Discord did not tell in time whether the channel is age-restricted; try again."""


class NotYours(Refusal):
    """The job belongs to another member, and this one may not moderate."""


class OnlyTheirs(Refusal):
    """The job belongs to another member, and nobody else may do that to it."""


class PressedTwice(Refusal):
    """The same was asked for a moment ago, by the same member; that was taken."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(f"job {job_id} was asked for a moment ago")


class UnknownJob(Refusal):
    """No such job, or none that this member may know of here."""


class AskedElsewhere(Refusal):
    """The member's own job, but of another place: its prompt stays there."""

    def __init__(self, channel_id: int) -> None:
        self.channel_id = channel_id
        super().__init__(f"asked for in channel {channel_id}")


class MadeRestricted(Refusal):
    """Made in an age-restricted channel: picture and words stay in such channels of its guild."""


class PictureDeleted(Refusal):
    """Nobody can have it drawn again: its words went with it."""


class DayNotUnderstood(Refusal):
    """Neither a date nor so many days ago."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"day not understood: {text[:40]!r}")


class NoPictureThere(Refusal):
    """The message shows no picture of ours, or one that the member may not know of."""


class NotTraced(Refusal):
    """Nothing is known here of where the picture comes from, or nothing that they may know."""


class UploadUnread(Refusal):
    """A file that somebody shows is no picture that can be looked at, or could not be had now."""


class PictureGone(Refusal):
    """No message shows it any more, and nobody else has its file."""


class RepostRefused(Refusal):
    """Discord does not take the picture there; it was not posted."""


class RepostUncertain(Refusal):
    """Discord gave no answer; the next press looks first whether it hangs there."""


class AlreadyReported(Refusal):
    """The member has told of this picture before."""


class AlreadyFinished(Refusal):
    """The job has come to its end; there is nothing to cancel."""


class NobodyElseWaits(Refusal):
    """No other member of the place has a job that could go first."""


class StorageError(ZeuxisError):
    """The database cannot do what was asked."""

    def for_another(self) -> StorageError:
        """The same for one more caller: an exception gathers a traceback where it is raised."""
        copy = type(self)(*self.args)
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

    retry = Retry.NO

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        super().__init__(f"{message} [status={status} code={code} request_id={request_id}]")


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


class ContentRefused(ProviderError):
    """The provider's content check said no."""

    def __init__(
        self,
        message: str,
        *,
        inspected: Inspected = Inspected.UNKNOWN,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.inspected = inspected
        super().__init__(message, status=status, code=code, request_id=request_id)


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


class RateLimited(ProviderError):
    """Status 429. Not billed. `retry_after_s` only if the provider said so."""

    retry = Retry.SLOWER

    def __init__(
        self,
        message: str,
        *,
        throttle: Throttle = Throttle.UNKNOWN,
        retry_after_s: float | None = None,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.throttle = throttle
        self.retry_after_s = retry_after_s
        super().__init__(message, status=status, code=code, request_id=request_id)


class ProviderFailed(ProviderError):
    """The provider or a gateway before it failed. `retry_after_s` only if it said so."""

    retry = Retry.BACKOFF

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message, status=status, code=code, request_id=request_id)


class CheckFailed(ZeuxisError):
    """A picture was not checked, so nobody knows what it shows.

    Checks are free, so `retry` alone says whether to ask again. `retry_after_s` only if told.
    """

    def __init__(
        self, message: str, *, retry: Retry = Retry.NO, retry_after_s: float | None = None
    ) -> None:
        self.retry = retry
        self.retry_after_s = retry_after_s
        super().__init__(message)


class RelayError(ZeuxisError):
    """The picture could not be carried. Never holds a link: its signature is a credential."""


class LinkNotAllowed(RelayError):
    """The provider's link is no web address, or its host is off the list or a private one."""


class LinkExpired(RelayError):
    """The storage gives nothing for this link. Drawing it again would be billed again."""


class DownloadFailed(RelayError):
    """The download broke. It costs nothing to try again."""


class BytesAfterPicture(DownloadFailed):
    """More was sent than the picture, so its announced length was wrong.

    `ends_at_bytes`: where the picture ends in what the storage sends; open it again up to there.
    """

    def __init__(self, *, ends_at_bytes: int) -> None:
        self.ends_at_bytes = ends_at_bytes
        super().__init__(f"more bytes than the picture, which ends at {ends_at_bytes}")


class NotAPicture(RelayError):
    """What came is no whole PNG, JPEG or WebP. The same would come again."""


class PictureTooLarge(RelayError):
    """Over the upload limit."""

    def __init__(self, *, size_bytes: int, limit_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(f"picture has {size_bytes} bytes, limit {limit_bytes}")
