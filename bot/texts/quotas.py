"""Limits in words: whose they are, what is left, when they begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.providers.image import dollars
from bot.refusals import Level, Period, Unit
from bot.texts import relative

if TYPE_CHECKING:
    from bot.policy.quotas import QuotaState
    from bot.refusals import QuotaUsedUp
    from bot.texts import Texts


def used_up_text(error: QuotaUsedUp, texts: Texts) -> str:
    """Which limit it is, what is left, when it renews, and who might raise it."""
    quota = quota_text(error.unit, error.period, error.amount, texts)
    rest = _rest(error.unit, error.left, error.renews_at_us, texts)
    return f"{limit_text(error.level, quota, texts)} {rest} {_set_by(error, texts)}"


def _set_by(error: QuotaUsedUp, texts: Texts) -> str:
    if error.by_staff:
        return texts.say("This server's staff have set this limit.")
    return texts.say("Whoever runs this bot has set this limit.")


def warning_text(state: QuotaState, texts: Texts) -> str:
    """For whoever comes near a limit: their request was taken, also if it was the last one."""
    limit = state.limit
    quota = quota_text(limit.unit, limit.period, limit.amount, texts)
    said = limit_text(limit.level, quota, texts)
    if state.left == 0:
        return texts.say(
            "{limit} Your request has used the last of it; it renews {when}.",
            limit=said,
            when=relative(state.renews_at_us),
        )
    return f"{said} {_rest(limit.unit, state.left, state.renews_at_us, texts)}"


def _rest(unit: Unit, left: int, renews_at_us: int, texts: Texts) -> str:
    when = relative(renews_at_us)
    if left <= 0:
        return texts.say("That is used up; it renews {when}.", when=when)
    if unit is Unit.MICROS:
        return texts.say("{money} of it is left; it renews {when}.", money=dollars(left), when=when)
    return texts.plural(
        "{count} picture of it is left; it renews {when}.",
        "{count} pictures of it are left; it renews {when}.",
        count=left,
        when=when,
    )


def limit_text(level: Level, quota: str, texts: Texts) -> str:
    """Whose limit it is, as a sentence."""
    match level:
        case Level.ACCOUNT:
            return texts.say("All servers together may have {quota}.", quota=quota)
        case Level.GUILD:
            return texts.say("This server may have {quota}.", quota=quota)
        case Level.CHANNEL:
            return texts.say("This channel may have {quota}.", quota=quota)
        case Level.ROLE:
            return texts.say("With your roles you may have {quota}.", quota=quota)
        case Level.MEMBER:
            return texts.say("Here you may have {quota}.", quota=quota)
        case Level.PERSON:
            return texts.say("Over all servers you may have {quota}.", quota=quota)


def quota_text(unit: Unit, period: Period, amount: int, texts: Texts) -> str:
    """How much in which span, as a part of a sentence."""
    if unit is Unit.MICROS:
        return _money_text(period, dollars(amount), texts)
    match period:
        case Period.HOUR:
            return texts.plural("{count} picture an hour", "{count} pictures an hour", count=amount)
        case Period.DAY:
            return texts.plural("{count} picture a day", "{count} pictures a day", count=amount)
        case Period.MONTH:
            return texts.plural("{count} picture a month", "{count} pictures a month", count=amount)


def _money_text(period: Period, money: str, texts: Texts) -> str:
    match period:
        case Period.HOUR:
            return texts.say("pictures for {money} an hour", money=money)
        case Period.DAY:
            return texts.say("pictures for {money} a day", money=money)
        case Period.MONTH:
            return texts.say("pictures for {money} a month", money=money)


def outside_text(texts: Texts) -> str:
    """In direct messages and by a user's own install nothing is painted for this person."""
    return texts.say(
        "Whoever runs this bot has not opened it for you outside of servers."
        " Ask in a server that has me."
    )


def switched_off_text(level: Level, texts: Texts, *, by_staff: bool) -> str:
    """A limit of 0; it does not renew."""
    who = texts.say("the staff of this server") if by_staff else texts.say("whoever runs this bot")
    match level:
        case Level.ACCOUNT:
            return texts.say("Pictures are switched off everywhere, by {who}.", who=who)
        case Level.GUILD:
            return texts.say("Pictures are switched off in this server, by {who}.", who=who)
        case Level.CHANNEL:
            return texts.say("Pictures are switched off in this channel, by {who}.", who=who)
        case Level.ROLE:
            return texts.say("Pictures are switched off for your roles, by {who}.", who=who)
        case Level.MEMBER | Level.PERSON:
            return texts.say("Pictures are switched off for you, by {who}.", who=who)
