"""Which links are followed.

The provider's answer names an address, and whoever could forge an answer could have us fetch from
inside the operator's network. So: https, port 443, a host under a suffix that the operator chose,
and (see session.py) an address of the public internet behind that name. The reference's fixed list
of hosts (2025-12-23) is not used: live answers name others, and newer editions of the page give
none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from yarl import URL

from bot.errors import LinkNotAllowed

_PORTS = {"https": 443, "http": 80}
_LONGEST_LINK = 8000  # characters; RFC 9110 §4.1 asks servers for no more than 8000
# As in DNS, with the underscores that some storages use. Nothing that a resolver might read as an
# address in disguise, a zone or an escape.
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """`.example.com` allows all hosts below, `example.com` that host alone.

    A sandbox serves everything over plain http from one loopback port: when `base_url` names one,
    links to exactly that scheme, host and port are followed too.
    """

    allowed_hosts: tuple[str, ...]
    base_url: str

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
        base = URL(self.base_url)
        return _is_loopback(base.host or "") and (host, port) == (base.host, base.port)

    def _over_https(self, url: URL, host: str) -> URL:
        if _PORTS.get(url.scheme) != url.port:
            raise LinkNotAllowed(f"not plain https: {url.scheme[:20]}, port {url.port}")
        if not self.names(host) or not _is_name(host, url.raw_authority):
            raise LinkNotAllowed(f"host {host[:80]} is not on the list")
        return url.with_port(None).with_scheme("https")

    def _is_sandbox(self, url: URL) -> bool:
        base = URL(self.base_url)
        return _is_loopback(base.host or "") and url.origin() == base.origin()


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
