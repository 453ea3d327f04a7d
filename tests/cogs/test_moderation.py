"""`/moderation queue`: what waits for the staff, one by one or many together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.queue.records import PictureState
from sandbox.discord.components import ActionRow, Option, StringSelect
from tests.cogs.playing import buttons, is_private, parts, words
from tests.cogs.test_buttons import MODERATOR, STRANGER
from tests.cogs.test_cases import FORM, MANAGE_MESSAGES, OWNER, StaffRoom, room

if TYPE_CHECKING:
    from bot.queue.cases import Case

__all__ = ["room"]

UNKNOWN = "There is no such case, or none that you may decide here."
LIST = "zeuxis:2:cases"


class Listed:
    """The list that a moderator has open."""

    def __init__(self, room: StaffRoom, member: int = MODERATOR) -> None:
        self.room = room
        self.member = member
        self.message: dict[str, Any] = {}

    async def open(self, channel: str = "staff", **options: str) -> None:
        seen = await self.room.scene.command(
            "moderation queue",
            member=self.member,
            channel=self.room.scene.control.channel(channel),
            options=options,
        )
        (self.message,) = seen["messages"]
        assert is_private(self.message)

    async def use(self, custom_id: str, values: list[str] | None = None) -> dict[str, Any]:
        """Returns all that is seen; the list is as it is then."""
        started = await self.room.scene.control.act(
            "component",
            member=self.member,
            channel=self.message["channel_id"],
            message_id=self.message["id"],
            custom_id=custom_id,
            **({} if values is None else {"values": values}),
        )
        await self.room.scene.acknowledged(started)
        return await self.look(await self.room.scene.seen(started))

    async def fill_in(self, opened: dict[str, Any], **fields: Any) -> None:
        custom_id = opened["modal"]["custom_id"]
        seen = await self.room.scene.submit(opened, custom_id, member=self.member, fields=fields)
        await self.look(seen)

    async def look(self, seen: dict[str, Any]) -> dict[str, Any]:
        for one in seen["messages"]:
            if one["id"] == self.message["id"]:
                self.message = one
        return seen

    def cases(self) -> list[int]:
        lines = [line for line in words(self.message).splitlines() if line.startswith("**")]
        return [int(line.split("**")[1]) for line in lines if line[2].isdigit()]

    def marked(self) -> list[str]:
        return [
            option["value"]
            for one in parts(self.message)
            for option in one.get("options", ())
            if option.get("default")
        ]


async def cases_in(room: StaffRoom, *channels: str) -> list[Case]:
    return [await room.held(channel=channel, has_card=False) for channel in channels]


async def test_the_list_has_all_of_the_server_in_the_staffs_channel(room: StaffRoom) -> None:
    """The oldest first; what waits elsewhere too."""
    cases = await cases_in(room, "pictures", "general")
    listed = Listed(room)
    await listed.open()
    assert listed.cases() == [one.id for one in cases]
    assert "-# the whole server · 2 cases · the oldest first" in words(listed.message)
    await listed.open(where="here")
    assert listed.cases() == []


async def test_a_moderator_of_one_channel_sees_what_is_about_it(room: StaffRoom) -> None:
    """And can decide it there; a list of the server is none of theirs, whatever they press."""
    here, _ = await cases_in(room, "pictures", "general")
    await _appoint(room, STRANGER, "pictures")
    listed = Listed(room, STRANGER)
    await listed.open("pictures")
    assert listed.cases() == [here.id]
    await listed.open("pictures", where="here")
    assert listed.cases() == [here.id]
    seen = await listed.use(
        f"{LIST}:open:{room.scene.control.channel('pictures')}:0", [str(here.id)]
    )
    assert "- word rule “insults”" in words(seen["messages"][-1])


async def _appoint(room: StaffRoom, member: int, channel: str) -> None:
    """A moderator of this channel alone, whom the server lets call the command."""
    overwrite = {
        "id": room.scene.control.member(member),
        "type": 1,
        "allow": str(MANAGE_MESSAGES),
    }
    path = f"/channels/{room.scene.control.channel(channel)}"
    await room.scene.control.call("PATCH", path, {"overwrites": [overwrite]})
    _open_to_all(room)


def _open_to_all(room: StaffRoom) -> None:
    commands = room.scene.sandbox.state.commands.values()
    (command,) = [one for one in commands if one.name == "moderation"]
    command.default_member_permissions = None


async def test_a_plain_member_sees_nothing(room: StaffRoom) -> None:
    """Discord hides the command; where a server opens it, the bot refuses."""
    await cases_in(room, "pictures")
    refused = await room.scene.control.act("command", name="moderation queue", member=STRANGER)
    assert "interaction_id" not in refused
    _open_to_all(room)
    listed = Listed(room, STRANGER)
    await listed.open("pictures")
    assert words(listed.message) == UNKNOWN


async def test_the_staff_of_another_server_see_nothing(room: StaffRoom) -> None:
    """Their list is their own, and a number that they have guessed is no case."""
    (case,) = await cases_in(room, "pictures")
    state = room.scene.sandbox.state
    harbour = next(one for one in state.guilds.values() if one.name == "Harbour")
    (channel,) = [one for one in state.channels_of(harbour.id) if one.name == "general"]
    there: dict[str, Any] = {
        "guild_id": harbour.id,
        "user_id": harbour.owner_id,
        "channel": channel.id,
    }
    seen = await room.scene.command("moderation queue", **there)
    (listed,) = seen["messages"]
    assert "Nothing waits." in words(listed)
    select = f"{LIST}:open:0:0"
    _offer(room, channel.id, listed["id"], select, case.id)
    started = await room.scene.control.act(
        "component",
        message_id=listed["id"],
        custom_id=select,
        values=[str(case.id)],
        **there,
    )
    await room.scene.acknowledged(started)
    assert words((await room.scene.seen(started))["messages"][-1]) == UNKNOWN


def _offer(room: StaffRoom, channel: str, message: str, custom_id: str, case_id: int) -> None:
    """The list offers a case of others, as a client that makes things up would have it."""
    option = Option(label="1", value=str(case_id))
    select = StringSelect(custom_id=custom_id, options=[option])
    shown = room.scene.sandbox.state.messages[channel][message]
    shown.components.append(ActionRow(components=[select]))


async def test_one_of_the_list_is_opened(room: StaffRoom) -> None:
    """Beside the list, with its buttons."""
    (case,) = await cases_in(room, "pictures")
    listed = Listed(room)
    await listed.open()
    seen = await listed.use(f"{LIST}:open:0:0", [str(case.id)])
    opened = seen["messages"][-1]
    assert is_private(opened)
    assert opened["id"] != listed.message["id"]
    assert f"-# case {case.id} · job {case.job_id}" in words(opened)
    labels = [one["label"] for one in buttons(opened)]
    assert labels[:3] == ["Approve", "Approve and trust", "Reject"]


async def test_what_is_marked_is_approved_together(room: StaffRoom) -> None:
    """What another moderator has decided meanwhile stays, and is told."""
    first, second, third = await cases_in(room, "pictures", "general", "pictures")
    listed = Listed(room)
    await listed.open()
    await listed.use(f"{LIST}:choose:0:0", [str(first.id), str(third.id)])
    assert listed.marked() == [str(first.id), str(third.id)]
    other = Listed(room, OWNER)
    await other.open()
    await other.use(f"{LIST}:choose:0:0", [str(third.id)])
    opened = await other.use(f"{LIST}:reject:0:0")
    await other.fill_in(opened, **FORM)
    assert "**Decided: 1**" in words(other.message)
    await listed.use(f"{LIST}:approve:0:0")
    assert "**Decided: 1 · decided by others before: 1**" in words(listed.message)
    assert listed.cases() == [second.id]
    assert await room.state(first) is PictureState.DUE
    assert await room.state(second) is PictureState.HELD
    assert await room.state(third) is PictureState.WITHHELD


async def test_what_is_marked_is_rejected_for_one_reason(room: StaffRoom) -> None:
    """Each case has it."""
    cases = await cases_in(room, "pictures", "general")
    listed = Listed(room)
    await listed.open()
    await listed.use(f"{LIST}:choose:0:0", [str(one.id) for one in cases])
    await listed.fill_in(await listed.use(f"{LIST}:reject:0:0"), **FORM)
    assert "**Decided: 2**" in words(listed.message)
    assert "Nothing waits." in words(listed.message)
    for case in cases:
        end = (await room.now(case)).end
        assert end is not None
        assert end.reason == "Violent or disturbing: too much blood"


@pytest.mark.parametrize("verb", ["approve", "reject", "page", "choose"])
async def test_the_list_of_who_lost_the_right_does_nothing_more(room: StaffRoom, verb: str) -> None:
    """It stays open longer than rights last."""
    cases = await cases_in(room, *(["pictures"] * 11))
    listed = Listed(room)
    await listed.open()
    await listed.use(f"{LIST}:choose:0:0", [str(cases[0].id)])
    guild = room.scene.sandbox.state.guilds[str(room.guild)]
    guild.members[room.scene.control.member(MODERATOR)].role_ids.clear()
    page = 1 if verb == "page" else 0
    values = [str(cases[1].id)] if verb == "choose" else None
    seen = await listed.use(f"{LIST}:{verb}:0:{page}", values)
    assert words(seen["messages"][-1]) == UNKNOWN
    assert seen.get("modal") is None
    assert await room.state(cases[0]) is PictureState.HELD


async def test_pages_turn(room: StaffRoom) -> None:
    """In the same message."""
    cases = await cases_in(room, *(["pictures"] * 11))
    listed = Listed(room)
    await listed.open()
    assert listed.cases() == [one.id for one in cases[:10]]
    await listed.use(f"{LIST}:page:0:1")
    assert listed.cases() == [cases[10].id]
