"""What is set, as the rest of the house reads it; and of every value its name, unit, range and
default, and how a row is read."""

from __future__ import annotations

import re
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec import Struct

from bot.errors import PolicyUnreadable
from bot.policy.quotas import UNLIMITED, QuotaLimit
from bot.providers.image import Prices, Size
from bot.records import replace
from bot.refusals import Level, Period, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.providers.rewriter import TokenPrices

# A switch is an int as well; a tuple holds ids; a text is one of a few.
Value: TypeAlias = int | float | Size | ZoneInfo | tuple[int, ...] | str
# scope, scope_id, name, tenant_id, value: as found
Row: TypeAlias = tuple[object, object, object, object, object]

MOST = 10**9
MOST_ID = 2**63 - 1  # that the database holds
MOST_IDS = 100  # in one list
UTC = ZoneInfo("UTC")
ONE_SHARE = 100  # percent: the weight of whoever has no other
HIGHEST_WEIGHT = 10_000
MOST_AT_ONCE = 16  # pictures of one request
USUAL_BATCH = 4  # where nobody has said anything


OPERATORS_OWN = 0  # tenant_id of a row that the operator has set


class Scope(StrEnum):
    """For whom a value holds."""

    OPERATOR = "operator"  # for all; its id is 0
    GUILD = "guild"
    CHANNEL = "channel"
    ROLE = "role"  # of everybody in a guild: the one with the guild's id, as in Discord
    MEMBER = "member"  # in one guild; its id is the user's
    PERSON = "person"  # over all guilds


class ResultsIn(StrEnum):
    """Where a picture is posted that was asked for in a channel."""

    THREAD = "thread"  # one for each request
    DAILY = "daily"  # one for each member and day, in the guild's time zone
    CHANNEL = "channel"


class UsageReaders(StrEnum):
    """Who may see how much a guild has used."""

    STAFF = "staff"
    EVERYONE = "everyone"


class Rewriting(StrEnum):
    """Whether a prompt is enriched before it is drawn."""

    OFF = "off"
    ON = "on"  # by the provider, within the call that draws
    ASK = "ask"  # before: the member reads it, may change it, and decides


class Review(StrEnum):
    """Which pictures the staff look at before anybody else. The values stand in rows."""

    OFF = "off"
    FLAGGED = "flagged"  # those in which a rule or a check found something
    ALWAYS = "always"


class CheckedBy(StrEnum):
    """What looks at pictures before they are posted."""

    NOTHING = "nothing"
    MODEL = "model"  # on the operator's machine
    OPENAI = "openai"  # sends them abroad


# Discord's names of those that Zeuxis speaks.
LANGUAGES = ("en-US", "de", "es-ES", "fr", "ja", "ko", "pt-BR", "zh-CN", "zh-TW")
GUILDS_OWN = ""  # the language that the guild has chosen at Discord


class Key(NamedTuple):
    """Names one row: what holds for whom, and whose row it is."""

    scope: Scope
    scope_id: int
    name: str
    tenant_id: int = OPERATORS_OWN  # else of the guild whose staff have set it


class Limits(Struct, frozen=True, kw_only=True):
    """Counts of jobs; see `.env.example` for their meaning."""

    waiting_per_member: int = 500
    waiting_per_guild: int = 2000
    running: int = 64
    running_per_guild: int = 32
    running_per_person: int = 32
    expected_wait_s: float = 3600.0


