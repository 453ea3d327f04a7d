"""What the demo finds beside the seeded world: a post, an announcement, conversations, and staff.

The staff has let the bot into its channel, with the rights to moderate, and has AutoMod rules:
words with what they allow, a pattern, and Discord's own lists, which nobody else can read.

Made once, so that every kind of place can be tried: a world that has them is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.control.client import Control
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

POST = "What shall hang on the curtain?"
NEWS = "The bot has moved in. It also answers in threads, posts and direct messages."
GROUP = "Still life"
STAFF_NOTE = "Held pictures and reports belong here. Ada is a member, Mira moderates."
MODERATES = (
    Permission.MANAGE_MESSAGES
    | Permission.MODERATE_MEMBERS
    | Permission.MANAGE_GUILD
    | Permission.VIEW_AUDIT_LOG
)
RULES: list[dict[str, object]] = [
    {
        "name": "Spoilt fruit",
        "keywords": ["rotten*", "*worms*", "blow fly"],
        "allowed": ["rottenstone"],
        "custom_message": "We speak kindly of fruit.",
    },
    {"name": "Numbers to call", "patterns": [r"\+\d{2} ?\d{6,}"]},
    {"name": "Slurs and worse", "presets": [1, 2, 3]},
]


async def furnish(addresses: dict[str, Any]) -> None:
    """Makes what is missing, in the first guild, as its members would."""
    async with aiohttp.ClientSession() as session:
        control = Control(session, addresses)
        places = await control.get(f"/guilds/{control.guild['id']}")
        await _open_post(control, places)
        await _announce(control)
        await _settle_staff(control, places)
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


async def _settle_staff(control: Control, places: dict[str, Any]) -> None:
    """What a demo's user has changed since stays as it is."""
    staff = next((each for each in places["channels"] if each["name"] == "staff"), None)
    role = next(each for each in places["roles"] if each.get("tags"))
    if staff is None or role["id"] in [each["id"] for each in staff["permission_overwrites"]]:
        return
    guild, bits = f"/guilds/{places['id']}", int(role["permissions"]) | MODERATES
    await control.call("PATCH", f"{guild}/roles/{role['id']}", {"permissions": str(bits)})
    seen = {"allow": str(int(Permission.VIEW_CHANNEL))}
    await control.call("PUT", f"/channels/{staff['id']}/overwrites/{role['id']}", seen)
    await control.call("PUT", f"{guild}/automod", [*RULES])
    note = {"user_id": control.member(3), "content": STAFF_NOTE}
    await control.call("POST", f"/channels/{staff['id']}/messages", note)


def _names(channels: Iterable[dict[str, Any]]) -> list[str | None]:
    return [each.get("name") for each in channels]
