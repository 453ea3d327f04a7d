"""Discord's document is read, applied to requests, answers and events, and counted."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.checks import Checks, Tally
from sandbox.discord.document import Document, DocumentError
from sandbox.discord.document_schemas import Schemas
from sandbox.tests.real_bodies import real_bodies
from sandbox.tests.wrong_bodies import COMMANDS, MESSAGES, V2

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.rules.problems import Problem

USER = {
    "id": "1",
    "username": "zeuxis",
    "avatar": None,
    "discriminator": "0",
    "public_flags": 0,
    "flags": 0,
    "global_name": None,
    "primary_guild": None,
}


def codes(problems: tuple[Problem, ...] | None) -> list[str]:
    """Their codes; a document that says nothing fails the test."""
    assert problems is not None
    return [p.code for p in problems]


def test_it_knows_an_operation_under_any_parameter_name(document: Document) -> None:
    """`{channel_id}` and `{c}` are the same path."""
    assert document.describes("POST", MESSAGES)
    assert document.describes("POST", "/channels/{c}/messages")
    assert not document.describes("POST", "/channels/{c}/nonsense")
    assert document.check_request("POST", "/nonsense", {}) == ()
    assert document.check_response("POST", "/nonsense", 200, {}) is None


def test_an_id_may_be_a_number_in_requests_alone(document: Document) -> None:
    """discord.py and the reference's own example number their uploads."""
    body = {"attachments": [{"id": 0, "filename": "a.png"}]}
    assert document.check_request("POST", MESSAGES, body) == ()
    wrong = document.check_response("GET", "/users/{user_id}", 200, {**USER, "id": 1})
    assert codes(wrong) == ["STRING_TYPE_CONVERT"]


@pytest.mark.parametrize("permissions", [8, "8", None])
def test_permissions_may_be_a_number_or_digits(document: Document, permissions: object) -> None:
    """The reference says string, the document says integer, Discord takes both."""
    body = {"name": "a", "description": "b", "default_member_permissions": permissions}
    assert document.check_request("POST", COMMANDS, body) == ()
    overwrite = {"type": 0, "allow": permissions, "deny": permissions}
    path = "/channels/{channel_id}/permissions/{overwrite_id}"
    assert document.check_request("PUT", path, overwrite) == ()


def test_a_wrong_component_is_named_where_it_stands(document: Document) -> None:
    """A choice between kinds is made by `type`, so the fault is found inside the right one."""
    wide = {"type": 2, "style": 1, "custom_id": "a", "label": "x" * 81}
    tree = {"type": 17, "components": [{"type": 1, "components": [wide]}]}
    found = document.check_request("POST", MESSAGES, {"flags": V2, "components": [tree]})
    assert [(p.path, p.code) for p in found] == [
        (("components", 0, "components", 0, "components", 0, "label"), "BASE_TYPE_MAX_LENGTH")
    ]


