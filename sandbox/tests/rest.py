"""Discord's REST interface without a library: one raw request, and the places it can go to."""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.control.client import Answered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sandbox.control.client import Control
    from sandbox.discord.interactions import Interaction
    from sandbox.server import Sandbox

COMMANDS = "/applications/{application_id}/commands"
MESSAGES = "/channels/{channel_id}/messages"
NOWHERE: Mapping[str, str] = MappingProxyType({})
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A caller with the bot's token.

    Attributes:
        places: Values for the names in templates, such as `channel_id`.
        pause_s: How far the sandbox's clock goes before each call, so that no rate limit is met.
        done: Method and template of each call that succeeded.
    """

    sandbox: Sandbox
    session: aiohttp.ClientSession
    places: dict[str, str] = field(default_factory=dict)
    pause_s: float = 0.0
    done: set[str] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def of(
        cls, sandbox: Sandbox, control: Control, *, pause_s: float = 0.0
    ) -> AsyncIterator[Rest]:
        """A caller that knows the application and the first guild's first channel."""
        headers = {"Authorization": f"Bot {sandbox.state.application.token}"}
        places = {
            "application_id": sandbox.state.application.id,
            "guild_id": control.guild["id"],
            "channel_id": control.channel("pictures"),
            "user_id": control.member(),
        }
        async with aiohttp.ClientSession(headers=headers) as session:
            yield cls(sandbox=sandbox, session=session, places=places, pause_s=pause_s)

    async def call(
        self,
        method: str,
        template: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        at: Mapping[str, str] = NOWHERE,
        **places: str,
    ) -> Answered:
        """One request; files by their names make it a multipart one.

        Args:
            method: In capitals.
            template: Below `/api/v10`, with names that `places` has values for.
            body: The JSON body.
            query: The fields of the query.
            files: Uploads, numbered in their order.
            at: Values for this call alone.
            places: Likewise, one by one.
        """
        form = {"json": body} if files is None else {"data": multipart(body, files)}
        return await self._send(method, template, {**at, **places}, params=query, **form)

    async def get(self, template: str, **places: str) -> Answered:
        """A GET that must succeed."""
        return succeeded(await self._send("GET", template, places))

    async def must(
        self,
        method: str,
        template: str,
        body: object = None,
        *,
        files: Mapping[str, bytes] | None = None,
        at: Mapping[str, str] = NOWHERE,
        **places: str,
    ) -> Answered:
        """A call that must succeed."""
        form = {"json": body} if files is None else {"data": multipart(body, files)}
        return succeeded(await self._send(method, template, {**at, **places}, **form))

    async def _send(
        self, method: str, template: str, places: Mapping[str, str], **how: Any
    ) -> Answered:
        self.sandbox.clock.advance(self.pause_s)
        path = template.format_map(self.places | dict(places))
        url = str(self.sandbox.addresses["discord_api_base_url"]) + path
        async with self.session.request(method, url, **how) as response:
            text = await response.text()
            if response.ok:
                self.done.add(f"{method} {template}")
            body = json.loads(text) if text else None
            return Answered(status=response.status, body=body, headers=response.headers)


def succeeded(answer: Answered) -> Answered:
    """The answer, which must be one of success."""
    assert answer.status < 300, answer.body
    return answer


def multipart(body: object, files: Mapping[str, bytes]) -> aiohttp.FormData:
    """The body as `payload_json`, then the files, as libraries send them."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(body), content_type="application/json")
    for number, (name, content) in enumerate(files.items()):
        form.add_field(f"files[{number}]", io.BytesIO(content), filename=name)
    return form


async def interaction(sandbox: Sandbox, control: Control, name: str = "imagine") -> Interaction:
    """A member calls a command that nobody has answered yet; it needs no connected bot."""
    started = await control.act("command", name=name, wait_online_s=0)
    return sandbox.state.interactions[started["interaction_id"]]
