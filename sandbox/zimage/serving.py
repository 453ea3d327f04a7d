"""The local Z-Image alone, on a loopback port, within the process: for tests of its clients."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.faults import Faults, fault_middleware, parse_faults
from sandbox.violations import Violations
from sandbox.zimage.account import Pictures, ZImageSettings
from sandbox.zimage.moderations import MODERATION_BASE
from sandbox.zimage.service import BASE, ZImage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

FAST = ZImageSettings(
    requests_per_second=1_000_000,
    moderations_per_minute=1_000_000,
    latency_scale=0,
    pictures=Pictures.PLAIN,
)
"""No limit, no latency, plain pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A Z-Image that listens, with everything that a test wants at hand."""

    base_url: str  # …/api/v1, without a slash at its end
    moderation_base_url: str  # …/v1
    api_key: str
    zimage: ZImage
    clock: SandboxClock
    faults: Faults
    violations: Violations

    def order(self, *faults: Mapping[str, object]) -> None:
        """Puts these in force instead of all others, as `PUT /faults` does.

        Raises:
            WrongFault: one of them cannot be.
        """
        self.faults.replace(parse_faults(json.dumps(faults)))


@asynccontextmanager
async def serving(
    settings: ZImageSettings = FAST, *, clock: SandboxClock | None = None, port: int = 0
) -> AsyncIterator[Serving]:
    """Serves until the block is left; requests under way are cut off then."""
    clock = clock or SandboxClock()
    violations, faults = Violations(clock), Faults(clock, seed=settings.seed)
    zimage = ZImage(settings, clock=clock, violations=violations)
    app = web.Application(middlewares=[fault_middleware(faults, clock, zimage.server_of)])
    app.add_routes(zimage.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield Serving(
            base_url=_origin(runner) + BASE,
            moderation_base_url=_origin(runner) + MODERATION_BASE,
            api_key=settings.api_keys[0],
            zimage=zimage,
            clock=clock,
            faults=faults,
            violations=violations,
        )
    finally:
        faults.clear()
        await runner.cleanup()


def _origin(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
