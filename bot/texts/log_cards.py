"""`/moderation log`: what staff and rules have done, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot.features.log.rows import LogFilter
from bot.features.moderation.rows.appeals import AppealKind
from bot.features.moderation.rules import OWN
from bot.policy.audit import AuditAction
from bot.policy.changes import AuditEntry
from bot.policy.rules import Key, Scope
from bot.texts import relative
from bot.texts.cards import TEXT_LIMIT, Card, Colour, Items, fitting, heading, small, turns_back
from bot.texts.case_cards import reason_text
from bot.texts.custom_ids import NUMBER, CustomId, IdPart, custom_id
from bot.texts.settings_words import actor_text, code, entry_text, user_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.features.log.rows import LogEntry
    from bot.features.log.service import LogPage
    from bot.providers.image import Offer
    from bot.texts import Texts

APPEALED_AGAINST: Mapping[str, AuditAction] = {
    AppealKind.REFUSAL: AuditAction.REFUSED,
    AppealKind.REVIEW: AuditAction.REJECTED,
    AppealKind.BLOCK: AuditAction.BLOCKED,
}
HEAD_LIMIT = 600  # characters, for all but the entries


def _wanted_read(text: str) -> LogFilter:
    since_s, action, actor, user_id = text.split(":")
    return LogFilter(
        action=action.replace("-", " ") or None,
        actor=None if actor == "0" else actor,
        user_id=int(user_id) or None,
        since_us=int(since_s) * 1_000_000,
    )


def _wanted_written(wanted: LogFilter) -> str:
    action = (wanted.action or "").replace(" ", "-")
    return f"{wanted.since_us // 1_000_000}:{action}:{wanted.actor or 0}:{wanted.user_id or 0}"


_N = f"(?:{NUMBER.pattern})"


@custom_id(
    "zeuxis:2:log",
    before=NUMBER,
    wanted=IdPart(f"{_N}:[a-z-]{{0,16}}:{_N}:{_N}", _wanted_read, _wanted_written),
)
class LogTurn(CustomId, frozen=True, kw_only=True):
    """To what is before an entry, 0 to the newest. What is wanted goes along."""

    before: int
    wanted: LogFilter


def acts_card(
    page: LogPage, wanted: LogFilter, offer: Offer, texts: Texts, *, is_newest: bool
) -> Card:
    """A page of the log."""
    items: Items = [heading("🗒️", texts.say("What staff and rules have done"))]
    if page.is_of_place:
        items.append(ui.TextDisplay(small(texts.say("What is about this place alone."))))
    lines = [f"- {_entry_text(one, offer, texts)}" for one in page.entries]
    shown = fitting(lines, TEXT_LIMIT - HEAD_LIMIT)
    said = "\n".join(shown) or texts.say("There is no such entry.")
    items.append(ui.TextDisplay(said))
    has_older = shown and (page.has_more or len(shown) < len(lines))
    items += turns_back(
        lambda before: LogTurn(before=before, wanted=wanted),
        page.entries[len(shown) - 1].id if has_older else None,
        texts,
        is_newest=is_newest,
    )
    return Card(Colour.NEUTRAL, *items)


def log_file_text(texts: Texts) -> str:
    return texts.say("The log as a file, the newest entry first.")


def _entry_text(entry: LogEntry, offer: Offer, texts: Texts) -> str:
    """When, what, by whom → about whom, and by which numbers to find more."""
    if entry.action == AuditAction.SET:
        return entry_text(_setting(entry), offer, texts)
    who = _actor(entry.actor, texts)
    whom = "" if entry.user_id is None else f" → {user_text(entry.user_id, texts)}"
    numbers = (
        texts.say("picture {job_id}", job_id=entry.job_id) if entry.job_id else "",
        texts.say("case {case_id}", case_id=entry.case_id) if entry.case_id else "",
        _details(entry, texts),
    )
    acted = "" if entry.action == AuditAction.FORGOTTEN else f" · {who}{whom}"
    label = f"**{action_text(entry.action, texts)}**"
    return " · ".join((f"{relative(entry.at_us)} {label}{acted}", *filter(None, numbers)))


def _actor(actor: str, texts: Texts) -> str:
    return texts.say("a rule or a setting") if actor == "rule" else actor_text(actor, texts)


def _details(entry: LogEntry, texts: Texts) -> str:
    if entry.details == OWN:
        return texts.say("about themselves")
    if entry.action in (AuditAction.HELD, AuditAction.REFUSED):
        return ", ".join(reason_text(one, texts) for one in entry.details.split("; ") if one)
    if entry.action == AuditAction.APPEALED and entry.details in APPEALED_AGAINST:
        return action_text(APPEALED_AGAINST[entry.details], texts)
    return code(entry.details) if entry.details else ""


def _setting(entry: LogEntry) -> AuditEntry:
    return AuditEntry(
        id=entry.id,
        at_us=entry.at_us,
        tenant_id=entry.tenant_id,
        actor=entry.actor,
        source=entry.source,
        batch=entry.id,
        undoes=entry.undoes,
        key=Key(Scope(entry.scope), entry.scope_id, entry.name, entry.tenant_id),
        was=entry.was,
        became=entry.became,
    )


def action_text(action: str, texts: Texts) -> str:
    """As a heading of an entry; another version's as it stands."""
    known: dict[str, str] = {
        AuditAction.SET: texts.say("Setting or style changed"),
        AuditAction.RULE: texts.say("Word rule changed"),
        AuditAction.REFUSED: texts.say("Refused by a rule or check"),
        AuditAction.HELD: texts.say("Held for the staff"),
        AuditAction.APPROVED: texts.say("Picture approved"),
        AuditAction.REJECTED: texts.say("Picture rejected"),
        AuditAction.REPORTED: texts.say("Picture reported"),
        AuditAction.REMOVED: texts.say("Picture removed"),
        AuditAction.WARNED: texts.say("Picture removed, member warned"),
        AuditAction.TIMED_OUT: texts.say("Member timed out"),
        AuditAction.BLOCKED: texts.say("Member blocked from painting"),
        AuditAction.UNBLOCKED: texts.say("Block lifted"),
        AuditAction.TRUSTED: texts.say("Member trusted"),
        AuditAction.UNTRUSTED: texts.say("Member no longer trusted"),
        AuditAction.IGNORED: texts.say("Member's reports ignored"),
        AuditAction.HEARD: texts.say("Member's reports heard again"),
        AuditAction.DISMISSED: texts.say("Case dismissed"),
        AuditAction.APPEALED: texts.say("Appeal made"),
        AuditAction.GRANTED: texts.say("Appeal granted"),
        AuditAction.DENIED: texts.say("Appeal denied"),
        AuditAction.HIDDEN: texts.say("Picture hidden after reports"),
        AuditAction.DELETED: texts.say("Picture deleted by a moderator"),
        AuditAction.CANCELLED: texts.say("Request cancelled by a moderator"),
        AuditAction.FORGOTTEN: texts.say("A member has had their data deleted"),
    }
    return known.get(action) or code(action)
