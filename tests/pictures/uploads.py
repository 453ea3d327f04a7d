"""As much of Discord's REST as an upload needs, and what a member would see of it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, ClientPayloadError, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_USER = {"id": "9", "username": "zeuxis", "discriminator": "0", "avatar": None, "bot": True}

_APPLICATION = {
    "id": "9",
    "name": "zeuxis",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "owner": _USER,
    "verify_key": "0",
}


@dataclass
class Uploads:
    """`pictures` are whole uploads; `cut_off` counts those that ended too early."""

    port: int = 0
    pictures: list[bytes] = field(default_factory=list)
    filenames: list[str | None] = field(default_factory=list)
    lengths: list[int | None] = field(default_factory=list)  # as announced by Content-Length
    cut_off: int = 0
    answers: list[int] = field(default_factory=list)  # statuses for the next uploads, then 200

    @property
    def api_base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v10"

    async def _take(self, request: web.Request) -> web.Response:
        self.lengths.append(request.content_length)
        if self.answers:
            await request.read()
            refusal = {"message": "no", "code": 0, "retry_after": 0.001}
            return _json(refusal, status=self.answers.pop(0))
        try:
            await self._store(request)
        except (ClientPayloadError, ConnectionError, ValueError):
            self.cut_off += 1
            raise
        return _json(_message(request.match_info["channel_id"]))

    async def _store(self, request: web.Request) -> None:
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = await part.read()
            if part.name != "payload_json":
                self.pictures.append(bytes(content))
                self.filenames.append(part.filename)


@contextlib.asynccontextmanager
async def taking_uploads() -> AsyncIterator[Uploads]:
    uploads = Uploads()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/api/v10/channels/{channel_id}/messages", uploads._take)
    app.router.add_get("/api/v10/users/@me", _me)
    app.router.add_get("/api/v10/oauth2/applications/@me", _application)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    uploads.port = runner.addresses[0][1]
    try:
        yield uploads
    finally:
        await runner.cleanup()


async def _me(_request: web.Request) -> web.Response:
    return _json(_USER)


async def _application(_request: web.Request) -> web.Response:
    return _json(_APPLICATION)


def _json(content: object, *, status: int = 200) -> web.Response:
    """discord.py reads JSON only under exactly this type, and believes a 429 only with Via."""
    headers = {"Content-Type": "application/json", "Via": "1.1 google"}
    return web.Response(body=json.dumps(content).encode(), status=status, headers=headers)


def _message(channel_id: str) -> dict[str, object]:
    empty = ("mentions", "mention_roles", "attachments", "embeds", "components")
    return {
        "id": "77",
        "type": 0,
        "channel_id": channel_id,
        "author": _USER,
        "content": "",
        "timestamp": "2026-11-22T18:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "pinned": False,
        **{name: [] for name in empty},
    }
