"""What one asked for comes into view; what one reads stays where it is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from playwright.async_api import expect

from sandbox.faults import parse_faults
from tests.page.showcase import picture
from tests.page.test_messages import fill
from tests.page.window import ON_THE_PAGE, WIDE

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from sandbox.server import Sandbox
    from tests.page.showcase import Showcase
    from tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE

HELD = b'[{"server": "cdn", "kind": "hang_before"}]'
TALL = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"/>'  # its size is not told

WHOLE = 0.99  # of a message is in view; heights are fractions of a px
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
GROW = """(scroller) => new Promise((done) => requestAnimationFrame(() => {
  const rows = [...scroller.querySelectorAll("li.row")].slice(-2);
  rows[0].style.paddingTop = `${rows[0].offsetHeight}px`;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    rows[1].style.paddingTop = `${rows[1].offsetHeight + 100}px`;
    requestAnimationFrame(() => requestAnimationFrame(done));
  };
  port2.postMessage(0);
}))"""


async def test_messages_of_others_leave_one_where_one_reads(
    sandbox: Sandbox, windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Neither their words nor the answers to their commands pull one down."""
    window, ben = await reader(sandbox, windows, size), await windows.open("Ben", size=size)
    before = await box(window.message("message 30."))
    await ben.call("think")
    await expect(ben.message("a thought")).to_be_visible()
    await expect(window.message("a thought")).to_have_count(1)
    fill(sandbox, 20)
    await expect(window.message("message 19.")).to_have_count(1)
    await window.page.evaluate(SETTLED)
    assert await box(window.message("message 30.")) == before


async def test_little_more_below_brings_the_button_to_the_newest(
    sandbox: Sandbox, windows: Windows
) -> None:
    """It comes when enough has been said below, without another scroll."""
    fill(sandbox, 60)
    window = await windows.open("Ada")
    await expect(window.message("message 59.")).to_be_in_viewport()
    await scroll(window.channel, "one.scrollTop - 300")
    button = window.channel.get_by_role("button", name="To the newest")
    await expect(button).to_have_count(0)
    fill(sandbox, 30)
    await button.click()
    await expect(window.message("message 29.")).to_be_in_viewport(ratio=WHOLE)


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


