"""Puts a drawn picture where it belongs. Each step is stored before the next begins.

    status message ─▶ thread ─▶ attempt noted ─▶ picture posted ─▶ status says done ─▶ delivered
              └─ no thread ─▶ attempt noted ─▶ it becomes the picture ─────────────▶

A repeat after a crash starts at the step after the last one stored. Between the post and storing
its id is a gap: for some minutes Discord's nonce closes it, and before any second attempt the
status message is looked at, and the channel searched for the first attempt's message.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
import structlog
from discord import ui

from bot.delivery.carry import Carried, file_names, picture_of, preview_name
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.gallery import (
    Gallery,
    messages_of,
    newest,
    preview_gallery,
    shows_pictures,
)
from bot.delivery.place import PATIENT_ATTEMPTS, Places, places_tried, wants_thread
from bot.delivery.posts import CLOCKS_DIFFER_US, snowflake_at
from bot.errors import CalledOff, LinkExpired
from bot.features.lineage.rows import lineage_place
from bot.policy.rules import ResultsIn
from bot.queue import postings
from bot.queue.jobs import select_job
from bot.queue.records import MessageId, PictureState, Surface
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import Press, Verb
from bot.texts.gallery_cards import state_card
from bot.texts.lineage_cards import lineage_place_text
from bot.texts.picture_cards import (
    small_print,
    status_texts,
)
from bot.texts.result_cards import Note, alt_text, is_spoiler, result_card, result_marks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.db.sqlite import Database
    from bot.delivery.carry import Carrier, Put
    from bot.delivery.notify import Notifier
    from bot.delivery.place import Manner
    from bot.delivery.posts import Posts
    from bot.queue.records import Address, ChannelId, Job, JobId
    from bot.runtime.clock import Clock
    from bot.texts.cards import Card

# A post that is refused for these would be refused in the channel as in the thread.
_SAME_ELSEWHERE = frozenset(
    {ErrorKind.LATER, ErrorKind.NEVER, ErrorKind.SMALLER, ErrorKind.CONTENT}
)
# An edit that is refused for these is tried again, or says that nothing can be posted there.
_NO_NEW_MESSAGE = frozenset(
    {ErrorKind.LATER, ErrorKind.CLOSED, ErrorKind.ARCHIVED, ErrorKind.SMALLER}
)

log = structlog.get_logger("bot.delivery")


class ResultPoster:
    """Brings a picture that is due to its place. Any error means: later, from where it stands."""

    def __init__(
        self,
        *,
        database: Database,
        posts: Posts,
        carrier: Carrier,
        places: Places,
        notifier: Notifier,
        clock: Clock,
    ) -> None:
        self._database = database
        self._posts = posts
        self._carrier = carrier
        self._notifier = notifier
        self._clock = clock
        self.places = places
        self.gallery = Gallery(database=database, posts=posts)

    async def deliver(self, job: Job) -> None:
        """Raises RelayError of a kind that is no use to repeat if the picture is lost.

        Raises CalledOff: nothing was posted, and nothing is to be.
        """
        picture = picture_of(job)
        was_held = picture.released_at_us is not None
        if picture.message_id is None and picture.link is None and not was_held:
            raise LinkExpired("the link was wiped when it died")
        job = await self._with_status_message(job)
        manner = await self.places.manner(job)
        if picture_of(job).message_id is None:
            await self._post_somewhere(job, manner)
            job = await self._fresh(job.id)
            await self.places.remove_empty_thread(job)
        await self._settle_status(job, manner)
        await self._notifier.ping_at_the_end(job)
        await self._database.write(postings.mark_delivered, job.id, now_us=self._clock.now_us())
        log.info("delivered", job=job.id, guild=job.origin.guild_id, attempt=job.attempts)

    async def fill_again(self, job: Job, at: Address) -> None:
        """A picture that was hidden is shown by its message as before. Raises as `deliver`."""
        manner = await self.places.manner(job)
        notes = tuple(Note(one) for one in picture_of(job).notes if one in {*Note})
        await self._carrier.carry(job, partial(self._fill, at, manner), notes)

    async def _fresh(self, job_id: JobId) -> Job:
        return await self._database.read(select_job, job_id)

    async def _with_status_message(self, job: Job) -> Job:
        """A crash around the first answer leaves a job without one; a thread needs it."""
        if job.message.message_id is not None:
            return job
        channel_id, origin = job.origin.channel_id, job.origin
        if origin.surface is Surface.INTERACTION:
            answer_id = await self._posts.find_answer(origin.interaction_token or "")
            await self._database.write(
                postings.record_status_message, job.id, channel_id, answer_id
            )
            return await self._fresh(job.id)
        jobs = await self.gallery.jobs(job)
        first, texts = jobs[0], status_texts(jobs[0])
        marks = {
            *Press(verb=Verb.CANCEL, job_id=first.id).in_all_versions(),
            small_print(first, texts),
        }
        message_id = await self._posts.find_own(channel_id, marks, after=job.origin.interaction_id)
        if message_id is None:
            message_id = await self._posts.send(
                channel_id, state_card(jobs, None, texts), nonce=f"zx{first.id}s"
            )
        await self._database.write(postings.record_status_message, job.id, channel_id, message_id)
        return await self._fresh(job.id)

    # ---------------------------------------------------------------------------------------------
    # The picture: found from an earlier attempt, or posted once.

    async def _post_somewhere(self, job: Job, manner: Manner) -> None:
        """In the thread, or else in the channel. Only there, if it was opened in a thread."""
        for other in await self.gallery.jobs(job):  # whose message this one may join
            if other.id != job.id and other.is_due and picture_of(other).message_id is None:
                await self._is_posted(other, manner)
        if await self._is_posted(job, manner):
            return
        channel_id = await self.places.of(job, manner)
        try:
            await self._post_once(job, channel_id, manner)
        except discord.HTTPException as error:
            if error_kind(error) in _SAME_ELSEWHERE or channel_id == job.origin.channel_id:
                raise
            log.info("thread closed", job=job.id, guild=job.origin.guild_id, code=error.code)
            if manner.results_in is ResultsIn.DAILY:
                await self._database.write(postings.forget_day_thread, manner.whose)
            # Whoever may not attach files there may not do so here, by an edit either.
            await self._post_once(job, job.origin.channel_id, manner, fills_status=False)

    async def _is_posted(self, job: Job, manner: Manner) -> bool:
        """Looks for what an earlier attempt may have posted without hearing of it."""
        if picture_of(job).post_attempted_at_us is None:
            return False
        for standing in messages_of(await self.gallery.jobs(job)):
            if await self._hangs_on(standing, job):
                return True
        if job.origin.surface is Surface.INTERACTION:
            return False
        for channel_id in places_tried(job, manner):
            try:
                found = await self._posts.find_own(channel_id, _marks(job), after=_first_id(job))
            except discord.HTTPException as error:
                if error_kind(error) is ErrorKind.LATER:
                    raise
                continue  # closed: whatever stands there, nobody sees it
            if found is not None:
                await self._record(job, channel_id, found)
                return True
        return False

    async def _hangs_on(self, standing: Address, job: Job) -> bool:
        """Whether the status message, or that of the request's others, shows it already."""
        try:
            seen = await self._posts.look(standing)
        except discord.HTTPException as error:
            if error_kind(error) is ErrorKind.LATER:
                raise
            return False  # gone, or nobody can see it
        if seen.marks.isdisjoint(_marks(job)):
            return False
        await self._record(job, standing.channel_id, standing.message_id)
        return True

    async def _post_once(
        self, job: Job, channel_id: ChannelId, manner: Manner, *, fills_status: bool = True
    ) -> None:
        if not await self._note_attempt(job):
            raise CalledOff
        post = partial(self._post, job, channel_id, manner, fills_status)
        if job.origin.surface is Surface.INTERACTION:
            message_id = await post()
        else:
            message_id = await self._posts.in_open_thread(channel_id, post)
        await self._record(job, channel_id, message_id)

    async def _post(
        self, job: Job, channel_id: ChannelId, manner: Manner, fills_status: bool
    ) -> MessageId:
        """By an edit of the status message if it stands there, else by a message of its own."""
        is_missed = wants_thread(job, manner) and channel_id == job.origin.channel_id
        notes = (Note.NO_THREAD,) if is_missed else ()
        is_only_way = job.origin.surface is Surface.INTERACTION
        target = await self._target(job, channel_id, manner, fills_status)
        if target is not None:
            async with self._posts.paced(target.message_id):
                pass  # no download is kept waiting for it
            try:
                return await self._carry(
                    job, channel_id, partial(self._fill, target, manner), notes
                )
            except discord.HTTPException as error:
                if is_only_way or error_kind(error) in _NO_NEW_MESSAGE:
                    raise
                log.info("status message not edited", job=job.id, code=error.code)
        return await self._carry(job, channel_id, partial(self._send, channel_id, manner), notes)

    async def _carry(
        self, job: Job, channel_id: ChannelId, put: Put, notes: tuple[Note, ...]
    ) -> MessageId:
        """With others of its request that are due by now, so that none waits for an edit more."""
        due = await self.gallery.due(job)
        others = [other for other in due if await self._note_attempt(other)]
        if not others:
            return await self._carrier.carry(job, put, notes)
        message_id = await self._carrier.carry_together((job, *others), put, notes)
        if message_id is None:
            return await self._carrier.carry(job, put, notes)
        for other in others:
            await self._record(other, channel_id, message_id)
        return message_id

    async def _note_attempt(self, job: Job) -> bool:
        """Whether the picture is still to be posted."""
        return await self._database.write(
            postings.record_post_attempt, job.id, now_us=self._clock.now_us()
        )

    async def _target(
        self, job: Job, channel_id: ChannelId, manner: Manner, fills_status: bool
    ) -> Address | None:
        """The message that is edited to show the picture."""
        status = job.address
        if job.origin.surface is Surface.INTERACTION:
            return status
        is_beside = fills_status and status is not None and status.channel_id == channel_id
        if job.count == 1:  # an edit notifies nobody
            return status if is_beside and not manner.pings else None
        jobs = await self.gallery.jobs(job)
        is_full = shows_pictures(status, jobs)
        return newest(jobs, channel_id) or (status if is_beside and not is_full else None)

    async def _fill(self, target: Address, manner: Manner, *carried: Carried) -> MessageId:
        first = carried[0]
        if first.job.count > 1:
            return await self.gallery.add(target, carried)
        card, alt = await self._card(first, manner)
        async with self._posts.paced(target.message_id):
            await self._posts.edit(target, card, attached=first.files(alt))
        return target.message_id

    async def _send(self, channel_id: ChannelId, manner: Manner, *carried: Carried) -> MessageId:
        first = carried[0]
        if first.job.count > 1:
            return await self.gallery.post(channel_id, carried)
        card, alt = await self._card(first, manner)
        return await self._posts.send(
            channel_id,
            card,
            nonce=f"zx{first.job.id}r",
            files=first.files(alt),
            pinged=first.job.origin.user_id if manner.pings else None,
        )

    async def _card(self, carried: Carried, manner: Manner) -> tuple[Card, str]:
        """And the picture in words."""
        job, texts = carried.job, Texts(carried.job.origin.guild_locale)
        alt = alt_text(job, texts, tells_words=manner.tells_words)
        place = await self._database.read(lineage_place, job)
        lineage = lineage_place_text(place, job.request, texts)
        card = result_card(job, carried.image, alt, texts, notes=carried.notes, lineage=lineage)
        return card, alt

    async def _record(self, job: Job, channel_id: ChannelId, message_id: MessageId) -> None:
        if not await self._database.write(
            postings.record_result_message, job.id, channel_id, message_id
        ):
            await self.places.take_back(job, channel_id, message_id)

    # ---------------------------------------------------------------------------------------------
    # The status message, once the picture hangs.

    async def _settle_status(self, job: Job, manner: Manner) -> None:
        """One message stays in a place: with the picture beside it, the status message goes."""
        if job.address is None:  # forgotten meanwhile, or the token is dead
            return
        if job.count > 1 and not await self._database.read(postings.is_more_to_tell, job.id):
            await self._is_settled(job, partial(self.gallery.settle, job))
        if shows_pictures(job.address, await self.gallery.jobs(job)):
            return
        is_beside = job.message.channel_id == picture_of(job).channel_id
        for way in (self._take_status_away, self._say_done) if is_beside else (self._say_done,):
            if await self._is_settled(job, partial(way, job, manner)):
                return

    async def _is_settled(self, job: Job, act: Callable[[], Awaitable[None]]) -> bool:
        """The picture is there; what tells of it may lag behind for ever."""
        try:
            await act()
        except DELIVERY_ERRORS as error:
            if error_kind(error) is ErrorKind.LATER and job.message.attempts < PATIENT_ATTEMPTS:
                raise
            log.info("status does not say done", job=job.id, error=str(error))
            return False
        return True

    async def _take_status_away(self, job: Job, _: Manner) -> None:
        address, picture = job.address, picture_of(job)
        assert address is not None  # noqa: S101 - _with_status_message
        assert picture.message_id is not None  # noqa: S101 - it hangs
        async with self._posts.locked(address.message_id):
            await self._posts.delete(address)
        await self._database.write(
            postings.record_status_message, job.id, address.channel_id, picture.message_id
        )

    async def bring_status(self, job: Job) -> None:
        """Of a picture that hangs elsewhere and was hidden, or is shown again."""
        if job.address is None or shows_pictures(job.address, await self.gallery.jobs(job)):
            return
        if job.count > 1:
            await self.gallery.refresh(job)
        else:
            await self._say_done(job, await self.places.manner(job))

    async def _say_done(self, job: Job, manner: Manner) -> None:
        """Of several once all have ended: until then the board counts them."""
        address = job.address
        assert address is not None  # noqa: S101 - _with_status_message
        if await self._database.read(postings.is_more_to_tell, job.id):
            return
        small = await self._preview(job, manner)
        async with self._posts.paced(address.message_id):
            job = await self._fresh(job.id)
            if job.is_deleted:
                return
            done = replace(job, picture=replace(picture_of(job), state=PictureState.SHOWN))
            jobs = await self.gallery.jobs(job)
            jobs = tuple(done if one.id == job.id else one for one in jobs)
            preview = None if small is None else _shown_small(small, jobs, manner)
            card = state_card(jobs, None, status_texts(done), preview=preview)
            attached = [small] if small is not None and preview is not None else None
            if job.is_hidden:
                attached = []
            await self._posts.edit(address, card, attached=attached)

    async def _preview(self, job: Job, manner: Manner) -> discord.File | None:
        """Of several the first, if staff want it and the picture hangs in a thread; none of an
        age-restricted place, where whoever passes by would see it."""
        is_patient = job.message.attempts < PATIENT_ATTEMPTS
        is_wanted = manner.previews and is_patient and not job.origin.is_restricted
        if not is_wanted or picture_of(job).channel_id == job.message.channel_id:
            return None
        jobs = await self.gallery.jobs(job)
        first = next((one for one in jobs if _has_link(one) and _is_open_to_all(one)), None)
        return None if first is None else await self._carrier.preview(first)


def _shown_small(
    small: discord.File, jobs: Sequence[Job], manner: Manner
) -> ui.MediaGallery[Card] | None:
    """None if its picture was deleted or hidden while it was made small."""
    for job in jobs:
        is_gone = job.is_deleted or job.is_hidden
        if preview_name(job) == small.filename and not is_gone:
            texts = Texts(job.origin.guild_locale)
            small.description = alt_text(job, texts, tells_words=manner.tells_words)
            return preview_gallery(job, small.description)
    return None


def _marks(job: Job) -> frozenset[str]:
    """By which a message is known to show the job's picture."""
    return result_marks(job) | file_names(job)


def _is_open_to_all(job: Job) -> bool:
    """Behind no spoiler, and not hidden."""
    return not is_spoiler(job) and not job.is_hidden


def _has_link(job: Job) -> bool:
    picture = job.picture
    return picture is not None and picture.message_id is not None and picture.link is not None


def _first_id(job: Job) -> int:
    """Below those of all messages that an attempt can have posted."""
    began_at_us = (picture_of(job).post_attempted_at_us or 0) - CLOCKS_DIFFER_US
    return max(job.origin.interaction_id, snowflake_at(began_at_us))
