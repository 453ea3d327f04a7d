"""Nobody is shut out: axe-core finds no serious or critical fault on the page's main states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from sandbox.tests.page.window import NARROW, ON_THE_PAGE
from sandbox.tests.peers.peer import needed

if TYPE_CHECKING:
    from playwright.async_api import Page

    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

pytestmark = [*ON_THE_PAGE, pytest.mark.peers]

RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const place = (node) => `${node.target} ${node.html.slice(0, 160)} ${node.failureSummary}`;
  return found.violations.map(({id, impact, nodes}) => ({
    id, impact, at: nodes.slice(0, 5).map(place),
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_messages_of_every_kind_bar_nobody(
    windows: Windows, bot: Showcase, scheme: str, size: tuple[int, int]
) -> None:
    """Text, embeds, cards, ephemeral messages, threads, and the menu of a message."""
    window = await windows.open("Ada", scheme=scheme, size=size)
    await check(window)
    for command, shows in SHOWS.items():
        await window.call(command)
        await expect(window.message(shows)).to_be_visible()
        await check(window)
    await window.page.get_by_role("button", name="Thoughts 1 message").click()
    await expect(window.message("inside", place=window.thread)).to_be_visible()
    await check(window)


SHOWS = {
    "text": "Heading one",
    "embed": "look",
    "card": "A card",
    "whisper": "Only you can see this",
    "think": "a thought",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_lies_over_the_page_bars_nobody(
    windows: Windows, bot: Showcase, scheme: str
) -> None:
    """The list of commands, a command's options with a problem, menus, forms and the viewer."""
    window = await windows.open("Ada", scheme=scheme)
    await window.composer.click()
    await window.type("/")
    await expect(window.page.get_by_role("listbox", name="Commands")).to_be_visible()
    await check(window)
    await window.type("take a")
    await window.keys("Enter")
    await expect(window.page.locator("#option-help .problem")).to_be_visible()
    await check(window)
    await window.keys("Escape")
    for command in ("form", "people"):
        await window.call(command)
        await expect(window.page.get_by_role("dialog")).to_be_visible()
        await check(window)
        await window.keys("Escape")
    await window.call("card")
    menu = await window.menu_of(window.message("A card"))
    await expect(menu).to_be_visible()
    await check(window)
    await window.keys("Escape")
    await window.page.get_by_role("button", name="Open the picture: grapes number 1").first.click()
    await expect(window.page.get_by_role("dialog", name="Picture")).to_be_visible()
    await check(window)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_drawer_and_the_lists_bar_nobody(
    windows: Windows, bot: Showcase, scheme: str
) -> None:
    """The drawer with figures, switches and logs; the narrow page with its list open."""
    window = await windows.open("Mira", scheme=scheme, size=NARROW)
    await window.call("whisper")
    await window.page.get_by_role("button", name="Sandbox controls").click()
    await window.page.get_by_role("switch", name="Discord is slow").check()
    await expect(window.page.get_by_text("1 in force")).to_be_visible()
    await check(window)
    await window.page.get_by_role("button", name="Close the sandbox controls").click()
    await window.show_list()
    await check(window)


async def check(window: Window) -> None:
    """Fails with what axe-core found."""
    assert await barriers(window.page) == []


async def barriers(page: Page) -> list[Any]:
    """What axe-core calls serious or critical."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(needed("axe", "node_modules", "axe-core", "axe.min.js").read_text())
    found = await page.evaluate(RUN)
    worst = [one for one in found if one["impact"] in ("serious", "critical")]
    print(json.dumps(worst, indent=1)) if worst else None
    return worst
