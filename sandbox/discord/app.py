"""The local Discord as one aiohttp application: REST, gateway and attachment links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.cdn import attachment_handler
from sandbox.discord.gateway.socket import Connection
from sandbox.discord.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.edge import Edge
    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.state import State
    from sandbox.violations import Violations

API = "/api/v10"


def add_discord(app: web.Application, *, edge: Edge, hub: Hub) -> None:
    """Adds every route of this Discord to the application."""
    state, violations = edge.state, edge.violations
    for route in ROUTES:
        app.router.add_route(route.method, API + route.path, edge.serving(route))
    app.router.add_route("*", "/api/{rest:.*}", _unknown(edge))
    app.router.add_get("/gateway", _gateway(state, hub, violations))
    app.router.add_get("/gateway/", _gateway(state, hub, violations))
    app.router.add_get("/cdn/{kind}/{channel_id}/{attachment_id}/{name}", attachment_handler(state))


_KNOWN = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", API + each.path) for each in ROUTES))


def _unknown(edge: Edge) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        if _KNOWN.fullmatch(request.path):
            return edge.refuse_method(request)
        return await edge.refuse_unknown(request)

    return answer


def _gateway(
    state: State, hub: Hub, violations: Violations
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(status=426, text="Upgrade Required")
        return await Connection(state=state, hub=hub, violations=violations).serve(request)

    return answer
