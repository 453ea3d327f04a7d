"""What staff and operator change: whole or not at all, logged, revocable, never unknowingly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.policy.changes import (
    Author,
    Change,
    audit_entries,
    change_policy,
    newest_entry,
    undo_last,
)
from bot.policy.rows import Asking, load_policy
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.staff_refusals import NothingToUndo, SettingChanged, SettingRefused

if TYPE_CHECKING:
    from bot.policy.changes import AuditEntry
    from bot.policy.rules import Policy, Value
    from tests.queue.world import World

GUILD = 5
COOLDOWN = Key(Scope.GUILD, GUILD, "cooldown_s", GUILD)
LARGEST = Key(Scope.GUILD, GUILD, "largest_area_px", GUILD)
DEFAULT = Key(Scope.GUILD, GUILD, "default_size", GUILD)
IN_STUDIO = Key(Scope.CHANNEL, 7, "default_size", GUILD)
ADA, BEN = Author(actor="11", source="discord"), Author(actor="12", source="discord")


def change(
    world: World, *pairs: tuple[Key, Value | None], author: Author = ADA, seen: int | None = None
) -> tuple[AuditEntry, ...]:
    changes = [Change(key=key, value=value) for key, value in pairs]
    return world.run(change_policy, changes, author, OFFER, seen=seen, now_us=world.now_us)


def undo(world: World, author: Author = BEN) -> tuple[AuditEntry, ...]:
    return world.run(undo_last, GUILD, author, OFFER, now_us=world.now_us)


def policy(world: World) -> Policy:
    return load_policy(world.tx, Asking(GUILD))


def test_a_change_holds_and_is_logged_with_before_and_after(world: World) -> None:
    change(world, (COOLDOWN, 60))
    change(world, (COOLDOWN, 90), author=BEN)
    assert policy(world).cooldown_s == 90
    last, first = audit_entries(world.tx, GUILD)
    assert (last.actor, last.key, last.was, last.became) == ("12", COOLDOWN, "60", "90")
    assert (first.was, first.became) == (None, "60")


def test_a_row_that_is_taken_away_lets_the_one_behind_it_hold(world: World) -> None:
    of_all = Key(Scope.OPERATOR, 0, "rewrite_by_default")
    ours = Key(Scope.GUILD, GUILD, "rewrite_by_default", GUILD)
    change(world, (of_all, False))
    change(world, (ours, True))
    assert policy(world).rewrite_by_default
    change(world, (ours, None))
    assert not policy(world).rewrite_by_default


def test_what_changes_nothing_is_not_logged(world: World) -> None:
    change(world, (COOLDOWN, 60))
    assert change(world, (COOLDOWN, 60), (LARGEST, None)) == ()
    assert len(audit_entries(world.tx, GUILD)) == 1


def test_of_two_moderators_with_the_same_page_the_second_is_told_of_the_first(
    world: World,
) -> None:
    """By whom and what it is now; another value of the page may be changed all the same."""
    seen = newest_entry(world.tx, GUILD)
    change(world, (COOLDOWN, 60), seen=seen)
    with pytest.raises(SettingChanged) as raised:
        change(world, (COOLDOWN, 90), author=BEN, seen=seen)
    assert (raised.value.by, raised.value.value) == ("11", "60")
    assert policy(world).cooldown_s == 60
    change(world, (LARGEST, 2048 * 2048), author=BEN, seen=seen)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (COOLDOWN, -1),
        (COOLDOWN, 10**9),
        (Key(Scope.GUILD, GUILD, "running", GUILD), 5),
        (Key(Scope.GUILD, 6, "cooldown_s", GUILD), 5),
        (Key(Scope.GUILD, GUILD, "no_such", GUILD), 5),
        (LARGEST, 64),
        (LARGEST, 512 * 512),  # the default size is larger
        (DEFAULT, Size(64, 64)),
        (IN_STUDIO, Size(64, 64)),
        (Key(Scope.GUILD, 6, "default_size"), Size(64, 64)),  # by the operator, for one guild
        (Key(Scope.GUILD, 6, "largest_area_px"), 64),
        (Key(Scope.CHANNEL, 2**63, "default_size", GUILD), Size(512, 512)),  # no id of Discord's
    ],
)
def test_nonsense_and_contradictions_change_nothing(world: World, key: Key, value: Value) -> None:
    """Nor does what was right beside them."""
    with pytest.raises(SettingRefused):
        change(world, (Key(Scope.GUILD, GUILD, "rewriting_allowed", GUILD), False), (key, value))
    assert policy(world).rewriting_allowed
    assert audit_entries(world.tx, GUILD) == ()


def test_of_two_values_for_one_row_the_last_holds_and_nobody_stood_in_the_way(
    world: World,
) -> None:
    seen = newest_entry(world.tx, GUILD)
    (entry,) = change(world, (COOLDOWN, 60), (COOLDOWN, 90), seen=seen)
    assert (entry.was, entry.became) == (None, "90")


def test_an_id_stands_in_a_list_once(world: World) -> None:
    """However often a file names it; a select shows it once."""
    change(world, (Key(Scope.GUILD, GUILD, "channels", GUILD), (7, 8, 7)))
    assert policy(world).channels == (7, 8)


def test_two_values_that_fit_each_other_alone_are_changed_together(world: World) -> None:
    change(world, (LARGEST, 512 * 512), (DEFAULT, Size(512, 512)))
    assert policy(world).largest_area_px == 512 * 512


def test_a_channels_usual_size_is_not_over_the_largest_either(world: World) -> None:
    """Whichever of the two is set last: nobody could ask for a picture there without a size."""
    change(world, (LARGEST, 1024 * 1024))
    with pytest.raises(SettingRefused):
        change(world, (IN_STUDIO, Size(1536, 1536)))
    change(world, (LARGEST, None))
    change(world, (IN_STUDIO, Size(1536, 1536)))
    with pytest.raises(SettingRefused):
        change(world, (LARGEST, 1024 * 1024))


def test_what_the_operator_narrows_later_keeps_staff_from_no_other_change(world: World) -> None:
    """Their usual size is then over the largest, which is no fault of a cooldown."""
    change(world, (DEFAULT, Size(1536, 1536)))
    change(world, (Key(Scope.GUILD, GUILD, "largest_area_px"), 1024 * 1024))
    change(world, (COOLDOWN, 60))
    assert policy(world).cooldown_s == 60


def test_what_a_later_version_had_set_is_not_brought_back(world: World) -> None:
    """Its value is nothing that this version can read."""
    change(world, (COOLDOWN, 60))
    world.tx.execute("UPDATE audit SET was = 'of tomorrow'")
    with pytest.raises(SettingRefused):
        undo(world)
    assert policy(world).cooldown_s == 60


def test_undo_takes_back_what_was_done_at_once_and_then_what_was_before(world: World) -> None:
    change(world, (COOLDOWN, 60))
    change(world, (COOLDOWN, 90), (LARGEST, 2048 * 2048))
    undo(world)
    assert (policy(world).cooldown_s, policy(world).largest_area_px) == (60, None)
    undo(world)
    assert policy(world).cooldown_s == 0
    with pytest.raises(NothingToUndo):
        undo(world)
    assert [one.actor for one in audit_entries(world.tx, GUILD)] == ["12"] * 3 + ["11"] * 3


def test_after_an_undo_a_new_change_is_what_is_undone_next(world: World) -> None:
    change(world, (COOLDOWN, 60))
    undo(world)
    change(world, (COOLDOWN, 30))
    undo(world)
    assert policy(world).cooldown_s == 0


def test_guilds_do_not_see_each_others_log_nor_undo_each_others_work(world: World) -> None:
    change(world, (Key(Scope.GUILD, 6, "cooldown_s", 6), 60))
    assert audit_entries(world.tx, GUILD) == ()
    with pytest.raises(NothingToUndo):
        undo(world)


def test_the_log_is_read_page_by_page(world: World) -> None:
    for seconds in range(1, 6):
        change(world, (COOLDOWN, seconds))
    first = audit_entries(world.tx, GUILD, limit=3)
    then = audit_entries(world.tx, GUILD, before=first[-1].id, limit=3)
    assert [one.became for one in (*first, *then)] == ["5", "4", "3", "2", "1"]


# ------------------------------------------------------------------------------------------------
# Scores of pictures


HOLDS = Key(Scope.GUILD, GUILD, "check_hold_percent", GUILD)
REFUSES = Key(Scope.GUILD, GUILD, "check_refuse_percent", GUILD)


@pytest.mark.parametrize(("key", "value"), [(HOLDS, 96), (REFUSES, 49)])
def test_a_score_that_holds_what_is_refused_already_is_no_score(
    world: World, key: Key, value: int
) -> None:
    """50 and 95 unless somebody says something else."""
    with pytest.raises(SettingRefused, match=key.name):
        change(world, (key, value))


def test_both_scores_move_together(world: World) -> None:
    change(world, (REFUSES, 30), (HOLDS, 20))
    policy = world.run(load_policy, Asking(GUILD))
    assert (policy.check_hold_percent, policy.check_refuse_percent) == (20, 30)
    with pytest.raises(SettingRefused):
        change(world, (HOLDS, None))  # 50 again, and 30 refuses
    change(world, (HOLDS, 30))
