"""Takes the pictures of `docs/hands.md`: `python -m tests.page.hands_screenshots [FOLDER]`.

A card, several pictures, the form of an edit, a status, a family, the history and a rewritten
prompt, light and dark, wide as the document shows them and on a phone. The real bot paints before a
sandbox in real time, so a run takes some minutes.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.async_api import async_playwright, expect

from sandbox.tests.page.conftest import flags
from sandbox.tests.page.pages import Pages
from sandbox.tests.page.window import Windows
from sandbox.zimage import Pictures
from tests.journeys.stage import staged
from tests.journeys.test_hands import Hands
from tests.page.screenshots import IMAGES, shrink
from tests.page.settings_screenshots import shoot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Browser, Locator

    from sandbox.tests.page.window import Window
    from tests.journeys.stage import Stage

MEMBER = "Ada"
PROMPT = "grapes on a vine at sunset, birds in the sky"
LOOKS = {"": (860, 1300), "phone-": (390, 1300)}
PATTERN = "a {red|blue} {cat|dog} by the sea"
PRIVATE = "Only you can see this"


class Shot(NamedTuple):
    """Where the pictures of one look go."""

    window: Window
    folder: Path
    look: str  # of the window: "" or "phone-"
    scheme: str

    async def take(self, name: str, place: Locator) -> None:
        """Once all of it has come."""
        path = self.folder / f"hands-{name}-{self.look}{self.scheme}.png"
        await place.scroll_into_view_if_needed()
        await expect(self.window.page.locator("[aria-busy=true]")).to_have_count(0)
        await shoot(self.window, place, path)
        shrink(path)


async def main(folder: Path) -> None:
    """Plays an evening by day and by night, at a desk and on a phone."""
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags())
        await _play(browser, folder, _evening, latency_scale=0.1, rate=10.0)
        await _play(browser, folder, _statuses, latency_scale=4.0, rate=2.0)
        await browser.close()


async def _play(
    browser: Browser,
    folder: Path,
    scene: Callable[[Stage, Windows, Path], Awaitable[None]],
    **settings: Any,
) -> None:
    with TemporaryDirectory() as data:
        async with staged(Path(data), pictures=Pictures.PAINTED, **settings) as stage:
            windows = Windows(Pages(browser), stage.sandbox)
            await scene(stage, windows, folder)
            await windows.close()


async def _shots(windows: Windows, folder: Path) -> list[Shot]:
    return [
        Shot(await windows.open(MEMBER, size=size, scheme=scheme), folder, look, scheme)
        for scheme in ("light", "dark")
        for look, size in LOOKS.items()
    ]


async def _evening(stage: Stage, windows: Windows, folder: Path) -> None:
    await _paint(stage)
    for shot in await _shots(windows, folder):
        for scene in (_card, _ask, _pattern, _history):
            await scene(shot)


async def _paint(stage: Stage) -> None:
    """A picture with a family, several of one request, and some of others."""
    for number, prompt in enumerate(("an old mill in the fog", "a walrus reading", "two owls")):
        await stage.pictures(await stage.imagine(prompt, member=number, size="1280*720"))
    await stage.pictures(await stage.imagine("a lighthouse at night, stars", count=4), 60)
    started = await stage.imagine(PROMPT, rewrite="on", size="1280*720", seed=431565994)
    (picture,) = await stage.pictures(started)
    hands = Hands(stage, picture)
    await hands.use("keep", 0)
    await hands.use("resize", 0)
    seen = await hands.use("reroll", 1)
    (child,) = [one for one in seen["messages"] if one["attachments"]]
    words = {"prompt": f"{PROMPT}, ink wash", "negative": "text", "size": "1:1", "seed": "7"}
    await Hands(stage, child).fill("edit", 1, {**words, "rewriting": "off"})


async def _card(shot: Shot) -> None:
    """A card in its thread, and what its form and its menu open; the gallery in another."""
    window = shot.window
    await _open_thread(window, "a lighthouse at night")
    await shot.take("gallery", window.message("of 4 painted", place=window.thread))
    await _close_thread(window)
    await _open_thread(window, PROMPT)
    card = window.thread.locator("zx-message").filter(has_text="Rewritten by").first
    await shot.take("card", card)
    await card.get_by_role("button", name="Edit").click()
    form = window.page.get_by_role("dialog", name="Edit")
    await shot.take("edit", form)
    await window.keys("Escape")
    await expect(form).to_be_hidden()
    await card.get_by_role("combobox").click()
    await card.get_by_role("option", name="Lineage").click()
    family = window.message(PRIVATE, place=window.thread)
    await expect(family.locator("img").last).to_have_js_property("complete", value=True)
    await shot.take("lineage", family)
    await _close_thread(window)


async def _open_thread(window: Window, prompt: str) -> None:
    message = window.channel.locator("zx-message").filter(has_text=prompt).first
    await message.get_by_role("link", name="See the picture").click()
    await expect(window.thread.locator("img").first).to_have_js_property("complete", value=True)


async def _close_thread(window: Window) -> None:
    await window.thread.get_by_role("button", name=re.compile("Close|Back")).first.click()


async def _history(shot: Shot) -> None:
    await shot.window.call("history")
    panel = shot.window.message(PRIVATE)
    await expect(panel).to_contain_text("Pick a picture")
    await shot.take("history", panel)


async def _ask(shot: Shot) -> None:
    window = shot.window
    await window.choose("imagine")
    await window.type(f"{PROMPT} rewrite:")
    await asyncio.sleep(0.2)
    await window.type("show")
    await window.keys("Enter", "Enter")
    card = window.message("Your prompt, rewritten")
    await expect(card).to_be_visible()
    await shot.take("ask", card)


async def _pattern(shot: Shot) -> None:
    await shot.window.call("imagine", f"{PATTERN}")
    card = shot.window.message("One prompt, several pictures")
    await expect(card).to_be_visible()
    await shot.take("alternatives", card)


async def _statuses(stage: Stage, windows: Windows, folder: Path) -> None:
    """While a picture is painted."""
    await stage.pictures(await stage.imagine("two owls"), 60)
    for shot in await _shots(windows, folder):
        await stage.imagine(PROMPT)
        card = shot.window.message(PROMPT)
        await expect(card).to_contain_text(re.compile("▰{3,6}▱"))
        await shot.take("status", card)
        await expect(card).to_contain_text("See the picture")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
