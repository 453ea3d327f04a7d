"""What a button carries: its verb and its job, so that it works after any restart.

The format is an interface: messages that hang in channels for years carry it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import JobId


class Verb(StrEnum):
    """What a button does to its job."""

    CANCEL = "cancel"  # withdraw it
    REROLL = "reroll"  # the same wish with a new seed
    AGAIN = "again"  # the same wish with the same seed
    DELETE = "delete"  # take the picture away
    WHY = "why"  # tell why it is where it is
    FIRST = "first"  # have it before the member's others


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed."""

    verb: Verb
    job_id: JobId


PATTERN = re.compile(rf"zeuxis:(?P<verb>{'|'.join(Verb)}):(?P<job_id>[1-9][0-9]{{0,18}})")


def custom_id(verb: Verb, job_id: JobId) -> str:
    """`zeuxis:cancel:17`."""
    return f"zeuxis:{verb}:{job_id}"


# A button that turns to another page of the pictures that found no place; it names no job.
PAGE_PATTERN = re.compile(r"zeuxis:unposted:(?P<page>0|[1-9][0-9]{0,3})")


def page_id(page: int) -> str:
    """`zeuxis:unposted:1` is the second page."""
    return f"zeuxis:unposted:{page}"


def pressed(match: re.Match[str]) -> Press:
    """Reads a match of `PATTERN`."""
    return Press(verb=Verb(match["verb"]), job_id=JobId(int(match["job_id"])))
