"""What the controls of a case carry, and those of the list of cases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.texts.custom_ids import ID, NUMBER, CustomId, one_of


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
class CasePress(CustomId, prefix="zeuxis:2:case", verb=one_of(CaseVerb), case_id=ID):
    """A control of a case that was used."""

    verb: CaseVerb
    case_id: int


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
class ListPress(
    CustomId, prefix="zeuxis:2:cases", verb=one_of(ListVerb), place_id=NUMBER, page=NUMBER
):
    """A control of the list that was used."""

    verb: ListVerb
    place_id: int  # of the cases of this place alone; 0: of the whole guild
    page: int
