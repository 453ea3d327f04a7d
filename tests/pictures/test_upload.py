"""Through the real discord.py client: Discord gets a whole picture or none."""

from __future__ import annotations

import asyncio
import gc
import io
import weakref
from typing import TYPE_CHECKING

import discord
import pytest
from PIL import Image

from bot.errors import (
    BytesAfterPicture,
    DownloadFailed,
    NotAPicture,
    RelayError,
)
from bot.pictures.provenance import xmp_packet
from tests.pictures.carrying import (
    BIG_PNG,
    BIG_PROVENANCE,
    LIMIT_BYTES,
    RelayFor,
    link,
    png_answer,
    relayed,
)
from tests.providers.raw_server import Connection, answering, serving

if TYPE_CHECKING:
    from tests.pictures.uploads import Uploads

pytestmark = pytest.mark.sockets


async def test_a_picture_reaches_discord_with_pixels_and_metadata(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """An independent reader finds the provider's pixels and our packet."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        await relayed(relay_for(server), server, channel)

    (posted,) = uploads.pictures
    assert uploads.filenames == ["zeuxis-42.png"]
    with Image.open(io.BytesIO(posted)) as ours, Image.open(io.BytesIO(BIG_PNG)) as theirs:
        assert ours.size == (640, 480)
        assert ours.tobytes() == theirs.tobytes()
        assert ours.info["xmp"] == xmp_packet(BIG_PROVENANCE)


async def test_the_upload_announces_its_length(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """No chunked encoding: Discord learns the size before the first byte."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        await relayed(relay_for(server), server, channel)

    (length,) = uploads.lengths
    assert length is not None
    assert length > len(uploads.pictures[0])


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (BIG_PNG[:-5000], NotAPicture),
        (BIG_PNG[:-12], NotAPicture),
        (BIG_PNG[:-500_000] + b"\0" + BIG_PNG[-500_000:], NotAPicture),
        (BIG_PNG[:-3] + b"\0\0\0", NotAPicture),
    ],
)
async def test_a_broken_picture_never_appears_in_discord(
    relay_for: RelayFor,
    uploads: Uploads,
    channel: discord.PartialMessageable,
    broken: bytes,
    kind: type[RelayError],
) -> None:
    """The upload is cut off before its end, and the reason comes out, not the upload's error."""
    async with serving(answering(png_answer(broken))) as server:
        with pytest.raises(kind):
            await relayed(relay_for(server), server, channel)

    assert uploads.pictures == []


async def test_a_download_that_breaks_half_way_never_appears_in_discord(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """Free to try again; the second try is whole."""
    answers = iter([png_answer(BIG_PNG)[:400_000], png_answer(BIG_PNG)])

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(next(answers))

    async with serving(behave) as server:
        relay = relay_for(server)
        with pytest.raises(DownloadFailed):
            await relayed(relay, server, channel)
        assert uploads.pictures == []
        await relayed(relay, server, channel)

    assert len(uploads.pictures) == 1


async def test_what_follows_a_picture_never_appears_in_discord(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """The upload that announced it is cut off, although all of the picture was sent."""
    async with serving(answering(png_answer(BIG_PNG + b"more"))) as server:
        with pytest.raises(BytesAfterPicture):
            await relayed(relay_for(server), server, channel)

    assert uploads.pictures == []


async def test_discord_pys_own_repetition_sends_no_half_picture(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """After a 429 it would rewind what is gone; instead we are told to download again."""
    uploads.answers = [429]
    async with serving(answering(png_answer(BIG_PNG))) as server:
        with pytest.raises(DownloadFailed, match="rewound"):
            await relayed(relay_for(server), server, channel)

    assert len(uploads.lengths) == 1
    assert uploads.pictures == []


async def test_a_refused_upload_keeps_its_own_error(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """What Discord says of permissions must reach delivery."""
    uploads.answers = [403]
    async with serving(answering(png_answer(BIG_PNG))) as server:
        with pytest.raises(discord.Forbidden):
            await relayed(relay_for(server), server, channel)


async def test_a_cancelled_relay_hangs_up_on_both_sides(
    relay_for: RelayFor, uploads: Uploads, channel: discord.PartialMessageable
) -> None:
    """A stop of the bot in the middle of an upload leaves nothing in Discord and nothing open."""
    half = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(png_answer(BIG_PNG)[:500_000])
        half.set()
        await connection.until_closed()

    async with serving(behave) as server:
        relaying = asyncio.create_task(relayed(relay_for(server), server, channel))
        await half.wait()
        relaying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await relaying
        await server.ended.wait()

    assert uploads.pictures == []


async def test_a_sent_picture_is_not_kept_alive_by_discord_pys_cycle(
    relay_for: RelayFor, channel: discord.PartialMessageable
) -> None:
    """With the collector switched off, nothing of the download stays reachable."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        gc.disable()
        try:
            async with relay_for(server).open(
                link(server), provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
            ) as picture:
                file = discord.File(picture)
                await channel.send(file=file)
                assert picture._source is not None
                source = weakref.ref(picture._source)
            kept = weakref.ref(picture)
            del file, picture
            assert source() is None
            left = kept()
            assert left is None or not left._first_block
        finally:
            gc.enable()
