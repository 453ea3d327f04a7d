"""Words that nobody typed: the rewriting brings them in, and the rules of the staff find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from tests.cogs.playing import is_private
from tests.journeys.reviewing import (
    STAFF,
    cards,
    guild_id,
    outside,
    pictures_outside,
    waiting,
    write,
)
from tests.journeys.test_imagine import SMALL, text_of
from tests.journeys.test_word_rules import a_rule

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

MORNING = 4  # the seed whose rewriting speaks of the morning


async def said_to_all(stage: Stage) -> str:
    """Without what staff alone read in their panel."""
    public = [one for one in await outside(stage) if not is_private(one)]
    return "\n".join(text_of(one) for one in public)


async def test_a_picture_whose_rewritten_prompt_is_refused_is_never_shown(stage: Stage) -> None:
    """It is drawn, hence paid; its member learns that a rule withheld it, and not which."""
    await a_rule(stage, name="No dawn", words="morning light")
    await stage.imagine("a cat", seed=MORNING, size=SMALL, rewrite="on")
    await stage.until(lambda: '"event": "notified"' in stage.log)
    said = await said_to_all(stage)
    assert "a rule of this server does not let it be shown" in said
    assert "No dawn" not in said
    assert await pictures_outside(stage) == []
    assert waiting(stage) == ()
    assert stage.ledger()["billed"] == 1


async def test_one_that_a_rule_holds_is_seen_by_the_staff_alone(stage: Stage) -> None:
    key = Key(Scope.GUILD, guild_id(stage), "staff_channel", guild_id(stage))
    write(stage, set_policy, key, int(stage.control.channel(STAFF)), by="7", now_us=1)
    await a_rule(stage, name="No dawn", outcome="hold", words="morning light")
    await stage.imagine("a cat", seed=MORNING, size=SMALL, rewrite="on")
    await stage.until(lambda: any(one.card_message_id for one in waiting(stage)))
    (card,) = await cards(stage)
    assert "No dawn" in text_of(card)
    assert "morning light" in text_of(card)
    assert await pictures_outside(stage) == []
    assert "No dawn" not in await said_to_all(stage)


async def test_one_in_which_nothing_is_found_is_posted(stage: Stage) -> None:
    await a_rule(stage, name="No dawn", words="morning light")
    started = await stage.imagine("a cat", seed=MORNING + 1, size=SMALL, rewrite="on")
    assert len(await stage.pictures(started)) == 1
