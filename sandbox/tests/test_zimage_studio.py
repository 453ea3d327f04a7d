"""Pictures are painted beside the server, and the same as within it."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from sandbox.painter import picture
from sandbox.tests.test_zimage_links import is_sound
from sandbox.tests.zimage_calls import calling
from sandbox.zimage import FAST, Pictures
from sandbox.zimage.ledger import Entry
from sandbox.zimage.storage import Recipe
from sandbox.zimage.studio import PaintFailed, Studio

pytestmark = pytest.mark.process

PAINTED = dataclasses.replace(FAST, pictures=Pictures.PAINTED)
RECIPE = Recipe(
    prompt="一只猫 🐈 by the sea",
    seed=7,
    width_px=128,
    height_px=96,
    made_at_us=0,
    entry=Entry(request_id="", at_us=0, key="key-1"),
)


async def test_a_process_of_its_own_paints_the_same() -> None:
    """Size, grain and metadata go along."""
    studio = Studio(dataclasses.replace(PAINTED, grain_bits=3))
    there = await studio.paint(RECIPE, size_px=(64, 48), xmp="<x:xmpmeta>é</x:xmpmeta>".encode())
    here = picture(
        RECIPE.prompt,
        seed=7,
        width_px=64,
        height_px=48,
        grain_bits=3,
        xmp="<x:xmpmeta>é</x:xmpmeta>".encode(),
    )
    assert there == here


async def test_many_pictures_at_once_wait_for_each_other() -> None:
    """Two places, and everyone is served."""
    studio = Studio(PAINTED)
    pictures = await asyncio.gather(*(studio.paint(RECIPE) for _ in range(5)))
    assert len(set(pictures)) == 1


async def test_a_painter_that_nobody_waits_for_ends() -> None:
    """Its place is free again."""
    studio = Studio(PAINTED)
    for _ in range(3):
        painting = asyncio.create_task(studio.paint(RECIPE, size_px=(2048, 2048)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.shield(painting)
        painting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await painting
    assert (await studio.paint(RECIPE)).startswith(b"\x89PNG")


async def test_a_painter_that_fails_is_an_error_of_the_sandbox(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It says why on standard error."""
    broken = dataclasses.replace(RECIPE, width_px=-1)
    with pytest.raises(PaintFailed, match="ended with 1"):
        await Studio(PAINTED).paint(broken)
    assert "Traceback" in capfd.readouterr().err


async def test_painted_pictures_are_served_too() -> None:
    """The default of a sandbox: a landscape, here of three times the usual bytes."""
    settings = dataclasses.replace(PAINTED, grain_bits=7)
    async with calling(settings) as zimage:
        answer = await zimage.download((await zimage.draw(size="512*512")).image_url)
    assert is_sound(answer.body)
    assert len(answer.body) > 700_000
