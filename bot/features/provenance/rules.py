"""What is believed of a picture's metadata and looks, and who is told how much of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.pictures.likeness import NEAR, NONE, distance
from bot.queue.authority import Asker, as_seen, is_here, is_veiled
from bot.queue.records import JobId, PictureState, tenant_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.pictures.provenance import Marks
    from bot.queue.records import ChannelId, Job

MOST_DIGITS = 19  # of a job's number


class Evidence(StrEnum):
    """By what it was recognised."""

    POSTED = "posted"  # it hangs in that very message
    MARKED = "marked"  # its metadata say so, and so does its look
    ONLY_MARKED = "only marked"  # its metadata say so; looks could not be compared
    ALIKE = "alike"  # it looks like it


class Traced(Struct, frozen=True, kw_only=True):
    """What whoever asks may know of where a picture comes from."""

    evidence: Evidence
    job: Job | None  # None: made here by another member


def job_named(marks: Marks | None) -> JobId | None:
    """None if they name none that there could be."""
    if marks is None or not (marks.job.isascii() and marks.job.isdecimal()):
        return None
    return JobId(int(marks.job)) if len(marks.job) <= MOST_DIGITS else None


def is_believed(
    marks: Marks, job: Job, likenesses: tuple[int | None, int | None]
) -> Evidence | None:
    """What metadata are worth, which anybody can write: they must fit the job, and its look.

    Another installation has jobs of the same numbers, and other seeds.

    Args:
        likenesses: of the file and of the picture; None where nobody knows.
    """
    if marks.seed != str(job.request.seed):
        return None
    seen, posted = likenesses
    if seen in (None, NONE) or posted in (None, NONE):
        return Evidence.ONLY_MARKED
    return Evidence.MARKED if distance(seen or 0, posted or 0) <= NEAR else None


def nearest(likeness: int, known: Iterable[int]) -> int | None:
    """The most alike of the guild's; None if none is."""
    if likeness == NONE:
        return None
    bits = (1 << 64) - 1
    found = min((((likeness ^ one) & bits).bit_count(), one) for one in (*known, ~likeness))
    return found[1] if found[0] <= NEAR else None


def traced(
    evidence: Evidence, job: Job, asker: Asker, *, manages: bool, staff_channel: int
) -> Traced | None:
    """Its member and the staff are told, others that it was made here; None: it is unknown.

    What was deleted, is held or was withheld is unknown to others, and so is what was made in an
    age-restricted place where there is none.
    """
    if job.origin.tenant_id != tenant_of(asker.guild_id, asker.user_id):
        return None
    is_own = job.origin.user_id == asker.user_id
    if is_own or (asker.guild_id is not None and _is_staff(asker, job, manages, staff_channel)):
        return Traced(evidence=evidence, job=as_seen(asker, job))
    is_shown = job.picture is not None and job.picture.state is PictureState.SHOWN
    is_hidden = job.picture is not None and job.picture.hidden_at_us is not None
    if not is_shown or is_hidden or is_veiled(asker, job.origin):
        return None
    return Traced(evidence=evidence, job=None)


def _is_staff(asker: Asker, job: Job, manages: bool, staff_channel: int | ChannelId) -> bool:
    """Who manages the server; who moderates in the staff's channel; of a place, its moderators."""
    is_place = is_here(asker, job.origin) or asker.root_channel_id == staff_channel
    return manages or (asker.may_moderate and is_place)
