"""/history, where nothing hangs in Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cogs.playing import is_private, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene


async def test_who_has_painted_nothing_is_told_so_in_their_language(scene: Scene) -> None:
    (answer,) = (await scene.command("history", locale="de"))["messages"]
    assert is_private(answer)
    assert "Ich habe keine gefunden." in words(answer)


async def test_a_search_longer_than_a_button_can_carry_says_what_it_searches_for(
    scene: Scene,
) -> None:
    (answer,) = (await scene.command("history", options={"words": "Cat " * 25}))["messages"]
    assert f"“{' '.join(['cat'] * 11)}”" in words(answer)


async def test_a_day_that_is_none_is_refused_with_what_can_be_typed(scene: Scene) -> None:
    (answer,) = (await scene.command("history", options={"from": "31.11.2026"}))["messages"]
    assert is_private(answer)
    assert "`2026-11-30`" in words(answer)
