"""What records say of themselves: they end up in tracebacks and logs sooner or later."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

import bot
from bot.records import Redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

# What no log may show, but for links to messages and what a chat answers.
HIDDEN = {"link", "url", "token", "interaction_token", "content"}
HARMLESS = {("Found", "link"), ("_ChatMessage", "content"), ("_Message", "content")}


def every_record(base: type[Struct] = Struct) -> Iterator[type[Struct]]:
    for kind in base.__subclasses__():
        yield kind
        yield from every_record(kind)


class Ticket(Redacted, frozen=True, kw_only=True):
    redacted = ("token",)

    number: int
    token: str


def test_every_record_of_a_credential_or_a_file_leaves_it_out() -> None:
    for module in walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found = {
        (kind.__name__, name)
        for kind in every_record()
        if kind.__module__.startswith("bot.")
        for name in HIDDEN.intersection(kind.__struct_fields__)
        if name not in getattr(kind, "redacted", ())
    }
    assert found == HARMLESS


def test_a_redacted_record_tells_the_rest() -> None:
    ticket = Ticket(number=7, token="c-r-e-d")
    assert repr(ticket) == "Ticket(number=7)"
    assert ticket.__rich_repr__() == [("number", 7)]


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Ticket(number=7, token="").number = 8  # type: ignore[misc] # that is the point
