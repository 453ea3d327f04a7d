"""What one asked for comes into view; what one reads stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.faults import parse_faults
from tests.page.showcase import picture
from tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    import discord

    from sandbox.server import Sandbox
    from tests.page.showcase import Showcase
    from tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE

HELD = b'[{"server": "cdn", "kind": "hang_before"}]'
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
TO_END = "one => one.scrollHeight - one.scrollTop - one.clientHeight"
PLACES = """() => [...document.querySelectorAll("zx-message .picture")].map((one) => {
  const { width, height } = one.getBoundingClientRect();
  return [one.className, width, height];
})"""
LOAD = """() => Promise.all([...document.querySelectorAll("zx-message img")].map((one) => {
  one.loading = "eager";
  return one.decode();
}))"""


async def test_pictures_have_their_place_before_they_come(
    sandbox: Sandbox, windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Galleries, thumbnails, embeds, single pictures and covered ones, of any shape."""
    window = await windows.open("Ada", size=size)
    sandbox.faults.replace(parse_faults(HELD))
    await window.call("card")
    await window.call("embed")
    for name, width_px in (("wide.png", 1600), ("tall.png", 64), ("SPOILER_covered.png", 300)):
        await bot_in(bot, window).send(name, file=picture(name, width_px=width_px))
    await expect(window.message("SPOILER_covered")).to_be_visible()
    before = await window.page.evaluate(PLACES)
    sandbox.faults.clear()
    await window.page.evaluate(LOAD)
    await window.page.evaluate(SETTLED)
    assert await window.page.evaluate(PLACES) == before
    assert len(before) == 10
    assert all(width_px * height_px > 0 for _, width_px, height_px in before)


def bot_in(bot: Showcase, window: Window) -> discord.PartialMessageable:
    """The bot's end of the channel that the window shows."""
    return bot.get_partial_messageable(int(window.page.url.split("?")[0].split("/")[-1]))
