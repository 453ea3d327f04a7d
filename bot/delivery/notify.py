"""Notifies a member how a job ended without a posted picture, by the best way that is open.

    edit the status message ─▶ a new message in the channel ─▶ an ephemeral follow-up
      ─▶ a direct message

By a user's own install the interaction's token does all but the last, and while it lives alone.
The follow-up needs no permission at all, but the interaction's token lives for 15 minutes only.
Where the place is closed, the direct message comes first, since it lasts. What only the member sees
carries the picture's link. If all ways are closed, /queue still has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.gallery import Gallery, shows_pictures
from bot.delivery.members import audit_reason
from bot.delivery.posts import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.features.moderation.rows.decisions import removal_of
from bot.queue import postings
from bot.queue.failures import CLOSED, NO_PLACE, PLACE_CLOSED
from bot.queue.records import Address, JobId, PictureState, Surface
from bot.queue.shown import drop_repost, reposts_of
from bot.texts.cards import Verb, custom_ids
from bot.texts.gallery_cards import state_card
from bot.texts.picture_cards import (
    private_texts,
    small_print,
    status_card,
    status_texts,
    thread_name,
    unposted_card,
)
from bot.texts.result_cards import result_marks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.queue.records import ChannelId, Job, MessageId
    from bot.queue.shown import Repost
    from bot.runtime.clock import Clock
    from bot.texts.cards import Card


log = structlog.get_logger("bot.delivery")


class Notifier:
    """Brings status cards to their members."""

    def __init__(self, *, database: Database, posts: Posts, clock: Clock) -> None:
        self._database = database
        self._posts = posts
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

    async def say_held(self, job: Job) -> None:
        """On the status message, if there is one. Raises also what is closed for good."""
        await self._in_open_thread(self._edit, job)

    async def erase_prompt(self, job: Job) -> None:
        """Status message and thread of a deleted picture show its prompt no more.

        A status message that has become the picture goes with it.

        Raises what may pass by itself: try again later. What is closed for good stays.
        """
        for way in (self._take_removed_away, self._erase, self._rename, self._take_copies_away):
            try:
                await self._in_open_thread(way, job)
            except discord.HTTPException as error:
                if error_kind(error) is ErrorKind.LATER:
                    raise
                log.warning("prompt not erased", job=job.id, way=way.__name__[1:], code=error.code)

    async def _take_removed_away(self, job: Job) -> bool:
        """The message of a picture that the staff have removed: nobody has pressed its button. Of
        a gallery the card sees to that."""
        removal = await self._database.read(removal_of, job.id)
        picture = job.picture
        if removal is None or removal.end is None or picture is None or job.count > 1:
            return False
        if picture.channel_id is None or picture.message_id is None:
            return False
        said = f"case {removal.id}, by {removal.end.by}: {removal.end.reason}"
        await self._delete(picture.channel_id, picture.message_id, reason=audit_reason(said))
        return True

    async def _take_copies_away(self, job: Job) -> bool:
        """Wherever the picture was posted again; then its own message, whose button may not have
        been the one. Of a gallery the card sees to that."""
        copies = await self._database.read(reposts_of, job.id)
        known = {one.message_id for one in copies if one.message_id is not None}
        for one in copies:
            try:
                await self._take_copy_away(job, one, known)
            except discord.HTTPException as error:  # one closed place keeps no other copy
                if error_kind(error) is ErrorKind.LATER:
                    raise
                log.warning("prompt not erased", job=job.id, way="take_copy", code=error.code)
        picture = job.picture
        if copies and job.count == 1 and picture and picture.channel_id and picture.message_id:
            await self._delete(picture.channel_id, picture.message_id)
        return True

    async def _take_copy_away(self, job: Job, one: Repost, known: Collection[MessageId]) -> None:
        """Also one of an attempt whose end nobody knows."""
        message_id = one.message_id or await self._posts.find_own(
            one.channel_id, result_marks(job), after=one.interaction_id, besides=known
        )
        if message_id is not None:
            await self._delete(one.channel_id, message_id)
        await self._database.write(drop_repost, one.interaction_id)

    async def _delete(
        self, channel_id: ChannelId, message_id: MessageId, *, reason: str | None = None
    ) -> None:
        """Also in a thread that was archived since."""
        address = Address(channel_id=channel_id, message_id=message_id)
        try:
            await self._posts.delete(address, reason=reason)
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.ARCHIVED:
                raise
            await self._posts.unarchive(channel_id)
            await self._posts.delete(address, reason=reason)

    async def _erase(self, job: Job) -> bool:
        """The picture's button took away the message that it is on; perhaps it could not."""
        address, picture = job.address, job.picture
        if job.count > 1 or address is None or picture is None:
            return await self._edit(job)
        if picture.message_id != address.message_id:
            return await self._edit(job)
        await self._posts.delete(address)
        return True

    async def _rename(self, job: Job) -> bool:
        """Of the thread that was made for the picture; its title began with the prompt."""
        if job.message.thread_id is None:
            return False
        left = [one for one in await self._gallery.jobs(job) if not one.is_deleted]
        if left and job.number > 1:  # the first one's prompt
            return False
        deleted = status_texts(job).say("The picture was deleted.")
        title = thread_name(left[0]) if left else deleted
        await self._posts.rename_own_thread(job.message.thread_id, title)
        return True

    async def _in_open_thread(self, way: Callable[[Job], Awaitable[bool]], job: Job) -> bool:
        """A thread in which the job was asked for may have been archived since."""
        try:
            return await way(job)
        except discord.HTTPException as error:
            is_ours = job.origin.surface is not Surface.INTERACTION
            if error_kind(error) is not ErrorKind.ARCHIVED or not is_ours:
                raise
            await self._posts.unarchive(job.origin.channel_id)
            return await way(job)

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
            *custom_ids(Verb.CANCEL, JobId(job.request_id)),
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
