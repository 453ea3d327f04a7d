"""A newcomer's hour on the page: from the greeting to the first picture that a limit refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.tests.page.window import ON_THE_PAGE
from tests.journeys.stage import staged
from tests.journeys.test_newcomer import invited

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from playwright.async_api import Locator

    from sandbox.server import Sandbox
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE

COUNTING = "window.clicks = 0; addEventListener('pointerdown', () => { window.clicks += 1 }, true)"
USED_UP = re.compile(
    r"This server may have 1 picture a day\. That is used up; it renews in \d+ \w+\."
)


async def test_a_newcomer_limits_pictures_and_meets_the_limit(
    tmp_path: Path,
    size: tuple[int, int],
    windows_of: Callable[[Sandbox], AbstractAsyncContextManager[Windows]],
) -> None:
    """Seven clicks: the greeting's button; a select, its page; the form, its end; two composers.

    The page has no way to invite a bot, so the control interface does. The guild reads German.
    """
    async with staged(tmp_path) as stage, windows_of(stage.sandbox) as windows:
        staff = await newcomer(windows, "Quinn", size)
        await invited(stage)
        await limit(staff, await opened(staff))
        member = await newcomer(windows, "Gita", size)
        await member.call("imagine", "an apple")
        await expect(member.channel.get_by_role("link", name="Zum Bild")).to_be_visible()
        await member.call("imagine", "a pear")
        refusal = member.message("Nothing was charged")
        await expect(refusal).to_contain_text("Only you can see this")
        await expect(refusal).to_contain_text(USED_UP)
        ledger = stage.ledger()
        assert (ledger["accepted"], ledger["billed"]) == (1, 1), "the apple alone"
        clicks = [await one.page.evaluate("window.clicks") for one in (staff, member)]
        assert clicks == [5, 2]
        assert stage.sandbox.violations.snapshot() == []


async def newcomer(windows: Windows, member: str, size: tuple[int, int]) -> Window:
    """A window of somebody there; it counts the clicks."""
    window = await windows.open(member, size=size)
    await window.page.evaluate(COUNTING)
    return window


async def opened(window: Window) -> Locator:
    """The panel, by the button of the greeting."""
    greeting = window.message("Zeuxis").filter(has_text="/imagine")
    await greeting.get_by_role("button", name="Einstellungen").click()
    return window.message("Only you can see this")


async def limit(window: Window, panel: Locator) -> None:
    """One picture a day for the server, on the page of limits."""
    await panel.get_by_role("combobox").first.click()
    await panel.get_by_role("option", name="Limits").click()
    await panel.get_by_role("button", name="Pictures …").click()
    form = window.page.get_by_role("dialog", name="Pictures")
    await form.get_by_label("Pictures a day").fill("1")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("1 picture a day")
