"""Calls the local Z-Image the way any HTTP client would."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from sandbox.zimage import FAST, serving
from sandbox.zimage.service import GENERATION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.clock import SandboxClock
    from sandbox.zimage import Serving, ZImageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def image_url(self) -> str:
        return str(self.json["output"]["choices"][0]["message"]["content"][0]["image"])


class Caller:
    """A client of one local Z-Image."""

    def __init__(self, stand: Serving, session: aiohttp.ClientSession) -> None:
        self.stand = stand
        self.ledger = stand.zimage.ledger
        self._session = session

    async def draw(
        self,
        prompt: object = "a cat",
        *,
        headers: dict[str, str] | None = None,
        **parameters: object,
    ) -> Answer:
        return await self.post(request_body(prompt, **parameters), headers=headers)

    async def post(self, body: object, *, headers: dict[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **self.key(), **(headers or {})}
        return await self.ask("POST", GENERATION, headers=sent, data=raw)

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        origin = self.stand.base_url.removesuffix("/api/v1")
        url = URL(path if path.startswith("http") else origin + path, encoded=True)
        async with self._session.request(method, url, **more) as response:
            return Answer(
                status=response.status, headers=response.headers, body=await response.read()
            )

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path, headers=self.key())

    async def download(self, url: str, **headers: str) -> Answer:
        return await self.ask("GET", url, headers=headers)

    def key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.stand.api_key}"}

    def rules(self) -> list[object]:
        """The rules that were broken, in order."""
        return [one["rule"] for one in self.stand.violations.snapshot()]


@asynccontextmanager
async def calling(
    settings: ZImageSettings = FAST, *, clock: SandboxClock | None = None
) -> AsyncIterator[Caller]:
    """A fresh Z-Image and a client of it."""
    async with serving(settings, clock=clock) as stand, aiohttp.ClientSession() as session:
        yield Caller(stand, session)


def request_body(prompt: object = "a cat", **parameters: object) -> dict[str, Any]:
    """The body of a generation request, shaped like the reference's example."""
    return {
        "model": "z-image-turbo",
        "input": {"messages": [{"role": "user", "content": [{"text": prompt}]}]},
        "parameters": parameters,
    }
