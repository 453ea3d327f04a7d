"""An answer as it came, of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

ANSWER_LIMIT_BYTES = 8 * 1024 * 1024  # documented are a few kilobytes; a link may stand behind more


_ID_CHARACTERS = 100


def request_id_in(headers: Mapping[str, str]) -> str | None:
    """What the service, or a gateway before it, calls this request; cut to a sane length."""
    return headers.get("x-request-id", "")[:_ID_CHARACTERS] or None


class Answer:
    """Filled while it is read, so that what came before a cut is known."""

    def __init__(self) -> None:
        self.status = 0  # until the head of the answer is here
        self.headers: Mapping[str, str] = {}
        self.body = b""

    @property
    def request_id(self) -> str | None:
        return request_id_in(self.headers)

    @property
    def arrived_at_us(self) -> int | None:
        """When the request arrived, by the service's clock; its header has milliseconds."""
        text = self.headers.get("req-arrive-time", "")
        return int(text) * 1000 if text.isascii() and text.isdigit() and len(text) < 15 else None

    async def read(self, response: aiohttp.ClientResponse) -> None:
        """Reads at most ANSWER_LIMIT_BYTES; what is longer is cut and so no JSON any more."""
        self.status, self.headers = response.status, response.headers
        async for block in response.content.iter_any():
            self.body += block[: ANSWER_LIMIT_BYTES - len(self.body)]
            if len(self.body) >= ANSWER_LIMIT_BYTES:
                return
