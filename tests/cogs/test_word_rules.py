"""`/moderation words`: staff make, change and drop rules, read AutoMod; `/moderation test`."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from bot.features.moderation.word_list import TypedRule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.queue.records import UserId
from bot.staff_refusals import WordField
from tests.cogs.desk import Desk
from tests.cogs.moderator import MODERATOR, NOT_STAFF
from tests.cogs.playing import is_private, parts, words

if TYPE_CHECKING:
    from bot.moderation.word_rule_rows import KeptRule
    from cogs import Services
    from tests.cogs.playing import Scene

MANAGE_GUILD = 1 << 5


class WordDesk(Desk):
    """Somebody before the word rules of the guild."""

    def __init__(self, scene: Scene, services: Services, member: int = MODERATOR) -> None:
        super().__init__(scene, member)
        self.service = services.word_list

    async def open(self) -> None:
        await self.call("moderation words")

    async def use(self, verb: str, values: list[str] | None = None) -> None:
        """The one control of that verb."""
        await self.press(self.find(f"zeuxis:2:words:{verb}:"), values)

    def filled(self) -> dict[str, str]:
        """What stands in the form's fields."""
        fields = [one["component"] for one in self.form["components"] if one["type"] == 18]
        return {one["custom_id"]: one.get("value") or "" for one in fields if one["type"] == 4}

    async def rules(self) -> list[WordRule]:
        return [one.rule for one in await self.service.rules(self.guild)]

    async def kept(self) -> KeptRule:
        (one,) = await self.service.rules(self.guild)
        return one

    async def make(self, name: str = "slurs", *more: str) -> None:
        typed = TypedRule(name=name, outcome=RuleOutcome.REFUSE, lists=a_list("walrus", *more))
        await self.service.keep(self.guild, typed, by=UserId(1))


def a_list(*entries: str) -> dict[WordField, str]:
    return {WordField.WORDS: "\n".join(entries)}


@pytest.fixture
def desk(scene: Scene, services: Services) -> WordDesk:
    return WordDesk(scene, services)


