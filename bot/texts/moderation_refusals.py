"""What members and staff read where moderation says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.errors import AppealBar, TimeOutBar
from bot.queue.cases import Decision
from bot.texts import Say, deferred, plain, relative
from bot.texts.cards import staff_say_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot import errors
    from bot.texts import Texts


MOST_TYPED = 60  # characters of what was typed


def blocked_text(error: errors.BlockedHere, texts: Texts) -> str:
    if error.by_operator:
        said = texts.say("Whoever runs this bot lets you ask for no pictures.")
    else:
        said = texts.say("This server's staff let you ask for no pictures.")
    if error.until_at_us is not None:
        said += " " + texts.say("That ends {when}.", when=relative(error.until_at_us))
    if error.reason:
        said += " " + staff_say_text(error.reason, texts)
    return said


def words_refused_text(error: errors.WordsRefused, texts: Texts) -> str:
    if not error.can_appeal:
        return texts.say(
            "A rule of this server's staff does not allow this. You have appealed for these words"
            " before."
        )
    return texts.say(
        "A rule of this server's staff does not allow this. If you think that is a mistake, you"
        " may appeal, once."
    )


def alt_text_refused_text(_: errors.AltTextRefused, texts: Texts) -> str:
    return texts.say("A rule of this server's staff does not allow this alternative text.")


def not_moderator_text(_: errors.NotModerator, texts: Texts) -> str:
    return texts.say(
        "That is for moderators: whoever may manage messages in the staff's channel, or manages"
        " this server."
    )


def appeal_refused_text(error: errors.AppealRefused, texts: Texts) -> str:
    match error.bar:
        case AppealBar.GONE:
            return texts.say("There is nothing here any more against which you could appeal.")
        case AppealBar.AGAIN:
            return texts.say("You have appealed before; that is possible once.")
        case AppealBar.MANY:
            return texts.say(
                "Several appeals of yours are waiting for this server's staff. Wait until they"
                " have decided about one."
            )
        case _:
            assert_never(error.bar)


def time_out_refused_text(error: errors.TimeOutRefused, texts: Texts) -> str:
    match error.bar:
        case TimeOutBar.RIGHT:
            said = texts.say(
                "Discord does not let me time this member out: I lack the permission “Time out"
                " members”, or their highest role is not below mine."
            )
        case TimeOutBar.PRESSER:
            said = texts.say("You may not time out members yourself.")
        case TimeOutBar.GONE:
            said = texts.say("They are not a member of this server any more.")
        case TimeOutBar.UNREACHABLE:
            said = texts.say("Discord does not answer at the moment.")
        case _:
            assert_never(error.bar)
    return said + " " + texts.say("Nothing was decided.")


def duration_text(error: errors.DurationNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "I do not understand “{text}”. Type a number and a unit, as {examples}, at most ten years;"
        " nothing means until it is taken back.",
        text=plain(error.text, MOST_TYPED),
        examples="`30m`, `12h`, `7d`, `2w`",
    )


def refused_too_often_text(error: errors.RefusedTooOften, texts: Texts) -> str:
    return texts.say(
        "Z-Image has refused several of your prompts within an hour, which puts this bot at risk."
        " You can ask again {when}.",
        when=relative(error.until_at_us),
    )


def report_decided_text(error: errors.ReportDecided, texts: Texts) -> str:
    """What whoever reports it is told; what befell its member is not theirs to know."""
    if error.decision == Decision.DISMISSED:
        return texts.say("The staff have looked at this picture, and let it stay.")
    if error.decision == Decision.WITHDRAWN:
        return texts.say("This picture is gone.")
    return texts.say("The staff have looked at this picture, and removed it.")


def picture_hidden_text(_: errors.PictureHidden, texts: Texts) -> str:
    return texts.say("This picture is hidden until the staff have looked at it.")


def already_decided_text(error: errors.AlreadyDecided, texts: Texts) -> str:
    decision = decision_text(error.decision, texts)
    if not error.by:
        return texts.say(
            "This is decided already, {when}: {decision}.",
            when=relative(error.at_us),
            decision=decision,
        )
    return texts.say(
        "{who} has decided this {when}: {decision}.",
        who=f"<@{error.by}>",
        when=relative(error.at_us),
        decision=decision,
    )


def unknown_case_text(_: errors.UnknownCase, texts: Texts) -> str:
    return texts.say("There is no such case, or none that you may decide here.")


def own_case_text(_: errors.OwnCase, texts: Texts) -> str:
    return texts.say("This is about your own picture: somebody else must decide it.")


def decision_text(decision: str, texts: Texts) -> str:
    """How a case ended."""
    say = _DECISIONS.get(decision)
    return decision if say is None else say(texts)


_DECISIONS: Mapping[str, Say] = {
    Decision.APPROVED: deferred("approved"),
    Decision.TRUSTED: deferred("approved, and the member is trusted"),
    Decision.REJECTED: deferred("rejected"),
    Decision.REMOVED: deferred("removed"),
    Decision.WARNED: deferred("removed, and the member was warned"),
    Decision.TIMED_OUT: deferred("removed, and the member was timed out"),
    Decision.BLOCKED: deferred("the member was blocked"),
    Decision.DISMISSED: deferred("dismissed"),
    Decision.GRANTED: deferred("granted"),
    Decision.DENIED: deferred("denied"),
    Decision.WITHDRAWN: deferred("withdrawn by the member"),
}
