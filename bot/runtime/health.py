"""`/healthz` on the loopback interface, for a container's health check.

Healthy means that work gets done, not that something turns: the last claim succeeded lately, the
outbox moves, the gateway was connected, housekeeping lives. A pause, an empty queue and an outage
of the provider are no illness, since a claim that finds nothing has succeeded. Ages are taken on
the monotonic clock, so a step of the wall clock makes nobody ill.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from aiohttp import web


class Pulse:
    """When a part last succeeded. Until it first runs, the part is not judged."""

    def __init__(self, *, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._beaten_at_s: float | None = None

    def beat(self) -> None:
        self._beaten_at_s = self._monotonic_s()

    def age_s(self) -> float:
        return 0.0 if self._beaten_at_s is None else self._monotonic_s() - self._beaten_at_s


class Vital(Struct, frozen=True, kw_only=True):
    """One part: how long ago it succeeded, and how long that may be."""

    says: str  # "the queue was not claimed from", to which "for 70 s" is added
    age_s: Callable[[], float]
    bound_s: float


def problems(vitals: Sequence[Vital]) -> list[str]:
    """What is wrong, one line each; nothing if all is well."""
    aged = [(vital, vital.age_s()) for vital in vitals]
    return [f"{vital.says} for {age_s:.0f} s" for vital, age_s in aged if age_s > vital.bound_s]


@asynccontextmanager
async def serving_health(port: int, vitals: Sequence[Vital]) -> AsyncIterator[None]:
    """Serves while the block runs. Port 0 serves nothing.

    Raises:
        OSError: the port cannot be had.
    """
    if port == 0:
        yield
        return
    from aiohttp import web  # 35 ms of imports that most installations do without

    async def healthz(_: web.Request) -> web.Response:
        ill = problems(vitals)
        return web.Response(text="\n".join(ill or ["ok"]) + "\n", status=503 if ill else 200)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()
