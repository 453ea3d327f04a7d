"""Each way to ask for a picture is held to the word rules, before anything is spent on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.features.moderation.word_list import TypedRule
from bot.features.styles import keep_style
from bot.moderation.word_rules import RuleOutcome
from bot.policy.changes import Author
from bot.policy.styles import Style
from bot.providers.zimage import OFFER
from bot.queue.records import GuildId, JobId, UserId
from bot.texts.cards import Verb
from tests.cogs.conftest import WillingRewriter, an_answer
from tests.cogs.playing import Scene, is_private, parts, post_button, words
from tests.cogs.test_buttons import post_result
from tests.cogs.test_drafts import ask, press, save
from tests.cogs.test_hand_forms import ASKED, EDIT, FILLED, post_result_again, rewritten
from tests.cogs.test_word_rules import a_list

if TYPE_CHECKING:
    from cogs import Services

REFUSED = "A rule of this server's staff does not allow this."
NAME = "beasts of the sea"


def guild_of(scene: Scene) -> GuildId:
    return GuildId(int(scene.control.guild["id"]))


async def rule_against(
    scene: Scene, services: Services, *entries: str, outcome: RuleOutcome = RuleOutcome.REFUSE
) -> None:
    typed = TypedRule(name=NAME, outcome=outcome, lists=a_list(*entries))
    await services.word_list.keep(guild_of(scene), typed, by=UserId(1))


async def counted(scene: Scene, table: str) -> int:
    count = f"SELECT count(*) FROM {table}"
    row = await scene.service.database.read(lambda tx: tx.execute(count).fetchone())
    return int(row[0])


async def is_refused(scene: Scene, seen: dict[str, Any], *, jobs: int = 0) -> None:
    """Said to the member alone, who does not learn which rule; and nothing more is queued."""
    message = seen["messages"][-1]
    assert is_private(message)
    assert REFUSED in words(message)
    assert NAME not in words(message)
    assert await counted(scene, "job") == jobs
    assert await counted(scene, "refusal") == 1


async def test_a_prompt_is_refused_free_of_charge(scene: Scene, services: Services) -> None:
    await rule_against(scene, services, "walrus")
    await is_refused(scene, await scene.command("imagine", options={"prompt": "a W a l r u s"}))
    assert await counted(scene, "ledger") == 0
    entry = "SELECT actor, user_id, details FROM audit WHERE action = 'refused'"
    row = await scene.service.database.read(lambda tx: tx.execute(entry).fetchone())
    assert row == ("rule", int(scene.control.member()), NAME)


async def test_so_is_what_is_to_be_left_out(scene: Scene, services: Services) -> None:
    await rule_against(scene, services, "walrus")
    options = {"prompt": "a cat", "negative": "walrus"}
    await is_refused(scene, await scene.command("imagine", options=options))


async def test_the_words_of_a_style_count(scene: Scene, services: Services) -> None:
    style = Style(name="Sea", prompt="{prompt} before a walrus", size=None, negative="")
    author = Author(actor="11", source="discord")
    await scene.service.database.write(keep_style, guild_of(scene), style, author, OFFER, now_us=1)
    await rule_against(scene, services, "walrus")
    options = {"prompt": "a cat", "style": "Sea"}
    await is_refused(scene, await scene.command("imagine", options=options))


async def test_nothing_is_sent_to_the_rewriter(
    scene: Scene, services: Services, rewriter: WillingRewriter
) -> None:
    await rule_against(scene, services, "walrus")
    options = {"prompt": "a walrus", "rewrite": "ask"}
    await is_refused(scene, await scene.command("imagine", options=options))
    assert rewriter.asked == []
    assert await counted(scene, "ledger") == 0


async def test_what_the_rewriter_wrote_is_not_queued(
    scene: Scene, services: Services, rewriter: WillingRewriter
) -> None:
    await rule_against(scene, services, "walrus")
    rewriter.answers = [an_answer("a cat that rides a walrus")]
    shown = await ask(scene)
    await is_refused(scene, await press(scene, shown, "use"))


async def test_nor_what_its_member_made_of_it(scene: Scene, services: Services) -> None:
    await rule_against(scene, services, "walrus")
    shown = await ask(scene)
    await press(scene, shown, "edit")
    await save(scene, "a walrus after all")
    await is_refused(scene, await press(scene, shown, "use"))


async def test_each_of_several_alternatives_counts(scene: Scene, services: Services) -> None:
    await rule_against(scene, services, "red walrus")
    options = {"prompt": "a {blue|red} {cat|walrus}", "rewrite": "off"}
    await is_refused(scene, await scene.command("imagine", options=options))


async def test_a_rule_that_came_later_holds_for_what_a_button_asks(
    scene: Scene, services: Services
) -> None:
    await scene.imagine("a walrus", options=ASKED)
    card = await post_result(scene)
    await rule_against(scene, services, "walrus")
    await is_refused(scene, await scene.press(card, "reroll"), jobs=1)


async def test_so_does_it_for_another_try(scene: Scene, services: Services) -> None:
    await scene.imagine("a walrus", options=ASKED)
    card = await post_button(scene, Verb.AGAIN, scene.control.channel("pictures"), JobId(1))
    await rule_against(scene, services, "walrus")
    await is_refused(scene, await scene.press(card, "again"), jobs=1)


async def test_another_size_is_another_picture(scene: Scene, services: Services) -> None:
    await scene.imagine("a walrus", options=ASKED)
    card = await post_result(scene)
    await rule_against(scene, services, "walrus")
    sizes = (await scene.press(card, "resize"))["messages"][-1]
    offered = next(one["options"] for one in parts(sizes) if one.get("options"))
    seen = await scene.press({**sizes, "values": [offered[0]["value"]]}, "size")
    await is_refused(scene, seen, jobs=1)


async def test_an_edit_is_refused_and_kept_to_be_mended(scene: Scene, services: Services) -> None:
    await scene.imagine("a cat", options=ASKED)
    opened = await scene.press(await post_result(scene), "edit")
    await rule_against(scene, services, "walrus")
    filled = {**FILLED, "prompt": "a walrus"}
    await is_refused(scene, await scene.submit(opened, EDIT, fields=filled), jobs=1)


async def test_the_rewritten_prompt_as_prompt_counts(scene: Scene, services: Services) -> None:
    await scene.imagine("a cat", options=ASKED)
    await post_result(scene)
    await scene.service.database.write(rewritten("a walrus by a window"))
    card = await post_result_again(scene)
    await rule_against(scene, services, "walrus")
    await is_refused(scene, await scene.press(card, "rewritten"), jobs=1)


async def test_a_rule_that_holds_refuses_nothing(scene: Scene, services: Services) -> None:
    await rule_against(scene, services, "walrus", outcome=RuleOutcome.HOLD)
    await scene.imagine("a walrus")
    assert await counted(scene, "job") == 1


async def test_words_for_age_restricted_channels_are_refused_elsewhere(
    scene: Scene, services: Services
) -> None:
    await rule_against(scene, services, "walrus", outcome=RuleOutcome.RESTRICT)
    await is_refused(scene, await scene.command("imagine", options={"prompt": "a walrus"}))
    channel_id = scene.control.channel("pictures")
    await scene.control.call("PATCH", f"/channels/{channel_id}", {"nsfw": True})
    await scene.imagine("a walrus")
    assert await counted(scene, "job") == 1


async def test_what_a_rule_holds_is_not_read_by_others_while_it_waits(
    scene: Scene, services: Services
) -> None:
    """Its status message is for everybody, and nobody has let the words be shown."""
    await rule_against(scene, services, "walrus", outcome=RuleOutcome.HOLD)
    status = await scene.imagine("a walrus")
    assert "walrus" not in words(status)
