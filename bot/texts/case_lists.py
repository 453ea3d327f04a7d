"""The list of cases that wait for the staff, for whoever asks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.queue.cases import CaseKind
from bot.texts import escaped, plain, relative
from bot.texts.cards import CHOICE_LIMIT, Card, Colour, Items, button, heading, notice, small, turns
from bot.texts.case_controls import ListPress, ListVerb

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.features.moderation.rows.case_views import CaseLine, CasePage
    from bot.features.moderation.service import DecidedTogether
    from bot.texts import Texts

PROMPT_LIMIT = 100  # of one case among ten


def list_card(
    page: CasePage, place_id: int, texts: Texts, *, marked: Collection[int] = (), said: str = ""
) -> Card:
    """Args:
    place_id: of which place these are; 0: of the whole guild.
    marked: ids of cases that are to be decided together.
    said: what has just been done.
    """
    title = texts.say("What waits for the staff")
    if page.pages > 1:
        title += f" · {page.page + 1}/{page.pages}"
    parts: Items = [heading("🗂️", title)]
    if said:
        parts.append(ui.TextDisplay(f"**{said}**"))
    parts.append(ui.TextDisplay(_count(page, place_id, texts)))
    if page.lines:
        parts.append(ui.TextDisplay("\n".join(_line(one, texts) for one in page.lines)))
        parts += _controls(page, place_id, marked, texts)
    return Card(Colour.WORKING if page.lines else Colour.DONE, *parts)


def _count(page: CasePage, place_id: int, texts: Texts) -> str:
    where = f"<#{place_id}>" if place_id else texts.say("the whole server")
    if not page.count:
        return small(where) + "\n" + texts.say("Nothing waits.")
    count = texts.plural("{count} case", "{count} cases", count=page.count)
    return small(where, count, texts.say("the oldest first"))


def _line(one: CaseLine, texts: Texts) -> str:
    case = one.case
    prompt = escaped(one.prompt, PROMPT_LIMIT)
    head = f"**{case.id}** · {kind_word(case.kind, texts)}"
    who = f"<@{case.user_id}>" if case.user_id else ""
    place = f"<#{case.channel_id}>" if case.channel_id else ""  # a block is of no place
    line = " · ".join(filter(None, (head, who, place, relative(case.opened_at_us))))
    return f"{line}\n> {prompt}" if prompt else line


def kind_word(kind: CaseKind, texts: Texts) -> str:
    match kind:
        case CaseKind.REVIEW:
            return texts.say("review")
        case CaseKind.REPORT:
            return texts.say("report")
        case CaseKind.APPEAL:
            return texts.say("appeal")
        case CaseKind.REFUSALS:
            return texts.say("refusals")
        case _:
            assert_never(kind)


def _controls(
    page: CasePage, place_id: int, marked: Collection[int], texts: Texts
) -> list[ui.ActionRow[Card]]:
    rows = [_select(ListVerb.OPEN, page.lines, page, place_id, texts)]
    pictures = [one for one in page.lines if one.case.kind is CaseKind.REVIEW]
    if len(pictures) > 1:
        rows.append(_select(ListVerb.CHOOSE, pictures, page, place_id, texts, marked))
    chosen = len(set(marked) & {one.case.id for one in pictures})
    if chosen:
        rows.append(_together(chosen, page, place_id, texts))
    if page.pages > 1:
        rows.append(
            turns(
                page.page,
                page.pages - 1,
                lambda one: ListPress(verb=ListVerb.PAGE, place_id=place_id, page=one),
                texts,
            )
        )
    return rows


def _select(
    verb: ListVerb,
    lines: Collection[CaseLine],
    page: CasePage,
    place_id: int,
    texts: Texts,
    marked: Collection[int] = (),
) -> ui.ActionRow[Card]:
    options = [
        discord.SelectOption(
            label=plain(f"{one.case.id} · {kind_word(one.case.kind, texts)}", CHOICE_LIMIT),
            description=plain(one.prompt, CHOICE_LIMIT) or None,
            value=str(one.case.id),
            default=one.case.id in marked,
        )
        for one in lines
    ]
    is_many = verb is ListVerb.CHOOSE
    select: ui.Select[Card] = ui.Select(
        custom_id=str(ListPress(verb=verb, place_id=place_id, page=page.page)),
        placeholder=texts.say("Mark pictures to decide together")
        if is_many
        else texts.say("Open one"),
        options=options,
        min_values=0 if is_many else 1,
        max_values=len(options) if is_many else 1,
    )
    return ui.ActionRow(select)


def _together(count: int, page: CasePage, place_id: int, texts: Texts) -> ui.ActionRow[Card]:
    def act(label: str, verb: ListVerb, style: discord.ButtonStyle) -> ui.Button[Card]:
        return button(label, ListPress(verb=verb, place_id=place_id, page=page.page), style)

    approve = texts.say("Approve the marked: {count}", count=count)
    reject = texts.say("Reject the marked: {count}", count=count)
    return ui.ActionRow(
        act(approve, ListVerb.APPROVE, discord.ButtonStyle.success),
        act(reject, ListVerb.REJECT, discord.ButtonStyle.danger),
    )


def together_text(done: DecidedTogether, texts: Texts) -> str:
    """What has become of those that were marked."""
    parts = [texts.say("Decided: {count}", count=done.decided)]
    if done.by_others:
        parts.append(texts.say("decided by others before: {count}", count=done.by_others))
    if done.not_theirs:
        parts.append(texts.say("not yours to decide: {count}", count=done.not_theirs))
    return " · ".join(parts)


def decided_notice(decision: str, texts: Texts) -> Card:
    """For whoever has decided."""
    return notice(texts.say("Decided: {decision}.", decision=decision), Colour.DONE)


def ignored_notice(count: int, texts: Texts) -> Card:
    """Args: count: of members that were heard before."""
    said = texts.say("From now on nobody is told what they report: {count} more.", count=count)
    return notice(said, Colour.DONE)
