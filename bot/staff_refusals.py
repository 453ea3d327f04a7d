"""What is said to staff, moderators and operators where something is not done."""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from enum import StrEnum
from typing import NamedTuple

from bot.refusals import Refusal


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
