"""An interaction is answered in time, once, by whom it concerns."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from bot.refusals import NotYours
from bot.texts.cards import Colour, notice
from cogs.answers import acknowledge, change, promptly, send_ephemeral, show
from tests.cogs.conftest import connected
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.client import ImageBot
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

EPHEMERAL = 64


def words(message: dict[str, Any]) -> str:
    return str(message["components"][0]["components"][0]["content"])


class Press(ui.Button[ui.View]):
    """Takes its time to change the message."""

    async def callback(self, interaction: discord.Interaction) -> None:
        await acknowledge(interaction)
        await change(interaction, notice("changed"))


class Scene:
    """Commands that answer in each way, and a gate that their work waits at."""

    def __init__(self) -> None:
        self.account = asyncio.Event()
        self.shown: asyncio.Queue[int | None] = asyncio.Queue()

    async def work(self) -> str:
        await self.account.wait()
        return "worked"

    async def refused(self) -> str:
        await self.account.wait()
        raise NotYours

    async def prepare(self, bot: ImageBot) -> None:
        scene = self

        @bot.tree.command(description="Works, then answers")
        async def slow(
            interaction: discord.Interaction, private: bool = False, beside: bool = False
        ) -> None:
            said = await promptly(interaction, scene.work(), private=private, patience_s=0.001)
            scene.shown.put_nowait(await show(interaction, notice(said), private=private))
            if beside:
                await send_ephemeral(interaction, notice("beside it"))

        @bot.tree.command(description="Works for everybody, then for one")
        async def turned(interaction: discord.Interaction) -> None:
            said = await promptly(interaction, scene.work(), patience_s=0.001)
            scene.shown.put_nowait(await show(interaction, notice(said), private=True))

        @bot.tree.command(description="Works twice")
        async def twice(interaction: discord.Interaction) -> None:
            await promptly(interaction, scene.shown.join(), patience_s=0.001)
            said = await promptly(interaction, scene.work(), patience_s=PATIENCE_S)
            scene.shown.put_nowait(await show(interaction, notice(said)))

        @bot.tree.command(description="Works in vain, then follows up")
        async def vain(interaction: discord.Interaction) -> None:
            with pytest.raises(NotYours):
                await promptly(interaction, scene.refused(), patience_s=0.001)
            await send_ephemeral(interaction, notice("refused"))

        @bot.tree.command(description="Answers, then follows up")
        async def both(interaction: discord.Interaction) -> None:
            await show(interaction, notice("<@&1> answered", Colour.DONE))
            await acknowledge(interaction)
            await send_ephemeral(interaction, notice("beside it"))

        @bot.tree.command(description="Is answered by nobody")
        async def dead(interaction: discord.Interaction) -> None:
            await acknowledge(interaction, thinking=True)
            await change(interaction, notice("changed"))
            await send_ephemeral(interaction, notice("whispered"))
            scene.shown.put_nowait(await show(interaction, notice("shown")))

        @bot.tree.command(description="Is acknowledged, and then nobody listens")
        async def dying(interaction: discord.Interaction) -> None:
            await acknowledge(interaction, thinking=True)
            await send_ephemeral(interaction, notice("whispered"))
            scene.shown.put_nowait(await show(interaction, notice("shown")))

        @bot.tree.command(description="Shows a button")
        async def button(interaction: discord.Interaction) -> None:
            card = ui.LayoutView(timeout=None)
            card.add_item(ui.ActionRow(Press(label="press", custom_id="press")))
            await interaction.response.send_message(view=card)


@pytest.fixture
async def scene(sandbox: Sandbox) -> AsyncIterator[Scene]:
    acted = Scene()
    async with connected(sandbox, acted.prepare):
        yield acted


async def acknowledged(sandbox: Sandbox, interaction_id: str) -> None:
    """Waits for the sandbox's own word that the interaction was acknowledged."""
    changed = asyncio.Event()
    forget = sandbox.state.feed.subscribe(lambda _: changed.set())
    while sandbox.state.interactions[interaction_id].acknowledged_at_us is None:
        changed.clear()
        await changed.wait()
    forget()


async def test_quick_work_is_answered_at_once(control: Control, scene: Scene) -> None:
    """No "thinking…" flickers by, and the message's id is known."""
    scene.account.set()
    seen = await control.command("slow")
    assert seen["acknowledged_how"] == "message"
    assert words(seen["messages"][0]) == "worked"
    assert await scene.shown.get() == int(seen["messages"][0]["id"])


