"""HTTPS_PROXY: Discord, Z-Image and its pictures are reached by it, and by nothing else."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from bot.errors import DownloadFailed, NotSent
from bot.pictures import LinkRules, Relay, open_picture_session
from bot.providers.zimage import ZImageClient, open_session
from tests.journeys.stage import staged
from tests.pictures.carrying import BIG_PNG, BIG_PROVENANCE, LIMIT_BYTES, png_answer
from tests.pictures.test_connections import server_tls
from tests.providers.calls import DRAWN_JSON, KEY, REQUEST
from tests.providers.raw_server import answering, http, serving
from tests.proxying import Proxy, proxying

if TYPE_CHECKING:
    from pathlib import Path

    import aiohttp


ZIMAGE = "https://dashscope-intl.aliyuncs.com"
PICTURE = "https://bucket.oss-accelerate.aliyuncs.com/7d/a.png?Expires=1&Signature=a%2Bb"
DRAWN = http(200, DRAWN_JSON, "Content-Type: application/json")
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


def unchecked_tls() -> ssl.SSLContext:
    """The certificate of the tests is for another name."""
    tls = ssl.create_default_context()
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    return tls


def zimage_by(proxy: Proxy, session: aiohttp.ClientSession) -> ZImageClient:
    return ZImageClient(
        session,
        base_url=f"{ZIMAGE}/api/v1",
        api_key=KEY,
        model="z-image-turbo",
        proxy=proxy.url.replace("://", "://user:secret@"),
    )


@pytest.mark.sockets
async def test_z_image_is_asked_by_the_proxy() -> None:
    """The key goes to the service alone, the proxy's password to the proxy alone."""
    async with (
        serving(answering(DRAWN), tls=server_tls()) as server,
        proxying(server.port) as proxy,
        open_session(tls=unchecked_tls()) as session,
    ):
        outcome = await zimage_by(proxy, session).draw(REQUEST)
    assert outcome.url.startswith("https://dashscope-result-sg")
    assert proxy.asked == ["CONNECT dashscope-intl.aliyuncs.com:443"]
    assert b"Proxy-Authorization: Basic" in proxy.heads[0]
    assert KEY.encode() not in proxy.heads[0]
    assert KEY.encode() in server.requests[0]
    assert b"Proxy-Authorization" not in server.requests[0]


@pytest.mark.sockets
async def test_what_the_proxy_does_not_pass_on_was_not_sent() -> None:
    """So it is free to be sent again, and the send was not announced."""
    announced: list[str] = []

    async def on_send() -> None:
        announced.append("sent")

    async with proxying(1) as proxy, open_session() as session:
        proxy.refusal = BAD_GATEWAY
        with pytest.raises(NotSent, match="502"):
            await zimage_by(proxy, session).draw(REQUEST, on_send=on_send)
    async with open_session() as session:
        with pytest.raises(NotSent):
            await zimage_by(proxy, session).draw(REQUEST, on_send=on_send)
    assert announced == []


async def carried(proxy: Proxy) -> bytes:
    whole = b""
    rules = LinkRules(allowed_hosts=(".aliyuncs.com",), base_url=f"{ZIMAGE}/api/v1")
    async with open_picture_session(rules, tls=unchecked_tls()) as session:
        relay = Relay(session, rules=rules, proxy_for=lambda _: proxy.url)
        async with relay.open(
            PICTURE, provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
        ) as picture:
            while block := await picture.read_block():
                whole += block
    return whole


@pytest.mark.sockets
@pytest.mark.parametrize("is_told", [True, False])
async def test_pictures_come_by_the_proxy(is_told: bool) -> None:
    """Once where their length is told, which object storage does; else counted first."""
    answer = png_answer(BIG_PNG)
    if not is_told:
        answer = answer.replace(b"Content-Length: ", b"X-Length: ")
    async with (
        serving(answering(answer), tls=server_tls()) as server,
        proxying(server.port) as proxy,
    ):
        whole = await carried(proxy)
    assert whole[:8] == BIG_PNG[:8]
    assert whole[-8192:] == BIG_PNG[-8192:]
    asked = "CONNECT bucket.oss-accelerate.aliyuncs.com:443"
    assert proxy.asked == [asked] * (1 if is_told else 2)
    assert {URL(PICTURE).raw_path_qs.encode() in one for one in server.requests} == {True}


@pytest.mark.sockets
async def test_a_picture_that_the_proxy_refuses_is_fetched_again_later() -> None:
    """It costs nothing, and the error holds no link."""
    async with proxying(1) as proxy:
        proxy.refusal = BAD_GATEWAY
        with pytest.raises(DownloadFailed) as raised:
            await carried(proxy)
    assert "Signature" not in str(raised.value)


@pytest.mark.process
async def test_discord_is_reached_by_the_proxy(tmp_path: Path) -> None:
    """REST and gateway, by the real process; what NO_PROXY names is reached directly."""
    async with staged(tmp_path, bot=False) as stage:
        at = {
            name: URL(str(value))
            for name, value in stage.sandbox.addresses.items()
            if name.endswith("_url")
        }
        async with proxying(at["control_url"].port or 0) as proxy:
            stage.environment |= {
                "HTTPS_PROXY": proxy.url,
                "DISCORD_API_BASE_URL": f"http://discord.test{at['discord_api_base_url'].path}",
                "DASHSCOPE_BASE_URL": f"http://zimage.test{at['zimage_base_url'].path}",
            }
            await stage.start_bot()
            await stage.until(lambda: "GET http://zimage.test" in proxy.asked)
            assert "POST http://discord.test" in proxy.asked or (
                "PUT http://discord.test" in proxy.asked
            )
            await stage.kill_bot()
            asked = len(proxy.asked)
            direct = {"NO_PROXY": "zimage.test,discord.test"}
            process = await stage.spawn_bot(("doctor",), **direct)
            assert await process.wait() == 1
            assert len(proxy.asked) == asked
