"""The route table as a tree."""

from __future__ import annotations

import pytest

from sandbox.discord.app import ROUTES
from sandbox.discord.routing import RouteTable

TABLE = RouteTable(ROUTES)


@pytest.mark.parametrize(
    ("method", "raw_path", "key"),
    [
        ("GET", "/users/@me", "GET /users/@me"),
        ("GET", "/users/1", "GET /users/{user_id}"),
        ("GET", "/channels/1/messages/pins", "GET /channels/{channel_id}/messages/pins"),
        ("GET", "/channels/1/messages/2", "GET /channels/{channel_id}/messages/{message_id}"),
        (
            "DELETE",
            "/channels/1/messages/pins",
            "DELETE /channels/{channel_id}/messages/{message_id}",
        ),
    ],
)
def test_a_fixed_name_wins_over_a_template(method: str, raw_path: str, key: str) -> None:
    """Where it has the method; else the template may have it."""
    found = TABLE.find(method, raw_path)
    assert found is not None
    assert found.route is not None
    assert found.route.key == key


def test_values_are_decoded_one_segment_at_a_time() -> None:
    """An encoded slash stays within its value."""
    found = TABLE.find("PUT", "/channels/1/messages/2/reactions/%F0%9F%8D%87%2F/@me")
    assert found is not None
    assert found.path == {"channel_id": "1", "message_id": "2", "emoji_name": "🍇/"}


@pytest.mark.parametrize(
    "raw_path", ["/", "/users", "/users/", "/users//", "/users/1/2", "/nowhere"]
)
def test_an_unknown_path_leads_nowhere(raw_path: str) -> None:
    """No part of a path is optional or empty."""
    assert TABLE.find("GET", raw_path) is None


def test_a_known_path_with_another_method_is_told_apart() -> None:
    """It is 405, not 404."""
    found = TABLE.find("DELETE", "/users/@me")
    assert found is not None
    assert found.route is None


def test_every_route_is_found_by_its_own_path() -> None:
    """No row of the table is shadowed by another."""
    for route in ROUTES:
        found = TABLE.find(route.method, route.path.replace("{", "").replace("}", ""))
        assert found is not None
        assert found.route is route
