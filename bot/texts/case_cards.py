"""What a guild's staff see of a case, in their channel or alone: all kinds, open and decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.queue.cases import CaseKind, CaseReason, read_reason
from bot.texts import escaped, plain, quoted, relative
from bot.texts.cards import (
    CHOICE_LIMIT,
    Card,
    Colour,
    Items,
    heading,
    picture_link,
    shown_size,
    small,
    within,
)
from bot.texts.case_controls import CasePress, CaseVerb, case_button, case_verb_label
from bot.texts.hand_cards import reason_label
from bot.texts.moderation_refusals import decision_text
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.result_cards import has_rewritten_prompt, label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.features.moderation.rows.case_views import CaseView
    from bot.queue.cases import Case
    from bot.queue.reports import Reports
    from bot.texts import Texts

# All together, with labels in any language, are fewer than the characters of one message.
PROMPT_LIMIT = 800
NEGATIVE_LIMIT = 300
REWRITTEN_LIMIT = 600
WORDS_LIMIT = 150  # of one report among several
REPORTS_LIMIT = 1200  # all of them
APPEAL_LIMIT = 600
REASONS_LIMIT = 500
END_LIMIT = 200  # of a decision's reason, and of its note
MOST_REASONS = 10

KIND_VERBS: Mapping[CaseKind, tuple[CaseVerb, ...]] = {
    CaseKind.REVIEW: (CaseVerb.APPROVE, CaseVerb.TRUST, CaseVerb.REJECT),
    CaseKind.REPORT: (
        *(CaseVerb.REMOVE, CaseVerb.WARN, CaseVerb.TIMEOUT, CaseVerb.BLOCK, CaseVerb.DISMISS),
    ),
    CaseKind.APPEAL: (CaseVerb.GRANT, CaseVerb.DENY),
    CaseKind.REFUSALS: (CaseVerb.BLOCK, CaseVerb.DISMISS),
}


def case_card(view: CaseView, texts: Texts, *, image: str | None) -> Card:
    """In the guild's language where all of its staff read it.

    Args:
        image: `attachment://name.png`, or an address; None: there is none to be shown.
    """
    case = view.case
    parts: Items = [heading(_SIGNS[case.kind], _title(view, texts))]
    if image is not None:
        parts.append(_picture(image, texts))
    parts += [ui.TextDisplay(said) for said in _said(view, texts) if said]
    parts.append(ui.TextDisplay(_small_print(view, texts)))
    if case.end is not None:
        parts.append(ui.TextDisplay(end_text(case, texts)))
    parts.append(ui.TextDisplay(case_mark(case, texts)))
    rows = _rows(view, texts, has_image=image is not None) if case.is_open else ()
    return Card(_colour(case), *parts, *rows)


def case_mark(case: Case, texts: Texts) -> str:
    """A text of its own that names the case on every card of it."""
    job = "" if case.job_id is None else texts.say("job {id}", id=case.job_id)
    return small(texts.say("case {id}", id=case.id), job)


def case_marks(case: Case, texts: Texts) -> frozenset[str]:
    """By any of these its card is found, open or decided."""
    controls = {str(CasePress(verb=verb, case_id=case.id)) for verb in CaseVerb}
    return frozenset({case_mark(case, texts), *controls})


def _picture(image: str, texts: Texts) -> ui.MediaGallery[Card]:
    said = texts.say("AI-generated picture")[:ALT_TEXT_LIMIT]
    return ui.MediaGallery(discord.MediaGalleryItem(image, description=said, spoiler=True))


_SIGNS: Mapping[CaseKind, str] = {
    CaseKind.REVIEW: "🔎",
    CaseKind.REPORT: "🚩",
    CaseKind.APPEAL: "✋",
    CaseKind.REFUSALS: "⚠️",
}


def _colour(case: Case) -> Colour:
    if not case.is_open:
        return Colour.ENDED
    return Colour.REFUSED if case.kind is CaseKind.REPORT else Colour.WORKING


def _title(view: CaseView, texts: Texts) -> str:
    if view.reports is not None:
        return texts.plural(
            "Reported by {count} member",
            "Reported by {count} members",
            count=view.reports.count,
        )
    match view.case.kind:
        case CaseKind.REVIEW if view.case.is_open:
            return texts.say("A picture waits for you")
        case CaseKind.REVIEW:
            return texts.say("A picture that was held")
        case CaseKind.REPORT:
            return texts.say("A reported picture")
        case CaseKind.APPEAL:
            return texts.say("An appeal")
        case CaseKind.REFUSALS:
            return texts.say("Refused again and again")
        case _:
            assert_never(view.case.kind)


# ------------------------------------------------------------------------------------------------
# What it is about.


def _said(view: CaseView, texts: Texts) -> Sequence[str]:
    match view.case.kind:
        case CaseKind.REVIEW:
            return _reasons(view.case, texts), _prompts(view, texts)
        case CaseKind.REPORT:
            return _prompts(view, texts), _reports(view.reports, texts)
        case CaseKind.APPEAL:
            return _appeal(view, texts)
        case CaseKind.REFUSALS:
            hint = texts.say(
                "Z-Image refuses this member's prompts. The account of this bot is at stake."
            )
            return hint, _reasons(view.case, texts)
        case other:
            assert_never(other)


def _reasons(case: Case, texts: Texts) -> str:
    lines = [f"- {reason_text(one, texts)}" for one in case.reasons[:MOST_REASONS]]
    return within(lines, REASONS_LIMIT)


def reason_text(text: str, texts: Texts) -> str:
    """Why a picture was held or refused, as it stands in rows."""
    reason, about = read_reason(text)
    shown = escaped(about, CHOICE_LIMIT)
    match reason:
        case CaseReason.RULE:
            return texts.say("word rule “{name}”", name=shown)
        case CaseReason.CHECK:
            return texts.say("the check of pictures is {percent} % sure", percent=shown)
        case CaseReason.UNCHECKED:
            return texts.say("the check of pictures gave no answer")
        case CaseReason.NEWCOMER:
            return texts.say("its member is new to this server")
        case CaseReason.ALWAYS:
            return texts.say("every picture waits here")
        case CaseReason.REFUSED:
            return texts.say("refused within one hour: {count}", count=shown)
        case None:
            return shown
        case _:
            assert_never(reason)


def _prompts(view: CaseView, texts: Texts) -> str:
    if view.job is None or not view.job.request.prompt:
        return ""
    job = view.job
    parts = _request(job.request.prompt, job.request.negative, texts)
    if job.picture is not None and has_rewritten_prompt(job):
        parts.append(label(texts.say("Rewritten by Z-Image")))
        parts.append(quoted(job.picture.shown_prompt, REWRITTEN_LIMIT))
    return "\n".join(parts)


def _request(prompt: str, negative: str, texts: Texts) -> list[str]:
    parts = [label(texts.say("Prompt")), quoted(prompt, PROMPT_LIMIT)]
    if negative:
        parts += [label(texts.say("Left out")), quoted(negative, NEGATIVE_LIMIT)]
    return parts


def _reports(reports: Reports | None, texts: Texts) -> str:
    if reports is None:
        return ""
    lines = []
    for number, one in enumerate(reports.newest, start=1):
        said = f"{number}\\. {reason_label(one.reason, texts)}"
        who = f" · <@{one.user_id}>" if one.user_id else ""
        words = f": {escaped(one.words, WORDS_LIMIT)}" if one.words else ""
        lines.append(f"{said}{words}{who}")
    return within(lines, REPORTS_LIMIT)


def _appeal(view: CaseView, texts: Texts) -> Sequence[str]:
    words = view.case.words
    said = f"{label(texts.say('They say'))}\n{quoted(words, APPEAL_LIMIT)}" if words else ""
    return _appealed(view, texts), said


def _appealed(view: CaseView, texts: Texts) -> str:
    """Against what."""
    if view.refused is not None:
        names = ", ".join(escaped(one, CHOICE_LIMIT) for one in view.refused.rules[:MOST_REASONS])
        by = texts.say("Refused by the word rules: {names}", names=names[:REASONS_LIMIT])
        return "\n".join([by, *_request(view.refused.prompt, view.refused.negative, texts)])
    if view.rejected is not None:
        rejected = view.rejected
        said = (end_text(rejected, texts), _reasons(rejected, texts), _prompts(view, texts))
        return "\n".join(filter(None, said))
    if view.block is None:
        return ""
    until_at_us = view.block.until_at_us
    endless = texts.say("until it is taken back")
    ends = endless if until_at_us is None else texts.say("ends {when}", when=relative(until_at_us))
    by = texts.say("Blocked from painting by {who}", who=_who(view.block.set_by, texts))
    reason = escaped(view.block.reason, END_LIMIT)
    return "\n".join(filter(None, (f"{by} · {ends}", f"> {reason}" if reason else "")))


# ------------------------------------------------------------------------------------------------
# Whose, where, since when, and how it ended.


def _small_print(view: CaseView, texts: Texts) -> str:
    case, job = view.case, view.job
    place = f"<#{case.channel_id}>" if case.channel_id else ""  # a block is of no place
    waiting = ""
    if view.place is not None:
        waiting = texts.say("number {place} of those that wait", place=view.place)
    size = shown_size(job.picture.size) if job is not None and job.picture is not None else ""
    who = _who(case.user_id, texts)
    return small(who, place, relative(case.opened_at_us), waiting, size)


def _who(user_id: int, texts: Texts) -> str:
    return f"<@{user_id}>" if user_id else texts.say("nobody who is known any more")


def end_text(case: Case, texts: Texts) -> str:
    """Who, what, when, why. Empty while it is open."""
    end = case.end
    if end is None:
        return ""
    who = f"<@{end.by}>" if end.by else ""
    said = (f"**{decision_text(end.decision, texts)}**", who, relative(end.at_us))
    lines = [" · ".join(filter(None, said))]
    if end.reason:
        lines.append(quoted(end.reason, END_LIMIT))
    if end.note:
        note = texts.say("Note: {note}", note=escaped(end.note, END_LIMIT))
        lines.append(small(note))
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------
# What the staff can do.


def _rows(view: CaseView, texts: Texts, *, has_image: bool) -> list[ui.ActionRow[Card]]:
    case = view.case
    rows: list[ui.ActionRow[Card]] = [
        ui.ActionRow(*(case_button(verb, case.id, texts) for verb in KIND_VERBS[case.kind]))
    ]
    if view.reports is not None and (ignoring := _ignoring(view.reports, case.id, texts)):
        rows.append(ignoring)
    ways = _ways_to_picture(view, texts, has_image=has_image)
    return [*rows, ui.ActionRow(*ways)] if ways else rows


def _ways_to_picture(view: CaseView, texts: Texts, *, has_image: bool) -> list[ui.Button[Card]]:
    """What the card does not show, for whoever presses; and where it hangs."""
    job = view.job
    if job is None or job.picture is None or job.is_deleted:
        return []
    show = [] if has_image else [case_button(CaseVerb.SHOW, view.case.id, texts)]
    return [*show, *(picture_link(job, texts) if view.case.kind is CaseKind.REPORT else [])]


def _ignoring(reports: Reports, case_id: int, texts: Texts) -> ui.ActionRow[Card] | None:
    """Numbered as in the list above it."""
    options = [
        discord.SelectOption(
            label=plain(f"{number}. {reason_label(one.reason, texts)}", CHOICE_LIMIT),
            description=plain(one.words, CHOICE_LIMIT) or None,
            value=str(one.user_id),
        )
        for number, one in enumerate(reports.newest, start=1)
        if one.user_id
    ]
    if not options:
        return None
    select: ui.Select[Card] = ui.Select(
        custom_id=str(CasePress(verb=CaseVerb.IGNORE, case_id=case_id)),
        placeholder=case_verb_label(CaseVerb.IGNORE, texts),
        options=options,
        max_values=len(options),
    )
    return ui.ActionRow(select)
