"""The local Discord's routes: REST, gateway and attachment links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import (
    application,
    audit_log,
    automod,
    bans,
    callbacks,
    channels,
    commands,
    entitlements,
    follow_ups,
    guilds,
    messages,
    overwrites,
    pins,
    positions,
    ratelimits,
    reactions,
    scheduled_events,
    threads,
    users,
    webhooks,
)
from sandbox.discord.cdn import CDN, MEDIA, attachment_handler, proxy_handler
from sandbox.discord.gateway.socket import Connection
from sandbox.discord.not_played import NOT_PLAYED
from sandbox.discord.routing import Auth, Call, Reply, Route, RouteTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.edge import Edge
    from sandbox.discord.gateway.hub import Hub

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
    *overwrites.ROUTES,
    *guilds.ROUTES,
    *positions.ROUTES,
    *audit_log.ROUTES,
    *automod.ROUTES,
    *bans.ROUTES,
    *scheduled_events.ROUTES,
)
"""Everything that this Discord plays below the base."""

_TABLE = RouteTable((*ROUTES, *NOT_PLAYED))


def add_discord(app: web.Application, *, edge: Edge, hub: Hub) -> None:
    """Adds every route of this Discord to the application."""
    app.router.add_route("*", "/api/{rest:.*}", _rest(edge))
    app.router.add_get("/gateway", _gateway(edge, hub))
    app.router.add_get("/gateway/", _gateway(edge, hub))
    file = "/{kind}/{channel_id}/{attachment_id}/{name}"
    app.router.add_get(CDN + file, attachment_handler(edge.state))
    app.router.add_get(MEDIA + file, proxy_handler(edge.state))


def _rest(edge: Edge) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        raw_path = request.rel_url.raw_path
        below = raw_path.removeprefix(f"{API}/")
        if below == raw_path:
            return edge.refuse_version(request)
        found = _TABLE.find(request.method, below)
        if found is None:
            return edge.refuse_unknown(request)
        if found.route is None:
            return edge.refuse_method(request)
        return await edge.serve(found.route, request, found.path)

    return answer


def _gateway(edge: Edge, hub: Hub) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(status=426, text="Upgrade Required")
        connection = Connection(
            state=edge.state, hub=hub, violations=edge.violations, remarks=edge.remarks
        )
        return await connection.serve(request)

    return answer
