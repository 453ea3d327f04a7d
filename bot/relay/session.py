"""The HTTP session for pictures: it connects to the public internet only.

A name on the operator's list may lead anywhere, by a slip or on purpose: to a router, or to the
cloud's own service of keys. So the addresses are judged where they are looked up, and the
connection is opened to those very addresses; a second look-up could be answered differently.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver

from bot.errors import DownloadFailed

if TYPE_CHECKING:
    import ssl

    from aiohttp.abc import ResolveResult

    from bot.relay.links import LinkRules

_TTL_DNS_S = 300
_BUFFER_BYTES = 64 * 1024  # twice as much at the most waits for a slow upload
# RFC 2544 keeps it for benchmarks. Proxies that work as a network card (Clash, Surge, sing-box)
# give every name an address in it, and nothing else lives there.
_MADE_UP_BY_PROXIES = ip_network("198.18.0.0/15")
_TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last four bytes are IPv4


def open_picture_session(
    rules: LinkRules, *, tls: ssl.SSLContext | None = None
) -> aiohttp.ClientSession:
    """Opens the session; close it with the process.

    No key, no cookies, no limit of connections: how many pictures are under way is the outbox's
    affair. Each picture has a connection of its own: what a server sends beyond its answer would
    else be taken for the next one, which may be another guild's. A proxy is told with each request,
    as for bot/zimage/session. `tls` replaces the default context.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            force_close=True,
            resolver=PublicResolver(rules),
            ssl=tls or True,
            ttl_dns_cache=_TTL_DNS_S,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "zeuxis"},
        read_bufsize=_BUFFER_BYTES,
    )


class PublicResolver(AbstractResolver):
    """Leaves out the private addresses of names that links may have.

    Other names are those of a proxy, which may well stand in the operator's own network.
    """

    def __init__(self, rules: LinkRules, resolver: AbstractResolver | None = None) -> None:
        self._rules = rules
        self._resolver = resolver or aiohttp.DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises DownloadFailed if only private addresses are left: names may be mended while the
        link lives. OSError as its resolver.
        """
        found = await self._resolver.resolve(host, port, family)
        if self._rules.is_sandbox_at(host, port) or not self._rules.names(host):
            return found
        public = [one for one in found if is_public(one["host"])]
        if found and not public:
            raise DownloadFailed(f"host {host} leads to {found[0]['host']}, which is private")
        return public

    async def close(self) -> None:
        await self._resolver.close()


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, seen through what wraps IPv4 in IPv6."""
    try:
        plain = _unwrapped(ip_address(address))
    except ValueError:
        return False  # with a zone: of this link only
    if plain.version == 4 and plain in _MADE_UP_BY_PROXIES:
        return True
    return plain.is_global and not plain.is_multicast and not plain.is_reserved


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
