"""Changes of what is set: all of them or none, each in the audit log, the last one revocable.

Whoever changes a value names the newest entry of the log that they had seen. If somebody has
changed the same value since, nothing is changed and the other's change is named. So two moderators
with the same page open never undo each other's work without knowing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.errors import (
    PolicyUnreadable,
)
from bot.policy.audit import AuditAction, Deed, enter, forget_log, forget_named
from bot.policy.precedence import is_drawn
from bot.policy.rows import (
    Asking,
    count_styles,
    drop_style,
    load_policy,
    put_style,
    set_policy,
    style_text_of,
)
from bot.policy.rules import OPERATORS_OWN, VALUES, Key, Scope, read, written
from bot.policy.standing import forget_standings, forget_standings_in
from bot.policy.styles import (
    MOST_STYLES,
    Style,
    check_style,
    style_key,
    style_read,
    style_row,
    style_written,
)
from bot.providers.image import Size
from bot.records import replace
from bot.staff_refusals import (
    NothingToUndo,
    SettingChanged,
    SettingRefused,
    StyleFault,
    StyleRefused,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.db import Transaction
    from bot.policy.rules import Policy, Value
    from bot.providers.image import Offer


ENTRIES_A_PAGE = 20


class Change(Struct, frozen=True, kw_only=True):
    """A value for one row; None takes the row away, so that what lies behind it holds again."""

    key: Key
    value: Value | Style | None


class Author(Struct, frozen=True, kw_only=True):
    """Who changes something, and by which way."""

    actor: str  # the id of a user, or 'operator'
    source: str  # 'discord', 'command line' or 'file'


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One value that was changed; those of one batch were changed together."""

    id: int
    at_us: int
    tenant_id: int
    actor: str
    source: str
    batch: int
    undoes: int | None
    key: Key
    was: str | None
    became: str | None


def change_policy(
    tx: Transaction,
    changes: Sequence[Change],
    author: Author,
    offer: Offer,
    *,
    seen: int | None = None,
    undoes: int | None = None,
    now_us: int,
) -> tuple[AuditEntry, ...]:
    """Changes what differs from what stands there; returns the entries of that.

    Of several values for one row the last holds.

    Args:
        seen: the newest entry of the log that the author has seen; None: whatever was changed.

    Raises:
        SettingChanged: somebody else has changed one of these values since.
        SettingRefused: no value for that, or one that contradicts another; nothing was changed, the
            transaction is to be undone.
        StyleRefused: likewise, of a style.
    """
    batch: int | None = None
    for change in {one.key: one for one in changes}.values():
        became = _checked(change, offer)
        was = _value_of(tx, change.key)
        if was == became:
            continue
        if seen is not None:
            _check_unchanged(tx, change.key, seen)
        _put(tx, change, author.actor, now_us)
        deed = _deed(change.key, author, was=was, became=became)
        entry_id = enter(tx, replace(deed, batch=batch, undoes=undoes), now_us=now_us)
        batch = batch or entry_id
    if batch is None:
        return ()
    keys = [change.key for change in changes]
    _check_sizes(tx, keys, offer)
    _check_scores(tx, keys)
    _check_styles(tx, keys)
    return _entries(tx, "batch = ?", (batch,), limit=len(changes))


def change_of(key: Key, text: str) -> Change:
    """What stands in a row, or is to.

    Raises:
        SettingRefused: it is no value for that.
    """
    try:
        value = read(*key, text) if style_key(key.name) is None else style_read(text)
    except PolicyUnreadable as error:
        raise SettingRefused(name=key.name, expected=expected_of(key.name)) from error
    return Change(key=key, value=value)


def check_scope(key: Key) -> None:
    """Of a value that the operator sets; a name that there is not passes.

    Raises:
        SettingRefused: it is set for others.
    """
    rule = VALUES.get(key.name)
    if rule is not None and key.scope not in rule.scopes:
        scopes = " or ".join(sorted(rule.scopes)) or "staff"
        raise SettingRefused(name=key.name, expected=f"a value of: {scopes}")


def expected_of(name: str) -> str:
    if style_key(name) is not None:
        return "a style of this server"
    return VALUES[name].expected if name in VALUES else "a known name"


