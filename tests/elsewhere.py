"""Places outside of the bot's guilds in the sandbox: conversations, and a guild without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox


async def install(control: Control, *members: int) -> None:
    """These members install the bot for themselves."""
    for member in members:
        await control.call("PUT", f"/users/{control.member(member)}/install")


async def open_private(control: Control, *members: int) -> str:
    """The id of a conversation between these members of the first guild."""
    people = {"user_ids": [control.member(each) for each in members]}
    return str((await control.call("POST", "/private-channels", people)).body["id"])


async def enter_foreign_guild(sandbox: Sandbox, control: Control, *members: int) -> tuple[str, str]:
    """A guild without the bot, and a channel in it; these members are there from now on."""
    guild = (await control.get("/guilds"))[2]
    kept = sandbox.state.guilds[guild["id"]]
    first = next(iter(kept.members.values()))
    for member in members:
        user_id = control.member(member)
        kept.members[user_id] = type(first)(user_id=user_id, joined_at_us=first.joined_at_us)
    return str(guild["id"]), str(guild["channels"][0]["id"])
