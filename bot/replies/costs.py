"""What an end without a picture costs, in one sentence that every refusal carries."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from bot.replies.texts import Texts


class Cost(StrEnum):
    """Whether the provider was paid."""

    NONE = "none"
    PERHAPS = "perhaps"  # the answer was lost, so nobody here can know
    ONCE = "once"  # drawn, and lost afterwards


def cost_text(cost: Cost, texts: Texts) -> str:
    match cost:
        case Cost.NONE:
            return texts.say("Nothing was charged.")
        case Cost.PERHAPS:
            return texts.say("It may have been charged once, so I did not send it again.")
        case Cost.ONCE:
            return texts.say("It had been painted, so it was charged once.")
        case _:
            assert_never(cost)