def _checked(change: Change, offer: Offer) -> str | None:
    """As its row is to be. Raises SettingRefused."""
    if change.value is None:
        return None
    if isinstance(change.value, Style):
        return _checked_style(change.key, change.value, offer)
    text = written(change.value)
    value, name = change_of(change.key, text).value, change.key.name
    if isinstance(value, Size) and not is_drawn(value, offer):
        raise SettingRefused(name=name, expected=expected_of(name))
    if name == "largest_area_px" and isinstance(value, int) and value < offer.min_area_px:
        expected = f"at least {offer.min_area_px} pixels, the smallest picture there is"
        raise SettingRefused(name=name, expected=expected)
    return text


def _checked_style(key: Key, style: Style, offer: Offer) -> str:
    """Raises SettingRefused: it is another style's row, or StyleRefused."""
    check_style(style, offer)
    if key.tenant_id == OPERATORS_OWN or key != style_row(key.tenant_id, style.name_key):
        raise SettingRefused(name=key.name, expected=expected_of(key.name))
    return style_written(style)


def _check_styles(tx: Transaction, keys: Iterable[Key]) -> None:
    for tenant_id in {key.tenant_id for key in keys if style_key(key.name) is not None}:
        if count_styles(tx, tenant_id) > MOST_STYLES:
            raise StyleRefused(StyleFault.TOO_MANY, name="")


def _check_sizes(tx: Transaction, keys: Iterable[Key], offer: Offer) -> None:
    """A usual size over the largest would have each request without a size refused.

    Looks where these rows hold and nowhere else, so that what the operator has narrowed since keeps
    nobody from mending one place after the other.
    """
    for asking in dict.fromkeys(one for key in keys for one in _sized(tx, key)):
        _check_size(load_policy(tx, asking), offer)


def _sized(tx: Transaction, key: Key) -> Iterator[Asking]:
    """Where a usual size may contradict the largest by this row."""
    if key.name not in ("default_size", "largest_area_px"):
        return
    if key.tenant_id == OPERATORS_OWN:
        yield Asking()
    elif key.scope is Scope.CHANNEL:
        yield Asking(key.tenant_id, key.scope_id)
    else:
        yield Asking(key.tenant_id)
        if key.name == "largest_area_px":
            sized = "SELECT scope_id FROM policy WHERE tenant_id = ? AND name = 'default_size'"
            found = tx.execute(sized, (key.tenant_id,))  # channels, and perhaps the guild again
            yield from (Asking(key.tenant_id, row[0]) for row in found.fetchall())


def _check_size(policy: Policy, offer: Offer) -> None:
    size, most_px = policy.default_size or offer.default_size, policy.largest_area_px
    if most_px is not None and size.area_px > most_px:
        expected = f"at least the {size.area_px} pixels of the default size {size}"
        raise SettingRefused(name="largest_area_px", expected=expected)


def _check_scores(tx: Transaction, keys: Iterable[Key]) -> None:
    """A picture that nobody may see would else be held, or one to be looked at refused."""
    names = ("check_hold_percent", "check_refuse_percent")
    for key in keys:
        if key.name not in names:
            continue
        policy = load_policy(tx, Asking(key.tenant_id))
        if policy.check_hold_percent > policy.check_refuse_percent:
            scores = f"{policy.check_hold_percent} and {policy.check_refuse_percent}"
            expected = f"the score that holds at most the one that refuses, not {scores}"
            raise SettingRefused(name=key.name, expected=expected)


def _check_unchanged(tx: Transaction, key: Key, seen: int) -> None:
    newer = _entries(
        tx,
        "tenant_id = ? AND scope = ? AND scope_id = ? AND name = ? AND id > ?",
        (key.tenant_id, key.scope, key.scope_id, key.name, seen),
        limit=1,
    )
    for entry in newer:
        raise SettingChanged(name=key.name, by=entry.actor, at_us=entry.at_us, value=entry.became)


def _value_of(tx: Transaction, key: Key) -> str | None:
    if style_key(key.name) is not None:
        return style_text_of(tx, key)
    row = tx.execute(
        "SELECT value FROM policy WHERE scope = ? AND scope_id = ? AND name = ? AND tenant_id = ?",
        key,
    ).fetchone()
    return None if row is None else row[0]


def _put(tx: Transaction, change: Change, by: str, now_us: int) -> None:
    if isinstance(change.value, Style):
        put_style(tx, change.key.tenant_id, change.value, by=by, now_us=now_us)
        return
    if style_key(change.key.name) is not None:
        drop_style(tx, change.key)
        return
    if change.value is not None:
        set_policy(tx, change.key, change.value, by=by, now_us=now_us)
        return
    tx.execute(
        "DELETE FROM policy WHERE scope = ? AND scope_id = ? AND name = ? AND tenant_id = ?",
        change.key,
    )


