"""Uploads and their links: limits, types, signatures, expiry."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from sandbox.painter import plain
from sandbox.tests.bots import PNG
from sandbox.tests.rest import MESSAGES, Rest

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

MIB = 1024 * 1024


async def sent(rest: Rest, files: dict[str, bytes], **body: object) -> dict[str, Any]:
    """The first attachment of a message with these files."""
    told = await rest.call("POST", MESSAGES, body or {"content": "here"}, files=files)
    assert told.status == 200, told.body
    first: dict[str, Any] = told.body["attachments"][0]
    return first


async def fetch(rest: Rest, link: str, **headers: str) -> tuple[int, bytes]:
    """Status and content of a link, without the bot's token."""
    headers = {"Authorization": "", **headers}
    async with rest.session.get(link, headers=headers) as response:
        return response.status, await response.read()


async def test_a_link_works_for_a_day_and_a_fresh_one_after_it(
    sandbox: Sandbox, rest: Rest
) -> None:
    """Reading the message again signs afresh."""
    told = await rest.call("POST", MESSAGES, {"content": "here"}, files={"a.png": PNG})
    link = told.body["attachments"][0]["url"]
    assert await fetch(rest, link) == (200, PNG)
    sandbox.clock.advance(24 * 3600 + 1)
    assert await fetch(rest, link) == (404, b"This content is no longer available.")
    again = await rest.call("GET", MESSAGES + "/{message_id}", message_id=told.body["id"])
    assert await fetch(rest, again.body["attachments"][0]["url"]) == (200, PNG)


async def test_a_link_without_its_signature_leads_nowhere(rest: Rest) -> None:
    """Neither without the query, nor with a changed one, nor to another name."""
    link = (await sent(rest, {"a.png": PNG}))["url"]
    path, query = link.split("?")
    for wrong in (
        path,
        link.replace("hm=", "hm=0"),
        f"{path}x?{query}",
        link.replace("ex=", "ex=f"),
    ):
        assert (await fetch(rest, wrong))[0] == 404, wrong


async def test_a_part_of_a_file_can_be_read(rest: Rest) -> None:
    """206 with the bytes asked for."""
    link = (await sent(rest, {"a.png": PNG}))["url"]
    assert await fetch(rest, link, Range="bytes=1-3") == (206, b"PNG")


async def test_the_type_is_sniffed_and_the_size_measured(rest: Rest) -> None:
    """Whatever the client calls it; names are made safe."""
    stub = {"id": 0, "filename": "gra pes.bin"}
    picture = await sent(rest, {"a": PNG}, attachments=[stub])
    assert picture["content_type"] == "image/png"
    assert (picture["width"], picture["height"], picture["size"]) == (3, 2, len(PNG))
    assert picture["filename"] == "gra_pes.bin"
    assert (await sent(rest, {"a.txt": b"hello"}))["content_type"] == "text/plain; charset=utf-8"


async def test_a_placeholder_names_and_describes_its_upload(rest: Rest) -> None:
    """By the number of the file."""
    stub = {"id": 0, "filename": "SPOILER_b.png", "description": "grapes"}
    told = await sent(rest, {"a.png": PNG}, attachments=[stub])
    assert (told["filename"], told["description"]) == ("SPOILER_b.png", "grapes")
    assert told["flags"] == 8


@pytest.mark.parametrize(("tier", "limit"), [(0, 20 * MIB), (2, 50 * MIB)])
async def test_a_file_may_be_as_large_as_the_guild_allows(
    sandbox: Sandbox, control: Control, rest: Rest, tier: int, limit: int
) -> None:
    """One byte more is 413 with 40005."""
    sandbox.state.guilds[control.guild["id"]].boost_tier = tier
    whole = bytes(limit)
    assert (await sent(rest, {"a.bin": whole}))["size"] == limit
    refused = await rest.call("POST", MESSAGES, {}, files={"a.bin": whole + b"x"})
    assert (refused.status, refused.body["code"]) == (413, 40005)


async def test_a_message_carries_ten_files(rest: Rest) -> None:
    """The eleventh is refused."""
    files = {f"{number}.txt": b"x" for number in range(11)}
    refused = await rest.call("POST", MESSAGES, {}, files=files)
    assert refused.status == 400
    assert refused.body["code"] in (30015, 50035)


async def test_a_request_as_a_whole_has_a_limit(rest: Rest) -> None:
    """Three files of ten mebibytes are more than 25: 413 with 40005."""
    files = {f"{number}.bin": bytes(10 * MIB) for number in range(3)}
    refused = await rest.call("POST", MESSAGES, {}, files=files)
    assert (refused.status, refused.body["code"]) == (413, 40005)


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("width=256&height=256", (256, 160)),
        ("width=64", (64, 40)),
        ("height=100", (160, 100)),
        ("width=9999&height=9999", (640, 400)),
        ("width=none", (640, 400)),
        ("", (640, 400)),
    ],
)
async def test_the_proxy_scales_a_picture_into_the_box(
    rest: Rest, query: str, size: tuple[int, int]
) -> None:
    """Its sides keep their ratio; it is never made larger, and always a PNG."""
    whole = plain("grapes", seed=1, width_px=640, height_px=400, xmp=None)
    link = (await sent(rest, {"a.png": whole}))["proxy_url"]
    status, content = await fetch(rest, link + query)
    assert status == 200
    with Image.open(io.BytesIO(content)) as shown:
        assert (shown.format, shown.size) == ("PNG", size)


async def test_the_proxy_asks_for_the_signature_and_leaves_other_files_alone(
    sandbox: Sandbox, rest: Rest
) -> None:
    """Its links die with those of the file; what is no picture is not touched."""
    first = await sent(rest, {"a.txt": b"grapes"})
    assert await fetch(rest, first["proxy_url"] + "width=1&height=1") == (200, b"grapes")
    broken = await sent(rest, {"a.png": PNG})
    assert await fetch(rest, broken["proxy_url"] + "width=1&height=1") == (200, PNG)
    unsigned = first["proxy_url"].split("?")[0]
    assert (await fetch(rest, unsigned + "?width=1"))[0] == 404
    sandbox.clock.advance(24 * 3600 + 1)
    assert (await fetch(rest, first["proxy_url"]))[0] == 404


async def test_without_pillow_the_proxy_gives_the_whole_picture(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it may, being only asked to scale."""
    monkeypatch.setattr("sandbox.discord.media.can_scale", lambda: False)
    whole = plain("grapes", seed=1, width_px=64, height_px=40, xmp=None)
    link = (await sent(rest, {"a.png": whole}))["proxy_url"]
    assert await fetch(rest, link + "width=8&height=8") == (200, whole)
