"""The demo before the page: the real bot beside its sandbox, as a newcomer starts them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.demo.stand import keep_bot, standing
from sandbox.tests.page.test_speed import contention
from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = ON_THE_PAGE

FIRST_PAINT_WITHIN_S = 5


@pytest.mark.timeout(120)
async def test_the_second_start_of_the_demo_paints_within_five_seconds(
    browser: Browser, tmp_path: Path
) -> None:
    """From the command to the channel on the screen, with the data of the first start."""
    async with standing(tmp_path, ["--port", "0"]):
        pass
    began = time.monotonic()
    async with standing(tmp_path, ["--port", "0"]) as stand:
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(stand.addresses["page_url"])
        await page.get_by_role("heading", name="Welcome to #pictures").wait_for()
        took_s = time.monotonic() - began
        paint_ms = await page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        await context.close()
    print(
        f"second start: {took_s:.2f} s until the channel is there,"
        f" first paint {paint_ms:.0f} ms after the address"
    )
    assert took_s <= FIRST_PAINT_WITHIN_S * contention()


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
