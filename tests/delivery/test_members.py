"""Members are timed out in Discord itself, where the bot may do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.delivery.members import AUDIT_REASON_LIMIT, GuildMembers, audit_reason
from bot.queue.records import GuildId, UserId
from bot.staff_refusals import TimeOutBar, TimeOutRefused

if TYPE_CHECKING:
    from tests.delivery.room import Room

MODERATE_MEMBERS = 1 << 40
MINUTE_US = 60_000_000


async def let_moderate(room: Room) -> None:
    """The bot's own role."""
    guild = room.sandbox.state.guilds[room.control.guild["id"]]
    (role,) = [one for one in guild.roles.values() if one.bot_id is not None]
    role.permissions |= MODERATE_MEMBERS


async def time_out(room: Room, member: int = 0, reason: str = "case 7, by 900: spam") -> None:
    await GuildMembers(room.client).time_out(
        GuildId(int(room.control.guild["id"])),
        UserId(int(room.control.member(member)) if member >= 0 else 404),
        until_at_us=room.sandbox.state.now_us() + 10 * MINUTE_US,
        reason=reason,
    )


def timed_out_until_us(room: Room, member: int = 0) -> int | None:
    guild = room.sandbox.state.guilds[room.control.guild["id"]]
    return guild.members[room.control.member(member)].timed_out_until_us


async def test_a_member_is_timed_out(room: Room) -> None:
    await let_moderate(room)
    await time_out(room)
    until_us = timed_out_until_us(room)
    assert until_us is not None
    assert until_us == room.sandbox.state.now_us() + 10 * MINUTE_US


async def test_without_the_right_nobody_is(room: Room) -> None:
    with pytest.raises(TimeOutRefused) as refused:
        await time_out(room)
    assert refused.value.bar is TimeOutBar.RIGHT
    assert timed_out_until_us(room) is None


async def test_the_guilds_owner_stands_above(room: Room) -> None:
    await let_moderate(room)
    with pytest.raises(TimeOutRefused) as refused:
        await time_out(room, member=4)
    assert refused.value.bar is TimeOutBar.RIGHT


async def test_who_has_left_cannot_be_timed_out(room: Room) -> None:
    await let_moderate(room)
    with pytest.raises(TimeOutRefused) as refused:
        await time_out(room, member=-1)
    assert refused.value.bar is TimeOutBar.GONE


async def test_an_outage_is_said_as_such(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await let_moderate(room)

    async def fail(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(room.client.http, "edit_member", fail)
    with pytest.raises(TimeOutRefused) as refused:
        await time_out(room)
    assert refused.value.bar is TimeOutBar.UNREACHABLE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("spam", "spam"),
        ("two\nlines", "two lines"),
        ("  ", "-"),
        ("x" * 600, "x" * AUDIT_REASON_LIMIT),
    ],
)
def test_discords_audit_log_takes_one_short_line(text: str, reason: str) -> None:
    assert audit_reason(text) == reason
