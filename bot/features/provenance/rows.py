"""What rows know of a picture that somebody shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UnknownJob
from bot.features.provenance.rules import Evidence, is_believed, job_named, nearest
from bot.queue import shown
from bot.queue.jobs import select_job
from bot.queue.records import tenant_of

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.pictures import SeenUpload
    from bot.queue.authority import Asker
    from bot.queue.records import Job


def recognised(tx: Transaction, seen: SeenUpload, asker: Asker) -> tuple[Evidence, Job] | None:
    """By its metadata, if they are to be believed; else by its look, among the guild's."""
    return _by_marks(tx, seen) or _by_look(tx, seen, asker)


def _by_marks(tx: Transaction, seen: SeenUpload) -> tuple[Evidence, Job] | None:
    job_id = job_named(seen.marks)
    if job_id is None or seen.marks is None:
        return None
    try:
        job = select_job(tx, job_id)
    except UnknownJob:
        return None
    posted = shown.likeness_of_job(tx, job_id)
    evidence = is_believed(seen.marks, job, (seen.likeness, posted))
    return None if evidence is None else (evidence, job)


def _by_look(tx: Transaction, seen: SeenUpload, asker: Asker) -> tuple[Evidence, Job] | None:
    if seen.likeness is None:
        return None
    tenant_id = tenant_of(asker.guild_id, asker.user_id)
    alike = nearest(seen.likeness, shown.likenesses_of(tx, tenant_id))
    if alike is None:
        return None
    return Evidence.ALIKE, select_job(tx, shown.job_that_looks(tx, tenant_id, alike))
