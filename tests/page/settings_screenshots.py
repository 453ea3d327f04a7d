"""Takes the pictures of `docs/settings.md`: `python -m tests.page.settings_screenshots [FOLDER]`.

Each page of the panel and a form, light and dark, as a moderator sees them.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright, expect

from sandbox.tests.page.conftest import flags
from sandbox.tests.page.pages import Pages
from sandbox.tests.page.window import Windows
from sandbox.zimage import Pictures
from tests.journeys.stage import staged
from tests.page.screenshots import BLUR, IMAGES

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator

    from sandbox.tests.page.window import Window

SIZE = (860, 900)
MODERATOR = "Mira"
TITLES = {
    "where": "Who and where",
    "limits": "Limits",
    "pictures": "Pictures",
    "locality": "Language and time",
    "members": "Members",
}


async def main(folder: Path) -> None:
    """Plays a moderator's evening twice, by day and by night."""
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags())
        for scheme in ("light", "dark"):
            await _play(browser, folder, scheme)
        await browser.close()


async def _play(browser: Browser, folder: Path, scheme: str) -> None:
    """Under an operator who bounds the guild."""
    quick: dict[str, Any] = {"latency_scale": 0.2, "rate": 2.0, "pictures": Pictures.PAINTED}
    with TemporaryDirectory() as data:
        async with staged(Path(data), bot=False, **quick) as stage:
            stage.environment["PICTURES_PER_GUILD_PER_DAY"] = "500"
            await stage.start_bot()
            windows = Windows(Pages(browser), stage.sandbox)
            await _evening(windows, folder, scheme)
            await windows.close()


async def _evening(windows: Windows, folder: Path, scheme: str) -> None:
    window = await windows.open(MODERATOR, size=SIZE, scheme=scheme)
    await window.call("imagine", "grapes on a vine at sunset")
    await expect(window.message("See the picture")).to_be_visible()
    await window.call("settings panel")
    panel = window.message("Only you can see this")
    await expect(panel).to_contain_text("Who and where")
    await _choose(window, panel, "All channels", "#pictures", "#studio")
    await expect(panel).to_contain_text("set for this server")
    for name, title in TITLES.items():
        if name != "where":
            await panel.get_by_role("combobox").first.click()
            await panel.get_by_role("option", name=title).click()
            await expect(panel.get_by_role("heading")).to_contain_text(f"· {title}")
        if name == "limits":
            await _limit(window, panel, folder / f"settings-form-{scheme}.png")
        await shoot(window, panel, folder / f"settings-{name}-{scheme}.png")


async def _choose(window: Window, panel: Locator, select: str, *options: str) -> None:
    await panel.get_by_role("combobox", name=select).click()
    for option in options:
        await panel.get_by_role("option", name=option, exact=True).click()
    await window.keys("Escape")


async def _limit(window: Window, panel: Locator, path: Path) -> None:
    await panel.get_by_role("button", name="Pictures …").click()
    form = window.page.get_by_role("dialog", name="Pictures")
    await form.get_by_label("Pictures a day").fill("200")
    await form.get_by_label("Pictures a month").fill("3000")
    await shoot(window, form, path)
    await form.get_by_label("Pictures an hour").fill("fifty")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("cannot be that")
    await shoot(window, panel, path.with_name(path.name.replace("form", "refused")))
    await panel.get_by_role("button", name="Correct it").click()
    await form.get_by_label("Pictures an hour").fill("")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("200 pictures a day")
    await panel.get_by_role("button", name="Money …").click()
    form = window.page.get_by_role("dialog", name="Money")
    await form.get_by_label("Dollars a day").fill("2,50")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("$2.50")


async def shoot(window: Window, place: Locator, path: Path) -> None:
    """That alone, without pointer and focus."""
    await window.page.mouse.move(0, 0)
    await window.page.evaluate(BLUR)
    await asyncio.sleep(0.4)
    await place.screenshot(path=path)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
