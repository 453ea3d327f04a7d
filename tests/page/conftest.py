"""The sandbox's own windows, for tests in which the real bot answers."""

from __future__ import annotations

from sandbox.tests.page.conftest import browser, pages, size, windows_of

__all__ = ["browser", "pages", "size", "windows_of"]
