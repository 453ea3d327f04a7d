"""What members and staff read where moderation says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue.cases import Decision
from bot.texts import plain, relative
from bot.texts.failures import MOST_REASON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot import errors
    from bot.texts import Texts


def blocked_text(error: errors.BlockedHere, texts: Texts) -> str:
    if error.by_operator:
        said = texts.say("Whoever runs this bot lets you ask for no pictures.")
    else:
        said = texts.say("This server's staff let you ask for no pictures.")
    if error.until_at_us is not None:
        said += " " + texts.say("That ends {when}.", when=relative(error.until_at_us))
    if error.reason:
        said += " " + texts.say("They say: {reason}", reason=plain(error.reason, MOST_REASON))
    return said


def words_refused_text(_: errors.WordsRefused, texts: Texts) -> str:
    return texts.say(
        "A rule of this server's staff does not allow this. If you think that is a mistake, you"
        " may appeal, once."
    )


def already_decided_text(error: errors.AlreadyDecided, texts: Texts) -> str:
    decision = decision_text(error.decision, texts)
    if not error.by:
        return texts.say(
            "This is decided already, by a setting, {when}: {decision}.",
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


_DECISIONS: Mapping[str, Callable[[Texts], str]] = {
    Decision.APPROVED: lambda texts: texts.say("approved"),
    Decision.TRUSTED: lambda texts: texts.say("approved, and the member is trusted"),
    Decision.REJECTED: lambda texts: texts.say("rejected"),
    Decision.REMOVED: lambda texts: texts.say("removed"),
    Decision.WARNED: lambda texts: texts.say("removed, and the member was warned"),
    Decision.TIMED_OUT: lambda texts: texts.say("removed, and the member was timed out"),
    Decision.BLOCKED: lambda texts: texts.say("the member was blocked"),
    Decision.DISMISSED: lambda texts: texts.say("dismissed"),
    Decision.GRANTED: lambda texts: texts.say("granted"),
    Decision.DENIED: lambda texts: texts.say("denied"),
    Decision.WITHDRAWN: lambda texts: texts.say("withdrawn by the member"),
}
