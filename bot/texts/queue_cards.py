"""`/queue`: where a member's pictures stand, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from discord import ui

from bot.policy.rules import ONE_SHARE
from bot.queue.places import Hold
from bot.queue.records import JobState
from bot.texts import quoted, relative
from bot.texts.cards import (
    Card,
    Colour,
    Items,
    UnpostedTurn,
    Verb,
    heading,
    job_button,
    prompt_shown,
    small,
    turns,
)
from bot.texts.failures import outage_text
from bot.texts.picture_cards import (
    PROMPT_LIMIT,
    paused_text,
    place_text,
    small_print,
    status_card,
    unposted_part,
)

if TYPE_CHECKING:
    from bot.queue.places import AccountNow, Ahead, Explanation, QueueView, Share, Waiting
    from bot.queue.records import Job
    from bot.texts import Texts


MOST_SHOWN = 5  # of a member's jobs; Discord allows 40 components, and a phone shows no more
UNPOSTED_ON_A_PAGE = 3
LINE_PROMPT_LIMIT = 100


def queue_card(view: QueueView, texts: Texts, *, page: int = 0, is_guild: bool = True) -> Card:
    """For the member alone: it holds links that carry their own permission.

    Args:
        page: of the pictures that found no place; the last one if there are not so many any more.
        is_guild: else all that the tenant has waiting is the person's own.
    """
    parts: Items = [heading("⏳", texts.say("Your waiting pictures"))]
    if not view.mine:
        parts.append(ui.TextDisplay(texts.say("You have none waiting. Start one with /imagine.")))
    for waiting in view.mine[:MOST_SHOWN]:
        parts += _mine(waiting, texts)
    hidden = len(view.mine) - MOST_SHOWN
    if hidden > 0:
        parts.append(ui.TextDisplay(and_more(hidden, texts)))
    if view.undelivered:
        parts += _unposted(view.undelivered, page, texts)
    if is_guild:
        parts += [ui.Separator(), ui.TextDisplay(_guild_line(view, texts))]
    return Card(Colour.NEUTRAL, *parts)


def _mine(waiting: Waiting, texts: Texts) -> Items:
    job = waiting.job
    said = ui.TextDisplay[Card](
        f"{_where(waiting, texts)}\n{prompt_shown(job, LINE_PROMPT_LIMIT, texts)}"
    )
    if job.cancel_requested or job.state is JobState.DRAWN:
        return [said]
    verbs = [Verb.WHY, Verb.CANCEL] if job.state is JobState.QUEUED else [Verb.CANCEL]
    return [said, ui.ActionRow(*(job_button(verb, job.id, texts) for verb in verbs))]


def _where(waiting: Waiting, texts: Texts) -> str:
    job = waiting.job
    if job.cancel_requested:
        return texts.say("Being cancelled")
    if job.state is JobState.RUNNING:
        return texts.say("Z-Image is painting")
    if job.state is JobState.DRAWN:
        return texts.say("Painted and on its way")
    return place_text(waiting.place, texts) if waiting.place else texts.say("In the queue")


def _unposted(jobs: tuple[Job, ...], page: int, texts: Texts) -> Items:
    last = (len(jobs) - 1) // UNPOSTED_ON_A_PAGE
    page = min(page, last)
    first = page * UNPOSTED_ON_A_PAGE
    title = texts.say("Painted, but I could not post them")
    if last > 0:
        title += f" · {page + 1}/{last + 1}"
    parts: Items = [ui.Separator(), heading("📦", title)]
    parts += [unposted_part(job, texts) for job in jobs[first : first + UNPOSTED_ON_A_PAGE]]
    if last > 0:
        parts.append(turns(page, last, lambda one: UnpostedTurn(page=one), texts))
    return parts


def and_more(count: int, texts: Texts) -> str:
    return texts.plural("… and {count} more", "… and {count} more", count=count)


def _guild_line(view: QueueView, texts: Texts) -> str:
    parts = [
        texts.say("This server: {count} waiting", count=view.tenant_waiting),
        texts.say("{count} being painted", count=view.tenant_running),
    ]
    if view.tenant_waiting + view.tenant_running and view.tenant_expected_s is not None:
        parts.append(texts.say("all done in {wait}", wait=texts.about(view.tenant_expected_s)))
    return small(*parts)


# ------------------------------------------------------------------------------------------------
# `/queue why:`: why a picture is where it is, in words and for its member alone.


NOTABLE_LEAD = 1.5  # pictures; one is what anybody has who was served last
NOTABLY_SLOWER = 0.95


def why_card(explanation: Explanation, texts: Texts) -> Card:
    """A picture that waits no more is shown as it is."""
    job, place = explanation.job, explanation.place
    if place is None:
        return status_card(job, None, texts)
    parts: Items = [
        heading("🔎", texts.say("Why it waits")),
        ui.TextDisplay(quoted(job.request.prompt, PROMPT_LIMIT)),
    ]
    held = [_hold_text(hold, explanation, texts) for hold in explanation.holds]
    if held:
        parts.append(ui.TextDisplay("\n".join(held)))
    parts.append(ui.TextDisplay("\n".join(_turns(explanation, texts))))
    if not (place.outage or place.is_tenant_paused):
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
        case Hold.TENANT_PAUSED:
            return paused_text(texts)
        case Hold.BACKOFF:
            when = relative(explanation.job.not_before_us or 0)
            return texts.say("Z-Image is busy. The next attempt is {when}.", when=when)
        case Hold.ALL_RUNNING:
            return texts.say(
                "As many pictures are being painted as may be at once: {count}.",
                count=account.running,
            )
        case Hold.TENANT_CAP | Hold.PERSON_CAP:
            return _cap(hold, explanation, texts)
        case _:
            assert_never(hold)


def _outage(account: AccountNow, texts: Texts) -> str:
    if account.outage is None:
        return ""
    then = texts.say("The next attempt is {when}.", when=relative(account.next_try_at_us))
    return f"{outage_text(account.outage, texts)} {then}"


def _cap(hold: Hold, explanation: Explanation, texts: Texts) -> str:
    if hold is Hold.TENANT_CAP:
        return texts.say(
            "This server has as many being painted as it may while others wait: {count}.",
            count=explanation.tenant.running,
        )
    return texts.say(
        "You have as many being painted, over all servers, as one person may"
        " while others wait: {count}.",
        count=explanation.member.running,
    )


def _turns(explanation: Explanation, texts: Texts) -> list[str]:
    ahead = explanation.ahead
    lines = _ahead(ahead, texts)
    if ahead.of_tenants and explanation.tenant.lead >= NOTABLE_LEAD:
        lines.append(
            texts.say("This server had more than its share lately, so others catch up first.")
        )
    if ahead.of_members and explanation.member.lead >= NOTABLE_LEAD:
        lines.append(
            texts.say("You had more than your share lately, so other members here catch up first.")
        )
    if explanation.tenant.weight != ONE_SHARE:
        lines.append(
            texts.say(
                "Among servers this one counts {weight} times.",
                weight=_times(explanation.tenant, texts),
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
    if not ahead.own + ahead.of_members + ahead.of_tenants:
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
    if ahead.of_tenants:
        lines.append(
            "- "
            + texts.say(
                "other servers, which take turns with this one ({waiting} waiting): {count}",
                waiting=ahead.tenants_waiting,
                count=f"**{ahead.of_tenants}**",
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
    return [job_button(verb, explanation.job.id, texts) for verb in verbs]