@pytest.mark.parametrize(("private", "flags"), [(False, 0), (True, EPHEMERAL)])
async def test_slow_work_is_deferred_and_then_answered(
    control: Control, sandbox: Sandbox, scene: Scene, private: bool, flags: int
) -> None:
    """Within Discord's three seconds, for the same readers as the answer."""
    started = await control.act("command", name="slow", options={"private": private})
    await acknowledged(sandbox, started["interaction_id"])
    scene.account.set()
    seen = await control.settled(started)
    assert seen["acknowledged_how"] == "deferred_message"
    assert [words(message) for message in seen["messages"]] == ["worked"]
    assert seen["messages"][0]["flags"] & EPHEMERAL == flags
    assert await scene.shown.get() == int(seen["messages"][0]["id"])


@pytest.mark.parametrize("private", [False, True])
async def test_a_deferred_answer_stays_when_something_is_said_beside_it(
    control: Control, sandbox: Sandbox, scene: Scene, private: bool
) -> None:
    """It thinks no longer, so nobody would take a follow-up for it."""
    options = {"private": private, "beside": True}
    started = await control.act("command", name="slow", options=options)
    await acknowledged(sandbox, started["interaction_id"])
    scene.account.set()
    seen = await control.settled(started)
    assert [words(message) for message in seen["messages"]] == ["worked", "beside it"]


async def test_one_patience_is_for_all_that_is_waited_for(
    control: Control, sandbox: Sandbox, scene: Scene
) -> None:
    """Discord's three seconds do not begin anew."""
    started = await control.act("command", name="twice")
    await acknowledged(sandbox, started["interaction_id"])
    scene.account.set()
    seen = await control.settled(started)
    assert seen["acknowledged_how"] == "deferred_message"
    assert [words(message) for message in seen["messages"]] == ["worked"]


async def test_an_answer_after_a_public_deferral_can_be_for_the_member_alone(
    control: Control, sandbox: Sandbox, scene: Scene
) -> None:
    """The public "thinking…" goes away, and does not become it."""
    started = await control.act("command", name="turned")
    await acknowledged(sandbox, started["interaction_id"])
    scene.account.set()
    seen = await control.settled(started)
    assert [words(message) for message in seen["messages"]] == ["worked"]
    assert seen["messages"][0]["flags"] & EPHEMERAL
    assert await scene.shown.get() == int(seen["messages"][0]["id"])
    assert await control.messages("pictures", viewer=1) == []


async def test_refusal_after_a_public_deferral_is_still_for_the_member_alone(
    control: Control, sandbox: Sandbox, scene: Scene
) -> None:
    """The public "thinking…" goes away."""
    started = await control.act("command", name="vain")
    await acknowledged(sandbox, started["interaction_id"])
    scene.account.set()
    seen = await control.settled(started)
    assert [words(message) for message in seen["messages"]] == ["refused"]
    assert seen["messages"][0]["flags"] & EPHEMERAL
    assert await control.messages("pictures", viewer=1) == []


async def test_answer_and_whisper_stand_beside_each_other(control: Control, scene: Scene) -> None:
    """Neither replaces the other, and neither mentions anybody."""
    seen = await control.command("both")
    assert [words(message) for message in seen["messages"]] == ["<@&1> answered", "beside it"]
    assert [message["flags"] & EPHEMERAL for message in seen["messages"]] == [0, EPHEMERAL]
    assert seen["messages"][0]["mention_roles"] == []


async def test_message_is_changed_after_an_acknowledgement_too(
    control: Control, scene: Scene
) -> None:
    """The button's own message, not a new one."""
    (message,) = (await control.command("button"))["messages"]
    act = await control.act("component", message_id=message["id"], custom_id="press")
    seen = await control.settled(act)
    assert [one["id"] for one in seen["messages"]] == [message["id"]]
    assert words(seen["messages"][0]) == "changed"


@pytest.mark.parametrize(
    ("command", "match"), [("dead", "POST */callback"), ("dying", "* */webhooks/*")]
)
@pytest.mark.parametrize("code", [10062, 40060])
async def test_dead_interaction_is_no_error(
    control: Control, scene: Scene, command: str, match: str, code: int
) -> None:
    """Whoever asks hears that nobody was answered, and goes on."""
    fault = {
        "server": "discord",
        "kind": "status",
        "match": match,
        "status": 404,
        "content_type": "application/json",
        "body": f'{{"code": {code}, "message": "Unknown interaction"}}',
    }
    await control.call("PUT", "/faults", [fault])
    await control.act("command", name=command)
    assert await scene.shown.get() is None
