"""Pictures that hang in Discord already: links to their files, another message with one, another
alternative text.

The provider's link is dead after a day; Discord signs a link to its own copy with each look at the
message, for about a day.
"""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import TYPE_CHECKING

import discord
import structlog
from discord import ui

from bot.delivery.carry import attachment, is_of, preview_name, provenance_of
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.place import LONGEST_CLEARING_S, tells_words
from bot.delivery.posts import Posts
from bot.errors import PictureTooLarge
from bot.queue.jobs import select_job
from bot.queue.records import Address, Surface
from bot.queue.shown import reposts_of
from bot.refusals import PictureGone, RepostRefused, RepostUncertain
from bot.texts import Texts
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.result_cards import alt_text, is_spoiler, result_card, result_marks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from bot.db.sqlite import Database
    from bot.pictures import Relay
    from bot.queue.records import ChannelId, Job, JobId, MessageId, Origin
    from bot.queue.shown import Repost
    from bot.runtime.clock import Clock


# At all pictures of a page together; the rest is shown in words. Of one place discord.py lets the
# second of several wait until the window of the limit closes, a second after the first.
LONGEST_LOOK_S = 1.5
_GONE = frozenset({ErrorKind.GONE, ErrorKind.CLOSED, ErrorKind.ELSEWHERE, ErrorKind.NEVER})

log = structlog.get_logger("bot.delivery")