# ------------------------------------------------------------------------------------------------
# The audit log


def newest_entry(tx: Transaction, tenant_id: int) -> int:
    """Its id, to be named with a change; 0 if there is none."""
    (found,) = tx.execute(
        "SELECT coalesce(max(id), 0) FROM audit WHERE tenant_id = ? AND action = 'set'",
        (tenant_id,),
    ).fetchone()
    return int(found)


def audit_entries(
    tx: Transaction, tenant_id: int, *, before: int | None = None, limit: int = ENTRIES_A_PAGE
) -> tuple[AuditEntry, ...]:
    """The newest first; `before` is the last id of the page before."""
    if before is None:
        return _entries(tx, "tenant_id = ?", (tenant_id,), limit=limit)
    return _entries(tx, "tenant_id = ? AND id < ?", (tenant_id, before), limit=limit)


def undo_last(
    tx: Transaction, tenant_id: int, author: Author, offer: Offer, *, now_us: int
) -> tuple[AuditEntry, ...]:
    """Takes back what was changed last and not taken back yet; again, the one before.

    Raises:
        NothingToUndo: nothing was changed.
        SettingRefused: what stood there is no value any more; nothing was changed, the transaction
            is to be undone.
    """
    row = tx.execute(
        "SELECT max(batch) FROM audit WHERE tenant_id = ? AND undoes IS NULL AND action = 'set'"
        " AND (scope = 'operator' OR scope_id <> 0) AND batch NOT IN"
        " (SELECT undoes FROM audit WHERE tenant_id = ? AND undoes IS NOT NULL)",
        (tenant_id, tenant_id),
    ).fetchone()
    if row[0] is None:
        raise NothingToUndo
    batch = _entries(tx, "batch = ?", (row[0],), limit=10_000)
    changes = [
        Change(key=one.key, value=None) if one.was is None else change_of(one.key, one.was)
        for one in batch
        if not _is_unnamed(one.key)
    ]
    entries = change_policy(tx, changes, author, offer, undoes=row[0], now_us=now_us)
    if not entries:  # somebody has set it back by hand
        raise NothingToUndo
    return entries


def _is_unnamed(key: Key) -> bool:
    """Whether whom it held for was forgotten."""
    return key.scope is not Scope.OPERATOR and key.scope_id == 0


def _deed(key: Key, author: Author, *, was: str | None, became: str | None) -> Deed:
    return Deed(
        tenant_id=key.tenant_id,
        action=AuditAction.SET,
        actor=author.actor,
        source=author.source,
        scope=key.scope,
        scope_id=key.scope_id,
        name=key.name,
        was=was,
        became=became,
    )


def _entries(
    tx: Transaction, where: str, parameters: tuple[object, ...], *, limit: int
) -> tuple[AuditEntry, ...]:
    rows = tx.execute(
        "SELECT id, at_us, tenant_id, actor, source, batch, undoes, scope, scope_id, name, was,"
        f" became FROM audit WHERE {where} AND action = 'set' ORDER BY id DESC LIMIT ?",
        (*parameters, limit),
    )
    return tuple(
        AuditEntry(
            id=row[0],
            at_us=row[1],
            tenant_id=row[2],
            actor=row[3],
            source=row[4],
            batch=row[5],
            undoes=row[6],
            key=Key(Scope(row[7]), row[8], row[9], row[2]),
            was=row[10],
            became=row[11],
        )
        for row in rows
    )


# ------------------------------------------------------------------------------------------------
# Members and guilds are forgotten.


def forget_user(tx: Transaction, user_id: int, *, now_us: int) -> None:
    """What was set for them goes; what they set stays, by user 0."""
    whose = "scope IN ('member', 'person') AND scope_id = ?"
    tx.execute(f"DELETE FROM policy WHERE {whose}", (user_id,))
    tx.execute("UPDATE policy SET changed_by = '0' WHERE changed_by = ?", (str(user_id),))
    tx.execute("UPDATE style SET changed_by = 0 WHERE changed_by = ?", (user_id,))
    forget_named(tx, user_id, now_us=now_us)
    forget_standings(tx, user_id)


def forget_settings(tx: Transaction, guild_id: int) -> None:
    """All that its staff have set, with the log; what the operator has set for it stays."""
    tx.execute("DELETE FROM policy WHERE tenant_id = ?", (guild_id,))
    tx.execute("DELETE FROM style WHERE tenant_id = ?", (guild_id,))
    forget_log(tx, guild_id)
    forget_standings_in(tx, guild_id)
