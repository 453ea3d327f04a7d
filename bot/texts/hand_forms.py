"""The forms that a picture's hands open. They bear the verb and the job of their button."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.features.imagine.records import TypedEdit
from bot.policy.rules import Rewriting
from bot.queue.reports import ReportReason
from bot.texts.cards import Press, Verb
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.result_cards import alt_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.providers.image import Offer
    from bot.queue.records import Job, JobId
    from bot.texts import Texts

TITLE_LIMIT = 45  # characters, Discord's, of a form and of a field's label
# Discord's own maximum, so that our refusal says how many characters there are too many.
LONGEST_TEXT = 4000
LONGEST_NUMBER = 60
REPORT_LIMIT = 500
_PARAGRAPH = discord.TextStyle.paragraph


class PictureForm(ui.Modal):
    """Answered by what it carries, so discord.py has no reason to keep it in memory."""

    def is_finished(self) -> bool:
        return True


def typed_of(job: Job) -> TypedEdit:
    """As its member could have typed it."""
    request = job.request
    return TypedEdit(
        prompt=request.prompt,
        negative=request.negative,
        size=str(request.size),
        seed=str(request.seed),
        rewriting=Rewriting.ON if request.rewrite else Rewriting.OFF,
    )


def edit_form(
    parent_id: JobId,
    typed: TypedEdit,
    offer: Offer,
    texts: Texts,
    *,
    rewritings: Sequence[Rewriting] = (Rewriting.OFF, Rewriting.ON),
) -> PictureForm:
    """Of a picture that is to come from another one. A form has five fields at most.

    Args:
        rewritings: those that are to be had; of one there is nothing to choose.
    """
    form = _form(Verb.EDIT, parent_id, texts.say("Edit"))
    _add(form, texts.say("Prompt"), _text("prompt", typed.prompt, LONGEST_TEXT, _PARAGRAPH))
    if offer.negative_limit is not None:
        field = _text("negative", typed.negative, LONGEST_TEXT, required=False)
        _add(form, texts.say("What to leave out"), field)
    size = _text("size", typed.size, LONGEST_NUMBER)
    _add(form, texts.say("Size"), size, texts.say("A ratio, a shape or width*height"))
    seed = _text("seed", typed.seed, LONGEST_NUMBER, required=False)
    _add(form, texts.say("Seed"), seed, texts.say("Empty: a new one"))
    if len(rewritings) > 1:
        _add(form, texts.say("Rewriting"), _rewriting(typed.rewriting, rewritings, texts))
    return form


def _rewriting(
    chosen: str, rewritings: Sequence[Rewriting], texts: Texts
) -> ui.Select[PictureForm]:
    options = [
        discord.SelectOption(label=_rewriting_label(one, texts), value=one, default=one == chosen)
        for one in rewritings
    ]
    return ui.Select(custom_id="rewriting", options=options)


def _rewriting_label(rewriting: Rewriting, texts: Texts) -> str:
    match rewriting:
        case Rewriting.OFF:
            return texts.say("Off: the prompt as it stands")
        case Rewriting.ON:
            return texts.say("On: Z-Image enriches it")
        case Rewriting.ASK:
            return texts.say("Ask: read it before it is painted")
        case _:
            assert_never(rewriting)


def alt_form(job: Job, texts: Texts, *, tells_words: bool = True) -> PictureForm:
    """Empty it, and it is made from the prompt again; `tells_words` as in `alt_text`."""
    said = alt_text(job, texts, tells_words=tells_words)
    form = _form(Verb.ALT, job.id, texts.say("Alternative text"))
    field = _text("alt", said, ALT_TEXT_LIMIT, _PARAGRAPH, required=False)
    hint = texts.say("What a screen reader says; empty: from the prompt")
    _add(form, texts.say("Alternative text"), field, hint)
    return form


def report_form(job: Job, texts: Texts) -> PictureForm:
    form = _form(Verb.REPORT, job.id, texts.say("Report this picture"))
    reasons: ui.RadioGroup[PictureForm] = ui.RadioGroup(
        custom_id="reason",
        options=[
            discord.RadioGroupOption(label=reason_label(one, texts), value=one)
            for one in ReportReason
        ],
    )
    _add(form, texts.say("What is wrong with it?"), reasons)
    words = _text("words", "", REPORT_LIMIT, _PARAGRAPH, required=False)
    _add(form, texts.say("What the staff should know"), words)
    return form


def reason_label(reason: str, texts: Texts) -> str:
    """One of another version as it stands."""
    if reason not in {*ReportReason}:
        return reason
    match ReportReason(reason):
        case ReportReason.SEXUAL:
            return texts.say("Sexual or naked")
        case ReportReason.VIOLENT:
            return texts.say("Violent or disturbing")
        case ReportReason.HATEFUL:
            return texts.say("Hateful or insulting")
        case ReportReason.PERSON:
            return texts.say("Shows a real person")
        case ReportReason.RIGHTS:
            return texts.say("Somebody's work or trademark")
        case ReportReason.OTHER:
            return texts.say("Something else")
        case other:
            assert_never(other)


def _form(verb: Verb, job_id: JobId, title: str) -> PictureForm:
    return PictureForm(title=title[:TITLE_LIMIT], custom_id=str(Press(verb=verb, job_id=job_id)))


def _text(
    name: str,
    typed: str,
    limit: int,
    style: discord.TextStyle = discord.TextStyle.short,
    *,
    required: bool = True,
) -> ui.TextInput[PictureForm]:
    return ui.TextInput(
        custom_id=name,
        default=typed[:limit] or None,
        style=style,
        required=required,
        max_length=limit,
    )


def _add(
    form: PictureForm, label: str, field: ui.Item[PictureForm], description: str | None = None
) -> None:
    text = label[:TITLE_LIMIT]
    form.add_item(ui.Label(text=text, component=field, description=description))
