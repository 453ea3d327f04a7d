"""The local Discord's routes: REST, gateway and attachment links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import (
    application,
    audit_log,
    automod,
    callbacks,
    channels,
    commands,
    entitlements,
    follow_ups,
    guilds,
    messages,
    pins,
    ratelimits,
    reactions,
    scheduled_events,
    threads,
    users,
    webhooks,
)
from sandbox.discord.cdn import CDN, MEDIA, attachment_handler, proxy_handler
from sandbox.discord.gateway.socket import Connection
from sandbox.discord.routing import Auth, Call, Reply, Route, RouteTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.edge import Edge
    from sandbox.discord.gateway.hub import Hub
    from sandbox.discord.state import State
    from sandbox.violations import Violations

API = "/api/v10"


def get_gateway(call: Call) -> Reply:
    """The gateway's address."""
    return Reply(body={"url": call.state.gateway_url})


def get_gateway_for_bot(call: Call) -> Reply:
    """The address, the number of shards and the session starts that are left today."""
    limits = call.state.session_starts
    return Reply(
        body={
            "url": call.state.gateway_url,
            "shards": limits.shards,
            "session_start_limit": limits.object(call.state.now_us()),
        }
    )


ROUTES = (
    *users.ROUTES,
    Route("GET", "/gateway", get_gateway, ratelimits.GATEWAY, auth=Auth.NOBODY),
    Route("GET", "/gateway/bot", get_gateway_for_bot, ratelimits.GATEWAY),
    *commands.ROUTES,
    *application.ROUTES,
    *entitlements.ROUTES,
    *callbacks.ROUTES,
    *follow_ups.ROUTES,
    *webhooks.ROUTES,
    *pins.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *threads.ROUTES,
    *channels.ROUTES,
    *guilds.ROUTES,
    *audit_log.ROUTES,
    *automod.ROUTES,
    *scheduled_events.ROUTES,
)
"""Everything that this Discord answers below the base."""

_TABLE = RouteTable(ROUTES)


def add_discord(app: web.Application, *, edge: Edge, hub: Hub) -> None:
    """Adds every route of this Discord to the application."""
    app.router.add_route("*", "/api/{rest:.*}", _rest(edge))
    app.router.add_get("/gateway", _gateway(edge.state, hub, edge.violations))
    app.router.add_get("/gateway/", _gateway(edge.state, hub, edge.violations))
    file = "/{kind}/{channel_id}/{attachment_id}/{name}"
    app.router.add_get(CDN + file, attachment_handler(edge.state))
    app.router.add_get(MEDIA + file, proxy_handler(edge.state))


def _rest(edge: Edge) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        raw_path = request.rel_url.raw_path
        below = raw_path.removeprefix(f"{API}/")
        found = None if below == raw_path else _TABLE.find(request.method, below)
        if found is None:
            return edge.refuse_unknown(request)
        if found.route is None:
            return edge.refuse_method(request)
        return await edge.serve(found.route, request, found.path)

    return answer


def _gateway(
    state: State, hub: Hub, violations: Violations
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(status=426, text="Upgrade Required")
        return await Connection(state=state, hub=hub, violations=violations).serve(request)

    return answer
