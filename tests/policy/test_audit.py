"""The audit log: whatever is changed by hand shows, and whoever is forgotten is in no entry."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.policy.audit import (
    BLANK,
    FIELDS,
    SALT_BYTES,
    AuditAction,
    Deed,
    enter,
    forget_log,
    forget_named,
    note_action,
)
from bot.policy.audit_check import ChainFault, ChainReport, verify
from bot.policy.changes import Author, Change, change_policy
from bot.policy.rules import OPERATORS_OWN, Key, Scope
from bot.providers.zimage import OFFER
from tests.queue.world import World, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
GUILD, OTHER_GUILD = 5, 6
ADA, BEN, CLEO = 11, 12, 13


def act(world: World, actor: int = ADA, about: int | None = BEN, guild: int = GUILD) -> None:
    world.run(
        note_action,
        AuditAction.BLOCKED,
        tenant_id=guild,
        actor=str(actor),
        source="discord",
        user_id=about,
        case_id=17,
        details="7 days",
        now_us=world.now_us,
    )


def limit_of(world: World, user: int, value: int, author: int = ADA) -> None:
    key = Key(Scope.MEMBER, user, "member_pictures_per_day", GUILD)
    who = Author(actor=str(author), source="discord")
    world.run(change_policy, [Change(key=key, value=value)], who, OFFER, now_us=world.now_us)


def forget(world: World, user: int) -> None:
    world.run(forget_named, user, now_us=world.now_us)


def found(world: World) -> list[tuple[ChainFault, int, int]]:
    return [(one.fault, one.number, one.last) for one in verify(world.tx).findings]


def a_log(world: World) -> None:
    """Five entries of one guild, two of another, one of the operator."""
    for about in (BEN, CLEO, None):
        act(world, about=about)
    limit_of(world, BEN, 5)
    limit_of(world, CLEO, 6, author=BEN)
    for _ in range(2):
        act(world, guild=OTHER_GUILD)
    act(world, guild=OPERATORS_OWN)


def test_acts_and_settings_are_numbered_in_their_guild_s_log(world: World) -> None:
    a_log(world)
    rows = world.tx.execute("SELECT tenant_id, number FROM audit ORDER BY id").fetchall()
    assert rows == [(5, 1), (5, 2), (5, 3), (5, 4), (5, 5), (6, 1), (6, 2), (0, 1)]
    report = verify(world.tx)
    assert (report.findings, report.entries, report.unsealed) == ([], 8, 0)
    assert [(one.tenant_id, one.number) for one in report.heads] == [(0, 1), (5, 5), (6, 2)]


def test_an_entry_from_before_the_chain_is_counted_apart(world: World) -> None:
    world.tx.execute(
        "INSERT INTO audit (id, at_us, tenant_id, actor, source, batch, scope, scope_id, name)"
        " VALUES (1, 0, 5, '11', 'discord', 1, 'guild', 5, 'cooldown_s')"
    )
    a_log(world)
    forget(world, ADA)
    assert world.tx.execute("SELECT actor, salt FROM audit WHERE id = 1").fetchone() == ("0", None)
    report = verify(world.tx)
    assert (report.findings, report.unsealed) == ([], 1)


# ------------------------------------------------------------------------------------------------
# Somebody works on the rows by hand.

ON = "WHERE tenant_id = 5 AND number"
BY_HAND: dict[str, tuple[str, list[tuple[ChainFault, int, int]]]] = {
    "another reason": (f"UPDATE audit SET details = '' {ON} = 2", [(ChainFault.CHANGED, 2, 2)]),
    "another moderator": (
        f"UPDATE audit SET actor = '12' {ON} = 2",
        [(ChainFault.NAME_CHANGED, 2, 2)],
    ),
    "another member": (f"UPDATE audit SET user_id = 9 {ON} = 2", [(ChainFault.NAME_CHANGED, 2, 2)]),
    "a limit of another": (
        f"UPDATE audit SET scope_id = 9 {ON} = 4",
        [(ChainFault.NAME_CHANGED, 4, 4)],
    ),
    "one removed": (f"DELETE FROM audit {ON} = 2", [(ChainFault.MISSING, 2, 2)]),
    "some removed": (f"DELETE FROM audit {ON} IN (1, 2, 3)", [(ChainFault.MISSING, 1, 3)]),
    "the last removed": (f"DELETE FROM audit {ON} > 3", [(ChainFault.CUT, 4, 5)]),
    "all removed": (f"DELETE FROM audit {ON} > 0", [(ChainFault.CUT, 1, 5)]),
    "one put beside the chain": (
        f"UPDATE audit SET number = NULL {ON} = 5",
        [(ChainFault.CUT, 5, 5), (ChainFault.ADDED, 5, 5)],
    ),
    "the head moved": (
        "UPDATE audit_head SET number = 4 WHERE tenant_id = 5",
        [(ChainFault.ADDED, 5, 5)],
    ),
    "the head changed": (
        "UPDATE audit_head SET chain = x'00' WHERE tenant_id = 5",
        [(ChainFault.HEAD_CHANGED, 5, 5)],
    ),
    "the head removed": (
        "DELETE FROM audit_head WHERE tenant_id = 5",
        [(ChainFault.HEAD_CHANGED, 5, 5)],
    ),
    "a head made": ("INSERT INTO audit_head VALUES (7, 2, x'00')", [(ChainFault.CUT, 1, 2)]),
    "one moved to another guild": (
        f"UPDATE audit SET tenant_id = 7 {ON} = 5",
        [(ChainFault.CUT, 5, 5), (ChainFault.MISSING, 1, 4), (ChainFault.HEAD_CHANGED, 5, 5)],
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_done_by_hand_is_found_and_nothing_else(world: World, name: str) -> None:
    a_log(world)
    statement, findings = BY_HAND[name]
    world.tx.execute(statement)
    assert found(world) == findings


def test_two_entries_that_have_changed_places_are_found(world: World) -> None:
    a_log(world)
    for number, was in ((99, 2), (2, 3), (3, 99)):
        world.tx.execute(f"UPDATE audit SET number = ? {ON} = ?", (number, was))
    assert {number for _, number, _ in found(world)} == {2, 3, 4}


def test_an_entry_that_was_slipped_in_is_found(world: World) -> None:
    """At the end, as whoever does not know of heads would."""
    a_log(world)
    columns = "at_us, tenant_id, actor, source, batch, scope, scope_id, name, salt, digest, chain"
    world.tx.execute(
        f"INSERT INTO audit (id, number, {columns}) SELECT 99, 6, {columns} FROM audit {ON} = 5"
    )
    assert found(world) == [(ChainFault.CHANGED, 6, 6), (ChainFault.ADDED, 6, 6)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_head",
        "UPDATE audit_head SET chain = x'00'",
        "DELETE FROM audit WHERE number > 3",
    ],
)
def test_what_was_done_by_hand_stops_no_entry_and_is_found_after_it(
    world: World, statement: str
) -> None:
    a_log(world)
    world.tx.execute(statement)
    act(world)
    assert {fault for fault, *_ in found(world)} & {ChainFault.CHANGED, ChainFault.MISSING}


def test_whoever_can_write_both_rows_and_head_can_begin_again(world: World) -> None:
    """There is no key: a head that was noted elsewhere tells, and nothing in the file does."""
    a_log(world)
    noted = verify(world.tx).heads
    world.tx.execute("DELETE FROM audit WHERE tenant_id = 5")
    world.tx.execute("DELETE FROM audit_head WHERE tenant_id = 5")
    for _ in range(5):
        act(world, actor=CLEO)
    assert found(world) == []
    assert verify(world.tx).heads[1].number == noted[1].number
    assert verify(world.tx).heads != noted


# ------------------------------------------------------------------------------------------------
# A member has their data deleted.


def names(world: World) -> set[object]:
    rows = world.tx.execute("SELECT actor, user_id, scope_id FROM audit").fetchall()
    return {one for row in rows for one in row}


def test_a_member_who_was_forgotten_is_in_no_entry_and_the_chain_holds(world: World) -> None:
    a_log(world)
    forget(world, BEN)
    assert names(world) & {BEN, str(BEN)} == set()
    assert {str(ADA), CLEO} <= names(world)
    assert found(world) == []
    said = "SELECT tenant_id, number, actor, details FROM audit WHERE action = 'forgotten'"
    assert world.tx.execute(said).fetchall() == [
        (0, 2, "0", "user 1"),
        (5, 6, "0", "actor 5; user 1; whose 4"),
        (6, 3, "0", "user 1-2"),
    ]


def test_forgetting_twice_says_nothing_more(world: World) -> None:
    a_log(world)
    forget(world, BEN)
    forget(world, BEN)
    (count,) = world.tx.execute("SELECT count(*) FROM audit").fetchone()
    assert count == 8 + 3
    forget(world, ADA)
    assert found(world) == []


def test_a_name_that_was_guessed_cannot_be_proved_once_its_salt_is_gone(world: World) -> None:
    """Ids can be counted through; the digest alone tells none of them."""
    act(world)
    forget(world, BEN)
    salt, digest = world.tx.execute(f"SELECT salt, digest FROM audit {ON} = 1").fetchone()
    assert salt[SALT_BYTES : 2 * SALT_BYTES] == BLANK
    assert BLANK not in (salt[:SALT_BYTES], salt[2 * SALT_BYTES :])
    world.tx.execute(f"UPDATE audit SET user_id = {BEN} {ON} = 1")
    assert ChainFault.NAME_CHANGED in {fault for fault, *_ in found(world)}
    assert len(digest) == 32 * len(FIELDS)


def test_a_name_that_was_taken_out_without_a_word_is_found(world: World) -> None:
    a_log(world)
    forget(world, CLEO)  # whose name is in another entry
    blank = "salt = x'00000000000000000000000000000000' || substr(salt, 17)"
    world.tx.execute(f"UPDATE audit SET actor = '0', salt = CAST({blank[7:]} AS BLOB) {ON} = 1")
    assert found(world) == [(ChainFault.NAME_TAKEN, 1, 1)]


def test_a_name_that_is_put_back_from_a_copy_is_found(world: World) -> None:
    a_log(world)
    row = world.tx.execute(f"SELECT user_id, salt FROM audit {ON} = 1").fetchone()
    forget(world, BEN)
    world.tx.execute(f"UPDATE audit SET user_id = ?, salt = ? {ON} = 1", row)
    assert (ChainFault.NAME_RESTORED, 1, 1) in found(world)


def test_a_guild_that_was_forgotten_leaves_a_log_that_begins_anew(world: World) -> None:
    a_log(world)
    world.run(forget_log, GUILD)
    assert found(world) == []
    act(world)
    assert found(world) == []
    assert [(one.tenant_id, one.number) for one in verify(world.tx).heads] == [
        (0, 1),
        (5, 1),
        (6, 2),
    ]


# ------------------------------------------------------------------------------------------------
# Whatever is done, and whatever is then changed

USERS = st.sampled_from([ADA, BEN, CLEO])
ACTS = st.one_of(
    st.builds(
        lambda actor, about, guild, text: (
            lambda world: world.run(
                enter,
                Deed(
                    tenant_id=guild,
                    action=AuditAction.REMOVED,
                    actor=actor,
                    source="discord",
                    user_id=about,
                    details=text,
                ),
                now_us=world.now_us,
            )
        ),
        st.sampled_from(["operator", "rule", str(ADA), str(BEN)]),
        st.none() | USERS,
        st.sampled_from([GUILD, OTHER_GUILD, OPERATORS_OWN]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
    ),
    st.builds(
        lambda user, value, author: lambda world: limit_of(world, user, value, author),
        *(USERS, st.integers(1, 3), USERS),
    ),
    st.builds(lambda user: lambda world: forget(world, user), USERS),
)
COLUMNS = (
    *("id", "at_us", "tenant_id", "actor", "source", "batch", "undoes", "scope", "scope_id"),
    *("name", "was", "became", "action", "user_id", "job_id", "case_id", "details"),
    *("number", "salt", "digest", "chain"),
)


def others(value: Any) -> Iterator[object]:
    """Values that somebody may put in a column's place."""
    if isinstance(value, int):
        yield from (value + 1, 0, 10**15)
    elif isinstance(value, str):
        yield from (value + "x", "", "0", str(ADA))
    elif isinstance(value, bytes):
        yield from (value[:-1] + bytes([value[-1] ^ 1]), b"", bytes(len(value)))
        yield from (
            value[: at * SALT_BYTES] + BLANK + value[(at + 1) * SALT_BYTES :]
            for at in range(len(FIELDS))
        )
    yield from (None, "7", 7, b"7")