class TestThePanel:
    async def test_a_rule_is_made_and_shown_to_its_maker_alone(self, desk: WordDesk) -> None:
        await desk.open()
        assert is_private(desk.message)
        assert "There are none yet" in words(desk.message)
        await desk.use("new")
        await desk.submit(
            name="Slurs", outcome="hold", words="walrus\nsea cow", allowed="walrus tusk"
        )
        assert "The rule **Slurs** holds from now on." in words(desk.message)
        (rule,) = await desk.rules()
        assert (rule.outcome, rule.words) == (RuleOutcome.HOLD, ("walrus", "sea cow"))
        await desk.use("list")
        assert "**Slurs** · The staff see the picture first" in words(desk.message)

    async def test_what_is_refused_comes_back_as_it_was_typed(self, desk: WordDesk) -> None:
        await desk.open()
        await desk.use("new")
        long = "\n".join(f"word{one} and what belongs to it" for one in range(110))
        await desk.submit(name="Slurs", outcome="refuse", words=f"walrus\n*\n{long}")
        assert "**Words and phrases**, line 2: `*`: " in words(desk.message)
        assert await desk.rules() == []
        await desk.use("again")
        assert desk.filled()["words"] == f"walrus\n*\n{long}"
        await desk.submit(name="Slurs", outcome="refuse", words="walrus")
        assert [one.words for one in await desk.rules()] == [("walrus",)]

    async def test_an_empty_rule_and_one_that_finds_everything_are_refused(
        self, desk: WordDesk
    ) -> None:
        await desk.open()
        for typed, said in (
            ({"words": " "}, "There is nothing to look for."),
            ({"words": "***"}, "line 1: `***`: This would be found in nearly every prompt."),
        ):
            await desk.use("new")
            await desk.submit(name="x", outcome="refuse", **typed)
            assert said in words(desk.message)
            await desk.use("list")
        assert await desk.rules() == []

    async def test_a_catastrophic_expression_holds_nobody_up(self, desk: WordDesk) -> None:
        pytest.importorskip("re2")
        await desk.open()
        await desk.use("new")
        await desk.submit(name="x", outcome="refuse", words="", patterns="((a{50}){50}){9}")
        assert "It would take too long" in words(desk.message)
        await desk.use("again")
        await desk.submit(name="x", outcome="refuse", words="", patterns="(a+)+b")
        assert [one.patterns for one in await desk.rules()] == [("(a+)+b",)]

    async def test_a_rule_is_changed_and_renamed(self, desk: WordDesk) -> None:
        await desk.make()
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        await desk.use("edit")
        assert desk.filled() == {"name": "slurs", "words": "walrus", "patterns": "", "allowed": ""}
        await desk.submit(name="Beasts", outcome="spoiler", words="dugong")
        assert [(one.name, one.words, one.outcome) for one in await desk.rules()] == [
            ("Beasts", ("dugong",), RuleOutcome.SPOILER)
        ]

    async def test_a_long_list_is_left_out_of_the_form_and_stays(self, desk: WordDesk) -> None:
        many = [f"{one} of the long and winding road" for one in product_words()]
        await desk.make("slurs", *many)
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        await desk.use("edit")
        assert "words" not in desk.filled()
        await desk.submit(name="slurs", outcome="hold")
        after = (await desk.kept()).rule
        assert (after.words, after.outcome) == (("walrus", *many), RuleOutcome.HOLD)

    async def test_roles_channels_and_the_outcome_are_chosen(
        self, desk: WordDesk, scene: Scene
    ) -> None:
        await desk.make()
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        painters = any_role(scene)
        await desk.use("roles", [painters])
        await desk.use("channels", [scene.control.channel("pictures")])
        await desk.use("outcome", ["restrict"])
        rule = (await desk.kept()).rule
        assert rule.exempt_roles == (int(painters),)
        assert rule.exempt_channels == (int(scene.control.channel("pictures")),)
        assert rule.outcome is RuleOutcome.RESTRICT

    async def test_a_rule_is_dropped_once_that_is_confirmed(self, desk: WordDesk) -> None:
        await desk.make()
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        await desk.use("ask")
        assert len(await desk.rules()) == 1
        await desk.use("drop")
        assert "The rule **slurs** is dropped." in words(desk.message)
        assert await desk.rules() == []

    async def test_whoever_is_late_learns_who_was_first_and_may_insist(
        self, desk: WordDesk
    ) -> None:
        await desk.make()
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        await desk.use("edit")
        kept = await desk.kept()
        typed = TypedRule(name="slurs", outcome=RuleOutcome.HOLD, lists=a_list("dugong"))
        await desk.service.keep(
            desk.guild, typed, by=UserId(12), rule_id=kept.rule.id, seen=kept.changed_at_us
        )
        await desk.submit(name="slurs", outcome="refuse", words="manatee")
        assert "<@12> has changed the rule **slurs**" in words(desk.message)
        assert (await desk.kept()).rule.words == ("dugong",)
        await desk.use("again")
        assert desk.filled()["words"] == "manatee"
        await desk.submit(name="slurs", outcome="refuse", words="manatee")
        assert (await desk.kept()).rule.words == ("manatee",)

    async def test_rules_stand_on_pages(self, desk: WordDesk) -> None:
        for number in range(12):
            await desk.make(f"rule {number:02}")
        await desk.open()
        assert "rule 07" in words(desk.message)
        assert "rule 08" not in words(desk.message)
        await desk.press("zeuxis:2:words:list:0:0:1")
        assert "rule 08" in words(desk.message)
        assert "rule 07" not in words(desk.message)

    async def test_lists_go_out_and_come_back_as_files(self, desk: WordDesk) -> None:
        await desk.make()
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        panel = desk.message
        await desk.use("export")
        assert [one["filename"] for one in desk.message["attachments"]] == ["words.txt"]
        assert is_private(desk.message)
        desk.message = panel
        await desk.use("open")
        await desk.submit(list="words", file=[a_file("words.txt", b"dugong\nmanatee\n")])
        assert (await desk.kept()).rule.words == ("dugong", "manatee")
        await desk.use("open")
        await desk.submit(list="allowed", file=[a_file("words.txt", b"fine\n*\n")])
        assert "**Allowed all the same**, line 2: `*`: " in words(desk.message)
        assert (await desk.kept()).rule.allowed == ()

    async def test_whoever_lost_the_right_may_press_nothing(
        self, desk: WordDesk, scene: Scene
    ) -> None:
        await desk.make()
        await desk.open()
        await desk.use("pick", [str((await desk.kept()).rule.id)])
        await desk.use("ask")
        guild = scene.sandbox.state.guilds[scene.control.guild["id"]]
        guild.members[scene.control.member(MODERATOR)].role_ids.clear()
        await desk.use("drop")
        assert NOT_STAFF in words(desk.message)
        assert len(await desk.rules()) == 1


