"""Forms with every kind of field, selects, buttons, and the menus of messages and members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE


async def test_a_form_is_filled_in_and_submitted(
    windows: Windows, bot: Showcase, size: tuple[int, int]
) -> None:
    """Text, select, radio group, checkbox group and checkbox arrive as they were filled in."""
    window = await windows.open("Ada", size=size)
    await window.call("form")
    form = window.page.get_by_role("dialog", name="Every kind of field")
    await expect(form.get_by_label("Title")).to_be_focused()
    await form.get_by_label("Title").fill("Grapes")
    await form.get_by_role("combobox", name="Style").click()
    await form.get_by_role("option", name="Oil").click()
    await form.get_by_role("radio", name="Cold").check()
    await form.get_by_role("checkbox", name="Crow").check()
    await form.get_by_role("checkbox", name="Wren").check()
    await form.get_by_role("checkbox", name="Signed").uncheck()
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_be_hidden()
    answer = window.message("Only you can see this")
    for value in ("'Grapes'", "['oil']", "'cold'", "['crow', 'wren']", "False"):
        await expect(answer).to_contain_text(value)


async def test_a_form_tells_at_the_field_what_is_wrong(window: Window) -> None:
    """It stays open, with what was typed, until it is right or given up."""
    await window.call("form")
    form = window.page.get_by_role("dialog", name="Every kind of field")
    await form.get_by_label("Title").fill("G")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("alert")).to_have_text("Must be between 2 and 20 in length.")
    await expect(form.get_by_label("Title")).to_be_focused()
    await expect(form.get_by_label("Title")).to_have_value("G")
    await window.keys("Escape")
    await expect(form).to_be_hidden()


async def test_a_form_asks_for_people_places_and_files(window: Window) -> None:
    """Selects of members, roles and channels, a paragraph, and a file."""
    await window.call("people")
    form = window.page.get_by_role("dialog", name="People and files")
    await form.get_by_label("Story").fill("long ago")
    await form.get_by_role("combobox", name="Who").click()
    await form.get_by_role("option", name="Ben").click()
    await form.get_by_role("option", name="Chloe").click()
    await window.keys("Escape")
    await form.get_by_role("combobox", name="Role").click()
    await form.get_by_role("option", name="Moderator").click()
    await form.get_by_role("combobox", name="Where").click()
    await form.get_by_role("option", name="#studio").click()
    await form.get_by_label("File").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
    )
    await form.get_by_role("button", name="Submit").click()
    await expect(window.message("got attachments, channels, members, roles, users")).to_be_visible()


async def test_several_are_chosen_with_the_keyboard(window: Window, bot: Showcase) -> None:
    """Space chooses, the list takes no more than it may, closing it sends the values."""
    await window.call("card")
    select = window.page.get_by_role("combobox", name="Choose birds")
    await select.focus()
    await window.keys("ArrowDown", "Enter", "ArrowDown", "Enter", "ArrowDown", "Enter", "Escape")
    assert await bot.used.get() == ("several", ["crow", "finch"])
    await expect(window.message("used several")).to_contain_text("['crow', 'finch']")


async def test_a_button_reaches_the_bot_once(window: Window, bot: Showcase) -> None:
    """While it is answered it is busy; the answer is for the one who pressed."""
    await window.call("card")
    await window.page.get_by_role("button", name="Again").click()
    await expect(window.message("used again []")).to_contain_text("Only you can see this")
    assert bot.used.qsize() == 1


async def test_a_button_that_nobody_answers_says_so(window: Window) -> None:
    """After three seconds the message tells that the interaction failed."""
    await window.call("card")
    await window.page.get_by_role("button", name="Remove").click()
    await expect(window.message("A card").get_by_role("alert")).to_contain_text(
        "This interaction failed"
    )


async def test_a_message_has_a_menu_with_the_apps_commands(window: Window) -> None:
    """By button or by right click; Escape gives the focus back."""
    await window.composer.fill("say it again")
    await window.keys("Enter")
    message = window.message("say it again")
    menu = await window.menu_of(message)
    await expect(menu.get_by_role("menuitem", name="Reply")).to_be_focused()
    await window.keys("Escape")
    await expect(menu).to_be_hidden()
    await message.click(button="right")
    await menu.get_by_role("menuitem", name="Repeat").click()
    await expect(window.message("Repeat")).to_contain_text("say it again")


async def test_a_member_has_a_menu_with_the_apps_commands(window: Window) -> None:
    """The name in a message opens it."""
    await window.composer.fill("hello")
    await window.keys("Enter")
    await window.message("hello").get_by_role("button", name="Ada").click()
    await window.page.get_by_role("menuitem", name="Greet").click()
    await expect(window.message("hello @Ada")).to_be_visible()


async def test_moderators_delete_what_others_wrote(windows: Windows, window: Window) -> None:
    """Members are not even offered it."""
    member, moderator = await windows.open("Ben"), await windows.open("Mira")
    await window.composer.fill("spam")
    await window.keys("Enter")
    menu = await member.menu_of(member.message("spam"))
    await expect(menu.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await expect(menu.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    menu = await moderator.menu_of(moderator.message("spam"))
    await menu.get_by_role("menuitem", name="Delete message").click()
    await expect(window.message("spam")).to_have_count(0)
