"""/imagine of a bot whose provider offers something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord.app_commands import Argument

from bot.providers.image import Size
from bot.queue.records import JobId
from tests.cogs.test_imagine import refusal
from tests.providers.easel import OFFER

if TYPE_CHECKING:
    from bot.providers.image import Offer
    from tests.cogs.playing import Scene


@pytest.fixture
def offer() -> Offer:
    """Eighty characters, steps of 50 pixels, ten seeds, nothing rewritten or left out."""
    return OFFER


async def test_what_it_cannot_heed_is_no_option(scene: Scene) -> None:
    """And its numbers stand in the definition."""
    (imagine,) = [one for one in await scene.bot.tree.fetch_commands() if one.name == "imagine"]
    assert [one.name for one in imagine.options] == ["prompt", "size", "seed", "style", "count"]
    seed = imagine.options[2]
    assert isinstance(seed, Argument)
    assert seed.max_value == 9
    assert "at most 80 characters" in imagine.options[0].description


async def test_its_sizes_are_drawn(scene: Scene) -> None:
    """By a name that only it knows; the default is its own."""
    await scene.imagine("a cat", options={"size": "easel", "seed": 9})
    await scene.imagine("a cat")
    sizes = [(await scene.service.jobs.job(JobId(one))).request.size for one in (1, 2)]
    assert sizes == [Size(750, 500), Size(600, 600)]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"prompt": "a" * 81}, "81 characters and Z-Image reads 80"),
        ({"size": "1024*1024"}, "between 200 × 200 and 1000 × 1000 pixels"),
        ({"size": "wide"}, "I do not know the size"),
        ({"size": "1000*200"}, "at most 4 times"),
    ],
)
async def test_a_wish_beyond_it_is_refused_by_its_numbers(
    scene: Scene, typed: dict[str, Any], says: str
) -> None:
    """In the same words as ever."""
    assert says in await refusal(scene, **typed)


async def test_its_sizes_are_offered_while_one_is_typed(scene: Scene) -> None:
    """Before anything is typed, its common ones."""
    answer = await scene.control.act(
        "autocomplete", name="imagine", options={"size": ""}, focused="size"
    )
    assert [one["value"] for one in answer["choices"]] == ["750*500"]
