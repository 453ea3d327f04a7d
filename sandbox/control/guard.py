"""Only this machine's own pages and programs: the whole sandbox refuses others.

Another site that is open in the same browser can send requests to loopback, and a name of its own
can be made to mean loopback. It cannot forge `Host`, `Origin` and `Sec-Fetch-Site`, so all three
must be our own where they are given; programs send no more than `Host`. Only following a link to
the page is left to other sites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def own_origin_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers 403 to a foreign Host or Origin."""
    if not _is_own(f"http://{request.host}", request):
        return web.json_response({"message": f"foreign host {request.host!r}"}, status=403)
    origin = request.headers.get("Origin")
    if origin is not None and not _is_own(origin, request):
        return web.json_response({"message": f"foreign origin {origin!r}"}, status=403)
    if _comes_from_elsewhere(request):
        return web.json_response({"message": "foreign site"}, status=403)
    return await handler(request)


def _comes_from_elsewhere(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site", "none")
    follows_a_link = (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    return site not in ("same-origin", "none") and not follows_a_link


def _is_own(address: str, request: web.Request) -> bool:
    try:
        url = URL(address)
        port = url.port
    except ValueError:
        return False
    transport = request.transport
    own_port = transport.get_extra_info("sockname")[1] if transport else None
    return url.host in _OWN_HOSTS and port == own_port
