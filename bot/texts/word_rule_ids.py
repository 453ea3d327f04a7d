"""What the controls of `/moderation words` carry: which rule, and what was seen of it.

The format is an interface: panels and forms stay open for days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


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
class WordPress:
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

    def __str__(self) -> str:
        """`zeuxis:2:words:edit:7:1796000000000000:0`."""
        return f"zeuxis:2:words:{self.verb}:{self.rule_id}:{self.seen}:{self.more}"


_NUMBER = "0|[1-9][0-9]{0,18}"
WORDS_PATTERN = re.compile(
    rf"zeuxis:2:words:(?P<verb>{'|'.join(WordVerb)}):(?P<rule>{_NUMBER}):(?P<seen>{_NUMBER})"
    rf":(?P<more>{_NUMBER})"
)


def word_pressed(match: re.Match[str]) -> WordPress:
    """Reads a match of `WORDS_PATTERN`."""
    return WordPress(
        verb=WordVerb(match["verb"]),
        rule_id=int(match["rule"]),
        seen=int(match["seen"]),
        more=int(match["more"]),
    )
