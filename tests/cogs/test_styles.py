"""`/styles` and `/style`: staff make, change and remove them; members name them in /imagine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.features.styles import keep_style, remove_style
from bot.policy.changes import Author
from bot.policy.rows import set_policy, styles_of
from bot.policy.rules import Key, Scope
from bot.policy.styles import Style
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.queue.records import JobId
from tests.cogs.desk import Desk
from tests.cogs.moderator import MEMBER, MODERATOR, NOT_STAFF
from tests.cogs.playing import is_private, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

NOIR = Style(
    name="Noir", prompt="black and white, {prompt}, film grain", size=Size(1280, 720), negative="x"
)
INK = Style(name="Ink & Wash", prompt="{prompt} in ink")
ADA = Author(actor="11", source="discord")


class Workshop(Desk):
    """Somebody before the styles of the guild."""

    def __init__(self, scene: Scene, member: int = MODERATOR) -> None:
        super().__init__(scene, member)

    async def use(self, start: str) -> None:
        await self.press(self.find(f"zeuxis:2:{start}"))

    async def submit(self, **fields: str) -> None:
        await super().submit(**{**self.typed(), **fields})

    def typed(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.fields().items()}

    async def styles(self) -> tuple[Style, ...]:
        return await self.scene.service.database.read(styles_of, self.guild)

    async def keep(self, *styles: Style, was: str = "") -> None:
        database = self.scene.service.database
        for one in styles:
            await database.write(keep_style, self.guild, one, ADA, OFFER, was=was, now_us=1)


@pytest.fixture
def workshop(scene: Scene) -> Workshop:
    return Workshop(scene)


async def choices(scene: Scene, typed: str, command: str = "imagine", member: int = MEMBER) -> Any:
    """The names that are offered for what was typed."""
    started = await scene.control.act(
        "autocomplete",
        name=command,
        member=member,
        options={"style": typed},
        focused="style",
    )
    await scene.acknowledged(started)
    return [one["value"] for one in (await scene.seen(started))["choices"]]


@pytest.mark.parametrize(("command", "member"), [("imagine", MEMBER), ("style edit", MODERATOR)])
async def test_no_style_is_offered_while_the_database_is_away(
    scene: Scene, command: str, member: int
) -> None:
    """Whoever types is not left waiting; the command itself says why."""
    scene.service.database._is_open = False
    assert await choices(scene, "", command, member) == []


async def test_staff_make_a_style(workshop: Workshop) -> None:
    """In a form that shows where the member's words go."""
    await workshop.call("style add")
    assert workshop.typed() == {"name": "", "prompt": "{prompt}", "size": "", "negative": ""}
    await workshop.submit(
        name=" Film  noir ", prompt="black and white, {prompt}", size="wide", negative="colours"
    )
    assert await workshop.styles() == (
        Style(
            name="Film noir",
            prompt="black and white, {prompt}",
            size=Size(1280, 720),
            negative="colours",
        ),
    )
    assert is_private(workshop.message)
    assert "The style **Film noir** can be named from now on." in workshop.said
    assert "783 characters are left" in workshop.said


async def test_staff_change_a_style(workshop: Workshop) -> None:
    """Its name too; the form holds what it is."""
    await workshop.keep(NOIR)
    await workshop.call("style edit", style="noir")
    assert workshop.typed() == {
        "name": "Noir",
        "prompt": NOIR.prompt,
        "size": "1280*720",
        "negative": "x",
    }
    await workshop.submit(name="Grain", size="", negative="")
    assert await workshop.styles() == (Style(name="Grain", prompt=NOIR.prompt),)
    assert "The style **Grain** is changed." in workshop.said


