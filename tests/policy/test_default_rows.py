"""A member's own defaults in their row."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import PolicyUnreadable
from bot.features.defaults import change_default
from bot.policy.defaults import NO_DEFAULT, PersonDefault
from bot.policy.rows import load_default, save_default
from bot.policy.rules import Rewriting
from bot.providers.image import Size
from tests.queue.world import World, open_file

if TYPE_CHECKING:
    from typing import Any

ADA, BEN = 11, 12
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "size": st.sampled_from([Size(512, 768), Size(2048, 2048)]),
    "rewriting": st.sampled_from(Rewriting),
    "negative": st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    "pings": st.booleans(),
    "alt_words": st.booleans(),
}
CHANGES = st.lists(
    st.sampled_from(sorted(FIELDS)).flatmap(
        lambda name: st.tuples(st.sampled_from([ADA, BEN]), st.just(name), st.none() | FIELDS[name])
    ),
    max_size=15,
)


def rows(world: World) -> int:
    (count,) = world.tx.execute("SELECT count(*) FROM person_default").fetchone()
    return int(count)


@pytest.mark.slow
@given(CHANGES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_members_set_is_what_holds_for_them(changes: list[tuple[int, str, Any]]) -> None:
    """Each alone; of whoever has set nothing there is no row."""
    held: dict[int, dict[str, Any]] = {ADA: {}, BEN: {}}
    with tempfile.TemporaryDirectory() as folder:
        world = World(open_file(Path(folder) / "defaults.db"))
        for user_id, name, value in changes:
            world.run(change_default, user_id, {name: value})
            held[user_id][name] = value
            for one, fields in held.items():
                assert load_default(world.tx, one) == PersonDefault(**fields)
        set_by = [one for one in held.values() if any(v is not None for v in one.values())]
        assert rows(world) == len(set_by)
        world.tx.close()


def test_after_a_reset_nothing_is_left(world: World) -> None:
    """Of one member; others keep theirs."""
    for user_id in (ADA, BEN):
        world.run(save_default, user_id, PersonDefault(pings=False))
    world.run(save_default, ADA, NO_DEFAULT)
    assert load_default(world.tx, ADA) == NO_DEFAULT
    assert load_default(world.tx, BEN) == PersonDefault(pings=False)
    assert rows(world) == 1


@pytest.mark.parametrize(("column", "value"), [("size", "large"), ("rewriting", "perhaps")])
def test_a_row_that_somebody_wrote_by_hand_is_said_to_be_unreadable(
    world: World, column: str, value: str
) -> None:
    """Like any other that makes no sense."""
    world.run(save_default, ADA, PersonDefault(pings=False))
    world.tx.execute(f"UPDATE person_default SET {column} = ?", (value,))
    with pytest.raises(PolicyUnreadable, match=value):
        load_default(world.tx, ADA)
