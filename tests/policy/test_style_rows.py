"""Styles in their rows: changed like every setting, whole or not at all, logged and revocable."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.features.settings.file import exported, imported
from bot.features.styles import keep_style, remove_style
from bot.policy.changes import (
    Author,
    Change,
    audit_entries,
    change_of,
    change_policy,
    forget_settings,
    newest_entry,
    undo_last,
)
from bot.policy.rows import find_style, rows_of_styles, styles_of
from bot.policy.rules import Key, Scope
from bot.policy.styles import MOST_STYLES, Style, style_row, style_written
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import (
    UnknownStyle,
)
from bot.staff_refusals import (
    NothingToUndo,
    SettingChanged,
    SettingRefused,
    StyleFault,
    StyleRefused,
)
from tests.drawn_records import records
from tests.queue.world import World, open_file

if TYPE_CHECKING:
    from bot.policy.rules import Row

GUILD, OTHER_GUILD = 5, 6
ADA, BEN = Author(actor="11", source="discord"), Author(actor="12", source="discord")
NOIR = Style(name="Noir", prompt="noir, {prompt}", size=Size(1280, 720), negative="colours")
INK = Style(name="Ink", prompt="{prompt} in ink")


def keep(
    world: World, style: Style, *, was: str = "", seen: int | None = None, guild: int = GUILD
) -> Style | None:
    now_us = world.now_us
    return world.run(keep_style, guild, style, ADA, OFFER, was=was, seen=seen, now_us=now_us)


def remove(world: World, name: str) -> None:
    world.run(remove_style, GUILD, name, BEN, OFFER, now_us=world.now_us)


def undo(world: World) -> None:
    world.run(undo_last, GUILD, BEN, OFFER, now_us=world.now_us)


def styles(world: World, guild: int = GUILD) -> list[Style]:
    return list(styles_of(world.tx, guild))


def test_a_style_is_found_by_its_name_in_its_own_guild(world: World) -> None:
    """Whatever its letters look like; of another guild it is unknown."""
    keep(world, NOIR)
    assert find_style(world.tx, GUILD, " nOIR\u200b") == NOIR
    with pytest.raises(UnknownStyle) as refused:
        find_style(world.tx, OTHER_GUILD, "Noir")
    assert refused.value.near == ()


def test_an_unknown_style_is_refused_with_those_that_are_near(world: World) -> None:
    """As when it was renamed meanwhile."""
    keep(world, NOIR)
    keep(world, INK)
    with pytest.raises(UnknownStyle) as refused:
        find_style(world.tx, GUILD, "Noire")
    assert refused.value.near == ("Noir",)


def test_every_change_is_in_the_log_with_its_author(world: World) -> None:
    """Made, changed, removed."""
    keep(world, NOIR)
    keep(world, replace(NOIR, negative=""), was="noir")
    remove(world, "noir")
    gone, changed, made = audit_entries(world.tx, GUILD)
    assert [one.actor for one in (made, changed, gone)] == ["11", "11", "12"]
    assert {one.key for one in (made, changed, gone)} == {style_row(GUILD, "noir")}
    assert (made.was, made.became) == (None, style_written(NOIR))
    assert (changed.was, gone.became) == (made.became, None)


def test_an_undo_takes_the_last_change_back(world: World) -> None:
    """One after the other, until nothing was ever changed."""
    keep(world, NOIR)
    keep(world, replace(INK, name="Film"), was="noir")
    remove(world, "film")
    undo(world)
    assert styles(world) == [replace(INK, name="Film")]
    undo(world)
    assert styles(world) == [NOIR], "the new name goes with the change"
    undo(world)
    assert styles(world) == []
    with pytest.raises(NothingToUndo):
        undo(world)


def test_the_last_change_is_the_last_one_of_all_settings(world: World) -> None:
    """A style's undo does not touch another setting, nor the other way round."""
    cooldown = Change(key=Key(Scope.GUILD, GUILD, "cooldown_s", GUILD), value=60)
    world.run(change_policy, [cooldown], ADA, OFFER, now_us=1)
    keep(world, NOIR)
    undo(world)
    assert styles(world) == []
    undo(world)
    with pytest.raises(NothingToUndo):
        undo(world)


@pytest.mark.parametrize("name", ["Noir", "NOIR", "no\u200bir"])
def test_two_styles_never_have_one_name(world: World, name: str) -> None:
    """Neither a new one nor one that is renamed."""
    keep(world, NOIR)
    keep(world, INK)
    for was in ("", "ink"):
        with pytest.raises(StyleRefused) as refused:
            keep(world, replace(INK, name=name), was=was)
        assert refused.value.fault is StyleFault.TAKEN
    assert styles(world) == [INK, NOIR]


def test_a_style_keeps_its_place_when_its_name_is_only_written_otherwise(world: World) -> None:
    """As it is typed it is shown."""
    keep(world, NOIR)
    assert keep(world, replace(NOIR, name="NOIR"), was="noir") == NOIR
    assert [one.name for one in styles(world)] == ["NOIR"]


def test_a_guild_has_at_most_so_many(world: World) -> None:
    """One can still be changed, also its name; another guild has its own."""
    for number in range(MOST_STYLES):
        keep(world, replace(INK, name=f"Ink {number}"))
    with pytest.raises(StyleRefused) as refused:
        keep(world, NOIR)
    assert refused.value.fault is StyleFault.TOO_MANY
    keep(world, NOIR, was="ink 7")
    keep(world, NOIR, guild=OTHER_GUILD)
    assert len(styles(world)) == MOST_STYLES


