"""What a member meets of a case: the way to appeal, and what they are told in a direct message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot import refusals
from bot.features.moderation.rows.appeals import AppealKind
from bot.features.moderation.rows.notices import NoticeKind
from bot.queue.cases import Decision
from bot.refusals import ReportDecided
from bot.texts import relative
from bot.texts.cards import Card, Colour, button, notice, small, staff_say_text
from bot.texts.custom_ids import ID, CustomId, custom_id, one_of
from bot.texts.forms import Form, text_field
from bot.texts.staff_refusals import report_decided_text

if TYPE_CHECKING:
    from bot.features.moderation.rows.notices import Notice
    from bot.policy.standing import PersonStanding
    from bot.queue.cases import Case
    from bot.texts import Texts

WORDS_LIMIT = 1000  # characters
FIELD = "words"


@custom_id("zeuxis:2:appeal", kind=one_of(AppealKind), number=ID)
class AppealPress(CustomId, frozen=True, kw_only=True):
    """What is appealed against, of the button and of the form that it opens."""

    kind: AppealKind
    number: int


def button_against(error: Exception, texts: Texts) -> ui.Button[Card] | None:
    """Against a refusal that the staff of a guild may take back, once; else none."""
    if isinstance(error, refusals.WordsRefused) and error.can_appeal:
        press = AppealPress(kind=AppealKind.REFUSAL, number=error.refusal_id)
    elif isinstance(error, refusals.BlockedHere) and error.appeal_to is not None:
        press = AppealPress(kind=AppealKind.BLOCK, number=error.appeal_to)
    else:
        return None
    return button(texts.say("Appeal"), press)


def refused_card(said: str, button: ui.Button[Card] | None) -> Card:
    """A refusal, with what the member can do about it."""
    if button is None:
        return notice(said)
    return Card(Colour.REFUSED, ui.TextDisplay(said), ui.ActionRow(button))


def appeal_form(press: AppealPress, texts: Texts, *, reason: str = "") -> Form:
    """`reason`: what the staff have said to the member."""
    form = Form(texts.say("Appeal to this server's staff"), press)
    if reason:
        form.add_item(ui.TextDisplay(staff_say_text(reason, texts)))
    field = text_field(FIELD, WORDS_LIMIT, is_long=True)
    form.ask(texts.say("Why should it be allowed?"), field)
    return form


def appealed_card(texts: Texts) -> Card:
    said = texts.say(
        "Your appeal is with this server's staff. What they decide I tell you in a direct message."
    )
    return notice(said, Colour.NEUTRAL)


# ------------------------------------------------------------------------------------------------
# What is told in a direct message.


def notice_text(told: Notice, texts: Texts, *, block: PersonStanding | None = None) -> str:
    """All that it says. Empty of another version's kind, or of a case that is open again.

    Args:
        block: that holds for whoever was blocked.
    """
    end = told.case.end
    if end is None:
        return ""
    match told.kind:
        case NoticeKind.REPORTED:
            said = _reported(end.decision, texts)
        case NoticeKind.WARNED:
            said = _with_reason(_warned(end.decision, texts), end.told_reason, texts)
        case NoticeKind.BLOCKED:
            said = _with_reason(_blocked(block, texts), end.told_reason, texts)
        case NoticeKind.REJECTED:
            said = _with_reason(_rejected(texts), end.told_reason, texts)
        case NoticeKind.APPEALED:
            said = _with_reason(_appealed(told.case, texts), end.told_reason, texts)
        case _:
            return ""
    return f"{said}\n{_foot(told.case, texts)}"


def notice_card(said: str) -> Card:
    return notice(said, Colour.NEUTRAL)


def _foot(case: Case, texts: Texts) -> str:
    """Names the case, so that the message can be recognised by it."""
    job = "" if case.job_id is None else texts.say("job {id}", id=case.job_id)
    place = f"<#{case.channel_id}>" if case.channel_id else ""
    return small(texts.say("case {id}", id=case.id), place, job)


def _reported(decision: Decision, texts: Texts) -> str:
    thanks = texts.say("Thank you for your report of a picture.")
    return f"{thanks} {report_decided_text(ReportDecided(decision), texts)}"


def _warned(decision: Decision, texts: Texts) -> str:
    said = texts.say("A server's staff have removed a picture of yours.")
    if decision is Decision.TIMED_OUT:
        return said + " " + texts.say("They have timed you out for it.")
    return said + " " + texts.say("This is a warning.")


def _blocked(block: PersonStanding | None, texts: Texts) -> str:
    said = texts.say("A server's staff no longer let you ask for pictures there.")
    if block is None or block.until_at_us is None:
        return said
    return said + " " + texts.say("That ends {when}.", when=relative(block.until_at_us))


def _appealed(case: Case, texts: Texts) -> str:
    is_granted = case.end is not None and case.end.decision is Decision.GRANTED
    if not is_granted:
        return texts.say("A server's staff have looked at your appeal, and it stays as it was.")
    match case.about.partition(":")[0]:
        case AppealKind.REFUSAL:
            return texts.say(
                "A server's staff have granted your appeal: you may ask for the same words now."
            )
        case AppealKind.BLOCK:
            return texts.say(
                "A server's staff have granted your appeal: you may ask for pictures again."
            )
        case _:
            return texts.say(
                "A server's staff have granted your appeal: your picture is on its way."
            )


def _rejected(texts: Texts) -> str:
    return texts.say(
        "A server's staff have looked at a picture of yours and do not want it shown."
        " You may appeal with the button under your request."
    )


def _with_reason(said: str, reason: str, texts: Texts) -> str:
    return f"{said} {staff_say_text(reason, texts)}" if reason else said
