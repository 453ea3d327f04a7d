"""What the page does when the sandbox or the bot goes away and comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.demo.keeper import keep_bot
from sandbox.demo.stand import standing
from sandbox.server import Sandbox, Settings
from tests.page.window import ON_THE_PAGE, Windows

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.page.pages import Pages

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


@pytest.mark.timeout(120)
async def test_the_demo_restarts_its_bot_when_the_page_asks(
    browser: Browser, tmp_path: Path
) -> None:
    """The page shows the bot going and coming; it is another process on the same data."""
    async with standing(tmp_path, ["--port", "0"]) as stand:
        keeping = asyncio.create_task(keep_bot(stand))
        exits = asyncio.create_task(stand.first_exit())
        former = stand.bot.pid
        page = await browser.new_page()
        page.set_default_timeout(15_000)
        await page.goto(stand.addresses["page_url"])
        await page.get_by_role("button", name="Sandbox controls").click()
        line = page.get_by_role("region", name="The bot's line")
        await expect(line.locator("h3")).to_have_text("The bot's lineconnected")
        await line.get_by_role("button", name="Restart the bot").click()
        await expect(page.get_by_text("The bot is not connected")).to_be_visible()
        await expect(page.get_by_text("The bot is not connected")).to_be_hidden()
        assert stand.bot.pid != former
        assert not exits.done()
        await page.close()
        keeping.cancel()
        exits.cancel()


async def test_an_address_that_leads_nowhere_leads_home(browser: Browser, sandbox: Sandbox) -> None:
    """Unknown members, places and languages are replaced by ones that exist."""
    page = await browser.new_page()
    await page.goto(f"{sandbox.state.origin}/page/#/1/2/3?as=4&lang=zz-zz")
    await expect(page.get_by_role("heading", name="Welcome to #pictures")).to_be_visible()
    await expect(page.get_by_role("combobox", name="Language")).to_have_value("en-US")
    assert "as=4" not in page.url
    await page.close()
