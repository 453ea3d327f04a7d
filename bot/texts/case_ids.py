"""What the controls of a case carry: its verb and its case, so that they work after any restart.

The format is an interface: cards hang in the staff's channel for years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class CaseVerb(StrEnum):
    """What a control does to its case. A form bears the verb of the button that opens it."""

    APPROVE = "approve"
    TRUST = "trust"  # approve, and trust its member from now on
    REJECT = "reject"
    REMOVE = "remove"  # the picture
    WARN = "warn"  # remove it, and warn its member
    TIMEOUT = "timeout"  # remove it, and time its member out in Discord
    BLOCK = "block"  # its member from painting
    DISMISS = "dismiss"
    GRANT = "grant"  # an appeal
    DENY = "deny"
    IGNORE = "ignore"  # what the chosen members report, from now on
    SHOW = "show"  # all of it, for oneself alone


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePress:
    """A control of a case that was used."""

    verb: CaseVerb
    case_id: int


CASE_PATTERN = re.compile(
    rf"zeuxis:2:case:(?P<verb>{'|'.join(CaseVerb)}):(?P<case_id>[1-9][0-9]{{0,18}})"
)


def case_custom_id(verb: CaseVerb, case_id: int) -> str:
    """`zeuxis:2:case:approve:18`."""
    return f"zeuxis:2:case:{verb}:{case_id}"


def case_pressed(match: re.Match[str]) -> CasePress:
    """Reads a match of `CASE_PATTERN`."""
    return CasePress(verb=CaseVerb(match["verb"]), case_id=int(match["case_id"]))


# ------------------------------------------------------------------------------------------------
# The list of open cases. What is chosen of it stands in the list itself, as Discord sends it along.


class ListVerb(StrEnum):
    """What a control of the list of open cases does."""

    PAGE = "page"  # turn to this one
    OPEN = "open"  # show the case that is chosen
    CHOOSE = "choose"  # mark those for the next two
    APPROVE = "approve"  # all that are marked
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPress:
    """A control of the list that was used."""

    verb: ListVerb
    place_id: int  # of the cases of this place alone; 0: of the whole guild
    page: int


LIST_PATTERN = re.compile(
    rf"zeuxis:2:cases:(?P<verb>{'|'.join(ListVerb)}):(?P<place_id>0|[1-9][0-9]{{0,18}})"
    r":(?P<page>0|[1-9][0-9]{0,5})"
)


def list_custom_id(verb: ListVerb, place_id: int, page: int) -> str:
    """`zeuxis:2:cases:page:0:1` is the second page of all the guild's cases."""
    return f"zeuxis:2:cases:{verb}:{place_id}:{page}"


def list_pressed(match: re.Match[str]) -> ListPress:
    """Reads a match of `LIST_PATTERN`."""
    return ListPress(
        verb=ListVerb(match["verb"]), place_id=int(match["place_id"]), page=int(match["page"])
    )
