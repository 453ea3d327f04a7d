"""The relay against the local object storage: its links, its faults, its ledger."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord
import pytest
from discord.http import Route
from PIL import Image
from yarl import URL

from bot.client import point_discord_at
from bot.errors import DownloadFailed, LinkExpired, NotAPicture, RelayError
from bot.pictures import LinkRules, Relay, open_picture_session
from bot.pictures.provenance import Provenance
from bot.providers.image import Size
from bot.providers.zimage import OFFER, ZImageClient, open_session
from sandbox.server import Sandbox, Settings
from sandbox.zimage import Pictures, Serving, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.sockets

_TEXT = 0  # Discord's number for a text channel
SIZE = Size(512, 768)
PROVENANCE = Provenance(
    prompt="a sitting orange cat, 水彩", seed=7, size=SIZE, model="z-image-turbo", job_id="42"
)


@dataclass
class Drawn:
    """A picture in the local storage, and the relay that may fetch it."""

    stand: Serving
    link: str
    relay: Relay
    own: bytes  # as the storage gives it

    async def carried(self) -> bytes:
        async with self.relay.open(
            self.link, provenance=PROVENANCE, limit_bytes=10 * 1024 * 1024
        ) as picture:
            whole = b""
            while block := await picture.read_block():
                whole += block
            assert len(whole) == picture.length_bytes
            return whole


@asynccontextmanager
async def _drawn() -> AsyncIterator[Drawn]:
    request = OFFER.image_request(prompt=PROVENANCE.prompt, size=SIZE, seed=7, rewrite=False)
    async with serving() as stand, open_session() as session:
        client = ZImageClient(
            session, base_url=stand.base_url, api_key=stand.api_key, model="z-image-turbo"
        )
        link = (await client.draw(request)).url
        async with session.get(URL(link, encoded=True)) as answer:
            own = await answer.read()
        rules = LinkRules(allowed_hosts=(".aliyuncs.com",), base_url=stand.base_url)
        async with open_picture_session(rules) as pictures:
            relay = Relay(pictures, rules=rules)
            yield Drawn(stand=stand, link=link, relay=relay, own=own)


async def test_a_picture_is_carried_with_its_pixels_and_our_metadata() -> None:
    """The storage accepts the link as it came, and no rule is broken."""
    async with _drawn() as drawn:
        whole = await drawn.carried()
        assert drawn.stand.zimage.ledger.downloaded == 2
        assert drawn.stand.violations.snapshot() == []

    with Image.open(io.BytesIO(whole)) as ours, Image.open(io.BytesIO(drawn.own)) as theirs:
        assert ours.size == (512, 768)
        assert ours.tobytes() == theirs.tobytes()
        assert "水彩".encode() in ours.info["xmp"]


async def test_metadata_of_the_providers_own_is_kept_and_joined() -> None:
    """One packet, theirs byte for byte within it."""
    async with _drawn() as drawn:
        drawn.stand.order({"server": "links", "kind": "provider_metadata"})
        whole = await drawn.carried()

    assert whole.count(b"XML:com.adobe.xmp") == 1
    with Image.open(io.BytesIO(whole)) as opened:
        assert b'xmp:CreatorTool="Zeuxis sandbox"' in opened.info["xmp"]
        assert b"trainedAlgorithmicMedia" in opened.info["xmp"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "link_expired"}, LinkExpired),
        ({"kind": "link_purged"}, LinkExpired),
        ({"kind": "not_png"}, NotAPicture),
        ({"kind": "truncated_png", "kept_share": 0.5}, NotAPicture),
        ({"kind": "truncated_png", "kept_share": 0.0}, NotAPicture),
        ({"kind": "cut_body", "after_bytes": 0}, DownloadFailed),
        ({"kind": "cut_body", "after_bytes": 3000}, DownloadFailed),
        ({"kind": "drop_before"}, DownloadFailed),
        ({"kind": "drop_after"}, DownloadFailed),
        ({"kind": "status", "status": 503}, DownloadFailed),
    ],
)
async def test_a_picture_that_cannot_be_carried_says_why(
    fault: dict[str, object], kind: type[RelayError]
) -> None:
    """The picture is drawn and paid: only what is gone for good is called so."""
    async with _drawn() as drawn:
        drawn.stand.order({"server": "links", **fault})
        with pytest.raises(RelayError) as caught:
            await drawn.carried()
        assert drawn.stand.zimage.ledger.downloaded == 1

    assert type(caught.value) is kind


async def test_a_picture_of_another_size_is_carried_as_it_is() -> None:
    """It is paid, whatever its sides."""
    async with _drawn() as drawn:
        drawn.stand.order(
            {"server": "links", "kind": "wrong_size_png", "width": 512, "height": 752}
        )
        whole = await drawn.carried()

    with Image.open(io.BytesIO(whole)) as opened:
        assert opened.size == (512, 752)
        assert b"<zeuxis:Size>512*752<" in opened.info["xmp"]


async def test_a_picture_with_spoiled_pixels_is_carried_as_it_is() -> None:
    """They are not looked at: TLS and the told length vouch for what the storage gave."""
    async with _drawn() as drawn:
        drawn.stand.order({"server": "links", "kind": "corrupt_png"})
        whole = await drawn.carried()

    assert whole[-12:] == drawn.own[-12:]
    assert whole[-len(drawn.own) // 2 :] != drawn.own[-len(drawn.own) // 2 :]


async def test_a_picture_without_a_told_length_is_counted_first() -> None:
    """The upload must announce it. One is counted, one is carried."""
    async with _drawn() as drawn:
        drawn.stand.order({"server": "links", "kind": "chunked", "on": True})
        whole = await drawn.carried()
        assert drawn.stand.zimage.ledger.downloaded == 1 + 2

    assert len(whole) > len(drawn.own)


async def test_a_slow_or_late_picture_is_carried_all_the_same() -> None:
    """Only silence ends a download."""
    async with _drawn() as drawn:
        drawn.stand.order(
            {"server": "links", "kind": "slow_body", "bytes_per_second": 100_000_000},
            {"server": "links", "kind": "latency", "seconds": 0.01},
        )
        whole = await drawn.carried()

    assert len(whole) > len(drawn.own)


async def test_a_link_that_has_expired_by_its_own_clock_is_gone() -> None:
    """A day later the storage has thrown the picture away."""
    async with _drawn() as drawn:
        drawn.stand.clock.advance(8 * 24 * 3600)
        with pytest.raises(LinkExpired):
            await drawn.carried()


async def test_the_whole_way_from_the_local_zimage_to_the_local_discord() -> None:
    """One POST, one download, one message; the attachment is what we posted, to the byte."""
    settings = Settings(latency_scale=0, rate=1_000_000, pictures=Pictures.PLAIN)
    request = OFFER.image_request(prompt=PROVENANCE.prompt, size=SIZE, seed=7, rewrite=False)
    async with Sandbox.start(settings) as sandbox, open_session() as session:
        base_url = str(sandbox.addresses["zimage_base_url"])
        client = ZImageClient(
            session, base_url=base_url, api_key=sandbox.api_key, model="z-image-turbo"
        )
        outcome = await client.draw(request)
        rules = LinkRules(allowed_hosts=(), base_url=base_url)
        async with (
            open_picture_session(rules) as pictures,
            _channel(sandbox) as channel,
            Relay(pictures, rules=rules).open(
                outcome.url, provenance=PROVENANCE, limit_bytes=10_000_000
            ) as picture,
        ):
            message = await channel.send(file=discord.File(picture, description="a cat"))
        async with session.get(message.attachments[0].url) as answer:
            posted = await answer.read()
        assert sandbox.violations.snapshot() == []
        assert (sandbox.zimage.ledger.billed, sandbox.zimage.ledger.downloaded) == (1, 1)

    assert (message.attachments[0].width, message.attachments[0].height) == (512, 768)
    assert message.attachments[0].filename == "zeuxis-42.png"
    with Image.open(io.BytesIO(posted)) as opened:
        assert opened.size == (512, 768)
        opened.load()
    assert len(posted) == picture.length_bytes


@asynccontextmanager
async def _channel(sandbox: Sandbox) -> AsyncIterator[discord.PartialMessageable]:
    """The first text channel of the first guild, for the real discord.py client."""
    guild = next(iter(sandbox.state.guilds.values()))
    first = next(one for one in sandbox.state.channels_of(guild.id) if one.type == _TEXT)
    real = Route.BASE
    point_discord_at(api_base_url=str(sandbox.addresses["discord_api_base_url"]), gateway_url=None)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(str(sandbox.addresses["bot_token"]))
            yield client.get_partial_messageable(int(first.id))
    finally:
        point_discord_at(api_base_url=real, gateway_url=None)
