"""What is used of the quotas: the ledger's sums over the spans that are limited, kept as counters.

A counter holds what was reserved or spent in one span for one subject: a picture counts from its
reservation on, at the most that it may cost; settling corrects the cost, a release takes both back,
and what is uncertain stays, since it may be billed. A counter that is missing is made from the
ledger. So a new limit, another time zone and an older database all begin with the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.policy.quotas import (
    QuotaState,
    Span,
    Subject,
    Use,
    check_quotas,
    nearly_used_up,
    span_of,
    subjects,
)
from bot.refusals import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.db import Transaction
    from bot.policy.quotas import QuotaLimit
    from bot.policy.rows import Asking
    from bot.policy.rules import Policy


_SPAN = "kind = ? AND id = ? AND user_id = ? AND starts_at_us = ? AND ends_at_us = ?"
_HOLDING = "kind = ? AND id = ? AND user_id = ? AND starts_at_us <= ? AND ends_at_us > ?"
_SUMS = (
    "SELECT coalesce(sum(pictures), 0), coalesce(sum(reserved_micros + cost_micros), 0) FROM ledger"
)
_OF_KIND = {  # the subject's id and user_id come first, in this order
    "account": "WHERE ? = 0 AND ? = 0",
    "guild": "WHERE tenant_id = ? AND ? = 0",
    "channel": "WHERE channel_id = ? AND ? = 0",
    "member": "WHERE tenant_id = ? AND user_id = ?",
    "person": "WHERE user_id = ? AND ? = 0",
}


class Counted(NamedTuple):
    """Names one counter."""

    subject: Subject
    span: Span


def states_of(
    tx: Transaction, policy: Policy, asking: Asking, *, now_us: int
) -> tuple[QuotaState, ...]:
    """Of every limit that binds requests from there; writes nothing."""
    return tuple(
        _state(limit, span, _known(tx, subject, span) or _summed(tx, subject, span))
        for limit, subject, span in _bound(policy, asking, now_us)
    )


def take(
    tx: Transaction, policy: Policy, asking: Asking, *, pictures: int, micros: int, now_us: int
) -> tuple[QuotaState, ...]:
    """Counts so many pictures and so much money more. Returns the limits that are nearly used up.

    Raises:
        SwitchedOff, QuotaUsedUp: it would be too much; the transaction is to be undone.
    """
    states = []
    for limit, subject, span in _bound(policy, asking, now_us):
        use = _known(tx, subject, span)
        if use is None:
            use = _summed(tx, subject, span)
            _begin(tx, subject, span, use, now_us)
        states.append(_state(limit, span, use))
    check_quotas(states, pictures=pictures, micros=micros)
    correct(tx, _subjects(asking), reserved_at_us=now_us, pictures=pictures, micros=micros)
    return nearly_used_up(states, pictures=pictures, micros=micros)


def correct(
    tx: Transaction,
    whose: Iterable[Subject],
    *,
    reserved_at_us: int,
    pictures: int,
    micros: int,
) -> None:
    """Adds to whatever counter holds the instant of the reservation."""
    for subject in whose:
        tx.execute(
            f"UPDATE quota_use SET pictures = pictures + ?, micros = micros + ? WHERE {_HOLDING}",
            (pictures, micros, *subject, reserved_at_us, reserved_at_us),
        )


_OUTSIDE = frozenset({Level.ACCOUNT, Level.MEMBER, Level.PERSON})


def _bound(
    policy: Policy, asking: Asking, now_us: int
) -> Iterable[tuple[QuotaLimit, Subject, Span]]:
    """In no guild no guild's limits hold, nor those of its channels; the operator's of a member do.

    The operator's spans are those of the operator's zone: staff who set their guild's clocks to
    where it has just struck midnight would else begin every limit anew, hour after hour.
    """
    whose = _subjects(asking)
    counted_by = {level: subject for subject, levels in whose.items() for level in levels}
    for limit in policy.quotas:
        if asking.guild_id is not None or limit.level in _OUTSIDE:
            zone = policy.zone if limit.by_staff else policy.account_zone
            yield limit, counted_by[limit.level], span_of(limit.period, zone, now_us)


def _subjects(asking: Asking) -> dict[Subject, tuple[Level, ...]]:
    tenant_id = asking.user_id if asking.guild_id is None else asking.guild_id
    return subjects(tenant_id, asking.channel_id, asking.user_id)


def _state(limit: QuotaLimit, span: Span, use: Use) -> QuotaState:
    return QuotaState(limit=limit, used=use.of(limit.unit), renews_at_us=span.ends_at_us)


def _known(tx: Transaction, subject: Subject, span: Span) -> Use | None:
    row = tx.execute(
        f"SELECT pictures, micros FROM quota_use WHERE {_SPAN}", (*subject, *span)
    ).fetchone()
    return None if row is None else Use(pictures=row[0], micros=row[1])


def _summed(tx: Transaction, subject: Subject, span: Span) -> Use:
    pictures, micros = tx.execute(
        f"{_SUMS} {_OF_KIND[subject.kind]} AND reserved_at_us >= ? AND reserved_at_us < ?",
        (subject.id, subject.user_id, *span),
    ).fetchone()
    return Use(pictures=pictures, micros=micros)


def _begin(tx: Transaction, subject: Subject, span: Span, use: Use, now_us: int) -> None:
    """A new span ends the need for those that are over."""
    tx.execute(
        "DELETE FROM quota_use WHERE kind = ? AND id = ? AND user_id = ? AND ends_at_us <= ?",
        (*subject, now_us),
    )
    tx.execute(
        "INSERT INTO quota_use (kind, id, user_id, starts_at_us, ends_at_us, pictures, micros)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*subject, *span, use.pictures, use.micros),
    )


# ------------------------------------------------------------------------------------------------
# The check: what is kept must be what the ledger says.


def forget_ended(tx: Transaction, *, before_us: int) -> None:
    """Spans that were over by then; nothing asks for them, and what they held may be folded."""
    tx.execute("DELETE FROM quota_use WHERE ends_at_us <= ?", (before_us,))


def counters(tx: Transaction) -> tuple[Counted, ...]:
    """All that are kept."""
    rows = tx.execute("SELECT kind, id, user_id, starts_at_us, ends_at_us FROM quota_use")
    return tuple(Counted(Subject(*row[:3]), Span(*row[3:])) for row in rows.fetchall())


def is_right(tx: Transaction, one: Counted) -> bool:
    """Whether it holds the ledger's sums, or is there no more.

    One of a channel is added up from all entries of its span, so whoever checks many lets others
    read between two.
    """
    known = _known(tx, one.subject, one.span)
    return known is None or known == _summed(tx, one.subject, one.span)


def differences(tx: Transaction) -> tuple[Counted, ...]:
    """Counters that are wrong. There are none, unless somebody edited rows."""
    return tuple(one for one in counters(tx) if not is_right(tx, one))


def forget(tx: Transaction, wrong: Iterable[Counted]) -> None:
    """They are made anew from the ledger when they are next needed."""
    tx.executemany(
        f"DELETE FROM quota_use WHERE {_SPAN}", [(*one.subject, *one.span) for one in wrong]
    )
