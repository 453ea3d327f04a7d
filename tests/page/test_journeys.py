"""The real bot, before the page: what a newcomer plays in the first minutes, wide and narrow.

One sandbox and one bot serve all journeys; each has a channel or a prompt of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.tests.page.window import NARROW, ON_THE_PAGE, WIDE
from tests.journeys.stage import Stage, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import Locator

    from sandbox.server import Sandbox
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE

QUEUES_AS = {WIDE: "Chloe", NARROW: "Mira"}  # what the one leaves in the queue is not the other's


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The bot before a sandbox that paints at once."""
    async with staged(tmp_path_factory.mktemp("stage")) as made:
        yield made
        assert made.sandbox.violations.snapshot() == []


@pytest_asyncio.fixture(loop_scope="session")
async def windows(
    stage: Stage, windows_of: Callable[[Sandbox], AbstractAsyncContextManager[Windows]]
) -> AsyncIterator[Windows]:
    """Windows on the stage's sandbox."""
    async with windows_of(stage.sandbox) as opened:
        yield opened


@pytest.fixture
def slow(stage: Stage) -> Iterator[None]:
    """The painter takes its time, so that there is a queue to see."""
    stage.sandbox.zimage.latency_scale = 4.0
    yield
    stage.sandbox.zimage.latency_scale = 0.0


async def test_from_the_command_to_the_picture_in_its_thread(
    windows: Windows, size: tuple[int, int]
) -> None:
    """The size is found by autocomplete, the picture comes with its alt text and opens large."""
    window = await windows.open("Ada", size=size)
    await painted(window, "a bowl of grapes", size_typed="wi")
    result = window.thread.locator("zx-message").filter(has=window.page.locator("img")).last
    await expect(result.get_by_role("button", name="Reroll")).to_be_visible()
    await expect(result.locator("img")).to_have_js_property("naturalWidth", 1280)
    picture = result.get_by_role("button", name="Open the picture: AI-generated picture: a bowl")
    await picture.click()
    viewer = window.page.get_by_role("dialog", name="Picture")
    await expect(viewer).to_contain_text("1280 × 720")
    await window.keys("Escape")
    await expect(picture).to_be_focused()


async def test_reroll_paints_another_and_delete_takes_it_away(
    windows: Windows, size: tuple[int, int]
) -> None:
    """The second picture has another seed; deleted, it is gone and the status says so."""
    window = await windows.open("Ben", size=size)
    await painted(window, "two birds on a branch")
    pictures = window.thread.locator("zx-message").filter(has=window.page.locator("img"))
    await expect(pictures).to_have_count(1)
    await pictures.get_by_role("button", name="Reroll").click()
    await expect(pictures).to_have_count(2)
    seeds = await pictures.locator(".small").all_inner_texts()
    assert len({line for line in seeds if "· seed " in line}) == 2
    await choose(pictures.last, "Delete")
    await expect(pictures).to_have_count(1)


@pytest.mark.usefixtures("slow")
async def test_the_queue_shows_places_and_cancels(windows: Windows, size: tuple[int, int]) -> None:
    """`/queue` lists what waits, for its member alone, with a button to cancel each."""
    window = await windows.open(QUEUES_AS[size], size=size, channel="studio")
    for number in (1, 2, 3):
        await window.call("imagine", f"idea {number} of {size[0]}")
        await expect(window.message(f"idea {number} of {size[0]}")).to_be_visible()
    await window.call("queue")
    queue = window.message("Only you can see this")
    await expect(queue.get_by_role("button", name="Cancel")).to_have_count(3)
    status = window.channel.locator("zx-message").filter(has_text=f"idea 3 of {size[0]}").first
    await queue.get_by_role("button", name="Cancel").last.click()
    await expect(queue.get_by_role("button", name="Cancel")).to_have_count(2)
    await expect(status).to_contain_text("cancelled", ignore_case=True)


async def test_a_refusal_is_for_the_member_alone(windows: Windows, size: tuple[int, int]) -> None:
    """What only the requester must mend, only the requester sees; nothing is charged."""
    window = await windows.open("Ada", size=size, channel="general")
    other = await windows.open("Ben", size=size, channel="general")
    billed = windows.sandbox.zimage.ledger.billed
    await window.choose("imagine")
    await window.page.locator("[name=prompt]").fill("x" * 900)
    await window.keys("Enter")
    refusal = window.message("900")
    await expect(refusal).to_contain_text("Only you can see this")
    await window.composer.fill(f"did you see that? {size[0]}")
    await window.keys("Enter")
    await expect(other.message(f"did you see that? {size[0]}")).to_be_visible()
    await expect(other.channel).not_to_contain_text("900")
    assert windows.sandbox.zimage.ledger.billed == billed


