"""Places beyond text channels: conversations, user installs, voice chats, forums, galleries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.control.client import Control
from sandbox.discord.permissions import Permission
from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from sandbox.server import Sandbox
    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE


async def test_an_installed_bot_is_called_in_a_conversation_of_two(
    windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Ada talks to Ben alone, installs the bot for herself, and calls it there; Ben sees it."""
    ada = await windows.open("Ada", size=size)
    await ada.composer.fill("hello all")
    await ada.keys("Enter")
    ben = await windows.open("Ben", size=size)
    await ben.message("hello all").get_by_role("button", name="Ada").click()
    await ben.page.get_by_role("menuitem", name="Talk to them alone").click()
    await expect(ben.channel).to_contain_text("the beginning of your conversation with Ada")
    await ben.composer.fill("a fox")
    await ben.keys("Enter")
    await ada.show_list()
    await ada.page.get_by_role("button", name="Direct messages").click()
    install = ada.page.get_by_role("button", name="Install Zeuxis for yourself")
    await install.click()
    await expect(ada.page.get_by_role("button", name="Remove Zeuxis")).to_be_visible()
    talks = ada.page.get_by_role("navigation", name="Conversations")
    await talks.get_by_role("button", name="Ben").click()
    menu = await ada.menu_of(ada.message("a fox"))
    await menu.get_by_role("menuitem", name="Echo").click()
    await expect(ada.message("echo of a fox")).to_be_visible()
    await ada.call("wall", "2")
    await expect(ben.message("2 pictures").get_by_role("button", name="picture 1")).to_be_visible()


async def test_without_an_install_nothing_is_offered_between_people(
    sandbox: Sandbox, window: Window
) -> None:
    """The slash says so, and the message's menu has no apps."""
    async with Control.of(sandbox) as control:
        people = {"user_ids": [control.member(each) for each in range(3)], "name": "Still life"}
        await control.call("POST", "/private-channels", people)
    await window.page.get_by_role("button", name="Direct messages").click()
    talks = window.page.get_by_role("navigation", name="Conversations")
    await talks.get_by_role("button", name="Still life").click()
    await window.composer.fill("just us")
    await window.keys("Enter")
    menu = await window.menu_of(window.message("just us"))
    await expect(menu.get_by_role("menuitem", name="Echo")).to_have_count(0)
    await window.keys("Escape")
    await window.composer.fill("/")
    await expect(window.channel).to_contain_text("No commands are registered here.")


async def test_a_user_install_reaches_a_server_without_the_bot(
    windows: Windows, bot: Showcase
) -> None:
    """The server says that the bot is not there; the member's own command works."""
    gita = await windows.open("Gita")
    await expect(gita.page.get_by_text("The bot is not in this server")).to_be_visible()
    await gita.page.get_by_role("button", name="Install Zeuxis for yourself").click()
    await expect(gita.page.get_by_role("button", name="Remove Zeuxis")).to_be_visible()
    await gita.call("wall", "1")
    await expect(gita.message("1 pictures")).to_be_visible()


async def test_a_voice_channel_has_its_chat(window: Window) -> None:
    """Messages and commands as elsewhere."""
    channels = window.page.get_by_role("navigation", name="Channels")
    await channels.get_by_role("button", name="voices").click()
    await window.call("wall", "1")
    await expect(window.message("1 pictures")).to_be_visible()


async def test_a_post_of_a_forum_is_opened_and_commands_work_in_it(
    sandbox: Sandbox, window: Window
) -> None:
    """With its tag in the list."""
    async with Control.of(sandbox) as control:
        forum = next(each for each in control.guild["channels"] if each["name"] == "ideas")
        tag = forum["available_tags"][0]
        post = {"user_id": control.member(1), "name": "Grapes", "content": "green or blue?"}
        posted = post | {"applied_tags": [tag["id"]]}
        await control.call("POST", f"/channels/{forum['id']}/threads", posted)
    channels = window.page.get_by_role("navigation", name="Channels")
    await channels.get_by_role("button", name="ideas").click()
    shown = window.page.get_by_role("list", name="Posts").get_by_role("button", name="Grapes")
    await expect(shown).to_contain_text(tag["name"])
    await shown.click()
    await expect(window.thread).to_contain_text("green or blue?")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 10])
async def test_a_gallery_shows_all_its_pictures_without_overlap(
    windows: Windows, bot: Showcase, size: tuple[int, int], count: int
) -> None:
    """One to ten, each at least 40 px wide and inside the message."""
    window = await windows.open("Ada", size=size)
    await window.call("wall", str(count))
    pictures = window.message(f"{count} pictures").locator(".gallery .picture")
    await expect(pictures).to_have_count(count)
    boxes = []
    for at in range(count):
        await expect(pictures.nth(at)).to_be_visible()
        box = await pictures.nth(at).bounding_box()
        assert box is not None
        boxes.append((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
    for left, _, right, _ in boxes:
        assert right - left >= 40
        assert right <= size[0]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                one[2] <= other[0] + 0.5
                or other[2] <= one[0] + 0.5
                or one[3] <= other[1] + 0.5
                or other[3] <= one[1] + 0.5
            )
            assert apart, (one, other)


async def test_a_select_opens_a_form_that_is_filled_in_already(
    windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Text, radio group and checkbox come with their values and go as they are changed."""
    window = await windows.open("Ada", size=size)
    await window.call("wall", "1")
    card = window.message("1 pictures")
    await card.get_by_role("combobox", name="Change it").click()
    await card.get_by_role("option", name="Cold").click()
    form = window.page.get_by_role("dialog", name="Change it")
    await expect(form).to_contain_text("The seed stays if it is ticked.")
    await expect(form.get_by_label("Words")).to_have_value("cold grapes")
    await expect(form.get_by_role("radio", name="wide")).to_be_checked()
    await expect(form.get_by_role("checkbox", name="Same seed")).to_be_checked()
    await form.get_by_label("Words").fill("cold figs")
    await form.get_by_role("radio", name="tall").check()
    await form.get_by_role("checkbox", name="Same seed").uncheck()
    await form.get_by_role("button", name="Submit").click()
    await expect(window.message("cold figs, tall, False")).to_be_visible()


async def test_a_private_thread_is_in_the_list_of_its_members_alone(
    sandbox: Sandbox, windows: Windows
) -> None:
    """Ben sees it once he is brought in; an open one he sees at once."""
    for guild in sandbox.state.guilds.values():
        guild.roles[guild.id].permissions |= Permission.CREATE_PRIVATE_THREADS
    ada, ben = await windows.open("Ada"), await windows.open("Ben")
    of_ada, of_ben = (
        window.page.get_by_role("list", name="Threads of pictures") for window in (ada, ben)
    )
    async with Control.of(sandbox) as control:
        path = f"/channels/{control.channel('pictures')}/threads"
        asked = {"user_id": ada.user("Ada"), "content": "psst"}
        secret = {**asked, "name": "secret", "private": True}
        made = (await control.call("POST", path, secret)).body
        await control.call("POST", path, {**asked, "name": "open"})
        await expect(of_ada).to_contain_text("secret")
        await expect(of_ben).to_contain_text("open")
        await expect(of_ben).not_to_contain_text("secret")
        come = {"user_id": ada.user("Ada"), "content": f"<@{ben.user('Ben')}>"}
        await control.call("POST", f"/channels/{made['id']}/messages", come)
        await expect(of_ben).to_contain_text("secret")