class TestAutomod:
    async def test_without_the_right_it_says_which_one(self, desk: WordDesk) -> None:
        await desk.open()
        await desk.use("automod")
        assert "only to those with the right **Manage Server**" in words(desk.message)
        assert await desk.rules() == []

    async def test_its_rules_are_read_and_read_again(self, desk: WordDesk, scene: Scene) -> None:
        allow_the_bot(scene, MANAGE_GUILD)
        await scene.control.call(
            "PUT",
            f"/guilds/{desk.guild}/automod",
            [
                {"name": "Bad", "keywords": ["walrus*"], "patterns": ["(?=a)"]},
                {"name": "Profanity", "presets": [1]},
            ],
        )
        await desk.open()
        await desk.use("automod")
        said = words(desk.message)
        assert "AutoMod is read: 1 new, 0 changed, 0 dropped." in said
        assert "- **Bad** · `(?=a)`: This expression cannot be used here." in said
        assert "- **Profanity** · `profanity`: A list of Discord's own" in said
        kept = await desk.kept()
        assert (kept.rule.name, kept.rule.words) == ("AutoMod: Bad", ("walrus*",))
        await desk.use("pick", [str(kept.rule.id)])
        assert "This stays with Discord:" in words(desk.message)
        assert not any("words:edit" in str(one.get("custom_id")) for one in parts(desk.message))
        await desk.use("outcome", ["spoiler"])
        await desk.use("list")
        await desk.use("automod")
        assert "0 new, 0 changed, 0 dropped" in words(desk.message)
        assert (await desk.kept()).rule.outcome is RuleOutcome.SPOILER
        await scene.control.call("PUT", f"/guilds/{desk.guild}/automod", [])
        await desk.use("automod")
        assert "0 new, 0 changed, 1 dropped" in words(desk.message)
        assert await desk.rules() == []


def product_words() -> list[str]:
    """A hundred and fifty that do not look alike."""
    return [f"{a}a{b}o{c}e" for a in "bdfgk" for b in "mprtz" for c in "bdfgkm"]


def a_file(name: str, content: bytes) -> dict[str, str]:
    return {"filename": name, "content_base64": base64.b64encode(content).decode()}


def any_role(scene: Scene) -> str:
    guild = scene.sandbox.state.guilds[scene.control.guild["id"]]
    return next(one.id for one in guild.roles.values() if one.id != guild.id)


def allow_the_bot(scene: Scene, right: int) -> None:
    """By a role of its own."""
    state = scene.sandbox.state
    guild = state.guilds[scene.control.guild["id"]]
    for role_id in guild.members[state.bot_id].role_ids:
        guild.roles[role_id].permissions |= right
