"""Rows of the policy on a real file: filled by settings, changed by people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.db.sqlite import Database
from bot.errors import PolicyUnreadable
from bot.policy.precedence import policy_of
from bot.policy.rows import (
    SETTINGS,
    Asking,
    check_policy,
    fill_from_settings,
    load_policy,
    set_policy,
)
from bot.policy.rules import Kept, Key, Review, Scope
from bot.providers.zimage import OFFER

if TYPE_CHECKING:
    from pathlib import Path

    from bot.policy.rules import Value
    from tests.queue.world import World

RUNNING = Key(Scope.OPERATOR, 0, "running")
WAITING = Key(Scope.OPERATOR, 0, "waiting_per_member")
OF_HOME = Key(Scope.GUILD, 5, "weight")


def fill(world: World, values: dict[Key, Value], now_us: int = 1) -> tuple[Kept, ...]:
    return world.run(fill_from_settings, values, OFFER, now_us=now_us)


def change(world: World, key: Key, value: Value, *, by: str, now_us: int) -> bool:
    return world.run(set_policy, key, value, by=by, now_us=now_us)


def row(world: World, key: Key) -> tuple[Any, ...] | None:
    """Value, version, who and when."""
    found: tuple[Any, ...] | None = world.tx.execute(
        "SELECT value, version, changed_by, changed_at_us FROM policy"
        " WHERE scope = ? AND scope_id = ? AND name = ? AND tenant_id = ?",
        key,
    ).fetchone()
    return found


def by_hand(world: World, key: Key, value: str) -> None:
    world.tx.execute(
        "INSERT INTO policy (scope, scope_id, name, tenant_id, value, version,"
        " changed_by, changed_at_us) VALUES (?, ?, ?, ?, ?, 1, 'somebody', 1)",
        (*key, value),
    )


def test_an_empty_table_holds_the_defaults(world: World) -> None:
    assert load_policy(world.tx, Asking(5, role_ids=(6, 7))) == policy_of([])


def test_settings_fill_the_rows_and_change_them_at_the_next_start(world: World) -> None:
    """A version more for what has changed, and for nothing else."""
    fill(world, {RUNNING: 7, WAITING: 9}, now_us=1)
    fill(world, {RUNNING: 8, WAITING: 9}, now_us=2)
    assert row(world, RUNNING) == ("8", 2, SETTINGS, 2)
    assert row(world, WAITING) == ("9", 1, SETTINGS, 1)
    assert load_policy(world.tx).limits.running == 8


def test_a_change_shows_who_when_and_how_often(world: World) -> None:
    """The same value again is no change."""
    fill(world, {RUNNING: 7})
    assert change(world, RUNNING, 8, by="ada", now_us=2)
    assert not change(world, RUNNING, 8, by="bob", now_us=3)
    assert row(world, RUNNING) == ("8", 2, "ada", 2)


def test_what_somebody_has_changed_outlives_the_settings_and_is_told(world: World) -> None:
    """Only where the two differ."""
    fill(world, {RUNNING: 7, WAITING: 9})
    change(world, RUNNING, 8, by="ada", now_us=2)
    change(world, WAITING, 3, by="ada", now_us=2)
    change(world, WAITING, 9, by="bob", now_us=2)
    kept = fill(world, {RUNNING: 7, WAITING: 9}, now_us=3)
    assert kept == (Kept(key=RUNNING, value="8", setting="7", changed_by="ada"),)
    assert row(world, RUNNING) == ("8", 2, "ada", 2)


def test_a_share_that_the_settings_name_no_more_is_the_ordinary_one(world: World) -> None:
    """Its version grows on; a share that somebody gave stays."""
    others = Key(Scope.ROLE, 6, "weight")
    fill(world, {OF_HOME: 300})
    change(world, others, 200, by="ada", now_us=1)
    assert fill(world, {}, now_us=2) == ()
    assert row(world, OF_HOME) == ("100", 2, SETTINGS, 2)
    assert load_policy(world.tx, Asking(5, role_ids=(6,))).member_weight == 200


def test_a_guild_and_its_roles_have_their_own_shares(world: World) -> None:
    """Another guild's, and roles that the member has not, do not count."""
    fill(
        world, {OF_HOME: 300, Key(Scope.ROLE, 6, "weight"): 200, Key(Scope.ROLE, 7, "weight"): 900}
    )
    here, elsewhere = (
        load_policy(world.tx, Asking(5, role_ids=(6,))),
        load_policy(world.tx, Asking(4)),
    )
    assert (here.guild_weight, here.member_weight) == (300, 200)
    assert (elsewhere.guild_weight, elsewhere.member_weight) == (100, 100)


