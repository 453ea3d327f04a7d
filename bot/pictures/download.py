"""The download: which links are followed, where to, and how what comes is read, in blocks.

The provider's answer names an address, and whoever could forge an answer could have us fetch from
inside the operator's network. So: https, port 443, a host under a suffix that the operator chose,
and an address of the public internet behind that name. A name may lead anywhere, by a slip or on
purpose: to a router, or to the cloud's own service of keys. So the addresses are judged where they
are looked up, and the connection is opened to those very addresses; a second look-up could be
answered differently. The reference's fixed list of hosts (2025-12-23) is not used: live answers
name others, and newer editions of the page give none.

No key (object storage reads an Authorization header as its own kind of signature and refuses), no
cookies, no redirects. A link is a credential and aiohttp's errors hold links, so each is replaced
here, outside of its except clause, by one that knows only what happened.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from msgspec import Struct
from yarl import URL

from bot.errors import DownloadFailed, LinkExpired, LinkNotAllowed, NotAPicture, RelayError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from aiohttp.abc import ResolveResult

    Block = bytes | memoryview

_PORTS = {"https": 443, "http": 80}
_LONGEST_LINK = 8000  # characters; RFC 9110 §4.1 asks servers for no more than 8000
# As in DNS, with the underscores that some storages use. Nothing that a resolver might read as an
# address in disguise, a zone or an escape.
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z", re.IGNORECASE)
_TTL_DNS_S = 300
# aiohttp stops reading beyond twice as much; asyncio's TLS gives 256 KB at once. With less, each of
# its reads would stop and start the connection; with more, a slow upload would hold more.
_BUFFER_BYTES = 128 * 1024
# RFC 2544 keeps it for benchmarks. Proxies that work as a network card (Clash, Surge, sing-box)
# give every name an address in it, and nothing else lives there.
_MADE_UP_BY_PROXIES = ip_network("198.18.0.0/15")
_TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last four bytes are IPv4
# Four times Z-Image's largest area (4096×4096) has 50 MB before it is compressed.
LONGEST_BYTES = 64 * 1024 * 1024
_HEADERS = {"Accept": "image/png", "Accept-Encoding": "identity"}
_DOWNLOAD_ERRORS = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
_PASSING = frozenset({408, 425, 429})  # refusals that the storage takes back by itself


class LinkRules(Struct, frozen=True, kw_only=True):
    """`.example.com` allows all hosts below, `example.com` that host alone.

    A sandbox serves everything over plain http from one loopback port: when `base_url`, or one of
    another account, names one, links to exactly that scheme, host and port are followed too.
    """

    allowed_hosts: tuple[str, ...]
    base_url: str
    other_base_urls: tuple[str, ...] = ()

    def check(self, link: str) -> URL:
        """The link, ready to be requested as it is: its signature is already percent-encoded.

        Plain http is asked as https. Raises LinkNotAllowed, which never shows more than scheme and
        host.
        """
        link = link.strip()
        if len(link) > _LONGEST_LINK:
            raise LinkNotAllowed(f"link of {len(link)} characters")
        if not link.isascii() or not link.isprintable() or " " in link:
            raise LinkNotAllowed("link with characters that no address has")
        try:
            url = URL(link, encoded=True)
            host, port = url.raw_host or "", url.port
        except ValueError:
            host, port = "", None
        if not host or port is None:
            raise LinkNotAllowed("not an address")
        if "@" in url.raw_authority:
            raise LinkNotAllowed(f"link with a user name for {host[:80]}")
        return url if self._is_sandbox(url) else self._over_https(url, host)

    def names(self, host: str) -> bool:
        """Whether this host is on the list."""
        host = host.rstrip(".")
        return any(_matches(host, allowed) for allowed in self.allowed_hosts)

    def is_sandbox_at(self, host: str, port: int) -> bool:
        """Whether the sandbox serves there: the one place on this machine that may be asked."""
        return (host, port) in [(base.host, base.port) for base in self._sandboxes()]

    def _over_https(self, url: URL, host: str) -> URL:
        if _PORTS.get(url.scheme) != url.port:
            raise LinkNotAllowed(f"not plain https: {url.scheme[:20]}, port {url.port}")
        if not self.names(host) or not _is_name(host, url.raw_authority):
            raise LinkNotAllowed(f"host {host[:80]} is not on the list")
        return url.with_port(None).with_scheme("https")

    def _is_sandbox(self, url: URL) -> bool:
        return url.origin() in [base.origin() for base in self._sandboxes()]

    def _sandboxes(self) -> list[URL]:
        bases = [URL(one) for one in (self.base_url, *self.other_base_urls)]
        return [base for base in bases if _is_loopback(base.host or "")]


def open_picture_session(
    rules: LinkRules, *, tls: ssl.SSLContext | None = None
) -> aiohttp.ClientSession:
    """Opens the session; close it with the process.

    No key, no cookies, no limit of connections: how many pictures are under way is the outbox's
    affair. Each picture has a connection of its own: what a server sends beyond its answer would
    else be taken for the next one, which may be another guild's. A proxy is told with each request,
    as in bot/providers/zimage. `tls` replaces the default context.
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


