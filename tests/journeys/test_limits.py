"""A budget of 50 pictures, 200 members at once: 50 are drawn, 150 told why and until when."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sandbox.control.acts import Acts, CommandAct
from sandbox.discord.components import TextDisplay, walk
from sandbox.discord.records import Member, User
from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import WHOLE, rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.journeys.stage import Stage

MEMBERS, BUDGET = 200, 50
TOLD = re.compile(
    r"This server may have 50 pictures a day\. That is used up; it renews <t:\d+:R>\."
)


@pytest.fixture
async def stage(stage_with: Any) -> AsyncIterator[Stage]:
    """With a budget of the guild, and no room at all beside it."""
    async with stage_with(bot=False) as stage:
        stage.environment["PICTURES_PER_GUILD_PER_DAY"] = str(BUDGET)
        await stage.start_bot()
        yield stage


def join(stage: Stage, count: int) -> list[str]:
    """So many new members of the first guild."""
    state = stage.sandbox.state
    guild = state.guilds[str(stage.control.guild["id"])]
    people = [str(10**18 + number) for number in range(count)]
    for person in people:
        state.save(User(id=person, name=f"u{person}", display_name=f"U{person}"))
        guild.members[person] = Member(user_id=person, joined_at_us=0)
    return people


async def ask(stage: Stage, people: Iterable[str]) -> dict[str, str]:
    """All at once, each for a picture of their own; their interactions."""
    sandbox = stage.sandbox
    acts = Acts(state=sandbox.state, hub=sandbox.hub, clock=sandbox.clock)
    people = list(people)

    def wish(person: str) -> Any:
        return {
            "kind": "command",
            "name": "imagine",
            "guild_id": stage.control.guild["id"],
            "channel_id": stage.control.channel("pictures"),
            "user_id": person,
            "options": {"prompt": f"cat {person}", "size": SMALL, "rewrite": "off"},
        }

    answers = await asyncio.gather(
        *(acts.perform(msgspec.convert(wish(person), CommandAct)) for person in people)
    )
    return {
        person: str(answer["interaction_id"])
        for person, answer in zip(people, answers, strict=True)
    }


def refused(stage: Stage, asked: dict[str, str]) -> set[str]:
    """Whoever was told, alone, that the budget is used up and when it renews."""
    state = stage.sandbox.state
    found = set()
    for person, interaction_id in asked.items():
        interaction = state.interactions[interaction_id]
        here = state.messages.get(interaction.channel_id, {})
        shown = [here[one] for one in interaction.message_ids if one in here]
        if any(one.viewer_id == person and TOLD.search(text_of(one)) for one in shown):
            found.add(person)
    return found


def text_of(message: Any) -> str:
    texts = (one.content for one in walk(message.components) if isinstance(one, TextDisplay))
    return "\n".join(texts)


def queued(stage: Stage) -> dict[str, str]:
    """What became of each member's job."""
    kept = rows(stage.database, f"SELECT prompt, state FROM {WHOLE}")
    return {prompt.removeprefix("cat "): state for prompt, state in kept}


def billed(stage: Stage) -> Counter[str]:
    """By Z-Image, for each member."""
    entries = stage.sandbox.zimage.ledger.entries
    return Counter(one.prompt.removeprefix("cat ") for one in entries if one.billed)


def is_drawn(stage: Stage) -> bool:
    return not {"queued", "running"} & set(queued(stage).values())


async def test_200_members_at_once_against_a_budget_of_50(stage: Stage) -> None:
    """Nothing is billed for those who are refused."""
    asked = await ask(stage, join(stage, MEMBERS))
    await stage.until(lambda: len(queued(stage)) + len(refused(stage, asked)) == MEMBERS)
    await stage.until(lambda: is_drawn(stage))
    assert len(queued(stage)) == BUDGET
    assert len(refused(stage, asked)) == MEMBERS - BUDGET
    assert billed(stage) == Counter(list(queued(stage)))


async def test_the_budget_holds_over_a_kill_in_the_middle(stage: Stage) -> None:
    """Whoever has got no answer asks again; a call that was out at the kill counts as drawn."""
    people = join(stage, MEMBERS)
    asked = await ask(stage, people[: MEMBERS // 2])
    await stage.until(lambda: len(queued(stage)) >= BUDGET // 2)
    await stage.kill_bot()
    assert len(queued(stage)) <= BUDGET
    await stage.start_bot()
    silent = set(people) - queued(stage).keys() - refused(stage, asked)
    asked |= await ask(stage, sorted(silent))
    await stage.until(lambda: len(queued(stage)) + len(refused(stage, asked)) == MEMBERS)
    await stage.until(lambda: is_drawn(stage), 60)
    lost = {person for person, state in queued(stage).items() if state == "uncertain"}
    assert len(queued(stage)) == BUDGET
    assert len(refused(stage, asked)) == MEMBERS - BUDGET
    assert set(billed(stage)) | lost == queued(stage).keys()
    assert max(billed(stage).values()) == 1
