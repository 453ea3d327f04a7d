"""Guilds over REST: the bot's own, their counts, and what is changed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandbox.tests.rest import Rest


async def test_own_guilds_are_paged_and_counted_when_asked(rest: Rest) -> None:
    """In the order of their ids; the ids of the pages' ends are left out."""
    every = (await rest.get("/users/@me/guilds")).body
    ids = [guild["id"] for guild in every]
    assert ids == sorted(ids, key=int)
    assert len(ids) == 2
    assert "approximate_member_count" not in every[0]
    for query, found in (
        ({"limit": "1"}, ids[:1]),
        ({"after": ids[0]}, ids[1:]),
        ({"before": ids[1]}, ids[:1]),
        ({"before": str(int(ids[1]) + 1), "limit": "1"}, ids[1:]),
        ({"after": ids[1]}, []),
    ):
        answer = await rest.call("GET", "/users/@me/guilds", query=query)
        assert [guild["id"] for guild in answer.body] == found, query
    counted = await rest.call("GET", "/users/@me/guilds", query={"with_counts": "true"})
    assert [guild["approximate_member_count"] for guild in counted.body] == [6, 6]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"after": "x"}])
async def test_a_page_that_makes_no_sense_is_refused(rest: Rest, query: dict[str, str]) -> None:
    """With the field's name."""
    answer = await rest.call("GET", "/users/@me/guilds", query=query)
    assert (answer.status, list(answer.body["errors"])) == (400, list(query))


async def test_fixed_names_are_not_read_as_ids(rest: Rest) -> None:
    """Of roles and of commands' permissions."""
    guild = rest.sandbox.state.guilds[rest.places["guild_id"]]
    counts = (await rest.get("/guilds/{guild_id}/roles/member-counts")).body
    assert counts == {role_id: 1 for role_id in guild.roles if role_id != guild.id}
    permissions = "/applications/{application_id}/guilds/{guild_id}/commands/permissions"
    assert (await rest.get(permissions)).body == []