class LeastSpeed(Struct, frozen=True, kw_only=True):
    """What a storage must give while we wait for it; 3 MB in a minute and a half.

    Only waiting counts: an upload that takes its time holds the download up, and is no fault of
    the storage.
    """

    bytes_per_s: float = 32 * 1024
    window_s: float = 10.0  # of waiting, over which it is averaged


class SpeedCheck:
    """Measures one download against the least speed."""

    def __init__(self, least: LeastSpeed) -> None:
        self._least = least
        self._waited_s = 0.0
        self._read_bytes = 0

    def waited(self, seconds: float, read_bytes: int) -> None:
        """Raises DownloadFailed if a whole window brought too little."""
        self._waited_s += seconds
        self._read_bytes += read_bytes
        if self._waited_s < self._least.window_s:
            return
        if self._read_bytes < self._least.bytes_per_s * self._waited_s:
            raise DownloadFailed(f"{self._read_bytes} bytes in {self._waited_s:.1f} s of waiting")
        self._waited_s, self._read_bytes = 0.0, 0


class Download:
    """An answer whose head is here and whose length is known."""

    def __init__(
        self, stream: Stream | KeptBytes, *, length_bytes: int, ends_at_bytes: int | None
    ) -> None:
        self.length_bytes = length_bytes if ends_at_bytes is None else ends_at_bytes
        self.read_bytes = 0
        self._told_bytes = length_bytes
        self._stream = stream

    async def read_block(self) -> Block:
        """The next bytes; empty at the end. Raises DownloadFailed if the link breaks."""
        if self.read_bytes == self.length_bytes < self._told_bytes:
            return b""
        block: Block = await self._stream.read()
        if self.length_bytes < self._told_bytes:
            block = memoryview(block)[: self.length_bytes - self.read_bytes]
        self.read_bytes += len(block)
        is_short = not block and self.read_bytes < self.length_bytes
        if is_short or self.read_bytes > self.length_bytes:
            raise DownloadFailed(f"length is not the {self._told_bytes} bytes that were told")
        return block


class KeptBytes:
    """A file that needs no download, in the place of an answer."""

    def __init__(self, content: bytes) -> None:
        self._left = memoryview(content)

    async def read(self) -> Block:
        """What comes next; empty at the end."""
        block, self._left = self._left[:_BUFFER_BYTES], self._left[_BUFFER_BYTES:]
        return block


class Stream:
    """What is left of an answer."""

    def __init__(
        self, response: aiohttp.ClientResponse, speed: SpeedCheck, now_s: Callable[[], float]
    ) -> None:
        self._response = response
        self._speed = speed
        self._now_s = now_s

    async def read(self) -> bytes:
        """All that is here, or comes next; empty at the end."""
        began_s = self._now_s()
        try:
            block = await self._response.content.readany()
        except _DOWNLOAD_ERRORS as error:
            reason = _describe(error)
        else:
            self._speed.waited(self._now_s() - began_s, len(block))
            return block
        raise DownloadFailed(f"download broke: {reason}")


