"""Counts again what the counters claim to know, and looks for damage.

The counters are kept in step by every change; `differences` is empty unless there is a bug or a
hand in the file. `repair` sets them right from the jobs, which are the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.db import Transaction

_COUNTED = """
    SELECT tenant_id, user_id, sum(state = 'queued') AS waiting,
           sum(state = 'queued' AND is_due) AS ready,
           sum(CASE WHEN state = 'queued' AND is_due THEN cost ELSE 0 END) AS ready_cost,
           sum(state = 'running') AS running
    FROM job WHERE state IN ('queued', 'running') GROUP BY tenant_id, user_id"""

# Each query names what differs; none of them has rows in a sound database.
_CHECKS = {
    "member": f"""
        SELECT 'member ' || m.user_id || ' of tenant ' || m.tenant_id || ': waiting ' || m.waiting
               || '≠' || coalesce(j.waiting, 0) || ', ready ' || m.ready || '≠'
               || coalesce(j.ready, 0) || ', cost ' || m.ready_cost || '≠'
               || coalesce(j.ready_cost, 0) || ', running ' || m.running || '≠'
               || coalesce(j.running, 0)
        FROM member m LEFT JOIN ({_COUNTED}) j
          ON j.tenant_id = m.tenant_id AND j.user_id = m.user_id
        WHERE m.waiting != coalesce(j.waiting, 0) OR m.ready != coalesce(j.ready, 0)
           OR m.ready_cost != coalesce(j.ready_cost, 0) OR m.running != coalesce(j.running, 0)""",
    "tenant": """
        SELECT 'tenant ' || g.id || ': ' || g.waiting || ' ' || g.ready || ' ' || g.ready_cost
               || ' ' || g.running || ' ' || g.ready_members || ' ' || g.open_members || ' ≠ '
               || sum(m.waiting) || ' ' || sum(m.ready) || ' ' || sum(m.ready_cost) || ' '
               || sum(m.running) || ' ' || sum(m.ready > 0) || ' '
               || sum(m.ready > 0 AND NOT m.is_blocked)
        FROM tenant g JOIN member m ON m.tenant_id = g.id GROUP BY g.id
        HAVING g.waiting != sum(m.waiting) OR g.ready != sum(m.ready)
            OR g.ready_cost != sum(m.ready_cost) OR g.running != sum(m.running)
            OR g.ready_members != sum(m.ready > 0)
            OR g.open_members != sum(m.ready > 0 AND NOT m.is_blocked)""",
    "person": """
        SELECT 'person ' || user_id || ': running ' || sum(counted) || '≠' || sum(found) FROM (
            SELECT user_id, running AS counted, 0 AS found FROM person
            UNION ALL SELECT user_id, 0, count(*) FROM job WHERE state = 'running' GROUP BY user_id
        ) GROUP BY user_id HAVING sum(counted) != sum(found)""",
    "blocked": """
        SELECT 'member ' || m.user_id || ' of tenant ' || m.tenant_id
               || ': blocked ' || m.is_blocked
        FROM member m, queue LEFT JOIN person p ON p.user_id = m.user_id
        WHERE m.ready > 0
          AND m.is_blocked != (coalesce(p.running, 0) >= queue.running_per_person)""",
    "queue": """
        SELECT 'queue: ready ' || ready FROM queue
        WHERE ready != (SELECT coalesce(sum(ready), 0) FROM tenant)""",
    "account": """
        SELECT 'account ' || name || ': running ' || running FROM account
        WHERE running != (SELECT count(*) FROM job
                          WHERE state = 'running' AND job.account = account.name)""",
    "orphan": """
        SELECT 'job ' || id || ': no member row' FROM job
        WHERE state IN ('queued', 'running') AND NOT EXISTS (
            SELECT 1 FROM member WHERE tenant_id = job.tenant_id AND user_id = job.user_id)""",
}


def differences(tx: Transaction) -> list[str]:
    """Counters that are not what a recount of the jobs gives."""
    return [row[0] for query in _CHECKS.values() for row in tx.execute(query)]


def damage(tx: Transaction) -> list[str]:
    """What is wrong with the file's structure or its references. Reads all of it."""
    found = [row[0] for row in tx.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"row {row[1]} of {row[0]} names no {row[2]}" for row in tx.execute(_REFERENCES)]
    return found


_REFERENCES = "PRAGMA foreign_key_check"


def repair(tx: Transaction) -> None:
    """Sets every counter to what the jobs say; tags stay."""
    tx.execute(
        "INSERT INTO member (tenant_id, user_id, weight, tag, turn, waiting, ready, ready_cost,"
        " running, is_blocked) SELECT DISTINCT tenant_id, user_id, 100, 0, 0, 0, 0, 0, 0, 0"
        " FROM job WHERE state IN ('queued', 'running') ON CONFLICT DO NOTHING"
    )
    tx.execute("DELETE FROM person")
    tx.execute(
        "INSERT INTO person (user_id, running)"
        " SELECT user_id, count(*) FROM job WHERE state = 'running' GROUP BY user_id"
    )
    tx.execute("UPDATE member SET waiting = 0, ready = 0, ready_cost = 0, running = 0")
    tx.execute(
        "UPDATE member SET waiting = j.waiting, ready = j.ready, ready_cost = j.ready_cost,"
        f" running = j.running FROM ({_COUNTED}) j"
        " WHERE j.tenant_id = member.tenant_id AND j.user_id = member.user_id"
    )
    tx.execute(
        "UPDATE member SET is_blocked = coalesce((SELECT running FROM person"
        " WHERE person.user_id = member.user_id), 0) >= (SELECT running_per_person FROM queue)"
    )
    for column, what in (
        ("waiting", "waiting"),
        ("ready", "ready"),
        ("ready_cost", "ready_cost"),
        ("running", "running"),
        ("ready_members", "ready > 0"),
        ("open_members", "ready > 0 AND NOT is_blocked"),
    ):
        tx.execute(
            f"UPDATE tenant SET {column} = (SELECT coalesce(sum({what}), 0) FROM member"
            " WHERE member.tenant_id = tenant.id)"
        )
    tx.execute("UPDATE queue SET ready = (SELECT coalesce(sum(ready), 0) FROM tenant)")
    tx.execute(
        "UPDATE account SET running = (SELECT count(*) FROM job"
        " WHERE state = 'running' AND job.account = account.name)"
    )
