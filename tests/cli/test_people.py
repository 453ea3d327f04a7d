"""`zeuxis people`: whom the operator blocks or trusts in all guilds, beside the running bot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.__main__ import main
from bot.cli import Terminal, people, say
from bot.refusals import BlockedHere
from bot.staff_refusals import DurationNotUnderstood
from tests.cli.test_operator import Desk, desk

__all__ = ["desk"]  # the fixture

if TYPE_CHECKING:
    from collections.abc import Sequence

PERSON = 1


async def block(desk: Desk, **how: str) -> None:
    await people.set_person(desk.terminal, person=PERSON, kind="blocked", **how)


async def unset(desk: Desk) -> None:
    await people.unset_person(desk.terminal, person=PERSON, kind="blocked")


async def listed(desk: Desk, **how: Any) -> list[str]:
    said: list[str] = []
    await people.show_people(desk.saying(said), **how)
    return said


async def test_a_person_is_blocked_everywhere_and_unblocked(desk: Desk) -> None:
    await desk.submit(guild=1)
    await desk.submit(guild=2)
    await block(desk, reason="spam")
    assert desk.said[-1] == "1 is blocked in all guilds, 2 waiting pictures cancelled"
    for guild in (1, 2):
        with pytest.raises(BlockedHere) as refused:
            await desk.submit(guild=guild)
        assert refused.value.reason == "spam"
    await unset(desk)
    assert desk.said[-1] == "1 is blocked no more"
    await desk.submit(guild=1)
    await unset(desk)
    assert desk.said[-1] == "1 was not blocked in all guilds"


async def test_a_block_may_end_by_itself(desk: Desk) -> None:
    await block(desk, lasts="1h")
    assert "until" in desk.said[-1]
    with pytest.raises(BlockedHere):
        await desk.submit(guild=1)
    desk.clock.advance(3601)
    await desk.submit(guild=1)


async def test_what_is_no_duration_blocks_nobody(desk: Desk) -> None:
    with pytest.raises(DurationNotUnderstood):
        await block(desk, lasts="soon")
    await desk.submit(guild=1)


async def test_what_is_set_is_listed(desk: Desk) -> None:
    assert await listed(desk) == ["nothing is set for anybody"]
    await block(desk, reason="spam", lasts="7d")
    await people.set_person(desk.terminal, person=2, kind="trusted")
    lines = await listed(desk)
    assert len(lines) == 3
    assert any("blocked" in line and "until" in line and "spam" in line for line in lines)
    assert {one["kind"] for one in json.loads((await listed(desk, json=True))[0])} == {
        "blocked",
        "trusted",
    }
    assert await listed(desk, guild=1) == ["nothing is set for anybody"], "its staff have not"


async def test_a_long_reason_pushes_nothing_aside(desk: Desk) -> None:
    """The other lines were as long, of blanks."""
    await people.set_person(desk.terminal, person=2, kind="trusted", reason="a friend")
    await block(desk, reason="spam " * 60)
    lines = await listed(desk)
    assert sorted(map(len, lines))[:2] < [50, 50]


@pytest.mark.parametrize(
    "arguments",
    [
        ["people"],
        ["people", "block"],
        ["people", "block", "ada"],
        ["people", "trust", "0"],
        *(["people", "block", "5", "--for", lasts] for lasts in ("soon", "0d", "11000d", "")),
    ],
)
def test_what_is_typed_wrong_is_refused(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2
    assert "usage: zeuxis people" in capsys.readouterr().err


async def test_a_reason_steers_no_terminal_and_forges_no_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A guild's staff type reasons that the operator reads."""
    await block(desk, reason="rude\x1b[2J\n2  trusted\x9b31m")
    terminal = Terminal(desk.settings, desk.clock, say)
    await people.show_people(terminal)
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 2
    assert rows[1].endswith(r"rude\x1b[2J\n2  trusted\x9b31m")
    await people.show_people(terminal, json=True)
    assert json.loads(capsys.readouterr().out)[0]["reason"] == "rude\x1b[2J\n2  trusted\x9b31m"
