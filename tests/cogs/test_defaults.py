"""`/defaults`: what a member sets for themselves, and what /imagine makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.policy.defaults import NO_DEFAULT, PersonDefault
from bot.policy.rows import load_default, save_default, set_policy
from bot.policy.rules import Key, Rewriting, Scope
from bot.providers.image import Size
from bot.queue.records import JobId, UserId
from tests.cogs.desk import Desk
from tests.cogs.playing import is_private, parts, words

if TYPE_CHECKING:
    from bot.policy.rules import Value
    from tests.cogs.playing import Scene

ADA = 0


class Panel(Desk):
    """A member before theirs."""

    def __init__(self, scene: Scene, member: int = ADA) -> None:
        super().__init__(scene, member)

    async def open(self, **act: Any) -> None:
        seen = await self.scene.command("defaults", member=self.member, **act)
        (self.message,) = seen["messages"]

    async def use(self, control: str, *values: str) -> None:
        """A select, or a button if there are no values."""
        await self.press(f"zeuxis:2:defaults:{control}", [*values] or None)

    def chosen(self, control: str) -> str:
        (select,) = [
            one
            for one in parts(self.message)
            if one.get("custom_id") == f"zeuxis:2:defaults:{control}"
        ]
        (value,) = [one["value"] for one in select["options"] if one.get("default")]
        return str(value)

    def typed(self, name: str) -> str | None:
        value: str | None = self.fields()[name]
        return value

    async def stored(self) -> PersonDefault:
        user_id = int(self.scene.control.member(self.member))
        return await self.scene.service.database.read(load_default, user_id)


@pytest.fixture
async def panel(scene: Scene) -> Panel:
    opened = Panel(scene)
    await opened.open()
    return opened


async def set_here(scene: Scene, name: str, value: Value) -> None:
    guild_id = int(scene.control.guild["id"])
    key = Key(Scope.GUILD, guild_id, name, guild_id)
    await scene.service.database.write(set_policy, key, value, by="x", now_us=1)


async def request_of(scene: Scene, number: int = 1) -> Any:
    return (await scene.service.jobs.job(JobId(number))).request


async def test_at_first_all_of_it_is_the_servers(panel: Panel) -> None:
    """For the member alone, and nothing can be reset."""
    assert is_private(panel.message)
    assert [panel.chosen(one) for one in ("size", "rewriting", "pings")] == ["-"] * 3
    labels = [
        option["label"]
        for one in parts(panel.message)
        for option in one.get("options", ())
        if option["value"] == "-"
    ]
    held = ("1024 × 1024", "on", "off")
    assert labels == [f"As the server has it · {one}" for one in held]
    assert panel.chosen("alt") == "yes"
    assert "zeuxis:2:defaults:reset" not in str(panel.message)
    assert await panel.stored() == NO_DEFAULT


@pytest.mark.parametrize(
    ("which", "value", "held"),
    [
        ("size", "1280*720", PersonDefault(size=Size(1280, 720))),
        *(("rewriting", str(one), PersonDefault(rewriting=one)) for one in Rewriting),
        ("pings", "yes", PersonDefault(pings=True)),
        ("pings", "no", PersonDefault(pings=False)),
        ("alt", "no", PersonDefault(alt_words=False)),
    ],
)
async def test_a_choice_is_stored_at_once_shown_and_taken_back(
    panel: Panel, which: str, value: str, held: PersonDefault
) -> None:
    """Taken back by choosing the server's, or by the button for all."""
    await panel.use(which, value)
    assert await panel.stored() == held
    assert panel.chosen(which) == value
    await panel.use(which, "yes" if which == "alt" else "-")
    assert await panel.stored() == NO_DEFAULT
    await panel.use(which, value)
    await panel.use("reset")
    assert await panel.stored() == NO_DEFAULT


async def test_any_other_size_is_typed(panel: Panel) -> None:
    """As in /imagine; the form holds what is set, and an empty one takes it away."""
    await panel.use("size", "other")
    assert panel.typed("size") is None
    await panel.submit(size="1000x1500")
    assert (await panel.stored()).size == Size(1008, 1504)
    assert panel.chosen("size") == "1008*1504"
    await panel.use("size", "other")
    assert panel.typed("size") == "1008*1504"
    await panel.submit(size="")
    assert await panel.stored() == NO_DEFAULT


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("huge", "I do not know the size “huge”."),
        ("9000*9000", "Z-Image does not paint 9000 × 9000."),
        ("`<@1>`", "I do not know the size"),
    ],
)
async def test_a_size_that_cannot_be_is_refused_and_can_be_corrected(
    panel: Panel, typed: str, reason: str
) -> None:
    """The form comes back with what was typed; nothing was changed."""
    await panel.use("size", "1280*720")
    await panel.use("size", "other")
    await panel.submit(size=typed)
    assert reason in panel.said
    assert "charged" not in panel.said
    assert (await panel.stored()).size == Size(1280, 720)
    await panel.use("size-again")
    assert panel.typed("size") == typed.replace("`", "ˋ")
    await panel.submit(size="512*512")
    assert (await panel.stored()).size == Size(512, 512)
    assert reason not in panel.said


