"""Puts results and refusals before members: an outbox that loses nothing, a board that keeps up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from bot.delivery.outbox import Outbox
from bot.delivery.posts import Posts
from bot.delivery.result import ResultPoster
from bot.delivery.status import StatusBoard
from bot.delivery.telling import Notifier
from bot.errors import StorageError

if TYPE_CHECKING:
    from random import Random

    import discord

    from bot.clock import Clock
    from bot.domain.ids import ChannelId
    from bot.health import Pulse
    from bot.pictures import Relay
    from bot.service import Service
    from bot.storage.sqlite import Database
    from bot.wake import Wakeup

__all__ = ["Delivery"]

log = structlog.get_logger("bot.delivery")


class Delivery:
    """Outbox and status board over one Discord client."""

    def __init__(
        self,
        *,
        client: discord.Client,
        database: Database,
        service: Service,
        relay: Relay,
        model: str,
        clock: Clock,
        randomness: Random,
        wakeup: Wakeup,
    ) -> None:
        posts = Posts(client, on_closed=self._close)
        self._client = client
        self._service = service
        self._board = StatusBoard(service=service, posts=posts, clock=clock)
        self._outbox = Outbox(
            database=database,
            notifier=Notifier(database=database, posts=posts, clock=clock),
            results=ResultPoster(
                database=database, posts=posts, relay=relay, model=model, clock=clock
            ),
            clock=clock,
            randomness=randomness,
            wakeup=wakeup,
        )

    @property
    def pulse(self) -> Pulse:
        """The outbox's."""
        return self._outbox.pulse

    async def run(self) -> None:
        """Until cancelled. Waits for the login first: nothing can be sent before."""
        await self._client.wait_until_ready()
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._outbox.run(), name="outbox")
            parts.create_task(self._board.run(), name="status board")

    async def _close(self, channel_id: ChannelId) -> None:
        """If that cannot be written now, the next answer of this kind comes soon enough."""
        try:
            await self._service.close_channel(channel_id)
        except StorageError as error:
            log.error("closed place not noted", channel=channel_id, error=str(error))  # noqa: TRY400 - says all

    async def drain(self, grace_s: float) -> None:
        """Delivers what is due, within the grace; what is left waits in its rows."""
        if self._client.is_ready():
            await self._outbox.drain(grace_s)