def test_whoever_has_not_seen_a_change_does_not_undo_it(world: World) -> None:
    """The other's is named; nothing was changed."""
    keep(world, NOIR)
    seen = newest_entry(world.tx, GUILD)
    keep(world, replace(NOIR, size=None), was="noir")
    with pytest.raises(SettingChanged) as refused:
        keep(world, replace(NOIR, prompt="{prompt}!"), was="noir", seen=seen)
    assert refused.value.name == "style:noir"
    keep(world, INK, seen=seen)
    assert styles(world) == [INK, replace(NOIR, size=None)]


def test_what_was_removed_meanwhile_is_not_changed(world: World) -> None:
    """Nor made anew."""
    keep(world, NOIR)
    remove(world, "noir")
    with pytest.raises(UnknownStyle):
        keep(world, NOIR, was="noir")
    assert styles(world) == []


@pytest.mark.parametrize(
    "key",
    [
        style_row(GUILD, "ink"),
        Key(Scope.CHANNEL, GUILD, "style:noir", GUILD),
        Key(Scope.GUILD, OTHER_GUILD, "style:noir", GUILD),
        Key(Scope.OPERATOR, 0, "style:noir"),
    ],
)
def test_a_style_stands_in_its_own_row_alone(world: World, key: Key) -> None:
    """A file may say anything."""
    with pytest.raises(SettingRefused):
        world.run(change_policy, [change_of(key, style_written(NOIR))], ADA, OFFER, now_us=1)
    with pytest.raises(SettingRefused):
        change_of(key, "noir")


# ------------------------------------------------------------------------------------------------
# Files


def test_a_file_carries_styles_and_takes_others_away(world: World) -> None:
    """As it does with every setting."""
    keep(world, NOIR)
    file = exported(GUILD, rows_of_styles(world.tx, GUILD))
    keep(world, replace(NOIR, prompt="{prompt}!"), was="noir")
    keep(world, INK)
    take_over(world, file)
    assert styles(world) == [NOIR]


def test_a_file_from_before_there_were_styles_leaves_them(world: World) -> None:
    """It says nothing of them."""
    keep(world, NOIR)
    take_over(world, json.dumps({"zeuxis settings": 1, "guild": str(GUILD), "values": []}).encode())
    assert styles(world) == [NOIR]


def test_a_file_with_a_style_that_cannot_be_kept_changes_nothing(world: World) -> None:
    """It is refused by what is wrong."""
    rows: list[Row] = [
        ("guild", GUILD, f"style:{one.name_key}", GUILD, style_written(one))
        for one in (NOIR, replace(INK, prompt="ink"))
    ]
    with pytest.raises(StyleRefused) as refused:
        take_over(world, exported(GUILD, rows))
    assert (refused.value.fault, refused.value.name) == (StyleFault.NO_PLACE, "Ink")
    assert styles(world) == []


def take_over(world: World, file: bytes) -> None:
    present = [
        Key(Scope.GUILD, GUILD, str(row[2]), GUILD) for row in rows_of_styles(world.tx, GUILD)
    ]
    world.run(change_policy, imported(file, GUILD, present), ADA, OFFER, now_us=1)


def test_a_guild_that_is_forgotten_has_no_styles(world: World) -> None:
    """Others keep theirs."""
    keep(world, NOIR)
    keep(world, INK, guild=OTHER_GUILD)
    world.run(forget_settings, GUILD)
    assert (styles(world), styles(world, OTHER_GUILD)) == ([], [INK])


# ------------------------------------------------------------------------------------------------
# Any work of staff against a model of it

NAMES = st.sampled_from(["Noir", "noir", "Ink", "*Film*", "<@1>"])
STYLES = records(
    Style,
    name=NAMES,
    prompt=st.sampled_from(["{prompt}", "a {prompt} b"]),
    size=st.sampled_from([None, Size(512, 512)]),
    negative=st.sampled_from(["", "dogs"]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), STYLES, st.just("") | NAMES),
        st.tuples(st.just("remove"), NAMES),
        st.tuples(st.just("undo")),
    ),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_staff_do_the_rows_are_what_they_did(steps: list[tuple[object, ...]]) -> None:
    """Each step does all of it or nothing, and an undo brings back what stood before."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(open_file(Path(folder) / "styles.db"))
        history: list[dict[str, Style]] = [{}]
        for step in steps:
            _play(world, history, step)
            assert {one.name_key: one for one in styles(world)} == history[-1]
        world.tx.close()


def _play(world: World, history: list[dict[str, Style]], step: tuple[object, ...]) -> None:
    now = dict(history[-1])
    match step:
        case ("keep", Style() as style, str(name)):
            was = name.casefold()
            is_refused = (was and was not in now) or (
                style.name_key != was and style.name_key in now
            )
            if not is_refused:
                now.pop(was, None)
                now[style.name_key] = style
            _expect(lambda: keep(world, style, was=was), is_refused=bool(is_refused))
        case ("remove", str(name)):
            is_refused = now.pop(name.casefold(), None) is None
            _expect(lambda: remove(world, name), is_refused=is_refused)
        case _:
            _expect(lambda: undo(world), is_refused=len(history) == 1)
            if len(history) > 1:
                history.pop()
            return
    if now != history[-1]:
        history.append(now)


def _expect(work: object, *, is_refused: bool) -> None:
    assert callable(work)
    if is_refused:
        with pytest.raises((StyleRefused, UnknownStyle, NothingToUndo)):
            work()
    else:
        work()