async def test_what_to_leave_out_is_typed(panel: Panel) -> None:
    """It shows as typed, mentions nobody and has no power."""
    await panel.use("negative")
    assert panel.typed("negative") is None
    await panel.submit(negative="  *dogs*, <@1>\n# big ")
    assert (await panel.stored()).negative == "*dogs*, <@1>\n# big"
    assert r"\*dogs\*, \<\@1\> # big" in panel.said
    await panel.use("negative")
    await panel.submit(negative="")
    assert await panel.stored() == NO_DEFAULT


async def test_imagine_follows_what_the_member_has_set(scene: Scene, panel: Panel) -> None:
    """In every field; nobody else's pictures change."""
    await panel.use("size", "1280*720")
    await panel.use("rewriting", "off")
    await panel.use("negative")
    await panel.submit(negative="dogs")
    await scene.imagine("a cat")
    request = await request_of(scene)
    assert (request.size, request.rewrite, request.negative) == (Size(1280, 720), False, "dogs")
    await scene.imagine("a cat", member=1)
    assert (await request_of(scene, 2)).size == Size(1024, 1024)


async def test_what_is_typed_comes_before_it(scene: Scene, panel: Panel) -> None:
    """In every field."""
    await panel.use("size", "1280*720")
    await panel.use("rewriting", "off")
    await panel.use("negative")
    await panel.submit(negative="dogs")
    options = {"size": "512*512", "rewrite": "on", "negative": "mice"}
    await scene.imagine("a cat", options=options)
    request = await request_of(scene)
    assert (request.size, request.rewrite, request.negative) == (Size(512, 512), True, "mice")


async def test_what_a_server_forbids_is_left_out_and_said(scene: Scene, panel: Panel) -> None:
    """To the member alone, in small lines; the picture is asked for all the same."""
    await set_here(scene, "largest_area_px", 1024 * 1024)
    await set_here(scene, "rewriting_allowed", value=False)
    await panel.use("size", "1536*1536")
    await panel.use("rewriting", "ask")
    lines = (
        "-# Your usual size cannot be had here, so it is 1024 × 1024.",
        "-# Prompts are not rewritten here, so yours stays as it is.",
    )
    assert all(one in panel.said for one in lines), "the panel warns where it is open"
    started = await scene.control.act("command", name="imagine", options={"prompt": "a cat"})
    await scene.service.recorded.get()
    request = await request_of(scene)
    assert (request.size, request.rewrite) == (Size(1024, 1024), False)
    interaction = scene.sandbox.state.interactions[started["interaction_id"]]
    await scene.until(lambda: len(interaction.message_ids) > 1)
    status, said = (await scene.seen(started))["messages"]
    assert not is_private(status)
    assert is_private(said)
    assert words(said) == "\n".join(lines)


async def test_what_is_typed_and_forbidden_is_refused(scene: Scene, panel: Panel) -> None:
    """A default does not save it."""
    await set_here(scene, "largest_area_px", 1024 * 1024)
    await panel.use("size", "1024*1024")
    seen = await scene.command("imagine", options={"prompt": "a cat", "size": "2048*2048"})
    assert "larger than is allowed here" in words(seen["messages"][-1])


class TestWithoutARewriter:
    """The operator has named no model."""

    @pytest.fixture
    def rewriter(self) -> None:
        return None

    @pytest.mark.parametrize(
        ("is_on", "how"), [(True, "is rewritten at once"), (False, "stays as it is")]
    )
    async def test_asking_is_as_the_server_has_it_and_that_is_said(
        self, scene: Scene, panel: Panel, *, is_on: bool, how: str
    ) -> None:
        """On by default, off where staff want it; to be rewritten costs more."""
        await ask_before(panel)
        await set_here(scene, "rewrite_by_default", value=is_on)
        started = await scene.control.act("command", name="imagine", options={"prompt": "a cat"})
        await scene.service.recorded.get()
        assert (await request_of(scene)).rewrite == is_on
        interaction = scene.sandbox.state.interactions[started["interaction_id"]]
        await scene.until(lambda: len(interaction.message_ids) > 1)
        said = (await scene.seen(started))["messages"][-1]
        assert is_private(said)
        assert words(said) == f"-# Rewritten prompts cannot be shown first here, so yours {how}."

    async def test_the_panel_offers_no_asking_and_says_that_it_does_not_hold(
        self, panel: Panel
    ) -> None:
        """To whoever chose it while there was a rewriter."""
        assert "Ask: show me" not in str(panel.message)
        await ask_before(panel)
        await panel.open()
        assert panel.chosen("rewriting") == "ask"
        assert "cannot be shown first here, so yours is rewritten at once" in panel.said


async def ask_before(panel: Panel) -> None:
    """Their choice of a time when there was a rewriter."""
    user_id = UserId(int(panel.scene.control.member(panel.member)))
    asks = PersonDefault(rewriting=Rewriting.ASK)
    await panel.scene.service.database.write(save_default, user_id, asks)


async def test_another_language_is_spoken(scene: Scene) -> None:
    panel = Panel(scene)
    await panel.open(locale="de")
    assert "Deine Vorgaben" in panel.said
