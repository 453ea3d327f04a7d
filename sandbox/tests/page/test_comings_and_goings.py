"""What the page does when the sandbox or the bot goes away and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.server import Sandbox, Settings
from sandbox.tests.page.window import ON_THE_PAGE, Windows

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from sandbox.tests.page.pages import Pages

pytestmark = ON_THE_PAGE


async def test_the_page_comes_back_with_the_sandbox(pages: Pages, tmp_path: Path) -> None:
    """It says that nobody answers, tries again by itself, and then shows what it missed."""
    async with Sandbox.start(Settings(seed=7, data=tmp_path)) as first:
        port = int(first.state.origin.rsplit(":", 1)[1])
        windows = Windows(pages, first)
        window = await windows.open("Ada")
        await window.composer.fill("before")
        await window.keys("Enter")
        await expect(window.message("before")).to_be_visible()
        address = window.address("Ben", "pictures", "en-US")
    await expect(window.page.get_by_text("The sandbox does not answer")).to_be_visible()
    async with Sandbox.start(Settings(seed=7, data=tmp_path, port=port)) as second:
        ben = Windows(pages, second)
        other = await ben.open("Ben")
        assert other.page.url == address
        await other.composer.fill("meanwhile")
        await other.keys("Enter")
        await expect(window.message("meanwhile")).to_be_visible()
        await expect(window.message("before")).to_be_visible()
        await expect(window.page.get_by_text("The sandbox does not answer")).to_be_hidden()
        await ben.close()
        await windows.close()


async def test_an_address_that_leads_nowhere_leads_home(browser: Browser, sandbox: Sandbox) -> None:
    """Unknown members, places and languages are replaced by ones that exist."""
    page = await browser.new_page()
    await page.goto(f"{sandbox.state.origin}/page/#/1/2/3?as=4&lang=zz-zz")
    await expect(page.get_by_role("heading", name="Welcome to #pictures")).to_be_visible()
    await expect(page.get_by_role("combobox", name="Language")).to_have_value("en-US")
    assert "as=4" not in page.url
    await page.close()
