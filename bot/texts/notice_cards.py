"""What a member is told of a case in a direct message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import ReportDecided
from bot.features.moderation.rows.appeals import AppealKind
from bot.features.moderation.rows.notices import NoticeKind
from bot.queue.cases import Decision
from bot.texts import relative
from bot.texts.appeal_cards import reason_text
from bot.texts.cards import Card, Colour, notice, small
from bot.texts.moderation_refusals import report_decided_text

if TYPE_CHECKING:
    from bot.features.moderation.rows.notices import Notice
    from bot.policy.standing import PersonStanding
    from bot.queue.cases import Case
    from bot.texts import Texts


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
    said = texts.say("A server's staff let you ask for no pictures there any more.")
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
    return f"{said} {reason_text(reason, texts)}" if reason else said
