"""The alternative text of a picture that hangs already: its messages are shown with another one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
import structlog
from discord import ui

from bot.delivery.carry import preview_name
from bot.delivery.place import default_of
from bot.delivery.posts import DELIVERY_ERRORS
from bot.queue.jobs import select_job
from bot.queue.records import Address
from bot.queue.shown import reposts_of
from bot.texts import Texts
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.result_cards import alt_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.queue.records import Job

log = structlog.get_logger("bot.delivery")


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
        default = await default_of(job, self._database)
        text = alt_text(
            job, Texts(job.origin.guild_locale), tells_words=default.alt_words is not False
        )
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
    return is_alone or (name or "").removeprefix("SPOILER_").startswith(f"zeuxis-{job.id}.")


def _pictures(view: ui.LayoutView) -> Iterator[discord.MediaGalleryItem]:
    for one in view.walk_children():
        if isinstance(one, ui.MediaGallery):
            yield from one.items