def test_what_the_staff_set_for_a_member_or_a_place_holds_for_nobody_else(world: World) -> None:
    """Nor for whoever asks for the guild as a whole."""
    for scope in (Scope.MEMBER, Scope.CHANNEL):
        change(world, Key(scope, 1, "review", 5), Review.ALWAYS, by="ada", now_us=1)
    asked = (Asking(5), Asking(5, 2, 2), Asking(5, 1), Asking(5, 2, 1))
    reviews = [load_policy(world.tx, one).review for one in asked]
    assert reviews == [Review.OFF, Review.OFF, Review.ALWAYS, Review.ALWAYS]


@pytest.mark.parametrize("value", [0, 10**9 + 1, True])
def test_a_value_out_of_range_is_not_set(world: World, value: int) -> None:
    """The row stays as it was."""
    fill(world, {RUNNING: 7})
    with pytest.raises(PolicyUnreadable, match="operator 0 running: expected a whole number"):
        change(world, RUNNING, value, by="ada", now_us=2)
    assert row(world, RUNNING) == ("7", 1, SETTINGS, 1)


NONSENSE = [
    (RUNNING, "lots"),
    (WAITING, "-1"),
    (OF_HOME, "0"),
    (Key(Scope.OPERATOR, 0, "default_size"), "16*16"),
    (Key(Scope.OPERATOR, 0, "runing"), "7"),
]


@pytest.mark.parametrize(("key", "value"), NONSENSE)
async def test_a_start_refuses_nonsense_and_fills_nothing(
    tmp_path: Path, key: Key, value: str
) -> None:
    """Also under a name that the settings would fill, and whoever is said to have written it."""
    async with Database.open(tmp_path / "a.db") as database:
        rows = (
            "INSERT INTO policy (scope, scope_id, name, tenant_id, value, version, changed_by,"
            " changed_at_us) VALUES (?, ?, ?, ?, ?, 1, 'settings', 1)"
        )
        await database.write(lambda tx: tx.execute(rows, (*key, value)))
        with pytest.raises(PolicyUnreadable, match=f"{key.scope} {key.scope_id} {key.name}: "):
            await database.write(fill_from_settings, {WAITING: 9, RUNNING: 7}, OFFER, now_us=2)
        left = await database.read(
            lambda tx: tx.execute("SELECT name, value, changed_at_us FROM policy").fetchall()
        )
    assert left == [(key.name, value, 1)]


async def test_a_setting_that_is_nonsense_leaves_all_rows_alone(tmp_path: Path) -> None:
    """Also those that were filled before it."""
    async with Database.open(tmp_path / "a.db") as database:
        with pytest.raises(PolicyUnreadable, match="waiting_per_member"):
            await database.write(fill_from_settings, {RUNNING: 7, WAITING: 0}, OFFER, now_us=1)
        assert await database.read(lambda tx: tx.execute("SELECT * FROM policy").fetchall()) == []


def test_another_guild_s_nonsense_is_nobody_else_s_trouble(world: World) -> None:
    """It is found by the check of all rows."""
    by_hand(world, OF_HOME, "0")
    assert load_policy(world.tx, Asking(4)) == policy_of([])
    with pytest.raises(PolicyUnreadable, match="guild 5 weight"):
        load_policy(world.tx, Asking(5))
    with pytest.raises(PolicyUnreadable, match="guild 5 weight"):
        check_policy(world.tx, OFFER)


def test_the_role_of_everybody_is_not_the_guild_though_it_has_its_number(world: World) -> None:
    """A share of the guild among guilds is none of its members, nor the other way round."""
    change(world, OF_HOME, 300, by="ada", now_us=1)
    change(world, Key(Scope.ROLE, 6, "weight"), 50, by="ada", now_us=1)
    asked = [
        Asking(guild, role_ids=roles) for guild, roles in ((5, (5,)), (6, (6,)), (6, ()), (7, (5,)))
    ]
    found = [load_policy(world.tx, one) for one in asked]
    weights = [(each.guild_weight, each.member_weight) for each in found]
    assert weights == [(300, 100), (100, 50), (100, 100), (100, 100)]
