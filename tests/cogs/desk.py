"""A member before one message of the bot's, and the form that it has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.queue.records import GuildId
from tests.cogs.playing import parts, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene


class Desk:
    """Sees what each act leads to: another form, or the message as it is then."""

    def __init__(self, scene: Scene, member: int) -> None:
        self.scene = scene
        self.member = member
        self.message: dict[str, Any] = {}
        self.form: dict[str, Any] = {}

    @property
    def guild(self) -> GuildId:
        return GuildId(int(self.scene.control.guild["id"]))

    @property
    def said(self) -> str:
        return words(self.message)

    def ids(self) -> list[str]:
        return [str(one.get("custom_id")) for one in parts(self.message)]

    def find(self, start: str) -> str:
        """The one custom id that begins so."""
        (found,) = [one for one in self.ids() if one.startswith(start)]
        return found

    async def call(self, name: str, *, channel: str = "pictures", **options: Any) -> None:
        await self._act("command", name=name, channel=channel, options=options)

    async def press(self, custom_id: str, values: list[str] | None = None) -> None:
        """A button, or a select if there are values."""
        chosen = {} if values is None else {"values": values}
        place = {"channel": self.message["channel_id"], "message_id": self.message["id"]}
        await self._act("component", custom_id=custom_id, **place, **chosen)

    async def submit(self, **fields: Any) -> None:
        """The form that is open."""
        channel = self.scene.control.channel("pictures")
        where = self.message.get("channel_id", channel)
        custom_id = self.form["custom_id"]
        await self._act("modal", channel=where, custom_id=custom_id, fields=fields)

    def fields(self) -> dict[str, Any]:
        """What stands in the form, by the field."""
        fields = [one["component"] for one in self.form["components"] if one["type"] == 18]
        return {one["custom_id"]: one.get("value") for one in fields}

    async def _act(self, kind: str, **act: Any) -> None:
        started = await self.scene.control.act(kind, member=self.member, **act)
        await self.scene.acknowledged(started)
        seen = await self.scene.seen(started)
        self.form = seen.get("modal") or {}
        if not self.form:
            self.message = seen["messages"][-1]
