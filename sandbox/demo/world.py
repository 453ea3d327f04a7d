"""What the demo finds beside the seeded world: a post, an announcement, and conversations.

So that every kind of place can be tried at once. Made once: a world that has them is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.control.client import Control

if TYPE_CHECKING:
    from collections.abc import Iterable

POST = "What shall hang on the curtain?"
NEWS = "The bot has moved in. It also answers in threads, posts and direct messages."
GROUP = "Still life"


async def furnish(addresses: dict[str, Any]) -> None:
    """Makes what is missing, in the first guild, as its members would."""
    async with aiohttp.ClientSession() as session:
        control = Control(session, addresses)
        places = await control.get(f"/guilds/{control.guild['id']}")
        await _open_post(control, places)
        await _announce(control)
        await control.call("POST", f"/users/{control.member()}/direct")
        world = await control.get(f"/world?viewer={control.member()}")
        if GROUP not in _names(world["direct"]):
            people = [control.member(number) for number in range(3)]
            await control.call("POST", "/private-channels", {"user_ids": people, "name": GROUP})


async def _open_post(control: Control, places: dict[str, Any]) -> None:
    if POST in _names(places["threads"]):
        return
    forum = next(each for each in places["channels"] if each["name"] == "ideas")
    post = {
        "user_id": control.member(1),
        "name": POST,
        "content": "Zeuxis painted grapes, and birds came. What would you have painted?",
        "applied_tags": [forum["available_tags"][0]["id"]],
    }
    await control.call("POST", f"/channels/{forum['id']}/threads", post)


async def _announce(control: Control) -> None:
    said = await control.messages("news")
    if NEWS not in [each["content"] for each in said]:
        body = {"user_id": control.member(4), "content": NEWS}
        await control.call("POST", f"/channels/{control.channel('news')}/messages", body)


def _names(channels: Iterable[dict[str, Any]]) -> list[str | None]:
    return [each.get("name") for each in channels]
