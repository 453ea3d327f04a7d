"""Small pictures of what hangs in Discord: asked of its hosts alone, checked, made smaller."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.pictures import DISCORD_HOSTS, LinkRules, Thumbnails, open_picture_session
from bot.pictures import from_discord as module
from bot.providers.image import Size
from tests.pictures.samples import encoded, png
from tests.providers.raw_server import RawServer, answering, http, serving

if TYPE_CHECKING:
    from bot.pictures import Thumbnail

pytestmark = pytest.mark.sockets

SIDE_PX = 256
SQUARE = Size(1024, 1024)


async def fetched(server: RawServer, path: str = "/a.png", size: Size = SQUARE) -> Thumbnail | None:
    rules = LinkRules(allowed_hosts=DISCORD_HOSTS, base_url=server.base_url)
    async with open_picture_session(rules) as session:
        thumbnails = Thumbnails(session, rules=rules, proxy_for=lambda _: None)
        link = f"http://127.0.0.1:{server.port}{path}"
        return await thumbnails.fetch(link, size, side_px=SIDE_PX)


@pytest.mark.parametrize(
    ("path", "size", "asked"),
    [
        ("/a.png?ex=1&is=2&hm=3&", SQUARE, "/a.png?ex=1&is=2&hm=3&width=256&height=256"),
        ("/a.png?ex=1", Size(1536, 864), "/a.png?ex=1&width=256&height=144"),
        ("/a.png", Size(256, 2048), "/a.png?width=32&height=256"),
        ("/a.png", Size(4096, 4), "/a.png?width=256&height=1"),
        ("/a.png", Size(64, 64), "/a.png?width=64&height=64"),
    ],
)
async def test_the_proxy_is_asked_for_a_small_one_in_its_proportions(
    path: str, size: Size, asked: str
) -> None:
    async with serving(answering(http(200, png()))) as server:
        assert await fetched(server, path, size) is not None
    assert server.requests[0].startswith(f"GET {asked} HTTP/1.1".encode())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_small_picture_is_taken_as_it_came(kind: str) -> None:
    content = encoded(kind, 256, 144)
    async with serving(answering(http(200, content))) as server:
        found = await fetched(server)
    assert found is not None
    assert (found.content, found.media_type) == (content, f"image/{kind.lower()}")
    assert found.size == Size(256, 144)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_whole_one_is_made_smaller(kind: str) -> None:
    """Where the proxy does not scale."""
    async with serving(answering(http(200, encoded(kind, 1200, 600)))) as server:
        found = await fetched(server)
    assert found is not None
    assert (found.media_type, found.size) == ("image/jpeg", Size(256, 128))
    with Image.open(io.BytesIO(found.content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (256, 128))


async def test_without_the_extra_a_whole_one_is_not_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would take the processor for longer than all the rest; what is small is drawn."""
    monkeypatch.setattr("bot.pictures.shrink.find_spec", lambda _: None)
    whole, small = encoded("PNG", 1200, 600), encoded("PNG", 256, 128)
    for content, is_drawn in ((whole, False), (small, True)):
        async with serving(answering(http(200, content))) as server:
            assert (await fetched(server) is not None) is is_drawn


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"<html>" * 40),
        http(200, b"GIF89a" + bytes(100)),
        http(200, b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        http(200, encoded("PNG", 900, 900)[:2000]),
        http(200, png()[:40]),
        http(200, png()[:-20]),
        http(200, encoded("JPEG")[:-2]),
        http(200),
        http(404, b"This content is no longer available."),
        http(302, b"", "Location: http://127.0.0.1/b.png"),
        http(500),
    ],
)
async def test_anything_else_is_no_thumbnail(answer: bytes) -> None:
    async with serving(answering(answer)) as server:
        assert await fetched(server) is None


async def test_what_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHOLE_LIMIT_BYTES", 1000)
    async with serving(answering(http(200, encoded("PNG", 256, 256)))) as server:
        assert await fetched(server) is None


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/a.png",
        "https://cdn.discordapp.com.example.com/a.png",
        "https://images-ext-1.discordapp.net/external/x/https/example.com/a.png",
        "https://me@cdn.discordapp.com/a.png",
        "ftp://cdn.discordapp.com/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/a.png",
        "http://[::1]/a.png",
        "not a link",
        "",
    ],
)
async def test_no_other_address_is_asked(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def get(*_: object, **__: object) -> None:
        pytest.fail("asked")

    async with serving(answering(http(200, png()))) as server:
        rules = LinkRules(allowed_hosts=DISCORD_HOSTS, base_url=server.base_url)
        async with open_picture_session(rules) as session:
            monkeypatch.setattr(session, "get", get)
            thumbnails = Thumbnails(session, rules=rules, proxy_for=lambda _: None)
            assert await thumbnails.fetch(link, SQUARE, side_px=SIDE_PX) is None
    assert server.requests == []
