"""`/healthz` on the loopback interface, for a container's health check.

Healthy means: the database answers and the dispatcher has looked at the queue lately. A lost
connection to Discord is not unhealthy: discord.py reconnects, and a restart would only add load.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import web


@asynccontextmanager
async def serving_health(
    port: int, ailment: Callable[[], Awaitable[str | None]]
) -> AsyncIterator[None]:
    """Serves while the block runs; `ailment` says what is wrong, or None. Port 0 serves nothing."""
    if port == 0:
        yield
        return
    from aiohttp import web  # 35 ms of imports that most installations do without

    async def healthz(_: web.Request) -> web.Response:
        wrong = await ailment()
        return web.Response(text=(wrong or "ok") + "\n", status=503 if wrong else 200)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()