class Policy(Struct, frozen=True, kw_only=True):
    """What holds for one request.

    Attributes:
        is_allowed: whether the operator draws for this guild at all.
        is_open_outside: likewise for this person, outside of all guilds.
        quotas: all of them bind.
        default_size: None is the provider's own.
        largest_area_px: None is the provider's own.
        channels: in which there may be pictures, with their threads; empty is all.
        roles: one of which a member must have; empty is none.
        largest_batch: pictures of one request.
        cooldown_s: between a member's picture and their next request.
        zone: of the days of what staff have set; those of the operator's limits are the operator's.
        language: in which everybody there reads; GUILDS_OWN is what Discord says.
        pings: whether a picture's member is notified of it.
        preview: whether the status message shows a picture small that hangs in a thread.
        staff_channel: in which the guild's staff decide their cases; 0 is none.
        review: of the pictures of this member, there.
        newcomer_days: so long after they came, the pictures of members are always reviewed.
        review_rejects_after_h: what nobody has decided by then is rejected; 0 keeps it waiting.
        hides_after_reports: so many hide a picture until the staff have looked; 0 is none.
        refusals_per_hour: so many by the provider make a member wait; 0 is none.
        picture_check: what looks at pictures before they are posted.
        check_hold_percent: from this score on the staff look at a picture.
        check_refuse_percent: from this score on nobody sees it.
        guild_weight: percent, against other guilds.
        member_weight: percent, against others of the guild; of several roles the highest.
    """

    limits: Limits
    is_allowed: bool
    is_open_outside: bool
    quotas: tuple[QuotaLimit, ...]
    default_size: Size | None
    largest_area_px: int | None
    rewrite_by_default: bool
    rewriting_allowed: bool
    channels: tuple[int, ...]
    roles: tuple[int, ...]
    cooldown_s: int
    largest_batch: int
    zone: ZoneInfo
    account_zone: ZoneInfo
    language: str
    results_in: ResultsIn
    usage_readers: UsageReaders
    pings: bool
    preview: bool
    staff_channel: int
    review: Review
    newcomer_days: int
    review_rejects_after_h: int
    hides_after_reports: int
    refusals_per_hour: int
    picture_check: CheckedBy
    check_hold_percent: int
    check_refuse_percent: int
    prices: Prices
    rewriter_prices: TokenPrices
    guild_weight: int
    member_weight: int


class Kept(Struct, frozen=True, kw_only=True):
    """A row that somebody has changed, so that the setting has no effect."""

    key: Key
    value: str
    setting: str
    changed_by: str


class Rule(Struct, frozen=True, kw_only=True):
    """Of one value. `read` raises ValueError for what is not `expected`."""

    expected: str
    read: Callable[[str], Value]
    default: Value | None
    scopes: frozenset[Scope] = frozenset({Scope.OPERATOR})  # the operator's rows
    staff: frozenset[Scope] = frozenset()  # those of a guild's staff


def _whole(unit: str, least: int, most: int, default: int | None) -> Rule:
    return Rule(
        expected=f"a whole number of {unit} from {least} to {most}",
        read=lambda text: _within(least, int(text), most),
        default=default,
    )


def _seconds(most: int, default: float) -> Rule:
    return Rule(
        expected=f"a number of seconds from 0 to {most}",
        read=lambda text: _within(0, float(text), most),
        default=default,
    )


def _within(least: int, value: Any, most: int) -> Any:
    if not least <= value <= most:  # nor is NaN
        raise ValueError("out of range")
    return value


def read_size(text: str) -> Size:
    """Raises ValueError."""
    sides = re.fullmatch(r"([1-9][0-9]{1,4})\*([1-9][0-9]{1,4})", text)
    if sides is None:
        raise ValueError("no size")
    return Size(int(sides[1]), int(sides[2]))


