"""A storage that drips is dropped; an upload that takes its time is not held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from bot.errors import DownloadFailed
from bot.pictures import LinkRules, Relay, open_picture_session
from bot.pictures.download import LeastSpeed, SpeedCheck, Stream
from tests.pictures.carrying import BIG_PNG, png_answer, read
from tests.providers.raw_server import Connection, serving

if TYPE_CHECKING:
    from aiohttp import ClientResponse

LEAST = LeastSpeed(bytes_per_s=1000, window_s=10)


def test_a_drip_is_dropped_after_one_window_of_waiting() -> None:
    """A byte a second, for ten seconds."""
    speed = SpeedCheck(LEAST)
    for _ in range(9):
        speed.waited(1.0, 1)
    with pytest.raises(DownloadFailed, match=r"10 bytes in 10\.0 s"):
        speed.waited(1.0, 1)


def test_speed_is_averaged_over_a_window() -> None:
    """A pause of nine seconds is made good by what comes after it; then a new window begins."""
    speed = SpeedCheck(LEAST)
    speed.waited(9.0, 100)
    speed.waited(1.0, 9_900)
    with pytest.raises(DownloadFailed):
        speed.waited(10.0, 9_999)


def test_only_waiting_counts() -> None:
    """What is here already costs no time, however little it is at once."""
    speed = SpeedCheck(LEAST)
    for _ in range(100_000):
        speed.waited(0.0, 1)


class Storage:
    """An answer of ten blocks, each of which it takes some seconds to send, on its own clock."""

    def __init__(self, *, seconds_a_block: float) -> None:
        self.now_s = 0.0
        self._seconds_a_block = seconds_a_block
        self._blocks = [bytes(3000)] * 10

    @property
    def content(self) -> Storage:
        return self

    async def readany(self) -> bytes:
        self.now_s += self._seconds_a_block
        return self._blocks.pop() if self._blocks else b""

    def stream(self) -> Stream:
        return Stream(cast("ClientResponse", self), SpeedCheck(LEAST), lambda: self.now_s)


async def test_a_slow_upload_is_not_held_against_the_storage() -> None:
    """A block in two seconds is quick enough, although each waits an hour to be uploaded."""
    storage = Storage(seconds_a_block=2)
    stream = storage.stream()
    while await stream.read():
        storage.now_s += 3600
    assert storage.now_s > 10 * 3600


async def test_a_slow_storage_is_dropped_however_quick_the_upload() -> None:
    """A block in four seconds is not."""
    stream = Storage(seconds_a_block=4).stream()
    for _ in range(2):
        await stream.read()
    with pytest.raises(DownloadFailed, match=r"9000 bytes in 12\.0 s of waiting"):
        await stream.read()


@pytest.mark.sockets
async def test_a_dripping_storage_is_a_failed_download() -> None:
    """Over a socket: tried again later, and its place is free meanwhile."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        for at in range(0, len(BIG_PNG), 1000):
            await connection.send(png_answer(BIG_PNG)[at : at + 1000])

    async with serving(behave) as server:
        rules = LinkRules(allowed_hosts=(), base_url=server.base_url)
        async with open_picture_session(rules) as session:
            unreachable = LeastSpeed(bytes_per_s=1e15, window_s=0.0)
            with pytest.raises(DownloadFailed, match="of waiting"):
                await read(Relay(session, rules=rules, least=unreachable), server)
