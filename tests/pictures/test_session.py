"""Only the public internet is connected to, at the very addresses that were judged."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import DownloadFailed
from bot.pictures import LinkRules, Relay, open_picture_session
from bot.pictures.download import PublicResolver, is_public
from tests.pictures.samples import PROVENANCE
from tests.providers.raw_server import answering, serving

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = LinkRules(allowed_hosts=(".aliyuncs.com",), base_url="http://localhost:8080/api/v1")


class Names(AbstractResolver):
    """Gives every name the same addresses."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        more = {"port": port, "family": family, "proto": 0, "flags": 0}
        return [
            ResolveResult(hostname=host, host=one, **more)  # type: ignore[typeddict-item]
            for one in self._addresses
        ]

    async def close(self) -> None:
        pass


async def _found(host: str, *addresses: str, port: int = 443) -> list[str]:
    resolver = PublicResolver(RULES, Names(addresses))
    return [one["host"] for one in await resolver.resolve(host, port)]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.0.0.7", "172.16.0.1", "192.168.1.1", "0.0.0.0"),
        *("169.254.169.254", "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("192.0.2.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("2001:db8::1", "::ffff:10.0.0.7", "64:ff9b::7f00:1", "2002:7f00:1::", "nonsense"),
    ],
)
async def test_a_listed_name_with_a_private_address_is_refused(address: str) -> None:
    """Loopback, the operator's network, clouds' own services of keys, and IPv4 inside IPv6."""
    assert not is_public(address)
    with pytest.raises(DownloadFailed, match="private"):
        await _found("x.aliyuncs.com", address)


@pytest.mark.parametrize(
    "address", ["47.88.1.1", "2606:4700::1111", "64:ff9b::808:808", "198.18.0.23"]
)
async def test_a_public_address_is_connected_to(address: str) -> None:
    """Those that network-card proxies make up count as public: they give every name one."""
    assert await _found("x.aliyuncs.com", address) == [address]


async def test_of_several_addresses_the_private_ones_are_left_out() -> None:
    """aiohttp would try one after the other."""
    assert await _found("x.aliyuncs.com", "10.0.0.7", "47.88.1.1", "::1") == ["47.88.1.1"]


async def test_a_proxy_may_stand_in_the_operators_own_network() -> None:
    """It is no name that a link may have."""
    assert await _found("proxy.lan", "10.0.0.7", port=3128) == ["10.0.0.7"]


async def test_the_sandbox_may_be_asked_where_it_serves_and_nowhere_else() -> None:
    """Even if somebody put its name on the list."""
    rules = LinkRules(allowed_hosts=("localhost",), base_url="http://localhost:8080/api/v1")
    resolver = PublicResolver(rules, Names(["127.0.0.1"]))
    assert len(await resolver.resolve("localhost", 8080)) == 1
    with pytest.raises(DownloadFailed):
        await resolver.resolve("localhost", 443)


@pytest.mark.sockets
async def test_nothing_is_asked_of_a_private_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the whole session: the name is on the list, its address is this machine."""
    async with serving(answering(b"")) as server:
        rules = LinkRules(allowed_hosts=("localhost",), base_url="https://api.example.org/api/v1")
        monkeypatch.setattr("bot.pictures.download._PORTS", {"https": server.port})
        async with open_picture_session(rules) as session:
            link = f"https://localhost:{server.port}/a.png?Signature=cret"
            monkeypatch.setattr("yarl.URL.with_port", lambda url, _: url)
            with pytest.raises(DownloadFailed, match="leads to") as caught:
                async with Relay(session, rules=rules).open(
                    link, provenance=PROVENANCE, limit_bytes=1
                ):
                    pytest.fail("was opened")
        assert "cret" not in str(caught.value)
        assert server.accepted == 0
