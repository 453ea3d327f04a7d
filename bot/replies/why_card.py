"""`/queue why:`: why a picture is where it is, in words and for its member alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from discord import ui

from bot.domain.explanation import Hold
from bot.domain.fairness import ONE_SHARE
from bot.replies.cards import Card, Colour, button, heading
from bot.replies.custom_ids import Verb
from bot.replies.failures import outage_text
from bot.replies.quoting import quoted
from bot.replies.status_card import (
    PROMPT_LIMIT,
    paused_text,
    place_text,
    small_print,
    status_card,
)
from bot.replies.texts import relative

if TYPE_CHECKING:
    from bot.domain.explanation import AccountNow, Ahead, Explanation, Share
    from bot.replies.texts import Texts

NOTABLE_LEAD = 1.5  # pictures; one is what anybody has who was served last
NOTABLY_SLOWER = 0.95


def why_card(explanation: Explanation, texts: Texts) -> Card:
    """A picture that waits no more is shown as it is."""
    job, place = explanation.job, explanation.place
    if place is None:
        return status_card(job, None, texts)
    parts: list[ui.Item[Card]] = [
        heading("🔎", texts.say("Why it waits")),
        ui.TextDisplay(quoted(job.request.prompt, PROMPT_LIMIT)),
    ]
    held = [_hold_text(hold, explanation, texts) for hold in explanation.holds]
    if held:
        parts.append(ui.TextDisplay("\n".join(held)))
    parts.append(ui.TextDisplay("\n".join(_turns(explanation, texts))))
    if not (place.outage or place.is_guild_paused):
        parts.append(ui.TextDisplay(place_text(place, texts)))
    parts += [
        ui.TextDisplay(_pace(explanation.account, texts)),
        ui.TextDisplay(small_print(job, texts)),
        ui.ActionRow(*_buttons(explanation, texts)),
    ]
    return Card(Colour.WAITING, *parts)


def _hold_text(hold: Hold, explanation: Explanation, texts: Texts) -> str:
    account = explanation.account
    match hold:
        case Hold.OUTAGE:
            return _outage(account, texts)
        case Hold.PAUSE:
            return texts.say(
                "Z-Image asked for a pause. It goes on {when}.",
                when=relative(account.paused_until_us),
            )
        case Hold.GUILD_PAUSED:
            return paused_text(texts)
        case Hold.BACKOFF:
            when = relative(explanation.job.not_before_us or 0)
            return texts.say("Z-Image is busy. The next attempt is {when}.", when=when)
        case Hold.ALL_RUNNING:
            return texts.say(
                "As many pictures are being painted as may be at once: {count}.",
                count=account.running,
            )
        case Hold.GUILD_CAP | Hold.PERSON_CAP:
            return _cap(hold, explanation, texts)
        case _:
            assert_never(hold)


def _outage(account: AccountNow, texts: Texts) -> str:
    if account.outage is None:
        return ""
    then = texts.say("The next attempt is {when}.", when=relative(account.next_try_at_us))
    return f"{outage_text(account.outage, texts)} {then}"


def _cap(hold: Hold, explanation: Explanation, texts: Texts) -> str:
    if hold is Hold.GUILD_CAP:
        return texts.say(
            "This server has as many being painted as it may while others wait: {count}.",
            count=explanation.guild.running,
        )
    return texts.say(
        "You have as many being painted, over all servers, as one person may"
        " while others wait: {count}.",
        count=explanation.member.running,
    )


def _turns(explanation: Explanation, texts: Texts) -> list[str]:
    ahead = explanation.ahead
    lines = _ahead(ahead, texts)
    if ahead.of_guilds and explanation.guild.lead >= NOTABLE_LEAD:
        lines.append(
            texts.say("This server had more than its share lately, so others catch up first.")
        )
    if ahead.of_members and explanation.member.lead >= NOTABLE_LEAD:
        lines.append(
            texts.say("You had more than your share lately, so other members here catch up first.")
        )
    if explanation.guild.weight != ONE_SHARE:
        lines.append(
            texts.say(
                "Among servers this one counts {weight} times.",
                weight=_times(explanation.guild, texts),
            )
        )
    if explanation.member.weight != ONE_SHARE:
        lines.append(
            texts.say(
                "By one of your roles you count {weight} times among the members here.",
                weight=_times(explanation.member, texts),
            )
        )
    return lines


def _ahead(ahead: Ahead, texts: Texts) -> list[str]:
    if not ahead.own + ahead.of_members + ahead.of_guilds:
        return [texts.say("Nothing comes before it.")]
    lines = [texts.say("Before it come:")]
    if ahead.own:
        lines.append("- " + texts.say("your own: {count}", count=f"**{ahead.own}**"))
    if ahead.of_members:
        lines.append(
            "- "
            + texts.say(
                "other members here, who take turns with you ({waiting} waiting): {count}",
                waiting=ahead.members_waiting,
                count=f"**{ahead.of_members}**",
            )
        )
    if ahead.of_guilds:
        lines.append(
            "- "
            + texts.say(
                "other servers, which take turns with this one ({waiting} waiting): {count}",
                waiting=ahead.guilds_waiting,
                count=f"**{ahead.of_guilds}**",
            )
        )
    return lines


def _times(share: Share, texts: Texts) -> str:
    """A weight of 250 percent is 2.5 times."""
    times = share.weight / ONE_SHARE
    return texts.number(times, decimals=0 if times.is_integer() else 2)


def _pace(account: AccountNow, texts: Texts) -> str:
    said = texts.say(
        "All servers share one account: {rate} requests per second at present,"
        " being painted: {count}.",
        rate=texts.number(account.rate_per_s, decimals=1),
        count=account.running,
    )
    if account.rate_per_s < account.ceiling_per_s * NOTABLY_SLOWER:
        said += " " + texts.say("That is less than usual, since Z-Image refused more.")
    return f"-# {said}"


def _buttons(explanation: Explanation, texts: Texts) -> list[ui.Button[Card]]:
    verbs = [Verb.FIRST, Verb.CANCEL] if explanation.ahead.own else [Verb.CANCEL]
    return [button(verb, explanation.job.id, texts) for verb in verbs]
