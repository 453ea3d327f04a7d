"""What the controls of `/moderation words` carry: which rule, and what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.texts.custom_ids import NUMBER, CustomId, one_of


class WordVerb(StrEnum):
    """What a control does."""

    LIST = "list"  # a page of all rules
    PICK = "pick"  # the rule that is chosen
    NEW = "new"  # opens an empty form
    EDIT = "edit"  # opens the form of a rule
    FORM = "form"  # that was filled in
    AGAIN = "again"  # the form, with what was typed before
    OUTCOME = "outcome"  # sets it
    ROLES = "roles"  # sets those that are exempt
    CHANNELS = "channels"  # likewise
    EXPORT = "export"  # its lists as files
    OPEN = "open"  # a form for a file
    FILE = "file"  # that was filled in
    ASK = "ask"  # whether it is to be dropped
    DROP = "drop"
    AUTOMOD = "automod"  # reads Discord's own rules


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPress(
    CustomId,
    prefix="zeuxis:2:words",
    verb=one_of(WordVerb),
    rule_id=NUMBER,
    seen=NUMBER,
    more=NUMBER,
):
    """A control that was used.

    Attributes:
        rule_id: 0 is none.
        seen: when the rule was changed last, as far as the panel knows.
        more: of LIST the page, of AGAIN the draft.
    """

    verb: WordVerb
    rule_id: int = 0
    seen: int = 0
    more: int = 0
