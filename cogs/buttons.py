"""The buttons of status and result messages. They work after any restart, from what they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never, cast

import discord
import structlog

from bot.queue.records import JobId, Surface, UserId
from bot.texts import Texts
from bot.texts.cards import Verb, notice, pressed
from bot.texts.gallery_cards import state_card
from bot.texts.picture_cards import status_card, status_texts
from bot.texts.queue_cards import why_card
from bot.texts.refusals import stuck_message_text
from cogs.answers import UNREACHABLE, acknowledge, change, promptly, send_ephemeral
from cogs.imagine import submit_and_show
from cogs.origin import build_asker, build_origin, guild_id_of, role_ids, surface_of
from cogs.queue import explain, show_why, shown_queue

if TYPE_CHECKING:
    import re

    from bot.features.imagine.service import Service
    from bot.queue.records import Job

log = structlog.get_logger("cogs.buttons")


class Buttons:
    """What each verb does when it is pressed."""

    def __init__(self, *, service: Service) -> None:
        self._service = service

    async def press(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        press = pressed(match)
        match press.verb:
            case Verb.CANCEL:
                await self._cancel(interaction, press.job_id)
            case Verb.REROLL:
                await self._again(interaction, press.job_id, same_seed=False)
            case Verb.AGAIN:
                await self._again(interaction, press.job_id, same_seed=True)
            case Verb.DELETE:
                await self._delete(interaction, press.job_id)
            case Verb.WHY:
                await show_why(interaction, self._service, press.job_id)
            case Verb.FIRST:
                await self._put_first(interaction, press.job_id)
            case Verb.LATER:
                await self._let_others_first(interaction, press.job_id)
            case _:
                assert_never(press.verb)

    async def _again(
        self, interaction: discord.Interaction, job_id: JobId, *, same_seed: bool
    ) -> None:
        origin = build_origin(interaction, parent_id=job_id)
        submission = self._service.again(
            job_id,
            origin,
            asker=build_asker(interaction),
            same_seed=same_seed,
            role_ids=role_ids(interaction),
        )
        await submit_and_show(interaction, self._service, submission)

    async def _cancel(self, interaction: discord.Interaction, job_id: JobId) -> None:
        is_list = _is_private(interaction)
        if is_list:
            job = await self._service.job(job_id)
            is_list = not _is_status_of(job, interaction)
        if not is_list:
            await self._cancel_request(interaction, job_id)
            return
        work = self._service.cancel(job_id, build_asker(interaction))
        await promptly(interaction, work, thinking=False)
        # Pressed on the answer of /queue: that list changes, and delivery tells the public message.
        view = await self._service.queue(guild_id_of(interaction), UserId(interaction.user.id))
        await change(interaction, shown_queue(interaction, view))

    async def _cancel_request(self, interaction: discord.Interaction, job_id: JobId) -> None:
        """The message tells of all pictures that were asked for at once; delivery tells pictures
        that hang on it."""
        work = self._service.cancel_request(job_id, build_asker(interaction))
        jobs = await promptly(interaction, work, thinking=False)
        if any(job.picture for job in jobs):
            await acknowledge(interaction)
        else:
            await change(interaction, state_card(jobs, None, status_texts(jobs[0])))

    async def _put_first(self, interaction: discord.Interaction, job_id: JobId) -> None:
        work = self._service.put_first(job_id, build_asker(interaction))
        await promptly(interaction, work, thinking=False)
        explanation = await explain(interaction, self._service, job_id)
        await change(interaction, why_card(explanation, Texts(interaction.locale.value)))

    async def _let_others_first(self, interaction: discord.Interaction, job_id: JobId) -> None:
        work = self._service.let_others_first(job_id, build_asker(interaction))
        await promptly(interaction, work, thinking=False)
        one = await self._service.waiting(job_id)
        card = status_card(one.job, one.place, status_texts(one.job), drawing=one.drawing)
        await change(interaction, card)

    async def _delete(self, interaction: discord.Interaction, job_id: JobId) -> None:
        work = self._service.delete(job_id, build_asker(interaction))
        is_last = await promptly(interaction, work, thinking=False)
        await acknowledge(interaction)
        if is_last and not await _delete_message(interaction):
            said = stuck_message_text(Texts(interaction.locale.value))
            await send_ephemeral(interaction, notice(said))


def _is_private(interaction: discord.Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _is_status_of(job: Job, interaction: discord.Interaction) -> bool:
    """Where a guild lets nobody use foreign applications in public, that is private as well."""
    return interaction.message is not None and interaction.message.id == job.message.message_id


async def _delete_message(interaction: discord.Interaction) -> bool:
    """Takes away the message that carries the button; one that is gone already counts.

    It was acknowledged, so to the interaction's token that message is the original answer; by a
    user's own install there is no other way to it.
    """
    message = cast("discord.Message", interaction.message)  # a button is always on one
    try:
        if surface_of(interaction) is Surface.INTERACTION:
            await interaction.delete_original_response()
        else:
            await message.delete()
    except discord.NotFound:
        return True
    except UNREACHABLE as error:
        log.warning("message not deleted", message=message.id, error=type(error).__name__)
        return False
    return True
