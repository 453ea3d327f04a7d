"""The composer: what may be sent, checked as Discord's client checks it, by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE


async def test_the_list_of_commands_narrows_as_one_types(window: Window) -> None:
    """Arrows move through it, Escape closes it, and the text stays."""
    await window.composer.click()
    await window.type("/")
    commands = window.page.get_by_role("listbox", name="Commands")
    await expect(commands.get_by_role("option")).to_have_count(10)
    await window.keys("ArrowDown")
    await expect(commands.locator("[aria-selected=true]")).to_contain_text("/embed")
    await window.type("th")
    await expect(commands.get_by_role("option")).to_contain_text(["/think"])
    await window.keys("Escape")
    await expect(commands).to_be_hidden()
    await expect(window.composer).to_have_value("/th")


async def test_a_command_meant_for_moderators_is_offered_to_moderators(
    windows: Windows, window: Window
) -> None:
    """What one may not call is not in the list."""
    moderator = await windows.open("Mira")
    for seen, count in ((window, 0), (moderator, 1)):
        await seen.composer.click()
        await seen.type("/ti")
        await expect(seen.page.locator(".picker-head")).to_be_visible()
        await expect(seen.page.get_by_role("option", name="/tidy")).to_have_count(count)


async def test_typing_a_space_after_the_name_begins_its_options(window: Window) -> None:
    """The first required option has the focus, and says what it is for."""
    await window.composer.click()
    await window.type("/take ")
    await expect(field(window, "word")).to_be_focused()
    await expect(window.page.locator("#option-help")).to_contain_text("required")
    await expect(field(window, "word")).to_have_attribute("aria-required", "true")


async def test_nothing_wrong_is_sent(window: Window) -> None:
    """Each rule of an option is told at the option, the first of them with the focus."""
    await window.choose("take")
    await window.keys("Enter")
    await expect(help_of(window)).to_contain_text("This option is required. Specify a value")
    await window.type("a")
    await window.keys("Enter")
    await expect(help_of(window)).to_contain_text("Must be between 2 and 8 in length (now 1)")
    await window.type("bc")
    await window.keys("Tab")
    await window.type("x")
    await window.keys("Enter")
    await expect(help_of(window)).to_contain_text("Input a valid integer")
    await field(window, "number").fill("11")
    await window.keys("Enter")
    await expect(help_of(window)).to_contain_text("Must be between 1 and 10")
    await expect(field(window, "number")).to_have_attribute("aria-invalid", "true")
    await field(window, "number").fill("10")
    await window.keys("Enter")
    await expect(window.message("took")).to_contain_text("{'word': 'abc', 'number': 10}")


async def test_choices_are_picked_by_arrows_and_enter(window: Window) -> None:
    """The member sees the choice's name, the bot gets its value."""
    await window.choose("take")
    await window.type("grape")
    await window.keys("Tab")
    await window.type("3 ")
    await add(window, "style")
    await window.keys("ArrowDown", "ArrowDown")
    await expect(window.page.get_by_role("option", name="Oil paint")).to_have_attribute(
        "aria-selected", "true"
    )
    await window.keys("Enter")
    await expect(field(window, "style")).to_have_value("Oil paint")
    await add(window, "loud")
    await window.type("tr")
    await window.keys("Enter", "Enter")
    await expect(window.message("took")).to_contain_text("'style': 'oil', 'loud': True")


async def test_people_places_roles_and_files_are_options_too(window: Window) -> None:
    """They are found by name and sent by id."""
    await window.choose("take")
    await window.type("grape")
    await window.keys("Tab")
    await window.type("3")
    for name, typed in (("who", "chl"), ("where", "#stud"), ("role", "moder")):
        await add(window, name)
        await window.type(typed)
        await window.keys("Enter")
    await add(window, "file")
    await field(window, "file").set_input_files(
        {"name": "seen.txt", "mimeType": "text/plain", "buffer": b"seen"}
    )
    await window.page.get_by_role("button", name="Send", exact=True).last.click()
    await expect(window.message("took")).to_contain_text(
        "'who': 'Chloe', 'where': 'studio', 'role': 'Moderator', 'file': 'seen.txt'"
    )


async def test_suggestions_come_from_the_bot_as_one_types(window: Window) -> None:
    """Only what fits is offered; the suggestion's value is sent."""
    await window.choose("take")
    await window.type("grape")
    await window.keys("Tab")
    await window.type("3")
    await add(window, "bird")
    options = window.page.get_by_role("listbox", name="bird").get_by_role("option")
    await expect(options).to_have_count(5)
    await window.type("bl")
    await expect(options).to_have_text(["Blackbird", "Bluetit"])
    await window.keys("ArrowDown", "Enter", "Enter")
    await expect(window.message("took")).to_contain_text("'bird': 'bluetit'")


async def test_the_name_of_an_option_leads_to_it(window: Window) -> None:
    """Typing `bird:` within a text goes on with that option."""
    await window.choose("take")
    await window.type("grape bird:")
    await expect(field(window, "bird")).to_be_focused()
    await expect(field(window, "word")).to_have_value("grape")


async def test_an_empty_option_is_taken_away_by_backspace_and_escape_gives_up(
    window: Window,
) -> None:
    """The way back is as short as the way in."""
    await window.choose("take")
    await window.type("grape")
    await add(window, "who")
    await window.keys("Backspace")
    await expect(field(window, "who")).to_have_count(0)
    await expect(window.page.get_by_role("form")).to_be_visible()
    await window.keys("Escape", "Escape")
    await expect(window.page.get_by_role("form")).to_be_hidden()
    await expect(window.composer).to_be_focused()


async def test_a_read_only_channel_takes_no_messages_from_members(windows: Windows) -> None:
    """Members are told that only commands work; the moderator may write."""
    member = await windows.open("Ada", channel="notices")
    moderator = await windows.open("Mira", channel="notices")
    await expect(member.composer).to_have_attribute(
        "placeholder", "You can use commands here: type /"
    )
    await expect(moderator.composer).to_have_attribute(
        "placeholder", "Message #notices, or / for commands"
    )
    await moderator.composer.fill("hear, hear")
    await moderator.keys("Enter")
    await expect(member.message("hear, hear")).to_be_visible()


async def test_drafts_stay_with_their_channel(window: Window) -> None:
    """Going elsewhere and back loses nothing."""
    await window.composer.fill("half a thought")
    channels = window.page.get_by_role("navigation", name="Channels")
    await channels.get_by_role("button", name="studio").click()
    await expect(window.composer).to_have_value("")
    await channels.get_by_role("button", name="pictures").click()
    await expect(window.composer).to_have_value("half a thought")


def field(window: Window, name: str) -> Locator:
    """The input of an option."""
    return window.page.locator(f"form.command-form [name={name}]")


def help_of(window: Window) -> Locator:
    """What is said about the option that has the focus."""
    return window.page.locator("#option-help")


async def add(window: Window, name: str) -> None:
    """Adds an optional option; it has the focus then."""
    await window.page.get_by_role("button", name=f"Add the option {name}").click()
    await expect(field(window, name)).to_be_focused()
