"""A sandbox per test, in this process, for clients that run in their own."""

from __future__ import annotations

from tests.sandbox.conftest import control, sandbox

__all__ = ["control", "sandbox"]
