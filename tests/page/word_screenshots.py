"""Takes the pictures of word rules and review: `python -m tests.page.word_screenshots [FOLDER]`.

The panel of word rules, its form, what AutoMod brings, a prompt that is tried out, and the pages of
the settings about all that; light and dark, as a moderator sees them.
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
from tests.journeys.stage import staged
from tests.page.screenshots import IMAGES
from tests.page.settings_screenshots import MODERATOR, SIZE, shoot

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator

    from sandbox.tests.page.window import Window
    from tests.journeys.stage import Stage

MANAGE_GUILD = 1 << 5
AUTOMOD = [
    {"name": "Trademarks", "keywords": ["starbucks*", "mickey mouse"], "patterns": ["(?=mouse)"]},
    {"name": "Commonly flagged", "presets": [1, 2]},
]


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
    quick: dict[str, Any] = {"latency_scale": 0.2, "rate": 2.0}
    with TemporaryDirectory() as data:
        async with staged(Path(data), bot=False, **quick) as stage:
            stage.environment["PICTURE_CHECK_API_KEY"] = "sk-not-used"
            await stage.start_bot()
            await _give_automod(stage)
            windows = Windows(Pages(browser), stage.sandbox)
            window = await windows.open(MODERATOR, size=SIZE, scheme=scheme)
            await _words(window, folder, scheme)
            await _settings(window, folder, scheme)
            await windows.close()


async def _give_automod(stage: Stage) -> None:
    guild_id = stage.control.guild["id"]
    state = stage.sandbox.state
    guild = state.guilds[guild_id]
    for role_id in guild.members[state.bot_id].role_ids:
        guild.roles[role_id].permissions |= MANAGE_GUILD
    await stage.control.call("PUT", f"/guilds/{guild_id}/automod", AUTOMOD)


async def _words(window: Window, folder: Path, scheme: str) -> None:
    await window.call("moderation words")
    panel = window.message("Only you can see this")
    await expect(panel).to_contain_text("There are none yet")
    await panel.get_by_role("button", name="New rule …").click()
    form = window.page.get_by_role("dialog", name="A new rule")
    await form.get_by_label("Name").fill("Real people")
    await form.get_by_label("Words and phrases").fill("taylor swift\n*")
    await shoot(window, form, folder / f"words-form-{scheme}.png")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("line 2")
    await shoot(window, panel, folder / f"words-refused-{scheme}.png")
    await panel.get_by_role("button", name="Correct it").click()
    await form.get_by_label("Words and phrases").fill("taylor swift\nking charles")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("holds from now on")
    await shoot(window, panel, folder / f"words-rule-{scheme}.png")
    await panel.get_by_role("button", name="Back").click()
    await panel.get_by_role("button", name="Read AutoMod").click()
    await expect(panel).to_contain_text("AutoMod is read")
    await shoot(window, panel, folder / f"words-automod-{scheme}.png")
    await window.call("moderation test", "T a y l o r  5wift on stage, watercolour")
    test = window.message("What would become of this prompt")
    await expect(test).to_contain_text("Found:")
    await shoot(window, test, folder / f"words-test-{scheme}.png")


async def _settings(window: Window, folder: Path, scheme: str) -> None:
    await window.call("settings panel")
    panel = window.message("Who and where")
    await expect(panel).to_contain_text("Who and where")
    panel = window.message("Settings ·")
    for name, title in (("moderation", "Moderation"), ("checks", "Checks and reports")):
        await panel.get_by_role("combobox").first.click()
        await panel.get_by_role("option", name=title).click()
        await expect(panel.get_by_role("heading")).to_contain_text(f"· {title}")
        if name == "moderation":
            await _review(panel)
        await shoot(window, panel, folder / f"settings-{name}-{scheme}.png")


async def _review(panel: Locator) -> None:
    await panel.get_by_role("combobox", name="Review before posting").click()
    await panel.get_by_role("option", name="Whatever a rule or a check finds fault with").click()
    await expect(panel).to_contain_text("set for this server")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
