"""The 26 wrong bodies are refused in Discord's words; the document finds 14, our rules 12."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.checks import Checked, Checks
from sandbox.discord.rules.problems import Context
from sandbox.tests.wrong_bodies import (
    EMPTY,
    FOUND_BY_DOCUMENT,
    FOUND_BY_RULES,
    WITH_FIELDS,
    WrongBody,
    codes_at,
)

if TYPE_CHECKING:
    from sandbox.discord.document import Document


def judged(wrong: WrongBody, document: Document | None = None) -> Checked:
    """What is found wrong with the body."""
    checks = Checks(document, strict_fields=True)
    return checks.request(wrong.method, wrong.path, wrong.body, context=Context())


def test_there_are_fourteen_and_twelve() -> None:
    """The list is the one that was measured: 26 bodies, of which the document misses 12."""
    assert len(FOUND_BY_DOCUMENT) == 14
    assert len(FOUND_BY_RULES) == 12


@pytest.mark.parametrize("wrong", FOUND_BY_DOCUMENT, ids=str)
def test_the_document_finds_it(wrong: WrongBody, document: Document) -> None:
    """Discord's document alone tells that the body is wrong."""
    assert judged(wrong, document).document


@pytest.mark.parametrize("wrong", FOUND_BY_RULES, ids=str)
def test_only_our_rules_find_it(wrong: WrongBody, document: Document) -> None:
    """The document lets the body pass, our rules do not."""
    found = judged(wrong, document)
    assert not found.document
    assert found.rules


@pytest.mark.parametrize("wrong", WITH_FIELDS, ids=str)
def test_it_is_refused_without_the_document(wrong: WrongBody) -> None:
    """Our rules alone refuse it with 50035 and name the field."""
    refusal = judged(wrong).refusal()
    assert refusal is not None
    assert refusal.status == 400
    assert refusal.body()["code"] == 50035
    assert refusal.body()["message"] == "Invalid Form Body"
    assert codes_at(refusal.body(), wrong.place) == [wrong.code]


def test_an_empty_message_has_a_number_of_its_own() -> None:
    """Discord answers an empty message with 50006 and names no field."""
    refusal = judged(EMPTY).refusal()
    assert refusal is not None
    assert refusal.status == 400
    assert refusal.body() == {"code": 50006, "message": "Cannot send an empty message"}
