"""Every text is said in every language, and the compiled catalogues are those of the sources."""

from __future__ import annotations

import ast
import gettext
import io
import re
from string import Formatter

import pytest
from babel import Locale

from bot.texts import DOMAIN, LANGUAGES, LOCALES
from tests.syntax import nodes
from tests.texts.catalogues import (
    FOLDERS,
    TEXTS_OF_CALL,
    Message,
    compile_into,
    messages_of_code,
    read,
)

every_language = pytest.mark.parametrize("language", LANGUAGES)


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def translations(language: str) -> dict[Message, tuple[str, ...]]:
    """Each text with its forms."""
    found: dict[Message, tuple[str, ...]] = {}
    for message in read(language):
        assert isinstance(message.id, str | tuple)
        said = [message.string] if isinstance(message.string, str) else message.string
        found[message.id] = tuple(said or ())
    del found[""]  # the head
    return found


@every_language
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    """`make texts` was run after the last change of a text."""
    assert set(translations(language)) == set(messages_of_code())


@every_language
def test_every_text_is_translated_in_all_its_forms(language: str) -> None:
    """No member meets an English sentence in the middle of their own language."""
    forms = Locale.parse(language).plural_form
    expected = len(forms.tags | {"other"})
    for text, said in translations(language).items():
        assert all(said), text
        assert len(said) in {1, min(expected, 2)}, text
    assert not [message.id for message in read(language) if message.id and message.fuzzy]


@every_language
def test_translations_fill_in_the_same_values(language: str) -> None:
    """A misspelt `{name}` would raise in front of a member."""
    for text, said in translations(language).items():
        wanted = names(text if isinstance(text, str) else text[1])
        for form in said:
            assert names(form) == wanted, form
            assert form.format(**dict.fromkeys(wanted, "7"))


@every_language
def test_compiled_catalogue_is_that_of_its_source(language: str) -> None:
    """An edited `.po` shows nothing until it is compiled."""
    compiled = io.BytesIO()
    compile_into(compiled, read(language))
    compiled.seek(0)
    committed = gettext.translation(DOMAIN, LOCALES, languages=[language])
    assert vars(committed)["_catalog"] == vars(gettext.GNUTranslations(compiled))["_catalog"]


@every_language
def test_plural_rule_is_the_language_s_own(language: str) -> None:
    """A compiler that is not told the language writes English's rule into any catalogue."""
    committed = gettext.translation(DOMAIN, LOCALES, languages=[language])
    pictures = [committed.ngettext("{count} picture", "{count} pictures", n) for n in range(3)]
    one = {"fr": [0, 1], "pt_BR": [0, 1], "de": [1], "es_ES": [1]}.get(language, [0, 1, 2])
    assert [n for n in range(3) if pictures[n] == pictures[one[0]]] == one


FORMAL = {
    "de": r"\bIhnen\b|\w+en Sie\b",
    "fr": r"(?i)\b(vous|votre|vos)\b|\b(?!chez\b)\w+ez\b",
    "es_ES": r"(?i)\busted(es)?\b",
}


@pytest.mark.parametrize("language", FORMAL)
def test_nobody_is_addressed_formally_in_one_text_and_not_in_the_next(language: str) -> None:
    """Most texts say du, tu and tú."""
    said = [form for forms in translations(language).values() for form in forms]
    assert [one for one in said if re.search(FORMAL[language], one)] == []


def test_texts_are_written_as_literals() -> None:
    """Put together at run time it is in no catalogue; `deferred` and the translator pass one on."""
    loose = [
        f"{path.name}:{node.lineno}"
        for path, there in nodes(*FOLDERS).items()
        for node in there
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TEXTS_OF_CALL
        and not all(isinstance(one, ast.Constant) for one in node.args)
    ]
    assert [place.partition(":")[0] for place in loose] == ["__init__.py", "__init__.py"]
