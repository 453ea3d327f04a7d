"""What is covered until it is pressed, and the signs of age-restricted channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from sandbox.control.client import Control
from sandbox.tests.page.showcase import picture
from sandbox.tests.page.window import ON_THE_PAGE
from sandbox.tests.rest import MESSAGES, Rest
from sandbox.tests.wrong_bodies import V2

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from sandbox.server import Sandbox
    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE

COVER = "Spoiler, press to see it"


def covers(place: Locator) -> Locator:
    """All pictures there that are still covered."""
    return place.get_by_role("button", name=COVER)


def gallery(filename: str) -> dict[str, Any]:
    """A card with one picture under a spoiler, just uploaded."""
    item = {"media": {"url": f"attachment://{filename}"}, "spoiler": True}
    return {
        "flags": V2,
        "components": [{"type": 12, "items": [item]}],
        "attachments": [{"id": 0, "filename": filename}],
    }


async def test_covered_pictures_are_seen_after_a_press(
    windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """By file name, and in a gallery by its mark; a second press opens it, leafing passes it by."""
    window = await windows.open("Ada", size=size)
    await window.call("embed")
    await expect(covers(window.message("look"))).to_have_count(1)
    await window.call("card")
    card = window.message("A card")
    cover = covers(card)
    await expect(cover.locator("img")).to_have_css("filter", "blur(28px)")
    await card.get_by_role("button", name="grapes number 1").first.click()
    viewer = window.page.get_by_role("dialog", name="Picture")
    await expect(viewer).to_contain_text("1 of 2")
    await window.keys("ArrowRight", "ArrowRight")
    await expect(viewer).to_contain_text("grapes number 1")
    await window.keys("Escape")
    await cover.click()
    await expect(cover).to_have_count(0)
    pressed = card.get_by_role("button", name="Spoiler, open the picture")
    await expect(pressed.locator("img")).to_have_css("filter", "none")
    await pressed.click()
    await expect(viewer).to_contain_text("grapes number 3")


async def test_another_picture_in_the_same_place_is_covered_anew(
    sandbox: Sandbox, window: Window
) -> None:
    """Such as the next one of a queue; the same picture stays as it was pressed."""
    message = f"{MESSAGES}/{{message_id}}"
    async with Control.of(sandbox) as control, Rest.of(sandbox, control) as rest:
        first, second = (picture("x.png", seed=seed).fp.read() for seed in (1, 2))
        sent = await rest.must("POST", MESSAGES, gallery("a.png"), files={"a.png": first})
        at = {"message_id": sent.body["id"]}
        cover = covers(window.channel)
        await cover.click()
        await expect(cover).to_have_count(0)
        components = [*gallery("a.png")["components"], {"type": 10, "content": "kept"}]
        kept = {"flags": V2, "components": components}
        await rest.must("PATCH", message, kept, at=at)
        await expect(window.message("kept")).to_be_visible()
        await expect(cover).to_have_count(0)
        await rest.must("PATCH", message, gallery("b.png"), files={"b.png": second}, at=at)
        await expect(cover.locator("img")).to_have_css("filter", "blur(28px)")


async def test_age_restricted_channels_show_their_sign(
    sandbox: Sandbox, windows: Windows, bot: Showcase
) -> None:
    """In the list, and above the channel and its threads."""
    window = await windows.open("Ada", channel="night-gallery")
    signed = window.page.get_by_role("button", name="night-gallery age-restricted")
    await expect(signed).to_contain_text("18+")
    await expect(window.page.get_by_role("button", name="pictures")).not_to_contain_text("18+")
    await expect(window.channel.get_by_text("age-restricted")).to_be_visible()
    await window.call("think")
    await expect(window.message("a thought")).to_be_visible()
    thread = sandbox.state.threads_of(next(iter(sandbox.state.guilds)))[0]
    await window.page.get_by_role("button", name=thread.name).first.click()
    await expect(window.thread.get_by_text("age-restricted")).to_be_visible()
