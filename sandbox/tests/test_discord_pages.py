"""Lists come in pages: whoever asks on from the last one sees each thing once, and an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.permissions import ALL
from sandbox.discord.records import Entitlement, Member, Message, User
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.server import Sandbox

REACTIONS = f"{MESSAGES}/{{message_id}}/reactions/🎨"
PEOPLE = [str(1000 + number) for number in range(7)]
MOST_PAGES = 9


@pytest.fixture
async def rest(sandbox: Sandbox, control: Control) -> AsyncIterator[Rest]:
    """A bot that may do everything and never meets a rate limit."""
    guild = sandbox.state.guilds[control.guild["id"]]
    for role in guild.roles.values():
        role.permissions |= ALL if role.bot_id else 0
    for user_id in reversed(PEOPLE):
        sandbox.state.save(User(id=user_id, name=f"user{user_id}"))
        guild.members[user_id] = Member(user_id=user_id, joined_at_us=0)
    async with Rest.of(sandbox, control, pause_s=2) as caller:
        yield caller


async def sent(rest: Rest) -> Message:
    """A new message of the bot's."""
    answer = await rest.must("POST", MESSAGES, {"content": "x"})
    return rest.sandbox.state.messages[rest.places["channel_id"]][answer.body["id"]]


async def pages(rest: Rest, path: str, *, of: str = "", **query: str) -> list[list[Any]]:
    """Every page of two, asked for from the last thing of the one before: by id or by instant."""
    found: list[list[Any]] = []
    while len(found) < MOST_PAGES:
        answer = await rest.call("GET", path, query={"limit": "2", **query})
        assert answer.status == 200, answer.body
        page = answer.body[of] if of else answer.body
        if page:
            found.append(page)
        if not page or (of and not answer.body["has_more"]):
            return found
        query |= next_page(page[-1])
    pytest.fail("the pages have no end")


def next_page(last: dict[str, Any]) -> dict[str, str]:
    """What the query must say to go on."""
    if "pinned_at" in last:
        return {"before": last["pinned_at"]}
    if "thread_metadata" in last:
        return {"before": last["thread_metadata"]["archive_timestamp"]}
    return {"after": last["id"] if "sku_id" in last else last.get("user_id") or last["id"]}


async def test_who_reacted_comes_in_pages(rest: Rest) -> None:
    """By id; nobody with a super reaction."""
    message = await sent(rest)
    message.reactions["🎨"] = list(reversed(PEOPLE))
    path = REACTIONS.replace("{message_id}", message.id)
    found = await pages(rest, path)
    assert [[each["id"] for each in page] for page in found] == [
        PEOPLE[0:2],
        PEOPLE[2:4],
        PEOPLE[4:6],
        PEOPLE[6:],
    ]
    assert (await rest.call("GET", path, query={"type": "1"})).body == []


async def test_members_of_a_thread_come_in_pages_with_their_membership(rest: Rest) -> None:
    """Without it all come at once."""
    opened = await rest.must("POST", "/channels/{channel_id}/threads", {"name": "t", "type": 11})
    thread = rest.sandbox.state.channels[opened.body["id"]].thread
    assert thread is not None
    thread.members = dict.fromkeys(reversed(PEOPLE), 0)
    path = f"/channels/{opened.body['id']}/thread-members"
    found = await pages(rest, path, with_member="true")
    assert [each["user_id"] for page in found for each in page] == PEOPLE
    assert len((await rest.call("GET", path, query={"limit": "2"})).body) == len(PEOPLE)


async def test_pins_come_in_pages(rest: Rest) -> None:
    """Last pinned first, from the instant of the last one seen."""
    messages = [await sent(rest) for _ in range(5)]
    for message in messages:
        await rest.must("PUT", f"{MESSAGES}/pins/{message.id}")
    found = await pages(rest, f"{MESSAGES}/pins", of="items")
    shown = [each["message"]["id"] for page in found for each in page]
    assert shown == [each.id for each in reversed(messages)]
    wrong = await rest.call("GET", f"{MESSAGES}/pins", query={"before": "yesterday"})
    assert (wrong.status, list(wrong.body["errors"])) == (400, ["before"])


async def test_archived_threads_come_in_pages(rest: Rest) -> None:
    """Last archived first."""
    ids = []
    for _ in range(5):
        made = await rest.must("POST", "/channels/{channel_id}/threads", {"name": "t", "type": 11})
        ids.append(made.body["id"])
        await rest.must("PATCH", "/channels/{channel_id}", {"archived": True}, channel_id=ids[-1])
        rest.sandbox.clock.advance(8)
    found = await pages(rest, "/channels/{channel_id}/threads/archived/public", of="threads")
    assert [each["id"] for page in found for each in page] == list(reversed(ids))


async def test_entitlements_come_in_pages_and_are_narrowed(sandbox: Sandbox, rest: Rest) -> None:
    """By SKU, and without those that are over."""
    for number in range(5):
        one = Entitlement(
            id=str(number + 1), sku_id=str(number % 2), user_id=rest.places["user_id"]
        )
        one.ends_at_us = sandbox.state.now_us() if number == 0 else None
        sandbox.state.save(one)
    path = "/applications/{application_id}/entitlements"
    found = await pages(rest, path)
    assert [each["id"] for page in found for each in page] == ["1", "2", "3", "4", "5"]
    for query, ids in (
        ({"sku_ids": "1"}, ["2", "4"]),
        ({"exclude_ended": "true"}, ["2", "3", "4", "5"]),
        ({"before": "4", "limit": "2"}, ["2", "3"]),
    ):
        assert [each["id"] for each in (await rest.call("GET", path, query=query)).body] == ids
