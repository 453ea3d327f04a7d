"""Whatever a client sends, the rules answer, and the answer has Discord's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.checks import Checks
from sandbox.discord.errors import EMPTY_MESSAGE
from sandbox.discord.rules import rule_problems
from sandbox.discord.rules.problems import Context, Problem, refusal
from sandbox.tests import wrong_bodies as w

if TYPE_CHECKING:
    from sandbox.discord.document import Document

ROUTES = (
    ("POST", w.MESSAGES),
    ("PATCH", f"{w.MESSAGES}/{{message_id}}"),
    ("POST", w.CALLBACK),
    ("POST", w.FOLLOW_UP),
    ("PATCH", f"{w.FOLLOW_UP}/messages/@original"),
    ("POST", w.THREAD_OF_MESSAGE),
    ("POST", "/channels/{channel_id}/threads"),
    ("PATCH", "/channels/{channel_id}"),
    ("PUT", w.COMMANDS),
    ("POST", w.COMMANDS),
)
COMMON_NAMES = (
    "type data content embeds fields name value components component accessory items media url"
    " custom_id id style label options choices flags attachments allowed_mentions parse users poll"
    " nonce message title required name_localizations _errors"
)
NAMES = st.sampled_from(COMMON_NAMES.split()) | st.text(max_size=5)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.sampled_from([1, 2, 3, 4, 5, 9, 10, 12, 13, 17, 18, 1 << 15])
    | st.floats()
    | st.text(max_size=12)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)
PLACES = st.lists(st.integers(0, 3) | st.sampled_from(["a", "b"]), max_size=4).map(tuple)


def problem(*path: str | int, code: str = "CODE") -> Problem:
    """A problem at this place."""
    return Problem(path=path, code=code, message="it is wrong")


@given(route=st.sampled_from(ROUTES), body=JSON)
def test_no_body_makes_the_rules_fail(route: tuple[str, str], body: object) -> None:
    """Wrong types, missing and odd fields: all are answered, twice the same."""
    before = body if isinstance(body, dict) else None
    context = Context(files={"0": "a.png"}, before=before)
    assert rule_problems(*route, body, context) == rule_problems(*route, body, context)


@given(route=st.sampled_from(ROUTES), body=JSON)
def test_no_body_makes_the_document_fail(
    route: tuple[str, str], body: object, document: Document
) -> None:
    """A refusal, whoever made it, is an error of Discord's by its own document."""
    refused = Checks(document).request(*route, body).refusal()
    answer = {"code": 0, "message": ""} if refused is None else refused.body()
    assert document.check_response(*route, 400, answer) == ()


@given(places=st.lists(PLACES, min_size=1, max_size=6))
def test_every_tree_of_errors_is_valid(
    places: list[tuple[str | int, ...]], document: Document
) -> None:
    """Problems at any places, within each other too, make a tree that the document allows."""
    answer = refusal([problem(*place) for place in places]).body()
    assert document.check_response("POST", w.MESSAGES, 400, answer) == ()


def test_a_list_position_is_a_string() -> None:
    """The tree mirrors the body, with positions as strings."""
    answer = refusal([problem("embeds", 0, "title", code="BASE_TYPE_MAX_LENGTH")]).body()
    inner = {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "it is wrong"}]}
    assert answer == {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"embeds": {"0": {"title": inner}}},
    }


def test_the_outer_of_two_problems_is_told() -> None:
    """A list that is too long says so; its items are not told as well."""
    answer = refusal([problem("embeds", 0, "title"), problem("embeds")]).body()
    assert answer["errors"] == {"embeds": {"_errors": [{"code": "CODE", "message": "it is wrong"}]}}


def test_a_field_that_is_wrong_goes_before_an_error_without_fields() -> None:
    """An empty message with a wrong field is told of the field."""
    empty = Problem(path=(), code="EMPTY_MESSAGE", message="empty", kind=EMPTY_MESSAGE)
    assert refusal([empty]).body()["code"] == 50006
    assert refusal([empty, problem("flags")]).body()["code"] == 50035


def test_a_problem_is_one_line_for_people() -> None:
    """The list of violations shows where, what and why."""
    said = "embeds[0].title (CODE): it is wrong"
    assert str(problem("embeds", 0, "title")) == said
    assert str(problem()) == "body (CODE): it is wrong"


@pytest.mark.parametrize("body", [None, {}])
def test_a_request_without_a_body_is_judged_as_an_empty_one(body: object) -> None:
    """No body where one is needed is refused, too."""
    assert Checks().request("POST", w.MESSAGES, body).rules


def test_a_route_without_rules_has_no_problems() -> None:
    """What has no body is not judged."""
    assert Checks().request("POST", "/channels/{channel_id}/typing", None).problems == ()
