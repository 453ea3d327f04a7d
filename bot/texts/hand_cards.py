"""What a picture's hands answer, for their member's eyes alone, and the forms that they open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.features.imagine.records import TypedEdit
from bot.policy.rules import Rewriting
from bot.providers.image import dollars
from bot.queue.reports import ReportReason
from bot.texts import escaped, quoted
from bot.texts.cards import (
    CHOICE_LIMIT,
    MOST_CHOICES,
    Card,
    Colour,
    Items,
    Press,
    Verb,
    heading,
    job_button,
    job_select,
    marks_of,
    notice,
    options_of,
    small,
    verb_label,
)
from bot.texts.choices import size_label
from bot.texts.forms import LONGEST_TEXT, Form, choice_field, text_field
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.result_cards import alt_text, has_rewritten_prompt, label
from bot.visible import trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.imagine.records import SizeChoice
    from bot.providers.image import Offer
    from bot.queue.records import Job, JobId
    from bot.texts import Texts

CODE_LIMIT = 1000  # characters of each of three texts; whoever wants more finds it in the file
REASONING_LIMIT = 500
PROMPT_LIMIT = 700
_FENCE = re.compile("`{3,}")


def code_block(text: str) -> str:
    """To be copied as it was typed; only what would end the block is another sign."""
    shown = _FENCE.sub(lambda found: "ˋ" * len(found[0]), text)
    shown = shown if len(shown) <= CODE_LIMIT else shown[: CODE_LIMIT - 1] + "…"
    return f"```\n{shown}\n```"


def prompt_card(job: Job, texts: Texts) -> Card:
    """All the words of a picture; the reasons of the rewriting model folded."""
    parts: Items = [heading("📝", texts.say("Prompt"))]
    parts.append(ui.TextDisplay(code_block(job.request.prompt)))
    if job.request.negative:
        said = f"{label(texts.say('Left out'))}\n{code_block(job.request.negative)}"
        parts.append(ui.TextDisplay(said))
    if job.picture is not None and has_rewritten_prompt(job):
        title = label(texts.say("Rewritten by Z-Image"))
        parts.append(ui.TextDisplay(f"{title}\n{code_block(job.picture.shown_prompt)}"))
        if job.picture.reasoning:
            why = escaped(job.picture.reasoning, REASONING_LIMIT)
            parts.append(ui.TextDisplay(f"{label(texts.say('Why so'))}\n||{why}||"))
    return Card(Colour.NEUTRAL, *parts, ui.TextDisplay(small(*marks_of(job, texts))))


def prompt_file(job: Job) -> str:
    """The same without end and whole; empty if the card says it all."""
    picture = job.picture
    rewritten = picture.shown_prompt if picture and has_rewritten_prompt(job) else ""
    reasoning = picture.reasoning if picture and rewritten else ""
    texts = (job.request.prompt, job.request.negative, rewritten)
    is_whole = all(len(one) <= CODE_LIMIT and not _FENCE.search(one) for one in texts)
    if is_whole and len(reasoning) <= REASONING_LIMIT:
        return ""
    return "\n\n".join(filter(None, (*texts, reasoning)))


# ------------------------------------------------------------------------------------------------
# Other sizes.


def sizes_card(job: Job, sizes: Sequence[SizeChoice], texts: Texts) -> Card:
    """The same words and the same seed in another size."""
    if not sizes:
        return notice(texts.say("No other size may be painted here."), Colour.NEUTRAL)
    options = [
        discord.SelectOption(
            label=f"{size_label(each.one, texts)} · {dollars(each.micros)}"[:CHOICE_LIMIT],
            value=str(each.one.size),
        )
        for each in sizes[:MOST_CHOICES]
    ]
    said = texts.say("The same prompt and the same seed in another size:")
    return Card(
        Colour.NEUTRAL,
        ui.TextDisplay(f"{said}\n{quoted(job.request.prompt, PROMPT_LIMIT)}"),
        job_select(Verb.SIZE, job.id, options, texts),
    )


# ------------------------------------------------------------------------------------------------
# Edits that were refused.


def correction_card(
    reason: str,
    typed: TypedEdit,
    draft_id: JobId,
    texts: Texts,
    *,
    appeal: ui.Button[Card] | None = None,
) -> Card:
    """Why, and a way back to the form with what was typed."""
    correct = job_button(Verb.CORRECT, draft_id, texts)
    prompt = trimmed(typed.prompt)
    return Card(
        Colour.REFUSED,
        ui.TextDisplay(reason),
        *([ui.TextDisplay(quoted(prompt, PROMPT_LIMIT))] if prompt else []),
        ui.ActionRow(*([correct] if appeal is None else [correct, appeal])),
    )


# ------------------------------------------------------------------------------------------------
# Kept, described, reported.


def deleted_text(texts: Texts) -> str:
    return texts.say("The picture was deleted.")


def kept_card(texts: Texts, *, is_kept: bool) -> Card:
    if not is_kept:
        return notice(texts.say("You no longer keep this picture."), Colour.NEUTRAL)
    said = texts.say("You keep this picture. Find it again with /history kept.")
    keep = verb_label(Verb.KEEP, texts)
    undo = texts.say("Press “{keep}” once more to keep it no longer.", keep=keep)
    return notice(f"{said}\n{small(undo)}", Colour.DONE)


def described_card(texts: Texts, *, is_shown: bool) -> Card:
    """`is_shown`: at the message too."""
    said = texts.say("The alternative text is changed.")
    if not is_shown:
        later = texts.say("Discord did not let me change the message; I have noted it down.")
        said = f"{said} {later}"
    return notice(said, Colour.DONE)


def reported_card(texts: Texts, *, is_heard: bool, has_staff: bool = True) -> Card:
    """Args: has_staff: not outside of guilds."""
    said = texts.say("Thank you. This server's staff are told.")
    if not has_staff:
        said = texts.say("I have noted it down. Outside of servers there is no staff to be told.")
    elif not is_heard:
        said = texts.say(
            "I have noted it down, but this server's staff have named no channel in which I could"
            " tell them. Please turn to a moderator of this server."
        )
    return notice(said, Colour.NEUTRAL)


# ------------------------------------------------------------------------------------------------
# The forms. They bear the verb and the job of their button.


LONGEST_NUMBER = 60
REPORT_LIMIT = 500


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
) -> Form:
    """Of a picture that is to come from another one. A form has five fields at most.

    Args:
        rewritings: those that are to be had; of one there is nothing to choose.
    """
    form = Form(texts.say("Edit"), Press(verb=Verb.EDIT, job_id=parent_id))
    # As long as Discord takes, so that our refusal says how many characters there are too many.
    form.ask(texts.say("Prompt"), text_field("prompt", LONGEST_TEXT, typed.prompt, is_long=True))
    if offer.negative_limit is not None:
        field = text_field("negative", LONGEST_TEXT, typed.negative, required=False)
        form.ask(texts.say("What to leave out"), field)
    size = text_field("size", LONGEST_NUMBER, typed.size)
    form.ask(texts.say("Size"), size, texts.say("A ratio, a shape or width*height"))
    seed = text_field("seed", LONGEST_NUMBER, typed.seed, required=False)
    form.ask(texts.say("Seed"), seed, texts.say("Empty: a new one"))
    if len(rewritings) > 1:
        labels = {str(one): _rewriting_label(one, texts) for one in rewritings}
        choice: ui.Select[Form] = ui.Select(
            custom_id="rewriting", options=options_of(labels, typed.rewriting)
        )
        form.ask(texts.say("Rewriting"), choice)
    return form


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


def alt_form(job: Job, texts: Texts, *, tells_words: bool = True) -> Form:
    """Empty it, and it is made from the prompt again; `tells_words` as in `alt_text`."""
    said = alt_text(job, texts, tells_words=tells_words)
    form = Form(texts.say("Alternative text"), Press(verb=Verb.ALT, job_id=job.id))
    field = text_field("alt", ALT_TEXT_LIMIT, said, is_long=True, required=False)
    hint = texts.say("What a screen reader says; empty: from the prompt")
    form.ask(texts.say("Alternative text"), field, hint)
    return form


def report_form(job: Job, texts: Texts) -> Form:
    form = Form(texts.say("Report this picture"), Press(verb=Verb.REPORT, job_id=job.id))
    reasons = {str(one): reason_label(one, texts) for one in ReportReason}
    form.ask(texts.say("What is wrong with it?"), choice_field("reason", reasons))
    words = text_field("words", REPORT_LIMIT, is_long=True, required=False)
    has_staff = job.origin.guild_id is not None
    asked = texts.say("What the staff should know") if has_staff else texts.say("In your own words")
    form.ask(asked, words)
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
