"""`/moderation test`: staff see what would become of a prompt, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.moderation.word_rules import RuleOutcome
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue.records import UserId
from bot.records import replace
from tests.cogs.moderator import MEMBER, MODERATOR
from tests.cogs.playing import is_private, words
from tests.cogs.test_word_rules import WordDesk, any_role

if TYPE_CHECKING:
    from cogs import Services
    from tests.cogs.playing import Scene


@pytest.fixture
def desk(scene: Scene, services: Services) -> WordDesk:
    return WordDesk(scene, services)


async def explained(scene: Scene, prompt: str, **options: str) -> str:
    seen = await scene.command(
        "moderation test", member=MODERATOR, options={"prompt": prompt, **options}
    )
    (message,) = seen["messages"]
    assert is_private(message)
    return words(message)


async def test_the_rule_its_word_and_what_was_found_are_told(scene: Scene, desk: WordDesk) -> None:
    await desk.make()
    said = await explained(scene, "a w4lrus at dawn")
    assert "Refused before it is painted, free of charge." in said
    assert "**slurs** · Refuse it: `walrus` → ||w4lrus||" in said


async def test_nothing_is_stored_of_it(scene: Scene, desk: WordDesk) -> None:
    await desk.make()
    await explained(scene, "a w4lrus at dawn")
    count = "SELECT (SELECT count(*) FROM refusal) + (SELECT count(*) FROM job)"
    (found,) = await scene.service.database.read(lambda tx: tx.execute(count).fetchone())
    assert found == 0


async def test_who_is_exempt_is_told_so(scene: Scene, desk: WordDesk) -> None:
    await desk.make()
    exempt = any_role(scene)
    kept = await desk.kept()
    await desk.service.change(
        desk.guild,
        kept.rule.id,
        lambda rule: replace(rule, exempt_roles=(int(exempt),)),
        by=UserId(1),
        seen=kept.changed_at_us,
    )
    assert "Refused before" in await explained(scene, "a walrus")
    said = await explained(scene, "a walrus", role=exempt)
    assert "Painted and posted." in said
    assert "Not counted, since this member or this channel is exempt:\n- **slurs**" in said


async def test_review_trust_and_blocks_are_told(scene: Scene, desk: WordDesk) -> None:
    database, member = scene.service.database, scene.control.member(MEMBER)
    key = Key(Scope.GUILD, desk.guild, "review", desk.guild)
    await database.write(set_policy, key, Review.ALWAYS, by="11", now_us=1)
    said = await explained(scene, "a cat", member=member)
    assert "posted once the staff have approved it" in said
    for kind, told in (
        (StandingKind.TRUSTED, "This member is trusted"),
        (StandingKind.BLOCKED, "Refused: this member is blocked."),
    ):
        standing = PersonStanding(
            tenant_id=desk.guild, user_id=int(member), kind=kind, set_by=1, set_at_us=1
        )
        await database.write(put_standing, standing)
        assert told in await explained(scene, "a cat", member=member)


async def test_it_is_asked_as_if_from_another_channel(scene: Scene, desk: WordDesk) -> None:
    """Where it is age-restricted, and where the rule is not for."""
    await desk.make()
    studio = scene.control.channel("studio")
    kept = await desk.kept()
    await desk.service.change(
        desk.guild,
        kept.rule.id,
        lambda rule: replace(rule, outcome=RuleOutcome.RESTRICT),
        by=UserId(1),
        seen=kept.changed_at_us,
    )
    assert "Refused before" in await explained(scene, "a walrus", channel=studio)
    await scene.control.call("PATCH", f"/channels/{studio}", {"nsfw": True})
    said = await explained(scene, "a walrus", channel=studio)
    assert "It never leaves this age-restricted channel." in said
    kept = await desk.kept()
    await desk.service.change(
        desk.guild,
        kept.rule.id,
        lambda rule: replace(rule, exempt_channels=(int(studio),)),
        by=UserId(1),
        seen=kept.changed_at_us,
    )
    said = await explained(scene, "a walrus", channel=studio)
    assert "Not counted, since this member or this channel is exempt:" in said


async def test_a_newcomer_is_reviewed(scene: Scene, desk: WordDesk) -> None:
    """A member who has been there for long is not."""
    key = Key(Scope.GUILD, desk.guild, "newcomer_days", desk.guild)
    await scene.service.database.write(set_policy, key, 3650, by="11", now_us=1)
    member = scene.control.member(MEMBER)
    said = await explained(scene, "a cat", member=member)
    assert "Review: the staff see each picture of this member first." in said
    assert "No review" in await explained(scene, "a cat")


async def test_members_may_not_ask(scene: Scene) -> None:
    answered = await scene.control.try_act(
        "command", name="moderation test", member=MEMBER, options={"prompt": "a walrus"}
    )
    assert answered.status != 200
