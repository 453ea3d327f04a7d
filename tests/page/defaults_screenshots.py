"""Takes pictures of `/defaults` and styles: `python -m tests.page.defaults_screenshots [FOLDER]`.

Light and dark, wide as in `docs/settings.md` and on a phone.
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
from tests.page.screenshots import IMAGES
from tests.page.settings_screenshots import MODERATOR, SIZE, shoot

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator

    from sandbox.tests.page.window import Window

PHONE = (390, 844)
STYLES = (
    ("Film noir", "black and white, {prompt}, hard light, film grain", "16:9", "colours"),
    ("Ink & wash", "{prompt}, ink on rice paper, few strokes", "", ""),
    ("Pixel", "{prompt} as pixel art, 16 colours", "1:1", "blur"),
)


async def main(folder: Path) -> None:
    """Plays it twice, by day and by night."""
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags())
        for scheme in ("light", "dark"):
            await _play(browser, folder, scheme)
        await browser.close()


async def _play(browser: Browser, folder: Path, scheme: str) -> None:
    quick: dict[str, Any] = {"latency_scale": 0.2, "rate": 2.0, "pictures": Pictures.PAINTED}
    with TemporaryDirectory() as data:
        async with staged(Path(data), **quick) as stage:
            windows = Windows(Pages(browser), stage.sandbox)
            window = await windows.open(MODERATOR, size=SIZE, scheme=scheme)
            for style in STYLES:
                await _make(window, *style, path=folder / f"style-form-{scheme}.png")
            await _list(window, folder / f"styles-{scheme}.png")
            await _defaults(window, folder / f"defaults-{scheme}.png")
            phone = await windows.open(MODERATOR, size=PHONE, scheme=scheme)
            await _list(phone, folder / f"styles-phone-{scheme}.png")
            await _open_defaults(phone, folder / f"defaults-phone-{scheme}.png")
            await windows.close()


async def _make(
    window: Window, name: str, prompt: str, size: str, negative: str, *, path: Path
) -> None:
    await window.call("style add")
    form = window.page.get_by_role("dialog", name="A new style")
    for label, text in (
        ("Name", name),
        ("Prompt", prompt),
        ("Size", size),
        ("Leave out", negative),
    ):
        await form.get_by_label(label).fill(text)
    await shoot(window, form, path)
    await form.get_by_role("button", name="Submit").click()
    await expect(window.message(f"The style {name}")).to_be_visible()


async def _list(window: Window, path: Path) -> None:
    await window.call("styles")
    shown = window.message("Styles of this server")
    await expect(shown).to_be_visible()
    await shoot(window, shown, path)


async def _open_defaults(window: Window, path: Path) -> Locator:
    await window.call("defaults")
    shown = window.message("Your defaults")
    await expect(shown).to_be_visible()
    await shoot(window, shown, path)
    return shown


async def _defaults(window: Window, path: Path) -> None:
    shown = await _open_defaults(window, path)
    await shown.get_by_role("combobox").first.click()
    await shown.get_by_role("option", name="Another …").click()
    form = window.page.get_by_role("dialog", name="Size")
    await form.get_by_label("Size").fill("enormous")
    await form.get_by_role("button", name="Submit").click()
    await expect(shown).to_contain_text("I do not know the size")
    await shoot(window, shown, path.with_name(path.name.replace("defaults", "defaults-refused")))
    await shown.get_by_role("button", name="Correct it").click()
    await form.get_by_label("Size").fill("1000x1500")
    await form.get_by_role("button", name="Submit").click()
    await expect(shown).to_contain_text("Reset all")
    await shown.get_by_role("button", name="Change …").click()
    form = window.page.get_by_role("dialog", name="Leave out")
    await form.get_by_label("Leave out").fill("text, watermarks")
    await form.get_by_role("button", name="Submit").click()
    await expect(shown).to_contain_text("text, watermarks")
    await shoot(window, shown, path)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
