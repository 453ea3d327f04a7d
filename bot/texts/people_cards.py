"""One member as a guild's staff see them, with what can be set for them; and lists of such."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.policy.standing import StandingKind
from bot.queue.cases import CaseKind
from bot.texts import Say, deferred, escaped, plain, relative
from bot.texts.cards import Card, Colour, Items, button, heading, notice, small
from bot.texts.custom_ids import ID, CustomId, custom_id, one_of
from bot.texts.forms import Form, text_field
from bot.texts.staff_refusals import decision_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.features.moderation.people import PersonSeen
    from bot.features.moderation.rows.people import Person
    from bot.policy.standing import PersonStanding
    from bot.queue.cases import Case
    from bot.texts import Texts

NAME_LIMIT = 60  # characters of a rule's name, or of a limit's
REASON_LIMIT = 200
REASON_TYPED_LIMIT = 300
MOST_LISTED = 30


class PersonVerb(StrEnum):
    """What a button sets for a member. A form bears the verb of the button that opens it."""

    BLOCK = "block"
    MUTE = "mute"  # block, until an instant
    UNBLOCK = "unblock"
    TRUST = "trust"
    UNTRUST = "untrust"
    IGNORE = "ignore"  # what they report
    HEAR = "hear"  # again


@custom_id("zeuxis:2:person", verb=one_of(PersonVerb), user_id=ID)
class PersonPress(CustomId, frozen=True, kw_only=True):
    """A button or a form that was used."""

    verb: PersonVerb
    user_id: int


def person_card(seen: PersonSeen, texts: Texts, *, said: str = "") -> Card:
    """Args: said: what was done just now."""
    person = seen.person
    parts: Items = [
        heading("👤", texts.say("Member")),
        ui.TextDisplay("\n".join(filter(None, [f"<@{person.user_id}>", said]))),
        ui.TextDisplay("\n".join(_standing_lines(person, texts))),
        ui.TextDisplay("\n".join(_figures(person, texts))),
        ui.TextDisplay("\n".join(_cases(person, texts))),
    ]
    if seen.may_set:
        parts.append(ui.ActionRow(*(_button(one, person, texts) for one in _verbs(person))))
    else:
        parts.append(ui.TextDisplay(small(_place_only(texts))))
    return Card(Colour.NEUTRAL, *parts)


def _place_only(texts: Texts) -> str:
    return texts.say("Cases and refusals of this channel alone.")


def _standing_lines(person: Person, texts: Texts) -> list[str]:
    if not person.standings:
        return [texts.say("Nothing is set for them.")]
    return [f"- {standing_text(one, texts)}" for one in person.standings]


def standing_text(one: PersonStanding, texts: Texts) -> str:
    """What holds, by whom, until when, why."""
    who = texts.say("whoever runs this bot") if one.by_operator else f"<@{one.set_by}>"
    if not one.by_operator and not one.set_by:
        who = ""
    until = "" if one.until_at_us is None else _until(one.until_at_us, texts)
    said = " · ".join(filter(None, (f"**{_KINDS[one.kind](texts)}**", who, until)))
    return f"{said}: {escaped(one.reason, REASON_LIMIT)}" if one.reason else said


def _until(at_us: int, texts: Texts) -> str:
    return texts.say("ends {when}", when=relative(at_us))


_KINDS: Mapping[StandingKind, Say] = {
    StandingKind.BLOCKED: deferred("Blocked from painting"),
    StandingKind.TRUSTED: deferred("Trusted"),
    StandingKind.UNHEARD: deferred("Reports are ignored"),
}


def _figures(person: Person, texts: Texts) -> list[str]:
    by_rules = ", ".join(
        f"{escaped(name, NAME_LIMIT)} {count}" for name, count in person.refused_by_rules
    )
    limits = ", ".join(f"`{name}` {plain(value, NAME_LIMIT)}" for name, value in person.limits)
    nothing = texts.say("none")
    return [
        f"- {texts.say('Refused by word rules, 30 days: {rules}', rules=by_rules or nothing)}",
        "- " + texts.say("Refused by Z-Image, 30 days: {count}", count=person.refused_by_provider),
        f"- {texts.say('Warnings: {count}', count=person.warnings)}",
        "- "
        + texts.say(
            "Pictures they reported: {count}, of which the staff let stay: {dismissed}",
            count=person.reported,
            dismissed=person.dismissed,
        ),
        f"- {texts.say('Limits set for them: {limits}', limits=limits or nothing)}",
    ]


def _cases(person: Person, texts: Texts) -> list[str]:
    if not person.cases:
        return [texts.say("No cases.")]
    return [f"- {_case(one, texts)}" for one in person.cases]


def _case(case: Case, texts: Texts) -> str:
    how = texts.say("open") if case.end is None else decision_text(case.end.decision, texts)
    kind = case_kind_text(case.kind, texts)
    number = texts.say("case {id}", id=case.id)
    return " · ".join((number, kind, how, relative(case.opened_at_us)))


def case_kind_text(kind: CaseKind, texts: Texts) -> str:
    match kind:
        case CaseKind.REVIEW:
            return texts.say("picture held")
        case CaseKind.REPORT:
            return texts.say("picture reported")
        case CaseKind.APPEAL:
            return texts.say("appeal")
        case CaseKind.REFUSALS:
            return texts.say("refused again and again")
        case _:
            assert_never(kind)


def _verbs(person: Person) -> list[PersonVerb]:
    """What the staff can set or take back of it; the operator's is not theirs."""
    held = {one.kind for one in person.standings if not one.by_operator}
    verbs = [PersonVerb.BLOCK, PersonVerb.MUTE]
    if StandingKind.BLOCKED in held:
        verbs = [PersonVerb.UNBLOCK]
    verbs.append(PersonVerb.UNTRUST if StandingKind.TRUSTED in held else PersonVerb.TRUST)
    verbs.append(PersonVerb.HEAR if StandingKind.UNHEARD in held else PersonVerb.IGNORE)
    return verbs


