"""Notifies a member how a job ended without a posted picture, by the best way that is open.

    edit the status message ─▶ a new message in the channel ─▶ an ephemeral follow-up
      ─▶ a direct message

By a user's own install the interaction's token does all but the last, and while it lives alone.
The follow-up needs no permission at all, but the interaction's token lives for 15 minutes only.
Where the place is closed, the direct message comes first, since it lasts. What only the member sees
carries the picture's link. If all ways are closed, /queue still has it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.gallery import Gallery, messages_of, shows_pictures
from bot.queue import postings
from bot.queue.authority import as_seen_in
from bot.queue.failures import CLOSED, NO_PLACE, PLACE_CLOSED
from bot.queue.records import Address, JobId, PictureState, Surface
from bot.texts import Texts
from bot.texts.cards import Colour, Press, Verb, notice
from bot.texts.gallery_cards import ready_text, state_card
from bot.texts.picture_cards import (
    private_texts,
    small_print,
    status_card,
    status_texts,
    unposted_card,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.db.sqlite import Database
    from bot.delivery.place import Places
    from bot.delivery.posts import Posts
    from bot.queue.records import ChannelId, Job, MessageId
    from bot.runtime.clock import Clock
    from bot.texts.cards import Card


log = structlog.get_logger("bot.delivery")


class Notifier:
    """Brings status cards to their members, and notifies who wants to be."""

    def __init__(self, *, database: Database, posts: Posts, places: Places, clock: Clock) -> None:
        self._database = database
        self._posts = posts
        self._places = places
        self._clock = clock
        self._gallery = Gallery(database=database, posts=posts)

    async def notify(self, job: Job) -> bool:
        """Whether the member can see it now. Raises what may pass by itself: try again later."""
        for way in self._ways(job):
            try:
                if await self._in_open_thread(way, job):
                    return True
            except discord.HTTPException as error:
                if error_kind(error) is ErrorKind.LATER:
                    raise
                log.info("way closed", job=job.id, way=way.__name__[1:], code=error.code)
        return False

    async def bring_status(self, job: Job) -> None:
        """The status message, if there is one, says what holds. Raises also what is closed."""
        await self._in_open_thread(self._edit, job)

    async def _in_open_thread(self, way: Callable[[Job], Awaitable[bool]], job: Job) -> bool:
        """The one in which the job was asked for."""
        if job.origin.surface is Surface.INTERACTION:
            return await way(job)
        return await self._posts.in_open_thread(job.origin.channel_id, partial(way, job))

    async def ping_at_the_end(self, job: Job) -> None:
        """Of several pictures the member is notified once, when no more is to come.

        By a short reply: edits notify nobody, and all pictures would have to be carried again to
        post them anew.
        """
        if job.count == 1 or await self._database.read(postings.is_more_to_tell, job.id):
            return
        jobs = await self._gallery.jobs(job)
        shown = [one for one in messages_of(jobs) if shows_pictures(one, jobs)]
        is_ours = job.origin.surface is not Surface.INTERACTION
        if not shown or not is_ours or not (await self._places.manner(job)).pings:
            return
        last = max(shown, key=lambda one: one.message_id)
        channel_id, message_id = last.channel_id, last.message_id
        texts = Texts(job.origin.guild_locale)
        said, user_id = ready_text(jobs, texts), job.origin.user_id
        is_sent = job.message.attempts and await self._posts.find_own(
            channel_id, {said}, after=message_id
        )
        if not is_sent:
            await self._posts.send(
                channel_id,
                notice(said, Colour.DONE),
                nonce=f"zx{job.request_id}p",
                reply_to=message_id,
                pinged=user_id,
            )

    def _ways(self, job: Job) -> Sequence[Callable[[Job], Awaitable[bool]]]:
        if job.origin.surface is Surface.INTERACTION:
            return self._edit, self._follow_up, self._direct
        if _is_place_closed(job):
            return self._direct, self._follow_up
        return self._edit, self._post, self._follow_up, self._direct

    async def _edit(self, job: Job) -> bool:
        address = job.address
        if address is None or not job.origin.can_be_answered(self._clock.now_us()):
            return False
        if job.count > 1:
            await self._gallery.refresh(job)
            return True
        async with self._posts.paced(address.message_id):
            # A preview goes with its picture.
            await self._posts.edit(address, _public_card(job), attached=())
        return True

    async def _post(self, job: Job) -> bool:
        """In place of the old message, whose place and Cancel button are not true any more."""
        channel_id, old = job.origin.channel_id, job.message
        jobs = await self._gallery.jobs(job)
        is_gallery = shows_pictures(job.address, jobs)
        card = _public_card(job) if is_gallery else state_card(jobs, None, status_texts(job))
        message_id = await self._say_once(job, channel_id, card, after=old.message_id, nonce="t")
        if is_gallery:  # beside the pictures it says how this one ended
            return True
        await self._database.write(postings.record_status_message, job.id, channel_id, message_id)
        if job.address is not None:
            await self._take_away(job, job.address)
        return True

    async def _take_away(self, job: Job, address: Address) -> None:
        try:
            await self._posts.delete(address)
        except DELIVERY_ERRORS as error:
            log.info("old status stays", job=job.id, error=str(error))

    async def _follow_up(self, job: Job) -> bool:
        origin = job.origin
        is_dead = origin.interaction_expires_at_us <= self._clock.now_us()
        if origin.interaction_token is None or is_dead:
            return False
        await self._posts.follow_up(origin.interaction_token, _private_card(job, has_buttons=True))
        return True

    async def _direct(self, job: Job) -> bool:
        """Which is no age-restricted place."""
        job = as_seen_in(False, job)
        channel_id = await self._posts.open_direct(job.origin.user_id)
        card = _private_card(job, has_buttons=False)
        await self._say_once(job, channel_id, card, after=None, nonce="d")
        return True

    async def _say_once(
        self,
        job: Job,
        channel_id: ChannelId,
        card: Card,
        *,
        after: MessageId | None,
        nonce: str,
    ) -> MessageId:
        """A crash may have left a message that no row knows: the answer, or this one itself."""
        marks = {
            *Press(verb=Verb.CANCEL, job_id=JobId(job.request_id)).in_all_versions(),
            small_print(job, status_texts(job)),
            small_print(job, private_texts(job)),
        }
        message_id = await self._posts.find_own(
            channel_id, marks, after=after or job.origin.interaction_id
        )
        if message_id is None:
            return await self._posts.send(
                channel_id, card, nonce=f"zx{job.id}{nonce}", reply_to=after
            )
        await self._posts.edit(Address(channel_id=channel_id, message_id=message_id), card)
        return message_id


def _is_place_closed(job: Job) -> bool:
    failure = job.failure
    return failure is not None and (
        failure.kind == PLACE_CLOSED or (failure.kind, failure.detail) == (NO_PLACE, CLOSED)
    )


def _public_card(job: Job) -> Card:
    return status_card(job, None, status_texts(job))


def _private_card(job: Job, *, has_buttons: bool) -> Card:
    """With the link, if there is a picture: whoever has that needs no permission."""
    if job.picture and job.picture.state is PictureState.UNDELIVERABLE:
        return unposted_card(job, private_texts(job))
    return status_card(job, None, private_texts(job), has_buttons=has_buttons)