def _zone(text: str) -> ZoneInfo:
    """However its letters are. Raises ValueError; dots or a slash in front would be a path."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        pass  # in other letters, perhaps
    try:
        return ZoneInfo(zones_by_name()[text.casefold()])
    except KeyError as error:
        raise ValueError("no zone") from error


@cache
def zones_by_name() -> dict[str, str]:
    """In small letters. Reading them takes some tenths of a second, once."""
    return {name.casefold(): name for name in available_timezones()}


def _ids(text: str) -> tuple[int, ...]:
    ids = tuple(dict.fromkeys(int(one) for one in text.split(",") if one))
    if not all(0 < one <= MOST_ID for one in ids) or len(ids) > MOST_IDS:
        raise ValueError("no ids")
    return ids


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("neither")
    return text == "true"


def _one_of(names: Iterable[str], default: str) -> Rule:
    by_name = {name.casefold(): name for name in names}

    def one(text: str) -> str:
        if text.casefold() not in by_name:
            raise ValueError("none of them")
        return by_name[text.casefold()]

    expected = f"one of {', '.join(filter(None, by_name.values()))}"
    return Rule(expected=expected, read=one, default=default)


DRAWABLE = "a size in pixels that the provider draws, such as 1024*1024"
_LIMITS = Limits()
_AMOUNT = _whole("pictures or micro-dollars, or -1 for no limit,", UNLIMITED, 10**12, None)
_LIST = Rule(expected=f"at most {MOST_IDS} ids with commas between", read=_ids, default=())

# By whose rows a level is limited: the operator's, and those of a guild's staff.
_WHO_LIMITS: dict[Level, tuple[frozenset[Scope], frozenset[Scope]]] = {
    Level.ACCOUNT: (frozenset({Scope.OPERATOR}), frozenset()),
    Level.GUILD: (frozenset({Scope.OPERATOR, Scope.GUILD}), frozenset({Scope.GUILD})),
    Level.CHANNEL: (frozenset(), frozenset({Scope.GUILD, Scope.CHANNEL})),
    Level.ROLE: (frozenset(), frozenset({Scope.ROLE})),
    Level.MEMBER: (frozenset({Scope.OPERATOR, Scope.GUILD}), frozenset({Scope.MEMBER})),
    Level.PERSON: (frozenset({Scope.OPERATOR, Scope.PERSON}), frozenset()),
}


def quota_name(level: Level, unit: Unit, period: Period) -> str:
    return f"{level}_{unit}_per_{period}"


def _for_guilds(rule: Rule, *, staff: Iterable[Scope] = ()) -> Rule:
    """The operator sets it for all and for single guilds."""
    return replace(rule, scopes=frozenset({Scope.OPERATOR, Scope.GUILD}), staff=frozenset(staff))


def _for_staff(rule: Rule, *, also: Iterable[Scope] = ()) -> Rule:
    """A guild's staff set it for their guild, and nobody else."""
    return replace(rule, scopes=frozenset(), staff=frozenset({Scope.GUILD, *also}))


def _switching(*, default: bool) -> Rule:
    return Rule(expected="true or false", read=_switch, default=default)


# All names are here and nowhere else; what is not in its row's range is refused.
VALUES: dict[str, Rule] = {
    "waiting_per_member": _whole("jobs", 1, MOST, _LIMITS.waiting_per_member),
    "waiting_per_guild": _whole("jobs", 1, MOST, _LIMITS.waiting_per_guild),
    "running": _whole("jobs", 1, MOST, _LIMITS.running),  # by account, from the next start on
    "running_per_guild": _whole("jobs", 1, MOST, _LIMITS.running_per_guild),
    "running_per_person": _whole("jobs", 1, MOST, _LIMITS.running_per_person),  # likewise
    "expected_wait_s": _seconds(10**12, _LIMITS.expected_wait_s),
    "default_size": _for_guilds(
        Rule(expected=DRAWABLE, read=read_size, default=None), staff=(Scope.GUILD, Scope.CHANNEL)
    ),
    "largest_area_px": _for_guilds(_whole("pixels", 1, MOST, None), staff=(Scope.GUILD,)),
    "rewrite_by_default": _for_guilds(_switching(default=True), staff=(Scope.GUILD,)),
    "rewriting_allowed": _for_guilds(_switching(default=True), staff=(Scope.GUILD,)),
    "price_plain_micros": _whole("micro-dollars", 0, MOST, 15_000),
    "price_rewritten_micros": _whole("micro-dollars", 0, MOST, 30_000),
    # for a million tokens
    "rewriter_input_micros": _whole("micro-dollars", 0, MOST, 50_000),
    "rewriter_output_micros": _whole("micro-dollars", 0, MOST, 400_000),
    "weight": replace(
        _whole("percent", 1, HIGHEST_WEIGHT, ONE_SHARE),
        scopes=frozenset({Scope.GUILD, Scope.ROLE}),
    ),
    "is_allowed": _for_guilds(_switching(default=True)),
    "outside_guilds": replace(
        _switching(default=False), scopes=frozenset({Scope.OPERATOR, Scope.PERSON})
    ),
    "channels": _for_staff(_LIST),
    "roles": _for_staff(_LIST),
    "cooldown_s": _for_guilds(_whole("seconds", 0, 86_400, 0), staff=(Scope.GUILD,)),
    "largest_batch": _for_guilds(
        _whole("pictures", 1, MOST_AT_ONCE, USUAL_BATCH), staff=(Scope.GUILD,)
    ),
    "time_zone": replace(
        Rule(expected="the name of a time zone, such as Europe/Berlin", read=_zone, default=UTC),
        staff=frozenset({Scope.GUILD}),
    ),
    "language": _for_staff(_one_of((GUILDS_OWN, *LANGUAGES), GUILDS_OWN)),
    "results_in": _for_guilds(_one_of(ResultsIn, ResultsIn.THREAD), staff=(Scope.GUILD,)),
    "usage_readers": _for_guilds(_one_of(UsageReaders, UsageReaders.STAFF), staff=(Scope.GUILD,)),
    "staff_channel": _for_staff(
        Rule(
            expected="the id of a channel, or 0 for none",
            read=lambda text: _within(0, int(text), MOST_ID),
            default=0,
        )
    ),
    "review": _for_staff(
        _one_of(Review, Review.OFF), also=(Scope.CHANNEL, Scope.ROLE, Scope.MEMBER)
    ),
    "newcomer_days": _for_staff(_whole("days", 0, 3650, 0)),
    "review_rejects_after_h": _for_staff(_whole("hours", 0, 8760, 0)),
    "hides_after_reports": _for_staff(_whole("reports", 0, 1000, 0)),
    "refusals_per_hour": _for_guilds(
        _whole("refusals by the provider", 0, 1000, 0), staff=(Scope.GUILD,)
    ),
    "picture_check": _for_staff(_one_of(CheckedBy, CheckedBy.NOTHING)),
    "check_hold_percent": _for_staff(_whole("percent", 0, 100, 50)),
    "check_refuse_percent": _for_staff(_whole("percent", 0, 100, 95)),
    "pings": _for_guilds(_switching(default=False), staff=(Scope.GUILD,)),
    "preview": _for_guilds(_switching(default=False), staff=(Scope.GUILD,)),
    **{
        quota_name(level, unit, period): replace(_AMOUNT, scopes=operators, staff=staff)
        for level, (operators, staff) in _WHO_LIMITS.items()
        for unit in Unit
        for period in Period
    },
}
PRICES = tuple(name for name in VALUES if name.startswith("price_"))
REWRITER_PRICES = tuple(name for name in VALUES if name.startswith("rewriter_"))