def _button(verb: PersonVerb, person: Person, texts: Texts) -> ui.Button[Card]:
    is_harsh = verb in (PersonVerb.BLOCK, PersonVerb.MUTE)
    style = discord.ButtonStyle.danger if is_harsh else discord.ButtonStyle.secondary
    return button(_LABELS[verb](texts), PersonPress(verb=verb, user_id=person.user_id), style)


_LABELS: Mapping[PersonVerb, Say] = {
    PersonVerb.BLOCK: deferred("Block"),
    PersonVerb.MUTE: deferred("Block for a time"),
    PersonVerb.UNBLOCK: deferred("Unblock"),
    PersonVerb.TRUST: deferred("Trust"),
    PersonVerb.UNTRUST: deferred("Trust no more"),
    PersonVerb.IGNORE: deferred("Ignore reports"),
    PersonVerb.HEAR: deferred("Hear reports again"),
}


def block_form(press: PersonPress, texts: Texts) -> Form:
    """Why, and for a block that ends by itself, until when."""
    form = Form(texts.say("Block from painting"), press)
    if press.verb is PersonVerb.MUTE:
        form.ask(texts.say("For how long?"), text_field("lasts", 20, placeholder="12h, 7d, 2w"))
    reason = text_field("reason", REASON_TYPED_LIMIT, is_long=True, required=False)
    form.ask(texts.say("Reason, which they are told"), reason)
    return form


def set_text(cancelled: int, texts: Texts) -> str:
    """What a block has done beside."""
    if not cancelled:
        return texts.say("It is noted down.")
    return texts.plural(
        "It is noted down. {count} picture of theirs that waited was cancelled.",
        "It is noted down. {count} pictures of theirs that waited were cancelled.",
        count=cancelled,
    )


def standings_card(found: Iterable[PersonStanding], texts: Texts) -> Card:
    """Of all that is set, the newest first."""
    lines = [f"- <@{one.user_id}> `{one.user_id}` · {standing_text(one, texts)}" for one in found]
    if not lines:
        return notice(texts.say("Nothing is set for anybody."), Colour.NEUTRAL)
    return Card(
        Colour.NEUTRAL,
        heading("👥", texts.say("What is set for members")),
        ui.TextDisplay("\n".join(lines[:MOST_LISTED])),
    )
