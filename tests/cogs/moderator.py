"""A guild's staff before `/settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.policy.rows import Asking
from bot.policy.rules import Scope
from tests.cogs.playing import parts, words

if TYPE_CHECKING:
    from bot.features.settings.service import SettingsService
    from tests.cogs.playing import Scene

MODERATOR, OWNER, MEMBER = 3, 4, 0
NOT_STAFF = "Only whoever may manage this server can see and change its settings."


class Staff:
    """A moderator before the panel of their guild."""

    def __init__(self, scene: Scene, settings: SettingsService, member: int = MODERATOR) -> None:
        self.scene = scene
        self.settings = settings
        self.member = member
        self.message: dict[str, Any] = {}
        self.opener = ""

    @property
    def guild(self) -> int:
        return int(self.scene.control.guild["id"])

    async def open(self, page: str = "where", channel: str = "pictures") -> None:
        """The panel, turned to a page."""
        seen = await self.scene.command("settings panel", member=self.member, channel=channel)
        (self.message,) = seen["messages"]
        if page != "where":
            await self.use("page", [page])

    async def use(self, act: str, values: list[str] | None = None) -> None:
        """The one control whose custom id begins so."""
        seen = await self.used(act, values)
        self.message = seen["messages"][-1]

    async def used(self, act: str, values: list[str] | None = None) -> dict[str, Any]:
        started = await self.scene.control.act(
            "component",
            member=self.member,
            channel=self.message["channel_id"],
            message_id=self.message["id"],
            custom_id=self.find(act),
            **({} if values is None else {"values": values}),
        )
        await self.scene.acknowledged(started)
        return await self.scene.seen(started)

    def find(self, act: str) -> str:
        (found,) = [one for one in self.ids() if one.startswith(f"zeuxis:settings:{act}:")]
        return found

    def ids(self) -> list[str]:
        return [one.get("custom_id") or "" for one in parts(self.message)]

    def control(self, act: str) -> dict[str, Any]:
        (found,) = [one for one in parts(self.message) if one.get("custom_id") == self.find(act)]
        return found

    async def form(self, act: str) -> dict[str, Any]:
        """Opens one; returns its values by their names."""
        seen = await self.used(act)
        modal: dict[str, Any] = seen["modal"]
        self.opener = modal["custom_id"]
        fields = [one["component"] for one in modal["components"] if one["type"] == 18]
        return {one["custom_id"]: one.get("value") for one in fields}

    async def submit(self, **fields: str) -> None:
        """The form that is open."""
        started = await self.scene.control.act(
            "modal",
            member=self.member,
            channel=self.message["channel_id"],
            custom_id=self.opener,
            fields=fields,
        )
        await self.scene.acknowledged(started)
        self.message = (await self.scene.seen(started))["messages"][-1]

    @property
    def said(self) -> str:
        return words(self.message)

    async def own(self, scope: Scope = Scope.GUILD, scope_id: int = 0) -> dict[str, str]:
        """What the guild's staff have set there, by name."""
        view = await self.settings.view(Asking(self.guild))
        wanted = scope_id or self.guild
        return {
            key.name: value
            for key, value in view.own.items()
            if (key.scope, key.scope_id) == (scope, wanted)
        }


def channel(scene: Scene, name: str) -> str:
    return scene.control.channel(name)


def role(scene: Scene, name: str) -> str:
    guild = scene.sandbox.state.guilds[scene.control.guild["id"]]
    return next(one.id for one in guild.roles.values() if one.name == name)


async def press_id(staff: Staff, custom_id: str) -> bool:
    started = await staff.scene.control.act(
        "component",
        member=MODERATOR,
        channel=staff.message["channel_id"],
        message_id=staff.message["id"],
        custom_id=custom_id,
    )
    await staff.scene.acknowledged(started)
    staff.message = (await staff.scene.seen(started))["messages"][-1]
    return True