async def test_an_answer_stays_in_view_when_pictures_above_it_come_late(
    sandbox: Sandbox, windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Also pictures whose size nobody told."""
    window = await windows.open("Ada", size=size)
    sandbox.faults.replace(parse_faults(HELD))
    await window.call("embed")
    for _ in range(2):  # with those of the embed five: a browser opens six connections to a host
        await bot_in(bot, window).send("of any size", file=of_unknown_size())
    await window.call("whisper")
    await expect(window.message("for your eyes")).to_be_in_viewport(ratio=WHOLE)
    sandbox.faults.clear()
    await window.page.evaluate(LOAD)
    await window.page.evaluate(SETTLED)
    assert (await box(window.message("of any size").locator(".picture")))["height"] > 250
    await expect(window.message("for your eyes")).to_be_in_viewport(ratio=WHOLE)
    assert await to_end(window.channel) <= 1


async def test_a_late_picture_above_does_not_move_what_one_reads(
    sandbox: Sandbox, windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Not even one whose size nobody told."""
    window = await windows.open("Ada", size=size)
    fill(sandbox, 30)
    await expect(window.message("message 29.")).to_be_in_viewport()
    sandbox.faults.replace(parse_faults(HELD))
    await bot_in(bot, window).send("of any size", file=of_unknown_size())
    fill(sandbox, 60)
    await expect(window.message("message 59.")).to_be_in_viewport()
    late = window.message("of any size")
    await late.evaluate("one => one.scrollIntoView({block: 'end'})")
    await window.page.evaluate(SETTLED)
    await scroll(window.channel, "one.scrollTop + one.clientHeight + 40")
    read = window.message("message 10.")
    before = await box(read)
    sandbox.faults.clear()
    await window.page.evaluate(LOAD)
    await window.page.evaluate(SETTLED)
    assert (await box(late.locator(".picture")))["height"] > 250
    assert abs((await box(read))["y"] - before["y"]) <= 1


async def test_what_grows_between_a_scroll_and_its_event_does_not_leave_the_end(
    sandbox: Sandbox, windows: Windows, size: tuple[int, int]
) -> None:
    """The browser tells a scroll a frame later; a picture may have come meanwhile."""
    fill(sandbox, 60)
    window = await windows.open("Ada", size=size)
    await expect(window.message("message 59.")).to_be_in_viewport(ratio=WHOLE)
    for _ in range(5):
        await window.channel.locator(".scroller").evaluate(GROW)
        assert await to_end(window.channel) <= 1


async def test_one_leaves_the_end_by_wheel_and_comes_back(
    sandbox: Sandbox, windows: Windows
) -> None:
    """Up, one is left alone; down again, one sees what comes."""
    fill(sandbox, 60)
    window = await windows.open("Ada")
    await window.message("message 59.").hover()
    await window.page.mouse.wheel(0, -400)
    await expect(window.message("message 59.")).not_to_be_in_viewport()
    fill(sandbox, 5)
    await expect(window.message("message 4.")).to_have_count(1)
    await expect(window.message("message 4.")).not_to_be_in_viewport()
    await window.page.mouse.wheel(0, 4000)
    await expect(window.message("message 4.")).to_be_in_viewport(ratio=WHOLE)
    fill(sandbox, 8)
    await expect(window.message("message 7.")).to_be_in_viewport(ratio=WHOLE)


async def test_a_look_at_the_message_replied_to_does_not_end_the_following(
    windows: Windows, window: Window
) -> None:
    """Where both are in view nothing moves, and the next message is followed as before."""
    ben = await windows.open("Ben")
    await window.composer.fill("are there birds?")
    await window.keys("Enter")
    await ben.message("are there birds?").hover()
    await ben.message("are there birds?").get_by_role("button", name="Reply").click()
    await ben.type("two")
    await ben.keys("Enter")
    await window.message("two").get_by_role("button", name="are there birds?").click()
    await expect(window.channel.locator("li.row").first).to_be_focused()
    fill(window.sandbox, 40)
    await expect(window.message("message 39.")).to_be_in_viewport(ratio=WHOLE)


async def reader(sandbox: Sandbox, windows: Windows, size: tuple[int, int] = WIDE) -> Window:
    """Ada's window on a long channel, somewhere in the middle of it."""
    fill(sandbox, 60)
    window = await windows.open("Ada", size=size)
    await expect(window.message("message 59.")).to_be_in_viewport(ratio=WHOLE)
    await window.message("message 30.").evaluate("one => one.scrollIntoView({block: 'center'})")
    await window.page.evaluate(SETTLED)
    await expect(window.message("message 30.")).to_be_in_viewport(ratio=WHOLE)
    return window


def bot_in(bot: Showcase, window: Window) -> discord.PartialMessageable:
    """The bot's end of the channel that the window shows."""
    return bot.get_partial_messageable(int(window.page.url.split("?")[0].split("/")[-1]))


def of_unknown_size() -> discord.File:
    """A picture 300 px high, of a kind whose size the sandbox does not read."""
    return discord.File(io.BytesIO(TALL), "tall.svg")


async def scroll(place: Locator, to: str) -> None:
    """Scrolls as a member does, and waits until the page has taken note."""
    scroller = place.locator(".scroller")
    await scroller.evaluate(f"one => one.scrollTo(0, {to})")
    await place.page.evaluate(SETTLED)


async def to_end(place: Locator) -> float:
    """How many px below the view the end is."""
    left_px: float = await place.locator(".scroller").evaluate(TO_END)
    return left_px


async def box(one: Locator) -> Any:
    """Where it is, in px of the window."""
    found = await one.bounding_box()
    assert found is not None
    return found
