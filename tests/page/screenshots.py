"""Takes the pictures of the page for the documents: `python -m tests.page.screenshots [FOLDER]`.

The real bot paints before a sandbox in real time, so a run takes about a minute.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.async_api import async_playwright, expect

from sandbox.tests.page.conftest import flags
from sandbox.tests.page.pages import Pages
from sandbox.tests.page.window import NARROW, Window, Windows
from sandbox.zimage import Pictures
from tests.journeys.stage import staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDE = (1280, 840)
BLUR = "document.activeElement.matches('input') || document.activeElement.blur()"


async def main(folder: Path) -> None:
    """Plays each scene and writes its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags())
        async with _windows(browser, latency_scale=0.2, rate=2.0) as windows:
            for scene in (_thread, _picker, _narrow, _refusal):
                await scene(windows, folder)
        async with _windows(browser, latency_scale=3.0, rate=0.2) as windows:
            await _queue(windows, folder)
        await browser.close()


@asynccontextmanager
async def _windows(browser: Browser, **settings: Any) -> AsyncIterator[Windows]:
    """Windows before a sandbox that paints properly, with the real bot."""
    with TemporaryDirectory() as data:
        async with staged(Path(data), pictures=Pictures.PAINTED, **settings) as stage:
            windows = Windows(Pages(browser), stage.sandbox)
            yield windows
            await windows.close()


async def _thread(windows: Windows, folder: Path) -> None:
    ben = await windows.open("Ben", size=WIDE)
    await ben.composer.fill("can it do birds coming to the grapes, like the old story?")
    await ben.keys("Enter")
    window = await windows.open("Ada", size=WIDE)
    await _imagine(window, "grapes on a vine at sunset, birds in the sky", 431565994, "16:9")
    await _shoot(window, folder / "thread.png")


async def _picker(windows: Windows, folder: Path) -> None:
    window = await windows.open("Dilan", size=WIDE, locale="zh-CN")
    await window.choose("imagine")
    await window.type("一只橘猫坐在窗边,水彩")
    await window.type(" size:")
    await window.type("16:9")
    options = window.page.get_by_role("listbox", name="size").get_by_role("option")
    await expect(options.first).to_contain_text("16:9")
    await _shoot(window, folder / "picker.png")


async def _narrow(windows: Windows, folder: Path) -> None:
    window = await windows.open("Chloe", size=NARROW, scheme="dark")
    await _imagine(window, "a lighthouse by the sea at night, stars", 1961590633, "1:1")
    await _shoot(window, folder / "narrow.png")


async def _refusal(windows: Windows, folder: Path) -> None:
    window = await windows.open("Ada", size=WIDE, channel="general")
    await window.choose("imagine")
    await window.page.locator("[name=prompt]").fill("a very long story about a cat, " * 30)
    await window.keys("Enter")
    await expect(window.message("Only you can see this")).to_be_visible()
    await window.call("usage me")
    await expect(window.message("All time")).to_be_visible()
    await _shoot(window, folder / "refusal.png")


async def _queue(windows: Windows, folder: Path) -> None:
    window = await windows.open("Ada", size=WIDE, channel="studio", scheme="dark")
    for prompt in ("a harbour in fog", "the same harbour at noon", "the harbour, ink wash"):
        await window.call("imagine", prompt)
        await expect(window.message(prompt)).to_be_visible()
    await expect(window.channel).to_contain_text("Z-Image is painting")
    await window.call("queue")
    await expect(window.message("Only you can see this")).to_be_visible()
    await window.page.get_by_role("button", name="Sandbox controls").first.click()
    await expect(window.page.get_by_role("region", name="Now")).to_be_visible()
    await _shoot(window, folder / "queue.png")


async def _imagine(window: Window, prompt: str, seed: int, size: str) -> None:
    await window.choose("imagine")
    for text in (f"{prompt} seed:", f"{seed} size:", size):
        await window.type(text)
        await asyncio.sleep(0.1)
    options = window.page.get_by_role("listbox", name="size").get_by_role("option")
    await expect(options.first).to_contain_text(size)
    await window.keys("Enter", "Enter")
    await window.message(prompt).get_by_role("link", name="See the picture").click()
    await _settle(window, window.thread)


async def _settle(window: Window, place: Locator) -> None:
    picture = place.locator("img").last
    await expect(picture).to_have_js_property("complete", value=True)
    await expect(window.page.locator("[aria-busy=true]")).to_have_count(0)


async def _shoot(window: Window, path: Path) -> None:
    """Without pointer and focus, which belong to nobody in a picture."""
    await window.page.mouse.move(0, 0)
    await window.page.evaluate(BLUR)
    await asyncio.sleep(0.6)
    await window.page.screenshot(path=path)
    shrink(path)


def shrink(path: Path) -> None:
    """To 256 colours: half of the file, and nobody sees it on a page."""
    with Image.open(path) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
