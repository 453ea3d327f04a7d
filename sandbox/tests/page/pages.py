"""Browser pages that are used again by later tests, since opening one costs half a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Browser, Page

PATIENCE_MS = 15_000


@dataclass(frozen=True)
class Look:
    """The size of a window (width × height in px) and its colours, "light" or "dark"."""

    size: tuple[int, int]
    scheme: str


@dataclass
class Rented:
    """A page that belongs to one test until it is given back."""

    look: Look
    page: Page
    note: Callable[[str, str], None] = print


@dataclass
class Pages:
    """All pages of a run; each has its own storage, and what it kept is cleared when given back."""

    browser: Browser
    _free: dict[Look, list[Rented]] = field(default_factory=dict)

    async def rent(self, look: Look, note: Callable[[str, str], None]) -> Rented:
        """A page; `note` is told of what it says and asks for, as (kind, text)."""
        free = self._free.setdefault(look, [])
        rented = free.pop() if free else await self._new(look)
        rented.note = note
        return rented

    async def give_back(self, rented: Rented) -> None:
        """Leaves the page empty for the next."""
        rented.note = lambda _kind, _text: None
        await rented.page.evaluate("sessionStorage.clear(), localStorage.clear()")
        await rented.page.goto("about:blank")
        self._free[rented.look].append(rented)

    async def _new(self, look: Look) -> Rented:
        context = await self.browser.new_context(
            viewport={"width": look.size[0], "height": look.size[1]},
            color_scheme=look.scheme,  # type: ignore[arg-type]  # "light" or "dark"
            reduced_motion="reduce",
            locale="en-US",
            timezone_id="UTC",
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        rented = Rented(look, page)
        page.on("console", lambda said: rented.note(said.type, said.text))
        page.on("pageerror", lambda error: rented.note("error", str(error)))
        page.on("request", lambda request: rented.note("request", request.url))
        return rented
