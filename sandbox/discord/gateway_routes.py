"""Routes that tell where the gateway is and how many sessions may still be started."""

from __future__ import annotations

from sandbox.discord import ratelimits
from sandbox.discord.routing import Auth, Call, Reply, Route


def get(call: Call) -> Reply:
    """The gateway's address."""
    return Reply(body={"url": call.state.gateway_url})


def get_for_bot(call: Call) -> Reply:
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
    Route(method="GET", path="/gateway", handler=get, bucket=ratelimits.GATEWAY, auth=Auth.NOBODY),
    Route(method="GET", path="/gateway/bot", handler=get_for_bot, bucket=ratelimits.GATEWAY),
)
