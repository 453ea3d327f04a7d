"""What moderators and staff read where something is not done, and members where they say no."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot import errors, refusals, staff_refusals
from bot.queue.cases import Decision
from bot.staff_refusals import AppealBar, ImportFault, TimeOutBar
from bot.texts import Say, deferred, plain, relative
from bot.texts.cards import staff_say_text
from bot.texts.settings_words import actor_text, code, value_label
from bot.texts.style_cards import style_fault_text, style_text
from bot.texts.word_rule_words import word_rule_fault_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.texts import Texts


MOST_TYPED = 60  # characters of what was typed


def blocked_text(error: refusals.BlockedHere, texts: Texts) -> str:
    if error.by_operator:
        said = texts.say("Whoever runs this bot does not let you ask for pictures.")
    else:
        said = texts.say("This server's staff do not let you ask for pictures.")
    if error.until_at_us is not None:
        said += " " + texts.say("That ends {when}.", when=relative(error.until_at_us))
    if error.reason:
        said += " " + staff_say_text(error.reason, texts)
    return said


def words_refused_text(error: refusals.WordsRefused, texts: Texts) -> str:
    if not error.can_appeal:
        return texts.say(
            "A rule of this server's staff does not allow this. You have appealed for these words"
            " before."
        )
    return texts.say(
        "A rule of this server's staff does not allow this. If you think that is a mistake, you"
        " may appeal, once."
    )


def appeal_refused_text(error: staff_refusals.AppealRefused, texts: Texts) -> str:
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


def time_out_refused_text(error: staff_refusals.TimeOutRefused, texts: Texts) -> str:
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


def duration_text(error: staff_refusals.DurationNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "I do not understand “{text}”. Type a number and a unit, as {examples}, at most ten years;"
        " nothing means until it is taken back.",
        text=plain(error.text, MOST_TYPED),
        examples="`30m`, `12h`, `7d`, `2w`",
    )


def refused_too_often_text(error: refusals.RefusedTooOften, texts: Texts) -> str:
    return texts.say(
        "Z-Image has refused several of your prompts within an hour, which puts this bot at risk."
        " You can ask again {when}.",
        when=relative(error.until_at_us),
    )


def report_decided_text(error: refusals.ReportDecided, texts: Texts) -> str:
    """What whoever reports it is told; what befell its member is not theirs to know."""
    if error.decision == Decision.DISMISSED:
        return texts.say("The staff have looked at this picture, and let it stay.")
    if error.decision == Decision.WITHDRAWN:
        return texts.say("This picture is gone.")
    return texts.say("The staff have looked at this picture, and removed it.")


def already_decided_text(error: staff_refusals.AlreadyDecided, texts: Texts) -> str:
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


def setting_refused_text(error: staff_refusals.SettingRefused, texts: Texts) -> str:
    return texts.say(
        "That cannot be set: {name} takes {expected}. Nothing was changed.",
        name=_setting(error.name, texts),
        expected=error.expected,
    )


def setting_changed_text(error: staff_refusals.SettingChanged, texts: Texts) -> str:
    return texts.say(
        "{who} has changed {name} {when}, so yours was not saved. It is now {value}.",
        who=actor_text(error.by, texts),
        name=_setting(error.name, texts),
        when=relative(error.at_us),
        value="–" if error.value is None else code(error.value),
    )


def _setting(name: str, texts: Texts) -> str:
    """As on the panel, and as in a file or a command."""
    label, written = value_label(name, texts), code(name)
    return written if label == written else f"{label} ({written})"


def style_refused_text(error: staff_refusals.StyleRefused, texts: Texts) -> str:
    name = f"{style_text(error.name)}: " if error.name else ""
    return f"{name}{style_fault_text(error.fault, texts)} {texts.say('Nothing was changed.')}"


def word_rule_refused_text(error: staff_refusals.WordRuleRefused, texts: Texts) -> str:
    return f"{word_rule_fault_text(error, texts)} {texts.say('Nothing was changed.')}"


def import_refused_text(error: staff_refusals.ImportRefused, texts: Texts) -> str:
    return f"{_fault_text(error.fault, texts)} {texts.say('Nothing was changed.')}"


def _fault_text(fault: ImportFault, texts: Texts) -> str:
    match fault:
        case ImportFault.TOO_LARGE:
            return texts.say("This file is too large to be settings of mine.")
        case ImportFault.BROKEN:
            return texts.say("This file is broken, or holds no settings of mine.")
        case ImportFault.ANOTHER_GUILDS:
            return texts.say("This file holds the settings of another server.")
        case ImportFault.NEWER:
            return texts.say("This file was written by a newer version of me.")
        case ImportFault.NOT_LOADED:
            return texts.say("Discord does not give me this file at present.")
        case _:
            assert_never(fault)


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

SENTENCES: Mapping[type[errors.ZeuxisError], Say] = {
    staff_refusals.NotStaff: deferred(
        "Only whoever may manage this server can see and change its settings."
    ),
    staff_refusals.NotOperator: deferred("That is for whoever runs this bot alone."),
    staff_refusals.NothingToUndo: deferred("There is nothing to take back."),
    staff_refusals.UnknownCase: deferred(
        "There is no such case, or none that you may decide here."
    ),
    staff_refusals.OwnCase: deferred(
        "This is about your own picture: somebody else must decide it."
    ),
    staff_refusals.NotModerator: deferred(
        "That is for moderators: whoever may manage messages in the staff's channel, or manages"
        " this server."
    ),
    staff_refusals.UnknownWordRule: deferred(
        "This rule is there no more. /moderation words shows those that are."
    ),
}
