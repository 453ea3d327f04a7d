"""What the controls of a case and of the list carry, and the forms that they open."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.features.moderation.rules import Ruling
from bot.queue.cases import Decision
from bot.texts import Say, deferred
from bot.texts.cards import button
from bot.texts.custom_ids import ID, NUMBER, CustomId, custom_id, one_of
from bot.texts.forms import Form, choice_field, text_field
from bot.texts.hand_cards import reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.texts import Texts
    from bot.texts.cards import Card


class CaseVerb(StrEnum):
    """What a control does to its case. A form bears the verb of the button that opens it."""

    APPROVE = "approve"
    TRUST = "trust"  # approve, and trust its member from now on
    REJECT = "reject"
    REMOVE = "remove"  # the picture
    WARN = "warn"  # remove it, and warn its member
    TIMEOUT = "timeout"  # remove it, and time its member out in Discord
    BLOCK = "block"  # its member from painting
    DISMISS = "dismiss"
    GRANT = "grant"  # an appeal
    DENY = "deny"
    IGNORE = "ignore"  # what the chosen members report, from now on
    SHOW = "show"  # all of it, for oneself alone


@custom_id("zeuxis:2:case", verb=one_of(CaseVerb), case_id=ID)
class CasePress(CustomId, frozen=True, kw_only=True):
    """A control of a case that was used."""

    verb: CaseVerb
    case_id: int


# ------------------------------------------------------------------------------------------------
# The list of open cases. What is chosen of it stands in the list itself, as Discord sends it along.


class ListVerb(StrEnum):
    """What a control of the list of open cases does."""

    PAGE = "page"  # turn to this one
    OPEN = "open"  # show the case that is chosen
    CHOOSE = "choose"  # mark those for the next two
    APPROVE = "approve"  # all that are marked
    REJECT = "reject"


@custom_id("zeuxis:2:cases", verb=one_of(ListVerb), place_id=NUMBER, page=NUMBER)
class ListPress(CustomId, frozen=True, kw_only=True):
    """A control of the list that was used."""

    verb: ListVerb
    place_id: int  # of the cases of this place alone; 0: of the whole guild
    page: int


# ------------------------------------------------------------------------------------------------
# How the buttons of a case look.


def case_button(verb: CaseVerb, case_id: int, texts: Texts) -> ui.Button[Card]:
    style = _STYLES.get(verb, discord.ButtonStyle.secondary)
    return button(case_verb_label(verb, texts), CasePress(verb=verb, case_id=case_id), style)


_STYLES: Mapping[CaseVerb, discord.ButtonStyle] = {
    CaseVerb.APPROVE: discord.ButtonStyle.success,
    CaseVerb.GRANT: discord.ButtonStyle.success,
    CaseVerb.REJECT: discord.ButtonStyle.danger,
    CaseVerb.REMOVE: discord.ButtonStyle.danger,
    CaseVerb.DENY: discord.ButtonStyle.danger,
}


def case_verb_label(verb: CaseVerb, texts: Texts) -> str:
    """On a button, or as the title of its form."""
    return _LABELS[verb](texts)


_LABELS: Mapping[CaseVerb, Say] = {
    CaseVerb.APPROVE: deferred("Approve"),
    CaseVerb.TRUST: deferred("Approve and trust"),
    CaseVerb.REJECT: deferred("Reject"),
    CaseVerb.REMOVE: deferred("Remove"),
    CaseVerb.WARN: deferred("Remove and warn"),
    CaseVerb.TIMEOUT: deferred("Time out"),
    CaseVerb.BLOCK: deferred("Block from painting"),
    CaseVerb.DISMISS: deferred("Dismiss"),
    CaseVerb.GRANT: deferred("Grant"),
    CaseVerb.DENY: deferred("Deny"),
    CaseVerb.IGNORE: deferred("Ignore reporters"),
    CaseVerb.SHOW: deferred("Show"),
}


# ------------------------------------------------------------------------------------------------
# The forms.


REASON_LIMIT = 250  # characters; with its label it is told whole
NOTE_LIMIT = 500
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
FOR_GOOD = "0"  # Discord takes no empty value

DECISIONS: Mapping[CaseVerb, Decision] = {
    CaseVerb.APPROVE: Decision.APPROVED,
    CaseVerb.TRUST: Decision.TRUSTED,
    CaseVerb.REJECT: Decision.REJECTED,
    CaseVerb.REMOVE: Decision.REMOVED,
    CaseVerb.WARN: Decision.WARNED,
    CaseVerb.TIMEOUT: Decision.TIMED_OUT,
    CaseVerb.BLOCK: Decision.BLOCKED,
    CaseVerb.DISMISS: Decision.DISMISSED,
    CaseVerb.GRANT: Decision.GRANTED,
    CaseVerb.DENY: Decision.DENIED,
}
# Of a time-out Discord takes 28 days at most.
TIME_OUTS_US = (HOUR_US // 6, HOUR_US, DAY_US, 7 * DAY_US, 28 * DAY_US)
BLOCKS_US = (DAY_US, 7 * DAY_US, 30 * DAY_US)


class RejectReason(StrEnum):
    """Why a picture is not shown."""

    SEXUAL = "sexual"
    VIOLENT = "violent"
    HATEFUL = "hateful"
    PERSON = "person"
    RIGHTS = "rights"
    RULES = "rules"  # of the server, whatever they are
    PLACE = "place"  # it does not belong there
    OTHER = "other"  # as the words say


def case_form(verb: CaseVerb, case_id: int, texts: Texts) -> Form | None:
    """None: the verb is done at once."""
    form = Form(case_verb_label(verb, texts), CasePress(verb=verb, case_id=case_id))
    match verb:
        case CaseVerb.REJECT:
            return _of_rejection(form, texts)
        case CaseVerb.TIMEOUT:
            form.ask(texts.say("For how long?"), _durations(TIME_OUTS_US, texts))
        case CaseVerb.BLOCK:
            form.ask(texts.say("For how long?"), _durations(BLOCKS_US, texts, endless=True))
        case CaseVerb.WARN | CaseVerb.DENY:
            pass
        case _:
            return None
    _ask_words(form, texts)
    return form


def rejection_form(place_id: int, page: int, texts: Texts) -> Form:
    """For all that are marked in the list."""
    press = ListPress(verb=ListVerb.REJECT, place_id=place_id, page=page)
    return _of_rejection(Form(case_verb_label(CaseVerb.REJECT, texts), press), texts)


def _of_rejection(form: Form, texts: Texts) -> Form:
    reasons = {str(one): reject_reason_label(one, texts) for one in RejectReason}
    form.ask(texts.say("Why?"), choice_field("kind", reasons))
    _ask_words(form, texts)
    return form


def _ask_words(form: Form, texts: Texts) -> None:
    reason = text_field("reason", REASON_LIMIT, is_long=True, required=False)
    hint = texts.say("Its member reads this, if they are told")
    form.ask(texts.say("In your own words"), reason, hint)
    note = text_field("note", NOTE_LIMIT, is_long=True, required=False)
    form.ask(texts.say("Note for the staff"), note)
    form.ask(texts.say("Tell the member why"), ui.Checkbox(custom_id="tells", default=True))


def _durations(
    all_us: Sequence[int], texts: Texts, *, endless: bool = False
) -> ui.RadioGroup[Form]:
    labels = {str(lasts_us): lasts_text(lasts_us, texts) for lasts_us in all_us}
    if endless:
        labels[FOR_GOOD] = texts.say("Until it is taken back")
    return choice_field("lasts", labels)


def lasts_text(lasts_us: int, texts: Texts) -> str:
    """In the largest unit that fits."""
    if lasts_us < HOUR_US:
        count = lasts_us // (HOUR_US // 60)
        return texts.plural("{count} minute", "{count} minutes", count=count)
    if lasts_us < DAY_US:
        return texts.plural("{count} hour", "{count} hours", count=lasts_us // HOUR_US)
    return texts.plural("{count} day", "{count} days", count=lasts_us // DAY_US)


def reject_reason_label(reason: RejectReason, texts: Texts) -> str:
    match reason:
        case RejectReason.RULES:
            return texts.say("Against the rules of this server")
        case RejectReason.PLACE:
            return texts.say("Does not belong in this channel")
        case (
            RejectReason.SEXUAL
            | RejectReason.VIOLENT
            | RejectReason.HATEFUL
            | RejectReason.PERSON
            | RejectReason.RIGHTS
            | RejectReason.OTHER
        ):
            return reason_label(reason, texts)  # of a report
        case _:
            assert_never(reason)


# ------------------------------------------------------------------------------------------------
# What comes back.


def ruling_of(verb: CaseVerb, filled: Mapping[str, str], texts: Texts) -> Ruling:
    """What was decided by a press, or by a form with these fields.

    Args:
        texts: in the language in which the guild's members read the reason.
    """
    return Ruling(
        decision=DECISIONS[verb],
        reason=_reason(filled, texts),
        note=filled.get("note", "")[:NOTE_LIMIT],
        tells_member=filled.get("tells", "True") == "True",
        lasts_us=_lasts_us(filled.get("lasts", FOR_GOOD)),
    )


def _reason(filled: Mapping[str, str], texts: Texts) -> str:
    words = filled.get("reason", "")[:REASON_LIMIT]
    kind = filled.get("kind", "")
    if kind not in {*RejectReason} or (kind == RejectReason.OTHER and words):
        return words
    label = reject_reason_label(RejectReason(kind), texts)
    return f"{label}: {words}" if words else label


def _lasts_us(value: str) -> int | None:
    """Of what the forms offer; what a client made up is until it is taken back."""
    offered: Mapping[str, int] = {str(one): one for one in (*TIME_OUTS_US, *BLOCKS_US)}
    return offered.get(value)
