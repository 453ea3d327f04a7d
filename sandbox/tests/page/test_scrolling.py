"""What one asked for comes into view; what one reads stays where it is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest
from playwright.async_api import expect

from sandbox.faults import parse_faults
from sandbox.tests.page.showcase import Turns, picture
from sandbox.tests.page.test_messages import fill
from sandbox.tests.page.window import ON_THE_PAGE, WIDE

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from sandbox.server import Sandbox
    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

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


async def test_a_command_brings_its_answer_into_view(
    sandbox: Sandbox, windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Whoever has scrolled up sees what came of the command; the focus stays in the text field."""
    window = await reader(sandbox, windows, size)
    await window.call("whisper")
    await expect(window.message("for your eyes")).to_be_in_viewport(ratio=WHOLE)
    await expect(window.composer).to_be_focused()
    assert await to_end(window.channel) <= 1


async def test_what_one_writes_comes_into_view(
    sandbox: Sandbox, windows: Windows, size: tuple[int, int]
) -> None:
    """One's own message shows where it stands, and so does what follows it."""
    window = await reader(sandbox, windows, size)
    await window.composer.fill("what a long day")
    await window.keys("Enter")
    await expect(window.message("what a long day")).to_be_in_viewport(ratio=WHOLE)
    fill(sandbox, 5)
    await expect(window.message("message 4.")).to_be_in_viewport(ratio=WHOLE)


async def test_a_commands_failure_comes_into_view(
    sandbox: Sandbox, windows: Windows, bot: Showcase
) -> None:
    """So does the word that nobody answered."""
    window = await reader(sandbox, windows)
    await window.call("silent")
    await expect(window.channel.get_by_text("did not respond")).to_be_in_viewport(ratio=WHOLE)


async def test_a_command_on_a_message_brings_its_answer_into_view(
    sandbox: Sandbox, windows: Windows, bot: Showcase
) -> None:
    """The menu of an old message is no reason to miss the answer."""
    window = await reader(sandbox, windows)
    menu = await window.menu_of(window.message("message 30."))
    await menu.get_by_role("menuitem", name="Repeat").click()
    await expect(window.message("> message 30.")).to_have_count(0)
    await expect(window.channel.locator("zx-message blockquote")).to_be_in_viewport(ratio=WHOLE)


@pytest.mark.parametrize(
    ("button", "answer"), [("Again", "used again"), ("Later", "here it is")], ids=["now", "later"]
)
async def test_a_button_brings_the_message_that_it_makes_into_view(
    windows: Windows,
    bot: Showcase,
    size: tuple[int, int],
    button: str,
    answer: str,
) -> None:
    """Whether the message is the answer or follows it; by keyboard, the focus stays."""
    window = await windows.open("Ada", size=size)
    pressed = await turns_above(window, bot, button)
    await pressed.press("Enter")
    await expect(window.message(answer)).to_be_in_viewport(ratio=WHOLE)
    await expect(pressed).to_be_focused()


async def test_a_button_that_changes_its_message_leaves_one_there(
    windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """What came of it stands where one looks already."""
    window = await windows.open("Ada", size=size)
    pressed = await turns_above(window, bot, "Change")
    before = await box(pressed)
    await pressed.press("Enter")
    await expect(window.message("changed")).to_be_in_viewport(ratio=WHOLE)
    await window.page.evaluate(SETTLED)
    assert await to_end(window.channel) > 500
    assert abs((await box(pressed))["y"] - before["y"]) <= 1


async def test_a_form_brings_its_answer_into_view(windows: Windows, bot: Showcase) -> None:
    """A form that a button of an old message has opened."""
    window = await windows.open("Ada")
    await (await turns_above(window, bot, "Ask")).press("Enter")
    await expect(window.page.get_by_role("dialog", name="One word")).to_be_visible()
    await window.type("curtain")
    await window.keys("Enter")
    await expect(window.message("said curtain")).to_be_in_viewport(ratio=WHOLE)


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


async def test_ones_other_window_leaves_one_where_one_reads(
    sandbox: Sandbox, windows: Windows, bot: Showcase
) -> None:
    """Only the window in which one acts follows the answer."""
    window, other = await reader(sandbox, windows), await windows.open("Ada")
    before = await box(window.message("message 30."))
    await other.call("whisper")
    await expect(other.message("for your eyes")).to_be_in_viewport(ratio=WHOLE)
    await expect(window.message("for your eyes")).to_have_count(1)
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


async def test_a_thread_scrolls_by_itself(
    sandbox: Sandbox, windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """What one writes in the thread shows there; the channel stays where one reads it."""
    window = await windows.open("Ada", size=size)
    await window.call("think")
    chip = window.channel.get_by_role("button", name="Thoughts")
    await expect(chip).to_contain_text("1 message")
    fill(sandbox, 60)
    await expect(window.message("message 59.")).to_be_in_viewport()
    thread = next(one for one in sandbox.state.channels.values() if one.name == "Thoughts")
    fill(sandbox, 60, thread)
    await chip.scroll_into_view_if_needed()
    await window.page.evaluate(SETTLED)
    before = await box(chip)
    await chip.click()
    await expect(window.message("message 59.", place=window.thread)).to_be_in_viewport(ratio=WHOLE)
    await scroll(window.thread, "one.scrollHeight / 2")
    await window.thread.get_by_role("textbox").fill("still there?")
    await window.keys("Enter")
    said = window.message("still there?", place=window.thread)
    await expect(said).to_be_in_viewport(ratio=WHOLE)
    fill(sandbox, 5)
    await window.thread.get_by_role("button", name="Back" if size != WIDE else "Close").click()
    await expect(window.message("message 4.")).to_have_count(1)
    await window.page.evaluate(SETTLED)
    assert abs((await box(chip))["y"] - before["y"]) <= 1


async def reader(sandbox: Sandbox, windows: Windows, size: tuple[int, int] = WIDE) -> Window:
    """Ada's window on a long channel, somewhere in the middle of it."""
    fill(sandbox, 60)
    window = await windows.open("Ada", size=size)
    await expect(window.message("message 59.")).to_be_in_viewport(ratio=WHOLE)
    await window.message("message 30.").evaluate("one => one.scrollIntoView({block: 'center'})")
    await window.page.evaluate(SETTLED)
    await expect(window.message("message 30.")).to_be_in_viewport(ratio=WHOLE)
    return window


async def turns_above(window: Window, bot: Showcase, button: str) -> Locator:
    """A button of a message that is far above the end, in view."""
    await bot_in(bot, window).send("your turn", view=Turns())
    await expect(window.message("your turn")).to_be_visible()
    fill(window.sandbox, 60)
    await expect(window.message("message 59.")).to_be_in_viewport()
    pressed = window.channel.get_by_role("button", name=button)
    await pressed.scroll_into_view_if_needed()
    await pressed.focus()
    await window.page.evaluate(SETTLED)
    return pressed


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
