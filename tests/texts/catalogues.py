"""Keeps the catalogues in step with the code.

`python -m tests.texts.catalogues` adds new texts to every `.po` with an empty translation, drops
those that the code no longer says, and compiles each `.mo`. The texts are read from the calls of
`say`, `deferred`, `plural` and `described`, whose first arguments are literals.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.texts import DOMAIN, LANGUAGES, LOCALES
from tests.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

FOLDERS = ("bot/texts", "cogs")
TEXTS_OF_CALL = {
    "say": 1,
    "deferred": 1,
    "plural": 2,
    "described": 1,
}  # how many first arguments are texts
LINE_LENGTH = 100

Message = str | tuple[str, ...]


class PlainCatalog(Catalog):
    """Without dates and names, so that the same texts make the same file."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
            ("Content-Type", "text/plain; charset=utf-8"),
        ]


def messages_of_code() -> list[Message]:
    """Every text in the order of the code, plural pairs as tuples."""
    found: dict[Message, None] = {}
    for there in nodes(*FOLDERS).values():
        found.update(dict.fromkeys(_messages(there)))
    return list(found)


def po_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """The catalogue as it is edited."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


def compile_into(file: BinaryIO, catalogue: Catalog) -> None:
    """Writes the form that `gettext` reads."""
    plain = PlainCatalog(locale=catalogue.locale, domain=DOMAIN, fuzzy=False)
    for message in catalogue:
        if message.id:
            plain.add(message.id, message.string)
    write_mo(file, plain)


def update(language: str) -> None:
    """Brings one language's two files up to date."""
    old = read(language)
    new = PlainCatalog(locale=language, domain=DOMAIN, fuzzy=False, header_comment="")
    for message in messages_of_code():
        known = old.get(message[0] if isinstance(message, tuple) else message)
        new.add(message, known.string if known else None)
    with po_path(language).open("wb") as file:
        write_po(file, new, width=LINE_LENGTH, no_location=True)
    with po_path(language).with_suffix(".mo").open("wb") as file:
        compile_into(file, new)


def _messages(there: Iterable[ast.AST]) -> Iterator[Message]:
    for node in there:
        if isinstance(node, ast.Call):
            count = TEXTS_OF_CALL.get(_name(node.func), 0)
            found = [one.value for one in node.args[:count] if isinstance(one, ast.Constant)]
            texts = [text for text in found if isinstance(text, str)]
            if texts:
                yield tuple(texts) if count > 1 else texts[0]


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


if __name__ == "__main__":
    for each in LANGUAGES:
        update(each)
