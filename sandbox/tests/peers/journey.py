"""The journey that every client of Discord makes: the same steps, the same things to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.peers.peer import Peer

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15
CONTAINER = 17
HERE = "pictures"


def environment(sandbox: Sandbox) -> dict[str, str]:
    """What a bot needs to know of the sandbox."""
    return {
        "DISCORD_TOKEN": str(sandbox.addresses["bot_token"]),
        "DISCORD_API_BASE_URL": str(sandbox.addresses["discord_api_base_url"]),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a member does, what the client says, and what the member sees."""

    sandbox: Sandbox
    control: Control
    peer: Peer

    async def travel(self) -> None:
        """From log-in to a form, after which the sandbox has nothing to complain of."""
        await self._log_in()
        await self._suggest()
        message_id = await self._paint()
        await self._press(message_id)
        await self._choose(message_id)
        await self._fill_in()
        assert self.sandbox.violations.snapshot() == []

    async def _log_in(self) -> None:
        ready = await self.peer.said("ready")
        assert ready["guilds"] == len(self.control.addresses["guilds"])
        assert ready["commands"] == 2
        registered = {c["name"]: c for c in await self.control.get("/commands")}
        assert registered.keys() == {"paint", "Paint this"}
        assert registered["paint"]["name_localizations"] == {"de": "male"}
        assert [o["name"] for o in registered["paint"]["options"]] == ["prompt", "seed"]

    async def _suggest(self) -> None:
        typed = {"prompt": "a light"}
        answer = await self.control.act("autocomplete", name="paint", options=typed)
        assert answer["choices"] == [{"name": "a light at dusk", "value": "a light at dusk"}]

    async def _paint(self) -> str:
        settled = await self.control.command("paint", prompt="a lighthouse", seed=3)
        painted = await self.peer.said("painted")
        assert settled["acknowledged_how"] == "deferred_message"
        assert painted["attachment"] == "picture.png"
        message = await self._message(painted["message"])
        assert message["content"] == "Painted a lighthouse"
        buttons = message["components"][0]["components"]
        assert [b["custom_id"] for b in buttons] == ["again", "edit"]
        await self._is_picture(message["attachments"][0])
        await self._has_thread(message, painted["thread"])
        return str(message["id"])

    async def _has_thread(self, message: dict[str, Any], thread_id: str) -> None:
        assert message["thread"]["id"] == thread_id
        assert message["thread"]["name"] == "A lighthouse"
        assert message["thread"]["thread_metadata"]["auto_archive_duration"] == 60
        last = (await self.control.messages(thread_id, viewer=1))[-1]
        assert last["content"] == "variations here"
        await self._is_picture(last["attachments"][0])

    async def _press(self, message_id: str) -> None:
        await self._use(message_id, "again")
        pressed = await self.peer.said("pressed")
        message = await self._message(message_id)
        assert message["content"] == "Painting again"
        assert message["components"][0]["components"][0]["custom_id"] == "size"
        follow_up = await self._message(pressed["follow_up"])
        assert follow_up["flags"] & EPHEMERAL
        others = [m["id"] for m in await self.control.messages(HERE, viewer=1)]
        assert pressed["follow_up"] not in others

    async def _choose(self, message_id: str) -> None:
        await self._use(message_id, "size", "16:9")
        chosen = await self.peer.said("chosen")
        message = await self._message(chosen["message"])
        assert message["flags"] & COMPONENTS_V2
        box = message["components"][0]
        assert (box["type"], box["accent_color"]) == (CONTAINER, 0x3366FF)
        assert box["components"][0]["content"] == "**16:9**"
        await self._is_picture(box["components"][1]["items"][0]["media"])

    async def _fill_in(self) -> None:
        await self.control.command("paint", prompt="a pier")
        painted = await self.peer.said("painted")
        await self._use(painted["message"], "edit")
        await self.peer.said("asked")
        fields = {"prompt": "a pier at dawn"}
        asked = await self.control.act("modal", custom_id="form", fields=fields)
        await self.control.settled(asked)
        await self.peer.said("submitted")
        last = (await self.control.messages(HERE, viewer=0))[-1]
        assert (last["content"], last["flags"] & EPHEMERAL) == ("a pier at dawn", EPHEMERAL)

    async def _use(self, message_id: str, custom_id: str, *values: str) -> None:
        used = await self.control.act(
            "component", message_id=message_id, custom_id=custom_id, values=values
        )
        await self.control.settled(used)

    async def _message(self, message_id: str) -> dict[str, Any]:
        seen = [m for m in await self.control.messages(HERE, viewer=0) if m["id"] == message_id]
        assert len(seen) == 1, f"the member sees message {message_id} {len(seen)} times"
        return dict(seen[0])

    async def _is_picture(self, media: dict[str, Any]) -> None:
        async with aiohttp.ClientSession() as session, session.get(media["url"]) as response:
            assert (await response.read()).startswith(PNG_SIGNATURE)