def assert_each_is_found(world: World) -> None:
    rows = world.tx.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY id").fetchall()
    for row in rows:
        for column, value in zip(COLUMNS, row, strict=True):
            for other in others(value):
                _assert_found(world, f"UPDATE audit SET {column} = ? WHERE id = ?", (other, row[0]))
        _assert_found(world, "DELETE FROM audit WHERE id = ?", (row[0],))
    for tenant_id, number, chain in world.tx.execute("SELECT * FROM audit_head").fetchall():
        where = f"WHERE tenant_id = {tenant_id}"
        for column, value in (("number", number), ("chain", chain), ("tenant_id", tenant_id)):
            for other in others(value):
                _assert_found(world, f"UPDATE audit_head SET {column} = ? {where}", (other,))
        _assert_found(world, f"DELETE FROM audit_head {where}", ())


def _assert_found(world: World, statement: str, parameters: tuple[object, ...]) -> None:
    """Unless the schema does not take it, or it changes nothing."""
    state = "SELECT * FROM audit ORDER BY rowid"
    heads = "SELECT * FROM audit_head ORDER BY tenant_id"
    before = [world.tx.execute(one).fetchall() for one in (state, heads)]
    world.tx.execute("BEGIN")
    try:
        with suppress(sqlite3.IntegrityError):
            world.tx.execute(statement, parameters)
        if [world.tx.execute(one).fetchall() for one in (state, heads)] != before:
            assert verify(world.tx).findings, (statement, parameters)
    finally:
        world.tx.execute("ROLLBACK")


@pytest.mark.slow
@given(st.lists(ACTS, min_size=1, max_size=10))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_life_of_the_log_holds_and_any_one_change_of_it_is_found(
    acts: list[Callable[[World], None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(open_file(Path(folder) / "log.db"))
        for one in acts:
            one(world)
            assert found(world) == []
        assert_each_is_found(world)
        world.tx.close()


@pytest.mark.slow
def test_the_log_of_a_busy_year_is_looked_through_in_seconds(world: World) -> None:
    """20,000 entries here; five times as many take five times as long."""
    world.tx.execute("BEGIN")
    for number in range(20_000):
        deed = Deed(
            tenant_id=number % 3,
            action=AuditAction.REMOVED,
            actor=str(ADA),
            source="discord",
            user_id=number,
            case_id=number,
        )
        enter(world.tx, deed, now_us=number)
    world.tx.execute("COMMIT")
    began_s = perf_counter()
    report: ChainReport = verify(world.tx)
    verifying_s = perf_counter() - began_s
    assert (report.findings, report.entries) == ([], 20_000)
    assert verifying_s < 10