def written(value: Value) -> str:
    """As it stands in its row; `read` reads it back."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def read(scope: object, scope_id: object, name: object, tenant_id: object, text: object) -> Any:
    """The value of a row that anybody may have written.

    Raises:
        PolicyUnreadable: names the row, what stands there and what was expected.
    """
    named = ascii(f"{scope} {scope_id} {name}")[1:-1]
    row = f"policy row {named:.80}"
    rule = VALUES.get(name) if isinstance(name, str) else None
    if rule is None:
        raise PolicyUnreadable(f"{row}: no such name{_meant(name)}")
    _check_owner(row, rule, scope, scope_id, tenant_id)
    try:
        if isinstance(text, str):
            return rule.read(text)
    except ValueError:
        pass  # said below
    raise PolicyUnreadable(f"{row}: expected {rule.expected}, got {text!r:.60}")


def _meant(name: object) -> str:
    close = get_close_matches(str(name)[:80], VALUES, n=1)
    return f", did you mean {close[0]}?" if close else ""


def _check_owner(row: str, rule: Rule, scope: object, scope_id: object, tenant_id: object) -> None:
    if not isinstance(tenant_id, int) or tenant_id < 0:
        raise PolicyUnreadable(f"{row}: expected tenant_id {OPERATORS_OWN}, or a guild's")
    scopes = rule.scopes if tenant_id == OPERATORS_OWN else rule.staff
    if scope not in scopes:
        whose = "the operator" if tenant_id == OPERATORS_OWN else "staff"
        expected = " or ".join(sorted(scopes)) or f"no row of {whose}"
        raise PolicyUnreadable(f"{row}: expected scope {expected}")
    least, most = (0, 0) if scope == Scope.OPERATOR else (1, MOST_ID)
    if not isinstance(scope_id, int) or not least <= scope_id <= most:
        raise PolicyUnreadable(f"{row}: expected scope_id 0 for the operator, else whose it is")
    if tenant_id != OPERATORS_OWN and scope == Scope.GUILD and scope_id != tenant_id:
        raise PolicyUnreadable(f"{row}: expected the guild whose staff have set it")
