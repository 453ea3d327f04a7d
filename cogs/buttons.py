"""The buttons of status and result messages, and the menus of messages with pictures.

They work after any restart, from what they carry.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import structlog
from discord import app_commands, ui

from bot.features.imagine.remaking import rerolled, resized, same
from bot.queue.records import ChannelId, JobId, JobState, MessageId, Surface
from bot.refusals import AlreadyFinished
from bot.texts import described
from bot.texts.cards import Card, Colour, Press, Verb, notice
from bot.texts.gallery_cards import is_coming, state_card
from bot.texts.hand_cards import deleted_text, kept_card, prompt_card, prompt_file, sizes_card
from bot.texts.picture_cards import status_card, status_texts
from bot.texts.refusals import stepped_back_text, stuck_message_text
from bot.texts.result_cards import MENU, picked_card, which_card
from cogs.answers import (
    UNREACHABLE,
    acknowledge,
    answer_unknown_button,
    change,
    change_to,
    in_time,
    promptly,
    send_ephemeral,
    show,
    show_alone,
)
from cogs.lineage import show_lineage
from cogs.origin import asking_in, build_asker, build_origin, everywhere, role_ids, surface_of
from cogs.queue import explained_card, own_queue_card, queue_seen, show_why
from cogs.reading import chosen_ids, chosen_values, is_on_private, texts_of
from cogs.routes import Route
from cogs.submission import submit_and_show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.features.hands import HandsService
    from bot.features.history.service import HistoryService
    from bot.features.imagine.remaking import Remake
    from bot.features.imagine.service import Service
    from bot.features.lineage.service import LineageService
    from bot.queue.places import Waiting
    from bot.queue.records import Job
    from cogs.hand_forms import HandForms

_MENUS = frozenset({Verb.MORE, Verb.SIZE, Verb.PICK})  # what is chosen there is another thing

log = structlog.get_logger("cogs.buttons")


class Buttons:
    """What each verb does when it is pressed."""

    def __init__(
        self,
        *,
        service: Service,
        hands: HandsService,
        lineage: LineageService,
        forms: HandForms,
    ) -> None:
        self._service = service
        self._hands = hands
        self._lineage = lineage
        self._verbs: dict[Verb, Callable[[discord.Interaction, JobId], Awaitable[None]]] = {
            Verb.CANCEL: self._cancel,
            Verb.REROLL: self._reroll,
            Verb.AGAIN: self._again,
            Verb.DELETE: self._delete,
            Verb.WHY: self._why,
            Verb.FIRST: self._put_first,
            Verb.LATER: self._let_others_first,
            Verb.EDIT: forms.open_edit,
            Verb.CORRECT: forms.correct,
            Verb.RESIZE: self._resize,
            Verb.SIZE: self._take_size,
            Verb.REWRITTEN: forms.use_rewritten,
            Verb.KEEP: self._keep,
            Verb.MORE: self._more,
            Verb.PICK: self._pick,
            Verb.PROMPT: self._show_prompt,
            Verb.LINEAGE: self._show_lineage,
            Verb.ALT: forms.open_alt,
            Verb.REPORT: forms.open_report,
        }
        self._forms = {
            Verb.EDIT: forms.take_edit,
            Verb.ALT: forms.take_alt,
            Verb.REPORT: forms.take_report,
        }

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(Press, self.press, self.take_form),)

    async def press(self, interaction: discord.Interaction, press: Press) -> None:
        await self.use(press.verb, interaction, _job_chosen(interaction, press) or press.job_id)

    async def use(self, verb: Verb, interaction: discord.Interaction, job_id: JobId) -> None:
        """As if it had been pressed."""
        await self._verbs[verb](interaction, job_id)

    async def take_form(self, interaction: discord.Interaction, press: Press) -> None:
        take = self._forms.get(press.verb)
        if take is None:
            await answer_unknown_button(interaction)
            return
        await take(interaction, press.job_id)

    async def _more(self, interaction: discord.Interaction, job_id: JobId) -> None:
        chosen = _chosen(interaction)
        if chosen not in MENU:
            await answer_unknown_button(interaction)
            return
        await self._verbs[Verb(chosen)](interaction, job_id)

    async def _reroll(self, interaction: discord.Interaction, job_id: JobId) -> None:
        await self._paint(interaction, job_id, rerolled(self._service.new_seed()))

    async def _again(self, interaction: discord.Interaction, job_id: JobId) -> None:
        await self._paint(interaction, job_id, same, is_of_request=True)

    async def _take_size(self, interaction: discord.Interaction, job_id: JobId) -> None:
        size = self._service.offer.parse_size(_chosen(interaction)).size
        await self._paint(interaction, job_id, resized(size))

    async def _paint(
        self,
        interaction: discord.Interaction,
        job_id: JobId,
        remake: Remake,
        *,
        is_of_request: bool = False,
    ) -> None:
        submission = self._service.remade(
            job_id,
            build_origin(interaction, parent_id=job_id),
            asker=build_asker(interaction),
            remake=remake,
            role_ids=role_ids(interaction),
            is_of_request=is_of_request,
        )
        await submit_and_show(interaction, self._service, submission)

    async def _resize(self, interaction: discord.Interaction, job_id: JobId) -> None:
        build_origin(interaction)  # whoever may not have it painted here is offered no sizes

        async def offered() -> Card:
            job = await self._service.to_paint(job_id, build_asker(interaction))
            sizes = await self._service.sizes(job, asking_in(interaction))
            return sizes_card(job, sizes, texts_of(interaction))

        await show_alone(interaction, offered())

    async def _keep(self, interaction: discord.Interaction, job_id: JobId) -> None:
        work = self._hands.toggle_kept(job_id, build_asker(interaction))
        is_kept = await promptly(interaction, work, private=True)
        await show(interaction, kept_card(texts_of(interaction), is_kept=is_kept), private=True)

    async def _pick(self, interaction: discord.Interaction, _: JobId) -> None:
        chosen = _picked(interaction)
        if chosen is None:
            await answer_unknown_button(interaction)
            return
        work = self._hands.hold(chosen, build_asker(interaction))
        held = await promptly(interaction, work, private=True)
        card = picked_card(held.job, texts_of(interaction), is_kept=held.is_kept)
        await show(interaction, card, private=True)

    async def _show_prompt(self, interaction: discord.Interaction, job_id: JobId) -> None:
        work = self._hands.look(job_id, build_asker(interaction))
        job = await promptly(interaction, work, private=True)
        whole, card = prompt_file(job), prompt_card(job, texts_of(interaction))
        files = []
        if whole:
            name = f"prompt-{job_id}.txt"
            files.append(discord.File(io.BytesIO(whole.encode()), filename=name))
            card.add_item(ui.File(f"attachment://{name}"))
        await show(interaction, card, private=True, files=files)

    async def _show_lineage(self, interaction: discord.Interaction, job_id: JobId) -> None:
        await show_lineage(interaction, self._lineage, job_id)

    async def _why(self, interaction: discord.Interaction, job_id: JobId) -> None:
        await show_why(interaction, self._service.jobs, job_id)

    async def _cancel(self, interaction: discord.Interaction, job_id: JobId) -> None:
        is_list = is_on_private(interaction)
        if is_list:
            job = await promptly(interaction, self._service.jobs.job(job_id), thinking=False)
            is_list = not _is_status_of(job, interaction)
        if not is_list:
            await self._cancel_request(interaction, job_id)
            return

        async def cancelled() -> Card:
            await self._service.jobs.cancel(job_id, build_asker(interaction))
            return await own_queue_card(interaction, self._service.jobs)

        # Pressed on the answer of /queue: that list changes, and delivery tells the public message.
        try:
            await change_to(interaction, cancelled())
        except AlreadyFinished:
            await change_to(interaction, own_queue_card(interaction, self._service.jobs))
            raise

    async def _cancel_request(self, interaction: discord.Interaction, job_id: JobId) -> None:
        """The message tells of all pictures that were asked for at once; delivery tells pictures
        that hang on it, or may."""
        work = self._service.jobs.cancel_request(job_id, build_asker(interaction))
        try:
            jobs = await promptly(interaction, work, thinking=False)
        except AlreadyFinished:
            await self._say_what_holds(interaction, job_id)
            raise
        if any(job.picture and job.picture.post_attempted_at_us for job in jobs):
            await acknowledge(interaction)
        else:
            await change(interaction, state_card(jobs, None, status_texts(jobs[0])))

    async def _put_first(self, interaction: discord.Interaction, job_id: JobId) -> None:
        async def explained() -> Card:
            await self._service.jobs.put_first(job_id, build_asker(interaction))
            return await explained_card(interaction, self._service.jobs, job_id)

        await change_to(interaction, explained())

    async def _let_others_first(self, interaction: discord.Interaction, job_id: JobId) -> None:
        async def stepped_back() -> Waiting:
            await self._service.jobs.let_others_first(job_id, build_asker(interaction))
            return await self._service.jobs.waiting(job_id)

        one = await promptly(interaction, stepped_back(), thinking=False)
        if one.job.state is not JobState.QUEUED:
            await self._say_what_holds(interaction, job_id)
            return
        card = status_card(one.job, one.place, status_texts(one.job), drawing=one.drawing)
        await change(interaction, card)
        view = await queue_seen(interaction, self._service.jobs)
        if sum(other.job.state is JobState.QUEUED for other in view.mine) > 1:
            said = stepped_back_text(texts_of(interaction))
            await send_ephemeral(interaction, notice(said))

    async def _say_what_holds(self, interaction: discord.Interaction, job_id: JobId) -> None:
        """On a status message that nobody could edit at the end, as while the bot was not there.
        Where delivery has something to say, it does."""

        async def jobs_of_it() -> Sequence[Job]:
            return await self._service.jobs.jobs_of_request(await self._service.jobs.job(job_id))

        jobs = await promptly(interaction, jobs_of_it(), thinking=False)
        is_deliverys = any(is_coming(job) or _hangs_on(job, interaction) for job in jobs)
        if is_deliverys or not _is_status_of(jobs[0], interaction):
            await acknowledge(interaction)
        else:
            await change(interaction, state_card(jobs, None, status_texts(jobs[0])))

    async def _delete(self, interaction: discord.Interaction, job_id: JobId) -> None:
        """Of a picture that hangs among others in one message, delivery shows the others."""
        work = self._service.jobs.delete(job_id, build_asker(interaction))
        alone = await promptly(interaction, work, thinking=False)
        if is_on_private(interaction):
            await change(interaction, notice(deleted_text(texts_of(interaction)), Colour.ENDED))
        await acknowledge(interaction)
        if alone is not None and not await _delete_message(interaction, *alone):
            await send_ephemeral(interaction, notice(stuck_message_text(texts_of(interaction))))


def _hangs_on(job: Job, interaction: discord.Interaction) -> bool:
    """Its picture, on the message that was pressed."""
    pressed, picture = interaction.message, job.picture
    return pressed is not None and picture is not None and picture.message_id == pressed.id


def _is_status_of(job: Job, interaction: discord.Interaction) -> bool:
    """Where a guild lets nobody use foreign applications in public, that is private as well."""
    return interaction.message is not None and interaction.message.id == job.message.message_id


async def _delete_message(
    interaction: discord.Interaction, channel_id: ChannelId, message_id: MessageId
) -> bool:
    """One that is gone already counts.

    It was acknowledged, so to the interaction's token the message that was pressed is the original
    answer; by a user's own install there is no other way to it, and delivery takes any other.
    """
    try:
        if surface_of(interaction) is not Surface.INTERACTION:
            channel = interaction.client.get_partial_messageable(channel_id)
            await channel.get_partial_message(message_id).delete()
        elif interaction.message is not None and interaction.message.id == message_id:
            await interaction.delete_original_response()
    except discord.NotFound:
        return True
    except UNREACHABLE as error:
        log.warning("message not deleted", message=message_id, error=type(error).__name__)
        return False
    return True


def _job_chosen(interaction: discord.Interaction, press: Press) -> JobId | None:
    """Of several pictures, where the menu asks which one; None if it asks something else."""
    return None if press.verb in _MENUS else _picked(interaction)


def _picked(interaction: discord.Interaction) -> JobId | None:
    """The picture that was chosen."""
    return next(map(JobId, chosen_ids(interaction)), None)


def _chosen(interaction: discord.Interaction) -> str:
    """Of a menu; empty if it was something else that was pressed."""
    return next(iter(chosen_values(interaction)), "")


# ------------------------------------------------------------------------------------------------
# The menus of messages: the same, for the picture that a message shows.


def message_menus(
    history: HistoryService, buttons: Buttons
) -> tuple[app_commands.ContextMenu, ...]:
    """discord.py takes none as part of a cog."""
    names = {
        Verb.REROLL: described("Reimagine"),
        Verb.PROMPT: described("Show prompt"),
        Verb.REPORT: described("Report"),
    }
    return tuple(_menu(name, verb, history, buttons) for verb, name in names.items())


def _menu(
    name: app_commands.locale_str, verb: Verb, history: HistoryService, buttons: Buttons
) -> app_commands.ContextMenu:
    async def use(interaction: discord.Interaction, message: discord.Message) -> None:
        """Of several pictures their member is asked which one; a form takes no deferral."""
        looking = history.at(build_asker(interaction), MessageId(message.id))
        if verb is Verb.REPORT:
            jobs = await in_time(interaction, looking)
        else:
            jobs = await promptly(interaction, looking, private=verb is Verb.PROMPT)
        if len(jobs) == 1:
            await buttons.use(verb, interaction, jobs[0].id)
            return
        texts = texts_of(interaction)
        await show(interaction, which_card(jobs, verb, texts), private=True)

    return everywhere(app_commands.ContextMenu(name=name, callback=use))
