"""All rows that name a member, read for them; and forgetting, over settings and queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import queue
from bot.moderation.word_rule_rows import forget_author, forget_rules
from bot.policy.changes import forget_settings, forget_user
from bot.policy.rows import forget_default
from bot.queue.forget import gone_guilds

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import GuildId, UserId

# What is written for the member, by table: its columns, and where it stands. Interaction tokens
# and links are left out: they are credentials, and dead within a day.
_REQUESTS = (
    "job.id, request.guild_id, request.channel_id, request.interaction_id, request.locale,"
    " job.prompt, request.negative, request.width_px, request.height_px, request.rewrite,"
    " job.seed, job.state, job.created_at_us, job.started_at_us, job.finished_at_us,"
    " job.failure_kind, message.channel_id AS status_channel_id,"
    " message.message_id AS status_message_id, message.thread_id,"
    " picture.state AS picture_state, picture.shown_prompt, picture.reasoning, picture.alt_text,"
    " picture.channel_id AS picture_channel_id, picture.message_id AS picture_message_id,"
    " picture.provider_request_id, request.is_restricted"
)
_REQUESTED = (
    "job JOIN request ON request.id = job.request_id"
    " JOIN message ON message.request_id = request.id"
    " LEFT JOIN picture ON picture.job_id = job.id WHERE job.user_id = ? ORDER BY job.id"
)
_TYPED = "prompt, rewritten, negative, size, seed, rewriting, count"
_LEDGER = "tenant_id, entry, outcome, pixels, rewritten, pictures, reserved_micros, cost_micros"
_USED = "starts_at_us, ends_at_us, pictures, micros"
_KEPT: dict[str, tuple[str, str]] = {
    "requests": (_REQUESTS, _REQUESTED),
    "ledger": (
        f"job_id, channel_id, at_us, reserved_at_us, {_LEDGER}",
        "ledger WHERE user_id = ? ORDER BY job_id",
    ),
    "ledger_of_days": (
        f"day, entries, images, {_LEDGER}",
        "ledger_day WHERE user_id = ? ORDER BY day",
    ),
    "drafts": (
        "id, state, tenant_id, channel_id, created_at_us, interaction_id, " + _TYPED,
        "draft WHERE user_id = ? ORDER BY id",
    ),
    "turns": ("tenant_id, weight, waiting, running", "member WHERE user_id = ? ORDER BY tenant_id"),
    "turns_over_all_servers": ("running", "person WHERE user_id = ?"),
    "used_in_servers": (
        f"id AS tenant_id, {_USED}",
        "quota_use WHERE user_id = ? ORDER BY id, starts_at_us, ends_at_us",
    ),
    "used_over_all_servers": (
        _USED,
        "quota_use WHERE kind = 'person' AND id = ? ORDER BY starts_at_us, ends_at_us",
    ),
    "threads_of_days": (
        "channel_id, day_at_us, thread_id",
        "day_thread WHERE user_id = ? ORDER BY day_at_us, channel_id",
    ),
    "reports": (
        "job_id, reported_at_us, reason, words",
        "report WHERE user_id = ? ORDER BY reported_at_us, job_id",
    ),
    "refused_by_word_rules": (
        "id, tenant_id, channel_id, refused_at_us, prompt, negative, allowed_at_us",
        "refusal WHERE user_id = ? ORDER BY id",
    ),
    "cases_about_you": (
        "id, kind, tenant_id, channel_id, job_id, words, opened_at_us, decision, decided_at_us",
        "case_file WHERE user_id = ? ORDER BY id",
    ),
    "told_of_cases": (
        "case_id, kind",
        "notice WHERE user_id = ? ORDER BY id",
    ),
    "what_holds_for_you": (
        "tenant_id, kind, until_at_us, reason, set_at_us",
        "standing WHERE user_id = ? ORDER BY tenant_id, kind",
    ),
    "what_you_set_for_others": (
        "tenant_id, kind, until_at_us, reason, set_at_us",
        "standing WHERE set_by = ? ORDER BY tenant_id, set_at_us",
    ),
    "cases_you_decided": (
        "id, tenant_id, kind, decision, decided_at_us, reason, note",
        "case_file WHERE decided_by = ? ORDER BY id",
    ),
    "log_about_you": (  # without the names of rules, which are for the staff
        "at_us, tenant_id, action, job_id, case_id",
        "audit WHERE user_id = ? ORDER BY id",
    ),
    "defaults": ("size, rewriting, negative, pings, alt_words", "person_default WHERE user_id = ?"),
    "styles_you_changed": (
        "tenant_id, name, prompt, size, negative, changed_at_us",
        "style WHERE changed_by = ? ORDER BY tenant_id, name_key",
    ),
    "word_rules_you_changed": (
        "tenant_id, name, outcome, changed_at_us",
        "word_rule WHERE changed_by = ? ORDER BY tenant_id, name_key",
    ),
    "kept_pictures": (
        "job_id, kept_at_us",
        "keep WHERE user_id = ? ORDER BY job_id",
    ),
    "looks_of_pictures": (
        "job_id, likeness.tenant_id, likeness",
        "likeness JOIN job ON id = job_id WHERE user_id = ? ORDER BY job_id",
    ),
    "posted_again": (
        "repost.job_id, repost.channel_id, repost.message_id",
        "repost JOIN job ON job.id = repost.job_id WHERE job.user_id = ? ORDER BY repost.job_id",
    ),
    "limits_set_for_you": (
        "tenant_id, scope, name, value",
        "policy WHERE scope IN ('member', 'person') AND scope_id = ? ORDER BY tenant_id, name",
    ),
}
_SET_BY = (
    "at_us, tenant_id, source, scope, scope_id, name, was, became",
    "audit WHERE actor = ? AND action = 'set' ORDER BY id",
)
_ACTED = (
    "at_us, tenant_id, action, user_id AS about_user_id, job_id, case_id, details",
    "audit WHERE actor = ? AND action <> 'set' ORDER BY id",
)


def kept_of(tx: Transaction, user_id: UserId) -> dict[str, list[dict[str, Any]]]:
    """Everything in all guilds, as plain records by the names of their columns."""
    found = {name: _records(tx, *query, user_id) for name, query in _KEPT.items()}
    return {
        **found,
        "settings_you_changed": _records(tx, *_SET_BY, str(user_id)),
        "log_of_what_you_did": _records(tx, *_ACTED, str(user_id)),
    }


def _records(tx: Transaction, columns: str, where: str, value: object) -> list[dict[str, Any]]:
    names = [one.split()[-1].rpartition(".")[2] for one in columns.split(",")]
    rows = tx.execute(f"SELECT {columns} FROM {where}", (value,))
    return [dict(zip(names, row, strict=True)) for row in rows]


def forget(tx: Transaction, user_id: UserId, *, now_us: int) -> int:
    """Of one member all that names them, everywhere. Returns how many jobs were still open."""
    forget_user(tx, user_id, now_us=now_us)
    forget_author(tx, user_id)
    open_jobs = queue.forget_member(tx, user_id, now_us=now_us)
    forget_default(tx, user_id)
    return open_jobs


def forget_left(tx: Transaction, guild_id: GuildId, *, before_us: int, now_us: int) -> int | None:
    """Of a guild that the bot had left by then. Returns how many jobs were still open; None if it
    is there again, and nothing was changed."""
    if guild_id not in gone_guilds(tx, before_us=before_us):
        return None
    forget_settings(tx, guild_id)
    forget_rules(tx, guild_id)
    return queue.forget_guild(tx, guild_id, now_us=now_us)