async def test_what_passes_the_compiled_schema_passes_the_one_that_explains(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real bodies, each changed in a few places; the two agree on all but overlapping choices."""
    chance, is_valid = Random(7), Schemas._is_valid
    changed = [(one, spoiled(one.body, chance)) for one in await real_bodies() for _ in range(9)]
    found = [document.check_request(one.method, one.path, body) for one, body in changed]
    monkeypatch.setattr(Schemas, "_is_valid", lambda *_: False)
    assert [document.check_request(one.method, one.path, body) for one, body in changed] == found
    assert {bool(one) for one in found} == {True, False}
    pointer = "#/paths/~1channels~1{channel_id}~1messages/post/requestBody/content"
    pointer += "/application~1json/schema"
    assert is_valid(document._requests, pointer, {"content": "x"})
    assert not is_valid(document._requests, pointer, {"content": 1})


def spoiled(body: Any, chance: Random) -> Any:
    """A copy with something else in one place."""
    if not isinstance(body, dict | list) or not body or chance.random() < 0.1:
        return chance.choice([None, True, -1, 2**70, "x" * 5000, [], {}, [body], {"type": body}])
    copy = body.copy()
    at = chance.choice(list(body if isinstance(body, dict) else range(len(body))))
    copy[at] = spoiled(body[at], chance)
    return copy


def test_a_query_is_checked_too(document: Document) -> None:
    """Strings are read as the document has them, and unknown fields are let be."""
    path = MESSAGES
    assert document.check_request("GET", path, None, {"limit": "100", "trace": "1"}) == ()
    found = document.check_request("GET", path, None, {"limit": "101", "before": "yesterday"})
    assert {p.path for p in found} == {("limit",), ("before",)}
    callback = "/interactions/{interaction_id}/{interaction_token}/callback"
    for truth in ("1", "true", "True"):
        assert document.check_request("POST", callback, {"type": 6}, {"with_response": truth}) == ()
    found = document.check_request("POST", callback, {"type": 6}, {"with_response": "yes"})
    assert codes(found) == ["BOOLEAN_TYPE_CONVERT"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{MESSAGES}/{{message_id}}/reactions/{{emoji_name}}", {"type": "0"}),
        ("/guilds/{guild_id}/audit-logs", {"action_type": "1"}),
        ("/guilds/{guild_id}/messages/search", {"sort_by": "relevance"}),
    ],
)
def test_a_query_is_read_where_its_schema_stands_elsewhere_too(
    document: Document, path: str, query: dict[str, str]
) -> None:
    """A number by a reference is a number."""
    assert document.check_request("GET", path, None, query) == ()
    wrong = dict.fromkeys(query, "99999")
    assert document.check_request("GET", path, None, wrong) != ()


def test_an_answer_is_checked_by_its_status(document: Document) -> None:
    """200 by its own schema, 4xx as an error, 204 has no body, 5xx is nothing of Discord's."""
    one = "/users/{user_id}"
    assert document.check_response("GET", one, 200, USER) == ()
    assert codes(document.check_response("GET", one, 200, {})) == ["BASE_TYPE_REQUIRED"] * 8
    assert document.check_response("GET", one, 404, {"code": 10013, "message": "Unknown"}) == ()
    assert codes(document.check_response("GET", one, 404, {"code": "x"})) != []
    limited = {"code": 0, "message": "slow down", "retry_after": 0.5, "global": False}
    assert document.check_response("GET", one, 429, limited) == ()
    assert document.check_response("DELETE", f"{MESSAGES}/{{id}}", 204, None) == ()
    assert document.check_response("GET", one, 500, {}) is None


def test_a_tree_of_errors_has_words_for_codes(document: Document) -> None:
    """The document says numbers; the reference's examples and Discord say words."""
    inner = {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "This field is required"}]}
    answer = {"code": 50035, "message": "Invalid Form Body", "errors": {"embeds": {"0": inner}}}
    assert document.check_response("POST", MESSAGES, 400, answer) == ()


def test_events_are_checked_by_what_they_carry(document: Document) -> None:
    """A message in an event has the shape of a message; a heartbeat has none to check."""
    me = {**USER, "mfa_enabled": False, "locale": "en-US"}
    assert document.check_event("USER_UPDATE", me) == ()
    assert codes(document.check_event("MESSAGE_CREATE", {"id": "1"})) != []
    assert codes(document.check_event("GUILD_ROLE_CREATE", {"role": {"id": 1}})) != []
    assert codes(document.check_event("TYPING_START", {"member": {}})) != []
    assert document.check_event("RESUMED", {}) is None


def test_what_was_checked_is_counted(document: Document) -> None:
    """The tally says how much was held against the document and what failed."""
    checks = Checks(document)
    checks.request("POST", MESSAGES, {"content": 5})
    checks.request("GET", MESSAGES, None)
    checks.request("GET", "/nonsense", None)
    checks.response("GET", "/users/{user_id}", 200, USER)
    checks.response("GET", "/users/{user_id}", 200, {**USER, "flags": None})
    checks.response("GET", "/users/{user_id}", 500, None)
    checks.event("MESSAGE_CREATE", {})
    tally = checks.tally
    assert (tally.requests, tally.refused, tally.responses, tally.events) == (2, 1, 2, 1)
    assert tally.failures[0].startswith("GET /users/{user_id} 200: flags (NUMBER_TYPE_COERCE)")
    total = Tally()
    total.add(tally)
    total.add(tally)
    assert (total.requests, len(total.failures)) == (4, 2 * len(tally.failures))


def test_without_a_document_nothing_is_held_against_it() -> None:
    """Our rules still judge requests; answers are nobody's."""
    checks = Checks()
    assert checks.request("POST", MESSAGES, {"content": "x" * 2001}).rules
    assert checks.response("GET", "/users/{user_id}", 200, {}) == ()
    assert checks.event("MESSAGE_CREATE", {}) == ()
    assert (checks.tally.requests, checks.tally.responses) == (0, 0)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", json.dumps({"paths": {"/a": {}}, "components": {}})]
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, content: str) -> None:
    """The error names what is wrong, before anything is served."""
    path = tmp_path / "openapi.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError):
        Document.load(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(DocumentError, match=r"missing\.json"):
        Document.load(tmp_path / "missing.json")
