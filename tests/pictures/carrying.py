"""A picture of real size behind a link, and two ways to have it carried."""

from __future__ import annotations

from collections.abc import Callable

import discord

from bot.pictures import Relay
from bot.providers.image import Size
from bot.records import replace
from tests.pictures.samples import PROVENANCE, png
from tests.providers.raw_server import RawServer, http

RelayFor = Callable[[RawServer], Relay]
LIMIT_BYTES = 10 * 1024 * 1024
BIG = Size(640, 480)
BIG_PNG = png(width_px=640, height_px=480, idat_bytes=8192)
BIG_PROVENANCE = replace(PROVENANCE, size=BIG)


def link(server: RawServer) -> str:
    return f"http://127.0.0.1:{server.port}/7d/a.png?Expires=1&Signature=se%2Bcret%3D"


def png_answer(picture: bytes) -> bytes:
    return http(200, picture, "Content-Type: image/png")


async def relayed(relay: Relay, server: RawServer, channel: discord.PartialMessageable) -> None:
    async with relay.open(
        link(server), provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
    ) as picture:
        await channel.send(file=discord.File(picture, description="a cat"))


async def read(
    relay: Relay,
    server: RawServer,
    *,
    limit_bytes: int = LIMIT_BYTES,
    ends_at_bytes: int | None = None,
) -> bytes:
    whole = b""
    async with relay.open(
        link(server),
        provenance=BIG_PROVENANCE,
        limit_bytes=limit_bytes,
        ends_at_bytes=ends_at_bytes,
    ) as picture:
        while block := await picture.read_block():
            whole += block
        assert len(whole) == picture.length_bytes
    return whole
