"""The health check: 200 while all is well, 503 with a word otherwise, nothing on port 0."""

from __future__ import annotations

import socket

import aiohttp

from bot.health import serving_health


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def answer(port: int) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as response,
    ):
        return response.status, await response.text()


async def test_health_says_what_is_wrong() -> None:
    """A container's check reads the status, a person the word."""
    ailments: list[str | None] = [None, "the queue was not looked at for 70 s"]

    async def next_ailment() -> str | None:
        return ailments.pop(0)

    port = free_port()
    async with serving_health(port, next_ailment):
        assert await answer(port) == (200, "ok\n")
        assert await answer(port) == (503, "the queue was not looked at for 70 s\n")


async def test_port_0_serves_nothing() -> None:
    """Off unless asked for."""

    async def never() -> str | None:
        raise AssertionError

    async with serving_health(0, never):
        pass
