"""The control interface, as a client: a test's or a program's hands and eyes.

Its constructor takes the addresses that a sandbox prints, `of` a sandbox of this process.
"""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sandbox.server import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Status, body and headers of an answer."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Control:
    """Calls the control interface, and acts as a member of the first guild."""

    def __init__(self, session: aiohttp.ClientSession, addresses: dict[str, Any]) -> None:
        self._session = session
        self.addresses = addresses
        self.guild = addresses["guilds"][0]

    @classmethod
    @asynccontextmanager
    async def of(cls, sandbox: Sandbox) -> AsyncIterator[Control]:
        """The control interface of a running sandbox."""
        async with aiohttp.ClientSession() as session:
            yield cls(session, sandbox.addresses)

    async def call(self, method: str, path: str, body: object = None) -> Answered:
        """One call."""
        url = self.addresses["control_url"] + path
        data = None if body is None else io.BytesIO(json.dumps(body).encode())
        headers = {"Content-Type": "application/json"}
        async with self._session.request(method, url, data=data, headers=headers) as response:
            return Answered(status=response.status, body=await response.json())

    async def get(self, path: str) -> Any:
        """The body of a GET."""
        return (await self.call("GET", path)).body

    def channel(self, name: str) -> str:
        """The id of a channel by its name."""
        found = (each["id"] for each in self.guild["channels"] if each["name"] == name)
        return str(next(found))

    def member(self, number: int = 0) -> str:
        """The id of a member: 0 to 2 are ordinary, 3 is the moderator, 4 the owner."""
        return str(self.guild["members"][number]["id"])

    def role(self, name: str) -> str:
        """The id of a role by its name; the bot's has the bot's."""
        found = (each["id"] for each in self.guild["roles"] if each["name"] == name)
        return str(next(found))

    async def registered(self, name: str, within_s: float = 30.0) -> None:
        """Returns once the bot has registered this command.

        Raises:
            TimeoutError: it has not, in time.
        """
        async with asyncio.timeout(within_s):
            # The bot may be another process, hence no event to wait for.
            while name not in [one["name"] for one in await self.get("/commands")]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def act(
        self, kind: str, *, member: int = 0, channel: str = "pictures", **act: Any
    ) -> Any:
        """A member acts; the answer's body."""
        return (await self.try_act(kind, member=member, channel=channel, **act)).body

    async def try_act(
        self, kind: str, *, member: int = 0, channel: str = "pictures", **act: Any
    ) -> Answered:
        """A member acts, perhaps in vain."""
        known = {each["name"]: each["id"] for each in self.guild["channels"]}
        body = {
            "kind": kind,
            "guild_id": self.guild["id"],
            "channel_id": known.get(channel, channel),
            "user_id": self.member(member),
            **act,
        }
        return await self.call("POST", "/interactions", body)

    async def settled(self, started: dict[str, Any], wait: float = 10) -> Any:
        """What became of an interaction once it has settled."""
        return await self.get(f"/interactions/{started['interaction_id']}?wait={wait}")

    async def command(self, name: str, /, **options: Any) -> Any:
        """Calls a command as the first member and waits until it has settled."""
        return await self.settled(await self.act("command", name=name, options=options))

    async def messages(self, channel: str, viewer: int | None = None) -> list[Any]:
        """A channel's messages as a member sees them."""
        known = {each["name"]: each["id"] for each in self.guild["channels"]}
        seen_by = "" if viewer is None else f"?viewer={self.member(viewer)}"
        found: list[Any] = await self.get(
            f"/channels/{known.get(channel, channel)}/messages{seen_by}"
        )
        return found
