"""What the rules must know besides the body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.discord.rules.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of one request.

    Attributes:
        files: The uploads of the request: the `n` of each part `files[n]`, and its file name.
        before: The message that the request edits, or whose component led to it, as its author
            sees it and with every attachment that it has; None if there is none.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    before: Body | None = None