class ShownPictures:
    """What `/history` asks of Discord."""

    def __init__(
        self,
        *,
        client: discord.Client,
        database: Database,
        relay: Relay,
        model: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._posts = Posts(client, on_closed=unheard, clock=clock)
        self._relay = relay
        self._model = model

    async def links(self, jobs: Sequence[Job]) -> Mapping[JobId, str]:
        """Of those whose messages answer in time."""
        looks = {asyncio.create_task(self._link(job)): job.id for job in jobs}
        if not looks:
            return {}
        try:
            done, _ = await asyncio.wait(looks, timeout=LONGEST_LOOK_S)
        finally:
            for task in looks:
                task.cancel()
        found = {looks[task]: task.result() for task in done if task.exception() is None}
        return {job_id: link for job_id, link in found.items() if link is not None}

    async def _link(self, job: Job) -> str | None:
        picture = job.picture
        if picture is None or picture.channel_id is None or picture.message_id is None:
            return None
        if job.is_hidden:
            return None
        if job.origin.surface is Surface.INTERACTION:
            return None  # the bot is not there, so it can look at nothing
        return await self._link_in(picture.channel_id, picture.message_id, job.id)

    async def _link_in(
        self, channel_id: ChannelId, message_id: MessageId, job_id: JobId
    ) -> str | None:
        links = await self._posts.links(channel_id, message_id)
        return next((link for link in links if is_of(link, job_id)), None)

    async def link_at(
        self, channel_id: ChannelId, message_id: MessageId, job_id: JobId
    ) -> str | None:
        """Of the job's picture in that message; None if that does not answer in time."""
        try:
            async with asyncio.timeout(LONGEST_LOOK_S):
                return await self._link_in(channel_id, message_id, job_id)
        except (TimeoutError, *DELIVERY_ERRORS) as error:
            log.info("picture not seen", job=job_id, error=type(error).__name__)
            return None

    async def post_again(self, job: Job, origin: Origin, copies: Sequence[Repost]) -> MessageId:
        """Raises PictureGone, RepostRefused, RepostUncertain."""
        try:
            link = await self._any_link(job, copies)
            if link is None:
                raise PictureGone
            return await self._post(job, origin, link)
        except DELIVERY_ERRORS as error:
            log.warning("not posted again", job=job.id, error=type(error).__name__)
            if error_kind(error) is ErrorKind.LATER:
                raise RepostUncertain from None
            raise RepostRefused from None

    async def _any_link(self, job: Job, copies: Iterable[Repost]) -> str | None:
        """From the picture's own message, or the newest other one."""
        own = [] if job.picture is None else [(job.picture.channel_id, job.picture.message_id)]
        others = [(one.channel_id, one.message_id) for one in copies]
        for channel_id, message_id in (*own, *others):
            if channel_id is None or message_id is None:
                continue
            try:
                link = await self._link_in(channel_id, message_id, job.id)
            except discord.HTTPException as error:
                if error_kind(error) not in _GONE:
                    raise
                continue
            if link is not None:
                return link
        return None

    async def _post(self, job: Job, origin: Origin, link: str) -> MessageId:
        provenance = provenance_of(job, self._model)
        limit_bytes = origin.upload_limit_bytes
        send = partial(self._send, job, origin)
        try:
            async with self._relay.open(
                link, provenance=provenance, limit_bytes=limit_bytes
            ) as picture:
                return await send(picture, picture.name)
        except PictureTooLarge:
            smaller = await self._relay.make_smaller(
                link, provenance=provenance, limit_bytes=limit_bytes
            )
            return await send(io.BytesIO(smaller.content), smaller.filename)

    async def _send(
        self, job: Job, origin: Origin, content: io.BufferedIOBase, name: str
    ) -> MessageId:
        texts = Texts(origin.guild_locale)
        alt = alt_text(job, texts, tells_words=await tells_words(job, self._database))
        return await self._posts.send(
            origin.channel_id,
            result_card(job, attachment(job, name), alt, texts),
            nonce=f"zx{origin.interaction_id}",
            files=[discord.File(content, filename=name, description=alt, spoiler=is_spoiler(job))],
        )

    async def find(self, job: Job, one: Repost, known: Collection[MessageId]) -> MessageId | None:
        """Raises RepostUncertain: Discord does not tell now."""
        try:
            return await self._posts.find_own(
                one.channel_id,
                result_marks(job),
                after=one.interaction_id,
                besides=known,
            )
        except DELIVERY_ERRORS as error:
            if error_kind(error) is not ErrorKind.LATER:
                return None  # closed: whatever hangs there, nobody sees it
            raise RepostUncertain from None

    async def take_away(self, messages: Sequence[Address]) -> None:
        """Those that cannot be had stay: no row knows them to try again."""
        try:
            async with asyncio.timeout(LONGEST_CLEARING_S):
                for one in messages:
                    await self._take_away(one)
        except TimeoutError:
            log.info("messages stay", count=len(messages))

    async def _take_away(self, one: Address) -> None:
        delete = partial(self._posts.delete, one)
        try:
            if one.token is not None:
                await delete()
            else:
                await self._posts.in_open_thread(one.channel_id, delete)
        except DELIVERY_ERRORS as error:
            log.info("message stays", error=type(error).__name__)


async def unheard(_: ChannelId) -> None:
    """That a place is closed is heard by the outbox, whose pictures wait for it."""


# ------------------------------------------------------------------------------------------------
# Another alternative text.


class Describer:
    """Edits what hangs, within each message's lock: a gallery may be filling at the moment."""

    def __init__(self, *, database: Database, posts: Posts) -> None:
        self._database = database
        self._posts = posts

    async def redescribe(self, job: Job) -> bool:
        """Whether all messages with the picture tell its alternative text now.

        The rest of each stays as it is, whoever posted it. So does, at worst, what a preview tells.
        """
        try:
            places = await self._places(job)
        except DELIVERY_ERRORS as error:
            _log_failure(job, error)
            return False
        are_told = [await self._tell(job, on) for on in places]
        if are_told and job.address is not None and job.address not in places:
            await self._tell(job, job.address)  # perhaps it shows the picture small
        return bool(are_told) and all(are_told)

    async def _places(self, job: Job) -> Sequence[Address]:
        """Its message and those of its copies; none if the first cannot be changed."""
        picture = job.picture
        if picture is None:
            return ()
        channel_id = picture.channel_id or job.message.thread_id or job.origin.channel_id
        own = job.origin.address(channel_id, picture.message_id)
        copies = await self._database.read(reposts_of, job.id)
        hanging = [(one.channel_id, one.message_id) for one in copies]
        if own is None:
            return ()
        return [own, *(Address(channel_id=at, message_id=one) for at, one in hanging if one)]

    async def _tell(self, job: Job, on: Address) -> bool:
        try:
            async with self._posts.paced(on.message_id):
                await self._show(await self._database.read(select_job, job.id), on)
        except DELIVERY_ERRORS as error:
            _log_failure(job, error)
            return False
        return True

    async def _show(self, job: Job, on: Address) -> None:
        texts = Texts(job.origin.guild_locale)
        text = alt_text(job, texts, tells_words=await tells_words(job, self._database))
        view = described(await self._posts.fetch(on), job, text)
        if view is None:
            return
        edit = partial(self._posts.edit, on, view)
        if on.token is not None:
            await edit()
        else:
            await self._posts.in_open_thread(on.channel_id, edit)


def _log_failure(job: Job, error: BaseException) -> None:
    log.warning("description not shown", job=job.id, error=type(error).__name__)


def described(message: discord.Message, job: Job, text: str) -> ui.LayoutView | None:
    """The message as it stands, with this text at the job's picture; None if it shows none."""
    view = ui.LayoutView.from_message(message, timeout=None)
    view.stop()
    pictures = list(_pictures(view))
    files = {one.id: one.filename for one in message.attachments}
    is_shown = False
    for item in pictures:
        name = files.get(item.media.attachment_id or 0)
        if _is_its_picture(name, job, is_alone=len(pictures) == 1):
            item.description = text[:ALT_TEXT_LIMIT]
            is_shown = True
        if name is not None:  # Discord's own address dies within a day
            item.media = f"attachment://{name}"
    return view if is_shown else None


def _is_its_picture(name: str | None, job: Job, *, is_alone: bool) -> bool:
    """Of one that is alone the name does not matter, unless it is another's preview."""
    if name is not None and name.startswith("preview-"):
        return name == preview_name(job)
    return is_alone or is_of(name or "", job.id)


def _pictures(view: ui.LayoutView) -> Iterator[discord.MediaGalleryItem]:
    for one in view.walk_children():
        if isinstance(one, ui.MediaGallery):
            yield from one.items
