"""Tells a member how a job ended without a posted picture, by the best way that is open.

    edit the status message ─▶ a new message in the channel ─▶ a whisper by the interaction's token

The last one needs no permission at all, but lives for 15 minutes only. If all are closed, /queue
still has a picture's link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.trouble import Trouble, trouble_of
from bot.replies.custom_ids import Verb, custom_id
from bot.replies.status_card import small_print, status_card, status_texts
from bot.storage import postings

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.delivery.posts import Posts
    from bot.domain.job import Job
    from bot.replies.cards import Card
    from bot.storage.sqlite import Database

log = structlog.get_logger("bot.delivery")


class Teller:
    """Brings status cards to their members."""

    def __init__(self, *, database: Database, posts: Posts, clock: Clock) -> None:
        self._database = database
        self._posts = posts
        self._clock = clock

    async def tell(self, job: Job) -> bool:
        """Whether the member can see it now. Raises what may pass by itself: try again later."""
        card = status_card(job, None, status_texts(job))
        for way in (self._edit, self._post, self._whisper):
            try:
                if await way(job, card):
                    return True
            except discord.HTTPException as error:
                if trouble_of(error) is Trouble.LATER:
                    raise
                log.info("way closed", job=job.id, way=way.__name__[1:], code=error.code)
        return False

    async def take_words_back(self, job: Job) -> None:
        """Status message and thread of a deleted picture show its prompt no more.

        Raises what may pass by itself: try again later. What is closed for good stays.
        """
        card = status_card(job, None, status_texts(job))
        for way in (self._edit, self._rename):
            try:
                await way(job, card)
            except discord.HTTPException as error:
                if trouble_of(error) is Trouble.LATER:
                    raise
                log.warning(
                    "words not taken back", job=job.id, way=way.__name__[1:], code=error.code
                )

    async def _rename(self, job: Job, _: Card) -> bool:
        """Of the thread that was made for the picture; its title began with the prompt."""
        if job.posting.thread_id is None:
            return False
        title = status_texts(job).say("The picture was deleted.")
        await self._posts.rename_own_thread(job.posting.thread_id, title)
        return True

    async def _edit(self, job: Job, card: Card) -> bool:
        posting = job.posting
        if posting.status_message_id is None or posting.status_channel_id is None:
            return False
        async with self._posts.turn(posting.status_message_id):
            await self._posts.edit(posting.status_channel_id, posting.status_message_id, card)
        return True

    async def _post(self, job: Job, card: Card) -> bool:
        """A crash may have left a message that no row knows: the answer, or this one itself."""
        channel_id = job.origin.channel_id
        marks = {custom_id(Verb.CANCEL, job.id), small_print(job, status_texts(job))}
        known_id = job.posting.status_message_id
        message_id = await self._posts.find_own(
            channel_id, marks, after=known_id or job.origin.interaction_id
        )
        if message_id is None:
            message_id = await self._posts.send(channel_id, card, nonce=f"zx{job.id}t")
        else:
            await self._posts.edit(channel_id, message_id, card)
        await self._database.write(postings.record_status_message, job.id, channel_id, message_id)
        return True

    async def _whisper(self, job: Job, card: Card) -> bool:
        origin = job.origin
        is_dead = origin.interaction_expires_at_us <= self._clock.now_us()
        if origin.interaction_token is None or is_dead:
            return False
        await self._posts.whisper(origin.interaction_token, card)
        return True
