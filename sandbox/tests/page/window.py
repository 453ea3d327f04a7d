"""A member before the page: a browser's window with the few gestures that the tests are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.tests.page.pages import PATIENCE_MS, Look, Pages, Rented

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from sandbox.server import Sandbox

ON_THE_PAGE = [pytest.mark.asyncio(loop_scope="session")]
WIDE, NARROW = (1280, 800), (390, 780)

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Windows:
    """All windows of one test, and what they did wrong."""

    pages: Pages
    sandbox: Sandbox
    complaints: list[str] = field(default_factory=list)
    strayed: list[str] = field(default_factory=list)
    _rented: list[Rented] = field(default_factory=list)

    async def open(
        self,
        member: str,
        *,
        channel: str = "pictures",
        locale: str = "en-US",
        size: tuple[int, int] = WIDE,
        scheme: str = "light",
    ) -> Window:
        """A window of its own for this member, ready to be used."""
        rented = await self.pages.rent(Look(size, scheme), self._note)
        self._rented.append(rented)
        window = Window(rented.page, self.sandbox)
        await rented.page.goto(window.address(member, channel, locale))
        await rented.page.locator("zx-composer").first.wait_for()
        return window

    async def close(self) -> None:
        """Closes all of them."""
        for rented in self._rented:
            await self.pages.give_back(rented)

    def _note(self, kind: str, text: str) -> None:
        refusals = "Failed to load resource: the server responded with a status of 4"
        if kind in ("error", "warning") and not text.startswith(refusals):
            self.complaints.append(text)
        if kind == "request" and not text.startswith((self.sandbox.state.origin, "data:")):
            self.strayed.append(text)


@dataclass(frozen=True, slots=True)
class Window:
    """One window; locators are by role, label and text, as its member finds things."""

    page: Page
    sandbox: Sandbox

    def address(self, member: str, channel: str, locale: str) -> str:
        """Where this member finds this channel in this language."""
        user_id = self.user(member)
        state = self.sandbox.state
        home = next(guild for guild in state.guilds.values() if user_id in guild.members)
        there = next(one for one in state.channels_of(home.id) if one.name == channel)
        return f"{state.origin}/page/#/{home.id}/{there.id}?as={user_id}&lang={locale}"

    def user(self, member: str) -> str:
        """The id of the member of this name."""
        users = self.sandbox.state.users.values()
        return next(user.id for user in users if user.display_name == member)

    @property
    def channel(self) -> Locator:
        """The channel's column."""
        return self.page.locator("main.middle")

    @property
    def thread(self) -> Locator:
        """The thread's column, in a narrow window in the place of the channel's."""
        return self.page.get_by_role("complementary", name="Thread")

    def message(self, text: str, *, place: Locator | None = None) -> Locator:
        """The last message that says this."""
        return (place or self.channel).locator("zx-message").filter(has_text=text).last

    @property
    def composer(self) -> Locator:
        """The channel's text field."""
        return self.channel.get_by_role("textbox").last

    async def choose(self, command: str) -> None:
        """Types a slash and the name, and takes the first command of the list."""
        await self.composer.click()
        await self.page.keyboard.type(f"/{command}")
        commands = self.page.get_by_role("listbox", name="Commands")
        await expect(commands.get_by_role("option").first).to_contain_text(f"/{command}")
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_role("form", name=f"Command /{command}")).to_be_visible()

    async def call(self, command: str, *typed: str) -> None:
        """Calls a command; each text goes into the next required option."""
        await self.choose(command)
        for number, text in enumerate(typed):
            if number:
                await self.page.keyboard.press("Tab")
            await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_role("form", name=f"Command /{command}")).to_be_hidden()

    async def show_list(self) -> None:
        """Brings the list of channels, which a narrow window hides, into view; Escape hides it."""
        button = self.page.get_by_role("button", name="Channels and servers")
        if await button.is_visible():
            await button.click()

    async def menu_of(self, message: Locator) -> Locator:
        """Opens the menu of a message."""
        await message.hover()
        await message.get_by_role("button", name="More").click()
        return self.page.get_by_role("menu")

    async def keys(self, *keys: str) -> None:
        """Presses one key after another."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        """Types where the focus is."""
        await self.page.keyboard.type(text)
