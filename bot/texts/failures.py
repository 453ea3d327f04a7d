"""Why a job ended without its picture, said to the member: what happened, what to do, the cost.

Works from the stored `Failure` record, so that it can be said again in any language later. Nothing
of the provider's own words is shown: they vary, are English, and may hold anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.errors import Inspected
from bot.queue.failures import (
    APPEALED,
    CLOSED,
    DENIED,
    MEMBER_BLOCKED,
    NO_PLACE,
    PLACE_CLOSED,
    POST_REFUSED,
    REFUSED_BY_RULE,
    REJECTED,
    TOO_LATE,
)
from bot.refusals import Outage
from bot.texts.cards import Cost, cost_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.queue.records import Failure
    from bot.texts import Texts


def failure_text(failure: Failure, texts: Texts) -> str:
    """What happened, what to do, and what it cost; two or three sentences."""
    explain, cost = _KINDS.get(failure.kind, (_unknown, Cost.NONE))
    return f"{explain(failure.detail, texts)}\n{cost_text(cost, texts)}"


def outage_text(outage: Outage, texts: Texts) -> str:
    """Why nothing is drawn for anybody."""
    match outage:
        case Outage.KEY:
            what = texts.say("Z-Image does not accept the key of this bot.")
        case Outage.ACCESS:
            what = texts.say("Z-Image does not let this bot use its model.")
        case Outage.ACCOUNT:
            what = texts.say("Z-Image has blocked the account of this bot, as for an unpaid bill.")
        case Outage.FAILING:
            return texts.say("Z-Image answers with nothing but errors at present.")
        case Outage.UNREACHABLE:
            return texts.say("Z-Image cannot be reached at present.")
        case _:
            assert_never(outage)
    return what + " " + texts.say("Only the person who runs the bot can mend that.")


def _content_refused(detail: str, texts: Texts) -> str:
    match detail:
        case Inspected.INPUT:
            return texts.say(
                "Z-Image's content check refused this prompt. Put it in other words and try again."
            )
        case Inspected.OUTPUT:
            return texts.say(
                "Z-Image's content check held the finished picture back. Another seed may pass."
            )
        case Inspected.PROPERTY:
            return texts.say(
                "Z-Image suspects that this prompt touches somebody's trademark or copyright."
                " Describe it without names and try again."
            )
        case _:
            return texts.say(
                "Z-Image's content check refused this. Other words or another seed may pass."
            )


def _not_sent(_: str, texts: Texts) -> str:
    return texts.say("Z-Image could not be reached. Try again in a few minutes.")


def _answer_lost(_: str, texts: Texts) -> str:
    return texts.say("The connection to Z-Image broke before its answer was here.")


def _answer_unreadable(_: str, texts: Texts) -> str:
    return texts.say("Z-Image gave an answer that I cannot read.")


def _no_image(_: str, texts: Texts) -> str:
    return texts.say("Z-Image answered without a picture. Try again.")


def _request_rejected(_: str, texts: Texts) -> str:
    return texts.say("Z-Image did not accept this request. Another size or prompt may pass.")


def _rate_limited(_: str, texts: Texts) -> str:
    return texts.say("Z-Image was too busy for too long. Try again in a few minutes.")


def _provider_failed(_: str, texts: Texts) -> str:
    return texts.say("Z-Image failed again and again. Try again in a few minutes.")


def _unexpected_answer(_: str, texts: Texts) -> str:
    return texts.say(
        "Something between me and Z-Image, such as a firewall, answers this request in its place."
        " Other words may pass; if nothing does, tell the person who runs the bot."
    )


def _link_not_allowed(_: str, texts: Texts) -> str:
    return texts.say(
        "The picture was offered at an address that I do not trust, so I did not fetch it."
        " Tell the person who runs the bot."
    )


def _link_expired(_: str, texts: Texts) -> str:
    return texts.say(
        "The picture was gone before I could fetch it. To paint it again is charged again."
    )


def _download_failed(_: str, texts: Texts) -> str:
    return texts.say("The finished picture could not be fetched.")


def _not_a_picture(_: str, texts: Texts) -> str:
    return texts.say("What Z-Image delivered is not the picture that it promised.")


def _picture_too_large(_: str, texts: Texts) -> str:
    return texts.say("The picture is too large to be posted here. Try a smaller size.")


def _permission_missing(detail: str, texts: Texts) -> str:
    return texts.say(
        "The picture is finished, but I may not post it here. I lack: {permissions}."
        " Find it with /queue.",
        permissions=permission_list(detail.replace(",", " ").split(), texts),
    )


def _no_place(detail: str, texts: Texts) -> str:
    if detail == CLOSED:
        return texts.say(
            "The picture is finished, but I can no longer post where you asked for it."
            " Open it while its link lives, and save it if you want to keep it."
        )
    if detail == TOO_LATE:
        return texts.say(
            "The picture is finished, but it came too late: here Discord lets me answer for"
            " 15 minutes only. Find it with /queue."
        )
    return texts.say("The picture is finished, but I cannot post it here. Find it with /queue.")


def _place_closed(detail: str, texts: Texts) -> str:
    """`detail` is the number of pictures that the member is told of at once."""
    if detail in ("", "1"):
        return texts.say(
            "I can no longer post where you asked for this picture, so I did not have it painted."
        )
    return texts.say(
        "I can no longer post where you asked for this picture and others, {count} in all,"
        " so I did not have them painted.",
        count=detail,
    )


def _post_refused(_: str, texts: Texts) -> str:
    return texts.say(
        "The picture is finished, but a filter of Discord's or of this server does not let it be"
        " posted with these words. Find it with /queue."
    )


def _rejected(_: str, texts: Texts) -> str:
    """Why, its member is told alone: everybody reads this."""
    return texts.say("This server's staff have looked at the picture and do not want it shown.")


def _appealed(detail: str, texts: Texts) -> str:
    """`detail` is the kind before."""
    explain = _refused_by_rule if detail == REFUSED_BY_RULE else _rejected
    return explain("", texts) + " " + texts.say("Your appeal is with this server's staff.")


def _denied(_: str, texts: Texts) -> str:
    return texts.say("This server's staff have looked at your appeal and do not want it shown.")


def _member_blocked(_: str, texts: Texts) -> str:
    return texts.say("You may no longer ask for pictures here, so I did not have it painted.")


def _refused_by_rule(_: str, texts: Texts) -> str:
    return texts.say("The picture is finished, but a rule of this server does not let it be shown.")


def _unknown(_: str, texts: Texts) -> str:
    return texts.say("Something went wrong on our side. Try again in a few minutes.")


def _outage(outage: Outage) -> Callable[[str, Texts], str]:
    return lambda _, texts: outage_text(outage, texts)


_KINDS: dict[str, tuple[Callable[[str, Texts], str], Cost]] = {
    "ContentRefused": (_content_refused, Cost.NONE),
    "NotSent": (_not_sent, Cost.NONE),
    "AnswerLost": (_answer_lost, Cost.PERHAPS),
    "AnswerUnreadable": (_answer_unreadable, Cost.PERHAPS),
    "NoImage": (_no_image, Cost.NONE),
    "RequestRejected": (_request_rejected, Cost.NONE),
    "KeyRejected": (_outage(Outage.KEY), Cost.NONE),
    "AccessRefused": (_outage(Outage.ACCESS), Cost.NONE),
    "AccountBlocked": (_outage(Outage.ACCOUNT), Cost.NONE),
    "RateLimited": (_rate_limited, Cost.NONE),
    "ProviderFailed": (_provider_failed, Cost.NONE),
    "UnexpectedAnswer": (_unexpected_answer, Cost.NONE),
    "LinkNotAllowed": (_link_not_allowed, Cost.ONCE),
    "LinkExpired": (_link_expired, Cost.ONCE),
    "DownloadFailed": (_download_failed, Cost.ONCE),
    "BytesAfterPicture": (_download_failed, Cost.ONCE),
    "NotAPicture": (_not_a_picture, Cost.ONCE),
    "PictureTooLarge": (_picture_too_large, Cost.ONCE),
    "PermissionMissing": (_permission_missing, Cost.ONCE),
    NO_PLACE: (_no_place, Cost.ONCE),
    POST_REFUSED: (_post_refused, Cost.ONCE),
    PLACE_CLOSED: (_place_closed, Cost.NONE),
    REJECTED: (_rejected, Cost.ONCE),
    APPEALED: (_appealed, Cost.ONCE),
    DENIED: (_denied, Cost.ONCE),
    MEMBER_BLOCKED: (_member_blocked, Cost.NONE),
    REFUSED_BY_RULE: (_refused_by_rule, Cost.ONCE),
}


# ------------------------------------------------------------------------------------------------
# Discord's permissions by the names that its own settings show.


def permission_list(names: Iterable[str], texts: Texts) -> str:
    """`View Channel, Attach Files`; a flag that has no name here is shown as it is called."""
    return ", ".join(_permission(name, texts) for name in names)


def _permission(name: str, texts: Texts) -> str:
    match name:
        case "view_channel":
            return texts.say("View Channel")
        case "send_messages":
            return texts.say("Send Messages")
        case "attach_files":
            return texts.say("Attach Files")
        case "create_public_threads":
            return texts.say("Create Public Threads")
        case "send_messages_in_threads":
            return texts.say("Send Messages in Threads")
        case "manage_guild":
            return texts.say("Manage Server")
        case _:
            return name.replace("_", " ")
