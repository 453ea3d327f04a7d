"""Chromium before the sandbox's page. One browser serves all tests; each window is its own visit.

Everything runs on one event loop, since a browser's objects belong to the loop that opened it;
therefore each test file here says `pytestmark = ON_THE_PAGE`.
"""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import connected
from sandbox.tests.page.pages import Pages
from sandbox.tests.page.showcase import Showcase
from sandbox.tests.page.window import NARROW, WIDE, Window, Windows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import Browser

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --host-resolver-rules=MAP\tforged.example\t127.0.0.1"
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; its absence fails the tests, since without it nothing is known."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=flags())
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pages(browser: Browser) -> Pages:
    """The pages that all tests share, one after another."""
    return Pages(browser)


def flags() -> list[str]:
    """Chromium's switches: no sandbox of its own in a container, and not a word to the outside."""
    return [flag.replace("\t", " ") for flag in FLAGS.split(" ")]


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width × height of the window in px."""
    chosen: tuple[int, int] = request.param
    return chosen


@pytest.fixture
def windows_of(
    pages: Pages,
) -> Callable[[Sandbox], AbstractAsyncContextManager[Windows]]:
    """Opens windows on a sandbox's page; at the end none may have strayed or complained."""

    @asynccontextmanager
    async def made(sandbox: Sandbox) -> AsyncIterator[Windows]:
        windows = Windows(pages, sandbox)
        yield windows
        await windows.close()
        assert windows.complaints == []
        assert windows.strayed == []

    return made


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with Sandbox.start(Settings(seed=7)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def bot(sandbox: Sandbox) -> AsyncIterator[Showcase]:
    """A bot that shows one of everything."""
    async with connected(sandbox, Showcase()) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def windows(
    sandbox: Sandbox, windows_of: Callable[[Sandbox], AbstractAsyncContextManager[Windows]]
) -> AsyncIterator[Windows]:
    """Windows on the fresh sandbox."""
    async with windows_of(sandbox) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def window(windows: Windows, bot: Showcase) -> Window:
    """Ada's window on #pictures, with the bot there."""
    return await windows.open("Ada")