async def test_staff_remove_a_style_and_take_that_back(workshop: Workshop) -> None:
    """The answer holds all of it."""
    await workshop.keep(NOIR)
    await workshop.call("style remove", style="Noir")
    assert await workshop.styles() == ()
    assert "The style **Noir** is removed." in workshop.said
    assert NOIR.prompt in workshop.said
    await workshop.call("settings log")
    assert "Style **noir**: `black and white, {prompt}, film grain` → **–**" in workshop.said
    await workshop.call("settings undo")
    assert await workshop.styles() == (NOIR,)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"prompt": "black and white"}, "exactly once"),
        ({"prompt": "{prompt}" + "x" * 601}, "200 characters must be left"),
        ({"name": "ink & WASH"}, "has a style of that name already"),
        ({"name": "\u200b"}, "needs a name that can be seen"),
        ({"size": "huge"}, "I do not know the size “huge”."),
        ({"size": "9000*9000"}, "Z-Image does not paint"),
    ],
)
async def test_what_cannot_be_comes_back_with_what_was_typed(
    workshop: Workshop, fields: dict[str, str], reason: str
) -> None:
    """Any number of times; then it is kept."""
    await workshop.keep(INK)
    right = {"name": "Noir", "prompt": "*noir*,\n{prompt}", "size": "512*512", "negative": "<@1>"}
    await workshop.call("style add")
    for _ in range(2):
        await workshop.submit(**{**right, **fields})
        assert is_private(workshop.message)
        assert reason in workshop.said
        assert "charged" not in workshop.said
        assert await workshop.styles() == (INK,)
        await workshop.use("style:again:")
        assert {**right, **fields}.items() >= {
            name: text for name, text in workshop.typed().items() if text != "{prompt}"
        }.items() or "\u200b" in str(fields)
    await workshop.submit(**right)
    assert len(await workshop.styles()) == 2
    assert "can be named from now on" in workshop.said


async def test_whoever_loses_the_right_is_refused_at_the_press(workshop: Workshop) -> None:
    """With a form that is open, and the button of one that was refused."""
    await workshop.call("style add")
    await workshop.submit(name="Noir", prompt="noir")
    refused_before = workshop.message
    await workshop.use("style:again:")
    guild = workshop.scene.sandbox.state.guilds[str(workshop.guild)]
    guild.members[workshop.scene.control.member(MODERATOR)].role_ids.clear()
    await workshop.submit(prompt="{prompt}")
    assert workshop.said == NOT_STAFF
    workshop.message = refused_before
    await workshop.use("style:again:")
    assert workshop.said == NOT_STAFF
    assert await workshop.styles() == ()


@pytest.mark.parametrize("name", ["style add", "style edit", "style remove"])
async def test_discord_offers_staffs_commands_to_nobody_else(scene: Scene, name: str) -> None:
    """Its own client does not."""
    answer = await scene.control.act("command", name=name, member=MEMBER)
    assert "interaction_id" not in answer


async def test_a_style_that_somebody_else_has_changed_is_not_overwritten(
    workshop: Workshop,
) -> None:
    """Whose change it was is said, and what was typed is kept."""
    await workshop.keep(NOIR)
    await workshop.call("style edit", style="noir")
    await workshop.keep(Style(name="Noir", prompt="{prompt}!"), was="noir")
    await workshop.submit(prompt="{prompt}?")
    assert "<@11> has changed **Style **noir****" in workshop.said.replace("\\", "")
    assert "It is now `{prompt}!`" in workshop.said
    assert [one.prompt for one in await workshop.styles()] == ["{prompt}!"]


async def test_everybody_sees_the_list(scene: Scene) -> None:
    """Page by page, names and texts as typed and powerless."""
    workshop = Workshop(scene, member=MEMBER)
    await workshop.call("styles")
    assert is_private(workshop.message)
    assert "There are none yet." in workshop.said
    await workshop.keep(Style(name="*<@1>* @everyone", prompt="# {prompt}", negative="~~a~~"))
    await workshop.keep(*(Style(name=f"No {one:02}", prompt="{prompt}") for one in range(12)))
    await workshop.call("styles")
    assert r"\*\<\@1\>\* \@" in workshop.said
    assert r"> \# {prompt}" in workshop.said
    assert "No 08" in workshop.said
    assert "No 09" not in workshop.said
    await workshop.use("styles:1")
    assert "No 11" in workshop.said
    assert "No 08" not in workshop.said
    await workshop.use("styles:0")
    assert "No 08" in workshop.said


