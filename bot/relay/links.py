"""Which links are followed.

The provider's answer names an address, and whoever could forge an answer could have us fetch from
inside the operator's network. So: https, port 443, and a host under a suffix that the operator
chose. The reference's fixed list of hosts (2025-12-23) is not used: live answers name others, and
newer editions of the page give none.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from yarl import URL

from bot.errors import LinkNotAllowed

_HTTPS_PORT = 443


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

        Raises LinkNotAllowed, which never shows more than scheme and host.
        """
        if not link.isascii() or not link.isprintable() or " " in link:
            raise LinkNotAllowed("link with characters that no address has")
        try:
            url = URL(link, encoded=True)
            host, port = (url.raw_host or "").rstrip("."), url.port
        except ValueError:
            host, port = "", None
        if not host or port is None:
            raise LinkNotAllowed("not an address")
        if url.raw_user is not None or url.raw_password is not None:
            raise LinkNotAllowed(f"link with a user name for {host}")
        if self._is_sandbox(url):
            return url
        if url.scheme != "https" or port != _HTTPS_PORT:
            raise LinkNotAllowed(f"not plain https: {url.scheme}, port {port}")
        if not any(_matches(host, allowed) for allowed in self.allowed_hosts):
            raise LinkNotAllowed(f"host {host} is not on the list")
        return url

    def _is_sandbox(self, url: URL) -> bool:
        base = URL(self.base_url)
        return _is_loopback(base.host or "") and url.origin() == base.origin()


def _matches(host: str, allowed: str) -> bool:
    host, allowed = host.casefold(), allowed.casefold()
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