class Downloads:
    """Opens links; holds nothing but how."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        timeouts: aiohttp.ClientTimeout,
        least: LeastSpeed,
        proxy_for: Callable[[str], str | None],
    ) -> None:
        self._session = session
        self._timeouts = timeouts
        self._least = least
        self._proxy_for = proxy_for

    @contextlib.asynccontextmanager
    async def open(self, link: URL, *, ends_at_bytes: int | None = None) -> AsyncIterator[Download]:
        """Opens the link; an answer that is not read to its end is dropped with its connection.

        Object storage tells the length. Where it is not told, or the answer is packed, it is asked
        twice: to be counted, and then to be carried.

        Args:
            ends_at_bytes: where to stop, as a BytesAfterPicture told it.

        Raises:
            LinkExpired: the storage does not give the picture.
            DownloadFailed: no connection, too slow, or a server's error.
            LinkNotAllowed: it redirects.
            NotAPicture: another answer than a picture, or one of more than LONGEST_BYTES.
        """
        async with self._asked(link) as (told_bytes, stream):
            if told_bytes is not None:
                yield Download(stream, length_bytes=told_bytes, ends_at_bytes=ends_at_bytes)
                return
            length_bytes = await _count_bytes(stream)
        async with self._asked(link) as (_, stream):
            yield Download(stream, length_bytes=length_bytes, ends_at_bytes=ends_at_bytes)

    async def read(self, link: URL, *, limit_bytes: int) -> bytes:
        """All of it in memory. Raises as `open`; NotAPicture also of what is longer."""
        read = bytearray()
        async with self.open(link) as download:
            if download.length_bytes > limit_bytes:
                raise NotAPicture(f"{download.length_bytes} bytes are too many")
            while block := await download.read_block():
                read += block
        return bytes(read)

    @contextlib.asynccontextmanager
    async def _asked(self, link: URL) -> AsyncIterator[tuple[int | None, Stream]]:
        """An answer that may be read, and its length if it is told."""
        response = await self._get(link)
        try:
            refusal = _refusal(response.status)
            if refusal is not None:
                raise refusal
            length_bytes = _told_length_bytes(response)
            if length_bytes is not None:
                check_length(length_bytes)
            now_s = asyncio.get_running_loop().time
            yield length_bytes, Stream(response, SpeedCheck(self._least), now_s)
        finally:
            response.close()

    async def _get(self, link: URL) -> aiohttp.ClientResponse:
        try:
            return await self._session.get(
                link,
                headers=_HEADERS,
                allow_redirects=False,
                timeout=self._timeouts,
                proxy=self._proxy_for(str(link.origin())),
            )
        except _DOWNLOAD_ERRORS as error:
            reason = _describe(error)
        raise DownloadFailed(f"no download: {reason}")


def check_length(length_bytes: int) -> None:
    """Raises NotAPicture if nothing that is drawn is so long."""
    if length_bytes > LONGEST_BYTES:
        raise NotAPicture(f"{length_bytes} bytes, more than {LONGEST_BYTES}")


def _refusal(status: int) -> RelayError | None:
    if status == 200:
        return None
    if status >= 500 or status in _PASSING:
        return DownloadFailed(f"storage answers {status}")
    if status >= 400:
        return LinkExpired(f"storage answers {status}")
    if status >= 300:
        return LinkNotAllowed(f"storage redirects with {status}")
    return NotAPicture(f"storage answers {status}")


def _told_length_bytes(response: aiohttp.ClientResponse) -> int | None:
    """None for chunks, and for an encoding that we did not ask for."""
    is_plain = response.headers.get(hdrs.CONTENT_ENCODING, "identity") == "identity"
    return response.content_length if is_plain else None


async def _count_bytes(stream: Stream) -> int:
    """Reads it all and keeps nothing; the upload must announce a length, so we download twice."""
    length_bytes = 0
    while block := await stream.read():
        length_bytes += len(block)
        check_length(length_bytes)
    return length_bytes


def _describe(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return type(error).__name__ if number is None else f"{type(error).__name__}, errno {number}"


def _is_name(host: str, authority: str) -> bool:
    """No address, however it is written."""
    return "[" not in authority and bool(_NAME.match(host.removesuffix(".")))


def _matches(host: str, allowed: str) -> bool:
    host, allowed = host.casefold(), allowed.casefold()
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
