"""Delivery as a whole: its parts, made of each other, and how long they run."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.delivery.carry import Carrier, PictureFiles
from bot.delivery.due_work import Common
from bot.delivery.notices import NoticeSender
from bot.delivery.notify import Notifier
from bot.delivery.outbox import Outbox
from bot.delivery.place import Places
from bot.delivery.posts import Posts
from bot.delivery.removal import Removal
from bot.delivery.result import ResultPoster
from bot.delivery.screening import Screener
from bot.delivery.staff import FileKeeper, StaffCards
from bot.delivery.status import StatusBoard
from bot.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    import discord

    from bot.db.sqlite import Database
    from bot.delivery.pace import EditPace
    from bot.features.imagine.jobs import JobService
    from bot.moderation.word_check import WordCheck
    from bot.pictures import Relay
    from bot.providers.picture_check import PictureCheck
    from bot.queue.records import ChannelId
    from bot.runtime.clock import Clock, Wakeup

log = structlog.get_logger("bot.delivery")


class Delivery:
    """Outbox and status board over one Discord client; what looks at pictures before them, and what
    tells staff and members of cases."""

    def __init__(
        self,
        *,
        client: discord.Client,
        database: Database,
        jobs: JobService,
        relay: Relay,
        copies: Relay,
        words: WordCheck,
        checks: Mapping[str, PictureCheck],
        model: str,
        clock: Clock,
        randomness: Random,
        wakeup: Wakeup,
        pace: EditPace | None = None,
    ) -> None:
        """`copies`: the relay of what Discord has; `checks`: those that policy may name; `wakeup`:
        set when a picture was drawn."""
        self._client = client
        self._jobs = jobs
        common = Common(database=database, clock=clock, randomness=randomness, wakeup=wakeup)
        posts = Posts(client, on_closed=self._close, clock=clock, pace=pace)
        files = PictureFiles(
            database=database, posts=posts, relay=relay, copies=copies, model=model, clock=clock
        )
        carrier = Carrier(relay=relay, files=files, model=model)
        self.outbox = make_outbox(common, posts, files, carrier)
        self.screener = Screener(common, words=words, checks=checks, files=files)
        self.staff_cards = StaffCards(common, posts=posts, carrier=carrier, files=files)
        self.notices = NoticeSender(common, posts=posts)
        self.keeper = FileKeeper(database=database, files=files, clock=clock)
        self._board = StatusBoard(jobs=jobs, posts=posts, database=database, clock=clock)

    async def run(self) -> None:
        """Until cancelled. Waits for the login first: nothing can be sent before."""
        await self._client.wait_until_ready()
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self.outbox.run())
            parts.create_task(self._board.run())
            parts.create_task(self.screener.run())
            parts.create_task(self.staff_cards.run())
            parts.create_task(self.keeper.run())
            parts.create_task(self.notices.run())

    async def drain(self, grace_s: float) -> None:
        """Delivers what is due, within the grace; what is left waits in its rows."""
        if not self._client.is_ready():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self.screener.drain()
                await self.outbox.drain()

    async def _close(self, channel_id: ChannelId) -> None:
        """If that cannot be written now, the next answer of this kind comes soon enough."""
        try:
            await self._jobs.close_channel(channel_id)
        except StorageError as error:
            log.error("closed place not noted", channel=channel_id, error=str(error))  # noqa: TRY400 - says all


def make_outbox(common: Common, posts: Posts, files: PictureFiles, carrier: Carrier) -> Outbox:
    """With all that it does with what is due."""
    database, clock = common.database, common.clock
    places = Places(database=database, posts=posts)
    notifier = Notifier(database=database, posts=posts, places=places, clock=clock)
    results = ResultPoster(
        database=database,
        posts=posts,
        carrier=carrier,
        places=places,
        notifier=notifier,
        clock=clock,
    )
    removal = Removal(
        database=database,
        posts=posts,
        files=files,
        results=results,
        notifier=notifier,
        clock=clock,
    )
    return Outbox(common, posts=posts, results=results, removal=removal, notifier=notifier)
