"""The rows of word rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.moderation.word_rules import RuleOutcome, WordRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction


class KeptRule(Struct, frozen=True, kw_only=True):
    """A rule as it stands, and who has changed it last."""

    rule: WordRule
    changed_by: int  # a user; 0: of deleted data
    changed_at_us: int  # no two changes have the same


_RULE = (
    "id, name, outcome, words, patterns, allowed, exempt_roles, exempt_channels, automod_id,"
    " not_applied"
)


def rules_of(tx: Transaction, tenant_id: int) -> tuple[WordRule, ...]:
    """A guild's, by name."""
    rows = tx.execute(
        f"SELECT {_RULE} FROM word_rule WHERE tenant_id = ? ORDER BY name_key", (tenant_id,)
    ).fetchall()
    return tuple(map(_rule_of, rows))


def kept_rules(tx: Transaction, tenant_id: int) -> tuple[KeptRule, ...]:
    """A guild's, by name."""
    rows = tx.execute(
        f"SELECT {_RULE}, changed_by, changed_at_us FROM word_rule WHERE tenant_id = ?"
        " ORDER BY name_key",
        (tenant_id,),
    ).fetchall()
    return tuple(
        KeptRule(rule=_rule_of(row), changed_by=by, changed_at_us=at_us) for *row, by, at_us in rows
    )


def has_rules(tx: Transaction, tenant_id: int) -> bool:
    row = tx.execute("SELECT 1 FROM word_rule WHERE tenant_id = ? LIMIT 1", (tenant_id,)).fetchone()
    return row is not None


def newest_change(tx: Transaction, tenant_id: int) -> tuple[int, int]:
    """Of a guild's rules: how many there are, and when one was changed last. What was compiled for
    others is of no use any more."""
    count, at_us = tx.execute(
        "SELECT count(*), coalesce(max(changed_at_us), 0) FROM word_rule WHERE tenant_id = ?",
        (tenant_id,),
    ).fetchone()
    return int(count), int(at_us)


def put_rule(tx: Transaction, tenant_id: int, rule: WordRule, *, by: int, now_us: int) -> WordRule:
    """Under its name, in the place of one that bears it. Returns it with its id."""
    (last_us,) = tx.execute("SELECT coalesce(max(changed_at_us), 0) FROM word_rule").fetchone()
    (rule_id,) = tx.execute(
        "INSERT INTO word_rule (tenant_id, name_key, name, outcome, words, patterns, allowed,"
        " exempt_roles, exempt_channels, automod_id, not_applied, changed_by, changed_at_us)"
        f" VALUES ({', '.join('?' * 13)})"
        " ON CONFLICT (tenant_id, name_key) DO UPDATE SET name = excluded.name,"
        " outcome = excluded.outcome, words = excluded.words, patterns = excluded.patterns,"
        " allowed = excluded.allowed, exempt_roles = excluded.exempt_roles,"
        " exempt_channels = excluded.exempt_channels, automod_id = excluded.automod_id,"
        " not_applied = excluded.not_applied, changed_by = excluded.changed_by,"
        " changed_at_us = excluded.changed_at_us RETURNING id",
        (
            tenant_id,
            rule_key(rule.name),
            *_values(rule),
            by,
            max(now_us, last_us + 1),  # each change is seen, whatever the clock does
        ),
    ).fetchone()
    return _rule_of((rule_id, *_values(rule)))


def drop_rule(tx: Transaction, tenant_id: int, name: str) -> bool:
    """Whether there was one."""
    dropped = tx.execute(
        "DELETE FROM word_rule WHERE tenant_id = ? AND name_key = ?", (tenant_id, rule_key(name))
    )
    return dropped.rowcount > 0


def rule_key(name: str) -> str:
    return " ".join(name.split()).casefold()


def forget_author(tx: Transaction, user_id: int) -> None:
    """A member has their data deleted. What they have changed as staff is the guild's."""
    tx.execute("UPDATE word_rule SET changed_by = 0 WHERE changed_by = ?", (user_id,))


def forget_rules(tx: Transaction, tenant_id: int) -> None:
    """All of a guild that is forgotten."""
    tx.execute("DELETE FROM word_rule WHERE tenant_id = ?", (tenant_id,))


def _values(rule: WordRule) -> tuple[Any, ...]:
    return (
        rule.name,
        rule.outcome,
        *("\n".join(lines) for lines in (rule.words, rule.patterns, rule.allowed)),
        *(",".join(map(str, ids)) for ids in (rule.exempt_roles, rule.exempt_channels)),
        rule.automod_id,
        "\n".join(rule.not_applied),
    )


def _rule_of(row: Sequence[Any]) -> WordRule:
    rule_id, name, outcome, words, patterns, allowed, roles, channels, automod_id, lacking = row
    return WordRule(
        id=rule_id,
        name=name,
        outcome=RuleOutcome(outcome),
        words=_lines(words),
        patterns=_lines(patterns),
        allowed=_lines(allowed),
        exempt_roles=_ids(roles),
        exempt_channels=_ids(channels),
        automod_id=automod_id,
        not_applied=_lines(lacking),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("\n")))


def _ids(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(",") if one)
