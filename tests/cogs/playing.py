"""Members use the bot, and wait for what they would see."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.features.imagine.service import Service
from bot.texts import Texts
from bot.texts.cards import Card, Colour, Verb, job_button, job_select
from sandbox.control.settled import led_to
from sandbox.discord.message_objects import message_object
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.db.sqlite import Database
    from bot.moderation.word_check import WordCheck
    from bot.queue.records import ChannelId, Job, JobId, MessageId
    from bot.runtime.clock import Clock, Wakeups
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from tests.cogs.conftest import ReadyBot

EPHEMERAL = 64


class WatchedService(Service):
    """The service, telling when a status message is on disk."""

    recorded: asyncio.Queue[JobId]

    @property
    def database(self) -> Database:
        return self._database

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def wakeups(self) -> Wakeups:
        return self._wakeups

    @property
    def words(self) -> WordCheck:
        return self._words

    async def record_answer(
        self, job_id: JobId, channel_id: ChannelId, message_id: MessageId
    ) -> Job:
        job = await super().record_answer(job_id, channel_id, message_id)
        self.recorded.put_nowait(job_id)
        return job


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A guild with members, the bot and its service."""

    sandbox: Sandbox
    control: Control
    service: WatchedService
    bot: ReadyBot

    async def imagine(
        self, prompt: str = "a sitting orange cat", *, member: int = 0, **act: Any
    ) -> dict[str, Any]:
        """Calls /imagine and returns the status message once its job knows it."""
        options = {"prompt": prompt, **act.pop("options", {})}
        started = await self.control.act(
            "command", name="imagine", options=options, member=member, **act
        )
        await self.service.recorded.get()
        first: dict[str, Any] = (await self.seen(started))["messages"][0]
        return first

    async def press(
        self, message: dict[str, Any], verb: str, *, job: int = 1, member: int = 0, **act: Any
    ) -> dict[str, Any]:
        """Presses a button, or chooses from the menu that has it; returns what the member sees."""
        ids = {one.get("custom_id") for one in parts({"components": [], **message})}
        menu, pressed = f"zeuxis:2:more:{job}", f"zeuxis:2:{verb}:{job}"
        if menu in ids and pressed not in ids:
            pressed, act = menu, {"values": [verb], **act}
        elif "values" in message:
            act = {"values": message["values"], **act}
        started = await self.control.act(
            "component",
            message_id=message["id"],
            custom_id=pressed,
            member=member,
            channel=message["channel_id"],
            **act,
        )
        await self.acknowledged(started)
        return await self.seen(started)

    async def turn(self, message: dict[str, Any], page: int) -> dict[str, Any]:
        """Turns to a page of the list; returns the message as it is then."""
        started = await self.control.act(
            "component",
            message_id=message["id"],
            custom_id=f"zeuxis:unposted:{page}",
            channel=message["channel_id"],
        )
        await self.acknowledged(started)
        seen = await self.seen(started)
        (changed,) = [one for one in seen["messages"] if one["id"] == message["id"]]
        return dict(changed)

    async def command(self, name: str, **act: Any) -> dict[str, Any]:
        """Calls a command and returns what the member sees once it was acknowledged."""
        started = await self.control.act("command", name=name, **act)
        await self.acknowledged(started)
        return await self.seen(started)

    async def submit(self, opened: dict[str, Any], custom_id: str, **act: Any) -> dict[str, Any]:
        """Fills in the form that was opened; returns what the member sees."""
        channel = self.sandbox.state.interactions[opened["interaction_id"]].channel_id
        started = await self.control.act("modal", custom_id=custom_id, channel=channel, **act)
        await self.acknowledged(started)
        return await self.seen(started)

    async def acknowledged(self, started: dict[str, Any]) -> None:
        """Returns once the bot has given its first answer."""
        interaction = self.sandbox.state.interactions[started["interaction_id"]]
        await self.until(lambda: interaction.acknowledged_at_us is not None)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Looks again whenever anything changes in the sandbox."""
        changed = asyncio.Event()
        forget = self.sandbox.state.feed.subscribe(lambda _: changed.set())
        while not is_so():
            changed.clear()
            await changed.wait()
        forget()

    async def says(self, started: dict[str, Any], text: str) -> list[dict[str, Any]]:
        """Its messages once one of them says this. (It settles only when nothing can be cancelled,
        and what waits in the queue can.)
        """
        state = self.sandbox.state
        interaction = state.interactions[started["interaction_id"]]

        def messages() -> list[dict[str, Any]]:
            return [message_object(state, one) for one in led_to(state, interaction)]

        await self.until(lambda: any(text in words(one) for one in messages()))
        return messages()

    async def seen(self, started: dict[str, Any]) -> dict[str, Any]:
        """What the interaction led to so far, settled or not."""
        seen: dict[str, Any] = await self.control.get(f"/interactions/{started['interaction_id']}")
        return seen


async def eventually(holds: Callable[[], Awaitable[Any]]) -> None:
    """Asks the database again and again: what it holds tells nobody that it has changed."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)


async def post_button(scene: Scene, verb: Verb, channel_id: str, job_id: JobId) -> dict[str, Any]:
    """A message with one button, or a menu of one, as some database had it posted."""
    texts, value = Texts("en-US"), menu_value(verb, job_id)
    row: ui.ActionRow[Card] = ui.ActionRow(job_button(verb, job_id, texts))
    if value:
        row = job_select(verb, job_id, [discord.SelectOption(label="one", value=value)], texts)
    place = scene.bot.get_partial_messageable(int(channel_id))
    sent = await place.send(view=Card(Colour.NEUTRAL, row))
    values = {"values": [value]} if value else {}
    return {"id": str(sent.id), "channel_id": channel_id, **values}


def menu_value(verb: Verb, job_id: JobId) -> str:
    """Something to choose, where the verb is a menu's."""
    values = {Verb.MORE: "again", Verb.SIZE: "1024*1536", Verb.PICK: str(job_id)}
    return values.get(verb, "")


def parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    """All components of a message, nested ones after those that hold them."""
    waiting, found = list(message["components"]), []
    while waiting:
        one = waiting.pop(0)
        found.append(one)
        waiting[:0] = [*one.get("components", ()), *filter(None, [one.get("accessory")])]
    return found


def words(message: dict[str, Any]) -> str:
    """All that a message says."""
    return "\n".join(one["content"] for one in parts(message) if one["type"] == 10)


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in parts(message) if one["type"] == 2]


def is_private(message: dict[str, Any]) -> bool:
    return bool(message["flags"] & EPHEMERAL)
