"""/history, where nothing hangs in Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.queue.records import Surface
from bot.records import replace
from bot.refusals import PictureGone, RepostRefused
from tests.cogs.playing import is_private, words
from tests.cogs.test_buttons import FIRST, pressing
from tests.cogs.test_hands import hung

if TYPE_CHECKING:
    from bot.features.history.service import HistoryService
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


async def test_days_are_searched_whichever_of_them_is_typed_first(scene: Scene) -> None:
    typed = {"from": "2026-11-30", "to": "2026-11-28"}
    (answer,) = (await scene.command("history", options=typed))["messages"]
    assert "from 2026-11-28 · to 2026-11-30" in words(answer)


@pytest.mark.parametrize(
    ("surface", "refused"), [(Surface.INTERACTION, RepostRefused), (Surface.GUILD, PictureGone)]
)
async def test_where_the_bot_is_not_it_posts_nothing_again(
    scene: Scene, history: HistoryService, surface: Surface, refused: type[Exception]
) -> None:
    """It does not even look for the picture, which it could not see."""
    asker = replace(await pressing(scene, await hung(scene)), button=None)
    await scene.service.database.write(lambda tx: tx.execute("UPDATE picture SET state = 'shown'"))
    origin = replace((await scene.service.jobs.job(FIRST)).origin, surface=surface)
    with pytest.raises(refused):
        await history.post_again(asker, FIRST, origin)
