"""The HTTP session for Z-Image; pictures have one of their own, see bot/pictures/download."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from bot.zimage.departure import departure_trace

if TYPE_CHECKING:
    import ssl

# A kept connection that the server closes while our POST is on its way looks like a lost answer, so
# a picture is called uncertain although nobody drew it. Ours must be dropped a round trip before
# the server would: the earliest servers close after 5 s, load balancers after 15 s and more. Under
# load each is used again within a second; when idle it costs a handshake.
KEEP_ALIVE_S = 4.0
CONNECT_S = 10.0
TOTAL_S = 120.0


def open_session(*, tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """Opens the session; close it with the process.

    No limit of connections: how many calls run is the dispatcher's affair, and a queue in here
    would spend the account's pace while nothing is sent. No cookies. A proxy is told with each
    request and not left to aiohttp's `trust_env`, which would also replace our key by what it
    finds in a .netrc, and knows no exception for this machine. `tls` replaces the default
    context, which aiohttp builds once.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEEP_ALIVE_S, ttl_dns_cache=300, ssl=tls or True
        ),
        timeout=aiohttp.ClientTimeout(total=TOTAL_S, connect=CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "zeuxis"},
        trace_configs=[departure_trace()],
    )
