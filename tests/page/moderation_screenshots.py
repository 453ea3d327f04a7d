"""Takes the pictures of `docs/moderation.md`: `python -m tests.page.moderation_screenshots`.

The card of a review with its form, that of a report, the list of what waits and the log, by day and
by night, as a moderator sees them. The real bot paints, so a run takes a minute.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright, expect

from sandbox.tests.page.conftest import flags
from sandbox.tests.page.pages import Pages
from sandbox.tests.page.window import Windows
from sandbox.zimage import Pictures
from tests.journeys.stage import staged
from tests.journeys.test_hands import Hands
from tests.journeys.test_moderation_desk import STAFF, Desk
from tests.page.screenshots import IMAGES, shrink
from tests.page.settings_screenshots import MODERATOR, shoot

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator

    from sandbox.tests.page.window import Window
    from tests.journeys.stage import Stage

FOLDER = IMAGES / "moderation"
SIZE = (860, 1300)
PROMPTS = ("two owls in the snow", "an old mill in the fog", "a walrus reading the news")
PROMPT = "a knight after the battle, birds in the sky"


async def main(folder: Path) -> None:
    """Plays a moderator's evening by day and by night."""
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags())
        for scheme in ("light", "dark"):
            await _play(browser, folder, scheme)
        await browser.close()


async def _play(browser: Browser, folder: Path, scheme: str) -> None:
    with TemporaryDirectory() as data:
        async with staged(
            Path(data), pictures=Pictures.PAINTED, latency_scale=0.1, rate=10.0
        ) as stage:
            windows = Windows(Pages(browser), stage.sandbox)
            await _report(stage)
            desk = Desk(stage)
            await desk.set_up(newcomer_days="365")
            for member, prompt in enumerate(PROMPTS):
                await desk.held(prompt, member=member)
            await desk.held(PROMPT, member=1)
            window = await windows.open(MODERATOR, channel=STAFF, size=SIZE, scheme=scheme)
            await _evening(window, folder, scheme)
            await windows.close()


async def _report(stage: Stage) -> None:
    """A picture hangs that two members tell the staff of, before these look at each picture."""
    await Desk(stage).set_up(review="off")
    started = await stage.imagine("a castle on a hill, a dragon above it", size="1024*576")
    (picture,) = await stage.pictures(started)
    hands = Hands(stage, picture)
    for member, reason, words in ((1, "violent", "This dragon burns people."), (2, "other", "")):
        await hands.fill("report", member, {"reason": reason, "words": words})


async def _evening(window: Window, folder: Path, scheme: str) -> None:
    card = window.message(PROMPT)
    await expect(card).to_be_visible()
    await _take(window, card, folder / f"review-{scheme}.png")
    await card.get_by_role("button", name="Reject").click()
    form = window.page.get_by_role("dialog", name="Reject")
    await form.get_by_label("Violent or disturbing").check()
    await form.get_by_label("In your own words").fill("No blood in this channel, please.")
    await shoot(window, form, folder / f"reject-{scheme}.png")
    await window.keys("Escape")
    await _take(window, window.message("Reported by"), folder / f"report-{scheme}.png")
    await window.call("moderation queue")
    listed = window.message("What waits for the staff")
    await listed.get_by_role("combobox").nth(1).click()
    await listed.get_by_role("option", name="review").first.click()
    await window.keys("Escape")
    await expect(listed).to_contain_text("Approve the marked: 1")
    await _take(window, listed, folder / f"queue-{scheme}.png")
    await listed.get_by_role("button", name="Approve the marked: 1").click()
    await expect(listed).not_to_contain_text("Approve the marked: 1")
    await window.call("moderation log")
    log = window.message("What staff and rules have done")
    await _take(window, log, folder / f"log-{scheme}.png")


async def _take(window: Window, place: Locator, path: Path) -> None:
    """Once all of it has come."""
    await place.scroll_into_view_if_needed()
    await expect(window.page.locator("[aria-busy=true]")).to_have_count(0)
    await shoot(window, place, path)
    shrink(path)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