async def test_styles_are_offered_while_one_is_typed(scene: Scene, workshop: Workshop) -> None:
    """Folded, at most 25; in each of the commands that take one."""
    await workshop.keep(NOIR, INK)
    assert await choices(scene, "") == ["Ink & Wash", "Noir"]
    assert await choices(scene, "NO") == ["Noir"]
    assert await choices(scene, "wash INK") == ["Ink & Wash"]
    assert await choices(scene, "grain", "style edit", MODERATOR) == ["Noir"]
    assert await choices(scene, "zzz", "style remove", MODERATOR) == []
    await workshop.keep(*(Style(name=f"x{one}", prompt="{prompt}") for one in range(30)))
    assert len(await choices(scene, "x")) == 25


async def test_a_style_goes_around_the_prompt(scene: Scene, workshop: Workshop) -> None:
    """With its size and what it leaves out, before the member's own; typed comes first."""
    await workshop.keep(NOIR)
    await scene.imagine("a {cat}", options={"style": "noir"})
    request = (await scene.service.jobs.job(JobId(1))).request
    assert request.prompt == "black and white, a {cat}, film grain"
    assert (request.size, request.negative) == (Size(1280, 720), "x")
    await scene.imagine("a cat", options={"style": "Noir", "size": "512*512", "negative": "dogs"})
    request = (await scene.service.jobs.job(JobId(2))).request
    assert (request.size, request.negative) == (Size(512, 512), "dogs")


async def test_a_style_s_size_that_is_not_allowed_any_more_is_left_out_and_said(
    scene: Scene, workshop: Workshop
) -> None:
    """Staff may have narrowed the sizes since."""
    await workshop.keep(Style(name="Big", prompt="{prompt}", size=Size(2048, 2048)))
    key = Key(Scope.GUILD, workshop.guild, "largest_area_px", workshop.guild)
    await scene.service.database.write(set_policy, key, 1024 * 1024, by="x", now_us=1)
    options = {"prompt": "a cat", "style": "Big"}
    started = await scene.control.act("command", name="imagine", options=options)
    interaction = scene.sandbox.state.interactions[started["interaction_id"]]
    await scene.until(lambda: len(interaction.message_ids) > 1)
    said = words((await scene.seen(started))["messages"][-1])
    assert said == "-# The style's size cannot be had here, so it is 1024 × 1024."


async def refused(scene: Scene, **options: str) -> str:
    seen = await scene.command("imagine", options=options)
    (message,) = seen["messages"]
    assert is_private(message)
    return words(message)


async def test_a_style_that_was_removed_meanwhile_is_refused_with_the_nearest(
    scene: Scene, workshop: Workshop
) -> None:
    """Between the choice and the call."""
    await workshop.keep(NOIR, INK)
    (chosen,) = await choices(scene, "noir")
    database = scene.service.database
    await database.write(remove_style, workshop.guild, "noir", ADA, OFFER, now_us=1)
    said = await refused(scene, prompt="a cat", style=chosen)
    assert said.startswith("There is no style **Noir** in this server, or no more.")
    assert "Did you mean **Ink & Wash**?" in said
    assert "Nothing was charged." in said


async def test_a_prompt_that_is_too_long_with_its_style_is_refused_with_both_shares(
    scene: Scene, workshop: Workshop
) -> None:
    """It would have passed alone."""
    await workshop.keep(NOIR)
    said = await refused(scene, prompt="x" * 800, style="Noir")
    share = NOIR.share
    assert f"With the style **Noir** this text has {800 + share} characters" in said
    assert f"The style's share is {share}: shorten yours by {share}" in said


@pytest.mark.parametrize("name", ["<@1>", "*a*", "@everyone", "[x](https://evil.example)"])
async def test_a_name_shows_as_it_was_typed(scene: Scene, workshop: Workshop, name: str) -> None:
    """Wherever it is said; it mentions nobody and can be named."""
    await workshop.call("style add")
    await workshop.submit(name=name, prompt="{prompt}!")
    assert workshop.message["mentions"] == []
    await scene.imagine("a cat", options={"style": name})
    assert (await scene.service.jobs.job(JobId(1))).request.prompt == "a cat!"
    await workshop.call("style edit", style=name)
    await workshop.submit(prompt="{prompt}?")
    assert "is changed" in workshop.said
    await workshop.call("settings log")
    assert workshop.message["mentions"] == []
    await workshop.call("style remove", style=name)
    assert await workshop.styles() == ()
