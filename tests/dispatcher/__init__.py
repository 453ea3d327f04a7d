"""The dispatcher and its caller, before a scripted provider, by a clock that is moved by hand."""

from __future__ import annotations
