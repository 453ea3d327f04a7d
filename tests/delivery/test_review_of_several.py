"""Of several pictures of a request some wait for the staff, while the others hang already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.features.moderation.rows import decisions
from bot.moderation.word_rules import RuleOutcome
from bot.policy.rules import Review
from bot.queue.records import UserId
from bot.records import replace
from tests.delivery.reviewing import (
    STAFF,
    case_of,
    make_screener,
    make_staff,
    name_channel,
    rule,
    set_here,
)
from tests.delivery.test_gallery import asked, now, paint
from tests.queue.world import an_outcome

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene
    from tests.delivery.scripted import Said

MODERATOR = UserId(7)


async def one_of_three_held(scene: Scene) -> tuple[Job, ...]:
    """The second, for what Z-Image has made of its prompt."""
    await rule(scene, RuleOutcome.HOLD, "dragon")
    jobs = await asked(scene, 3)
    await paint(scene)
    drawn = replace(an_outcome(), shown_prompt="a dragon")
    await scene.complete(await scene.claimed(), drawn)
    await paint(scene)
    await make_screener(scene).drain()
    await scene.deliver_for(30)
    return await now(scene, jobs)


def galleries(scene: Scene) -> list[Said]:
    return [said for said in scene.discord.pictures() if said.channel_id != STAFF]


async def test_the_others_hang_and_the_card_says_who_has_the_held_one(scene: Scene) -> None:
    jobs = await one_of_three_held(scene)
    (card,) = galleries(scene)
    assert card.files == [f"zeuxis-{jobs[0].id}.png", f"zeuxis-{jobs[2].id}.png"]
    assert "With the staff" in card.text
    assert "Place **1**" in card.text


async def test_that_several_are_held_is_told_by_one_edit(scene: Scene) -> None:
    """What the staff let go at once would else wait three seconds for each of the others."""
    await set_here(scene, "review", Review.ALWAYS)
    await asked(scene, 4)
    await paint(scene, 4)
    await make_screener(scene).drain()
    await scene.deliver()
    assert scene.discord.asked == ["edit 10"]
    assert await scene.due() == []


async def test_an_approved_one_joins_the_others(scene: Scene) -> None:
    await name_channel(scene)
    jobs = await one_of_three_held(scene)
    staff = make_staff(scene)
    await staff.drain()
    scene.clock.advance(2 * 86_400)
    case = await case_of(scene, jobs[1])
    await scene.database.write(
        decisions.approve, case.id, by=MODERATOR, now_us=scene.clock.now_us()
    )
    await scene.deliver_for(60)
    (card,) = galleries(scene)
    assert {*card.files} == {f"zeuxis-{job.id}.png" for job in jobs}
    assert "With the staff" not in card.text


async def test_a_rejected_one_leaves_an_appeal_and_not_its_reason(scene: Scene) -> None:
    jobs = await one_of_three_held(scene)
    case = await case_of(scene, jobs[1])
    await scene.database.write(
        decisions.reject,
        case.id,
        by=MODERATOR,
        reason="no dragons",
        now_us=scene.clock.now_us(),
    )
    await scene.deliver_for(60)
    (card,) = galleries(scene)
    assert "do not want it shown" in card.text
    assert "no dragons" not in card.text
    assert f"zeuxis:2:appeal:review:{case.id}" in card.marks
    assert len(card.files) == 2


async def test_the_place_on_a_gallery_is_kept_true(scene: Scene) -> None:
    await name_channel(scene)
    jobs = await one_of_three_held(scene)
    await asked(scene, 1, interaction_id=5)
    await scene.complete(await scene.claimed(), replace(an_outcome(), shown_prompt="a dragon, too"))
    await make_screener(scene).drain()
    await scene.deliver_for(30)
    await scene.show_round()
    others = [said for said in scene.discord.messages.values() if "Place **2**" in said.text]
    assert len(others) == 1
    case = await case_of(scene, jobs[1])
    await scene.database.write(
        decisions.approve, case.id, by=MODERATOR, now_us=scene.clock.now_us()
    )
    await scene.deliver_for(30)
    await scene.show_round()
    assert "Place **1**" in others[0].text


async def test_a_gallery_whose_held_one_moves_up_says_so(scene: Scene) -> None:
    """Others of it hang on the message already, which the board leaves to the gallery."""
    await rule(scene, RuleOutcome.HOLD, "dragon")
    first = await scene.submitted(user=2)
    await scene.complete(
        await scene.claimed(), replace(an_outcome(), shown_prompt="a dragon, first")
    )
    await make_screener(scene).drain()
    await one_of_three_held(scene)
    (card,) = galleries(scene)
    assert "Place **2**" in card.text
    await scene.show_round()
    case = await case_of(scene, first)
    await scene.database.write(decisions.reject, case.id, by=MODERATOR, now_us=scene.clock.now_us())
    await scene.show_round()
    assert "Place **1**" in card.text
    scene.discord.forget_edits()
    await scene.board._show_round()