async def test_two_members_see_each_other_live(windows: Windows, size: tuple[int, int]) -> None:
    """The other's page shows the status and the picture; it cannot delete what is not its own."""
    ada, ben = await windows.open("Ada", size=size), await windows.open("Ben", size=size)
    prompt = f"a shared sky of {size[0]}"
    await ada.call("imagine", prompt)
    status = ben.message(prompt)
    await expect(status).to_contain_text("Ada used /imagine")
    await status.get_by_role("link", name="See the picture").click()
    picture = ben.thread.locator("zx-message").filter(has=ben.page.locator("img")).last
    await choose(picture, "Delete")
    await expect(ben.message("Only you can see this", place=ben.thread)).to_be_visible()
    await expect(picture.locator("img")).to_be_visible()


async def test_the_language_is_the_members(windows: Windows, size: tuple[int, int]) -> None:
    """Descriptions of commands and answers for the member alone follow the language chosen."""
    window = await windows.open("Chloe", size=size)
    await window.show_list()
    await window.page.get_by_role("combobox", name="Language").select_option("de")
    await window.keys("Escape")
    await window.composer.click()
    await window.type("/imagine")
    option = window.page.get_by_role("listbox", name="Commands").get_by_role("option").first
    await expect(option).not_to_contain_text("Paint a picture")
    await expect(option).to_contain_text("Bild")
    await window.keys("Escape")
    await window.composer.fill("")
    await window.call("usage me")
    await expect(window.message("Heute")).to_contain_text("Only you can see this")


async def test_the_bot_is_restarted_and_old_buttons_work(stage: Stage, windows: Windows) -> None:
    """The page says that the bot is away, and a button of its former life still works."""
    window = await windows.open("Ada", channel="news")
    await painted(window, "before the curtain")
    await stage.kill_bot()
    await expect(window.page.get_by_text("The bot is not connected")).to_be_visible()
    await stage.start_bot()
    await expect(window.page.get_by_text("The bot is not connected")).to_be_hidden()
    pictures = window.thread.locator("zx-message").filter(has=window.page.locator("img"))
    await choose(pictures, "Same seed again")
    await expect(pictures).to_have_count(2)


async def choose(picture: Locator, label: str) -> None:
    """From the menu below a picture."""
    await picture.get_by_role("combobox").click()
    await picture.get_by_role("option", name=label).click()


async def painted(window: Window, prompt: str, *, size_typed: str | None = None) -> None:
    """Asks for a picture by keyboard and follows the status message into the thread."""
    await window.choose("imagine")
    await window.type(prompt)
    if size_typed is not None:
        await window.type(" size:")
        await window.type(size_typed)
        sizes = window.page.get_by_role("listbox", name="size").get_by_role("option")
        await expect(sizes.first).to_contain_text("wide")
        await window.keys("Enter")
    await window.keys("Enter")
    status = window.message(prompt)
    await status.get_by_role("link", name="See the picture").click()
    await expect(window.thread.locator("img").last).to_be_visible()


async def test_staff_set_what_holds_in_the_panel(windows: Windows, size: tuple[int, int]) -> None:
    """Pages are turned, a switch is pressed, a form is refused, corrected and saved."""
    window = await windows.open("Mira", size=size, channel="general")
    await window.call("settings panel")
    panel = window.message("Settings")
    await expect(panel.get_by_role("heading")).to_contain_text("· Who and where")
    for page, title in ((4, "Members"), (2, "Pictures")):
        await panel.get_by_role("combobox").first.click()
        await panel.get_by_role("option").nth(page).click()
        await expect(panel.get_by_role("heading")).to_contain_text(f"· {title}")
        if title == "Members":
            await panel.get_by_role("button", name="Turn").first.click()
            await expect(panel).to_contain_text("set for this server")
    await panel.get_by_role("button", name="Change …").first.click()
    form = window.page.get_by_role("dialog", name="Largest size")
    for typed in ("huge", "2000*2000"):
        await form.get_by_label("Largest size").fill(typed)
        await form.get_by_role("button", name="Submit").click()
        if typed == "huge":
            await panel.get_by_role("button", name="Correct it").click()
            await expect(form.get_by_label("Largest size")).to_have_value("huge")
    await expect(panel).to_contain_text("2000 × 2000")
    await expect(panel).not_to_contain_text("cannot be that")
