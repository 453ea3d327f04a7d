"""Appeals from the button under a refusal to the case of the staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.features.moderation.rows.appeals import decide_appeal
from bot.features.moderation.rows.case_views import open_cases
from bot.moderation.word_rule_rows import put_rule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.rules import OPERATORS_OWN
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue.cases import Case, CaseEnd, CaseKind, Decision
from bot.queue.records import TenantId, UserId
from tests.cogs.playing import is_private, parts, words
from tests.cogs.test_buttons import post_result
from tests.cogs.test_hand_forms import FILLED

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

ASKED = {"prompt": "a bad cat"}


def guild_of(scene: Scene) -> TenantId:
    return TenantId(int(scene.control.guild["id"]))


async def forbid(scene: Scene, word: str = "bad") -> None:
    rule = WordRule(id=0, name="insults", outcome=RuleOutcome.REFUSE, words=(word,))
    await scene.service.database.write(put_rule, guild_of(scene), rule, by=7, now_us=1)


async def block(scene: Scene, tenant_id: int) -> None:
    standing = PersonStanding(
        tenant_id=tenant_id,
        user_id=int(scene.control.member(0)),
        kind=StandingKind.BLOCKED,
        set_by=7,
        set_at_us=5,
    )
    await scene.service.database.write(put_standing, standing)


async def ask(scene: Scene) -> dict[str, Any]:
    """What the member is answered alone."""
    seen = await scene.command("imagine", options=ASKED)
    (answer,) = seen["messages"]
    assert is_private(answer)
    return dict(answer)


def appeal_id(message: dict[str, Any]) -> str | None:
    ids = [str(one.get("custom_id") or "") for one in parts(message)]
    return next((one for one in ids if one.startswith("zeuxis:2:appeal:")), None)


async def press(scene: Scene, message: dict[str, Any], custom_id: str) -> dict[str, Any]:
    started = await scene.control.act(
        "component",
        message_id=message["id"],
        channel=message["channel_id"],
        custom_id=custom_id,
    )
    await scene.acknowledged(started)
    return await scene.seen(started)


async def appeal(scene: Scene, message: dict[str, Any], said: str = "it is harmless") -> str:
    custom_id = appeal_id(message)
    assert custom_id is not None
    opened = await press(scene, message, custom_id)
    assert opened["modal"]
    seen = await scene.submit(opened, custom_id, fields={"words": said})
    return words(seen["messages"][-1])


async def cases(scene: Scene) -> tuple[Case, ...]:
    return await scene.service.database.read(open_cases, guild_of(scene), limit=9)


async def decide(scene: Scene, case: Case, decision: Decision) -> None:
    end = CaseEnd(decision=decision, by=UserId(7), at_us=9)
    await scene.service.database.write(decide_appeal, case.id, end)


async def test_refused_words_are_appealed_once_and_pass_when_that_is_granted(scene: Scene) -> None:
    await forbid(scene)
    refused = await ask(scene)
    assert "A rule of this server's staff does not allow this." in words(refused)
    assert "insults" not in words(refused), "which one is for the staff alone"
    assert "Your appeal is with this server's staff." in await appeal(scene, refused)
    (case,) = await cases(scene)
    assert (case.kind, case.words) == (CaseKind.APPEAL, "it is harmless")
    again = await press(scene, refused, str(appeal_id(refused)))
    assert "You have appealed before" in words(again["messages"][-1])
    once_more = await ask(scene)
    assert appeal_id(once_more) is None
    assert "You have appealed for these words before." in words(once_more)
    await decide(scene, case, Decision.GRANTED)
    assert await scene.imagine(ASKED["prompt"])


async def test_a_block_is_appealed_once(scene: Scene) -> None:
    await block(scene, guild_of(scene))
    refused = await ask(scene)
    assert "Your appeal is with" in await appeal(scene, refused)
    assert appeal_id(await ask(scene)) is None
    (case,) = await cases(scene)
    await decide(scene, case, Decision.GRANTED)
    assert await scene.imagine("a cat")


async def test_the_operators_block_has_no_button(scene: Scene) -> None:
    await block(scene, OPERATORS_OWN)
    refused = await ask(scene)
    assert "Whoever runs this bot" in words(refused)
    assert appeal_id(refused) is None


async def test_other_refusals_have_no_button(scene: Scene) -> None:
    seen = await scene.command("imagine", options={"prompt": "a cat", "size": "1*1"})
    assert appeal_id(seen["messages"][0]) is None


async def test_a_button_of_a_lost_database_is_answered(scene: Scene) -> None:
    await forbid(scene)
    refused = await ask(scene)
    await scene.service.database.write(lambda tx: tx.execute("DELETE FROM refusal"))
    seen = await press(scene, refused, str(appeal_id(refused)))
    assert "There is nothing here any more" in words(seen["messages"][-1])


async def test_words_of_an_edit_are_appealed_beside_their_correction(scene: Scene) -> None:
    await forbid(scene)
    await scene.imagine("a cat")
    opened = await scene.press(await post_result(scene), "edit")
    seen = await scene.submit(opened, "zeuxis:2:edit:1", fields=FILLED | {"prompt": "a bad cat"})
    refused = seen["messages"][-1]
    assert any("correct" in str(one.get("custom_id")) for one in parts(refused)), words(refused)
    assert "Your appeal is with" in await appeal(scene, refused)
