"""Discord's four kinds of 429.

Source: Discord's documentation, topic "Rate limits" (2026). A global refusal says so; Cloudflare's
is no JSON and lacks `Via`, by which clients tell it from Discord's own.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.faults.kinds import RateLimited


def rate_limited(fault: RateLimited) -> web.Response:
    """The refusal; it carries no bucket, as the request reached none."""
    whole_s = str(max(1, math.ceil(fault.retry_after)))
    if fault.scope == "cloudflare":
        return web.Response(
            status=429,
            text="error code: 1015",
            content_type="text/plain",
            headers={"Retry-After": whole_s, "Server": "cloudflare"},
        )
    is_global = fault.scope == "global"
    headers = {
        "Retry-After": whole_s,
        "X-RateLimit-Scope": fault.scope,
        "Via": "1.1 google",
        **({"X-RateLimit-Global": "true"} if is_global else {}),
    }
    body = {
        "message": "You are being rate limited.",
        "retry_after": fault.retry_after,
        "global": is_global,
    }
    return web.Response(
        status=429, body=json.dumps(body), content_type="application/json", headers=headers
    )
