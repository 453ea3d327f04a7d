"""`zeuxis log`: what operator, staff and rules have done; and what the doctor says of the log."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.__main__ import main
from bot.cli.doctor import examine
from bot.cli.log import show_heads, show_log
from bot.policy.audit import AuditAction, note_action
from bot.policy.changes import Author, Change, change_policy
from bot.policy.rules import Key, Scope
from bot.providers.zimage import OFFER
from sandbox.server import Sandbox
from sandbox.server import Settings as SandboxSettings
from tests.cli.test_doctor import settings_for, terminal_of
from tests.cli.test_operator import Desk, desk

if TYPE_CHECKING:
    from pathlib import Path

    from bot.db import Transaction

__all__ = ["desk"]  # the fixture

GUILD = 132380287435480725


async def act(desk: Desk, action: AuditAction, *, by: str = "11", about: int = 12) -> None:
    desk.clock.advance(60)
    await desk.database.write(
        note_action,
        action,
        tenant_id=GUILD,
        actor=by,
        source="discord",
        user_id=about,
        job_id=17,
        case_id=18,
        details="=1+1",
        now_us=desk.clock.now_us(),
    )


async def set_cooldown(desk: Desk) -> None:
    change = Change(key=Key(Scope.GUILD, GUILD, "cooldown_s"), value=60)
    operator = Author(actor="operator", source="command line")
    now_us = desk.clock.now_us()
    await desk.database.write(change_policy, [change], operator, OFFER, now_us=now_us)


async def shown(desk: Desk, **how: Any) -> str:
    said: list[str] = []
    await show_log(desk.saying(said), **how)
    return "\n".join(said)


async def test_all_logs_stand_in_one_table_the_newest_last(desk: Desk) -> None:
    await set_cooldown(desk)
    await act(desk, AuditAction.REMOVED)
    await act(desk, AuditAction.BLOCKED)
    _, *lines = [line.split() for line in (await shown(desk)).splitlines()]
    assert [line[1:5] for line in lines] == [
        ["operator", "1", "set", "operator"],
        [str(GUILD), "1", "removed", "11"],
        [str(GUILD), "2", "blocked", "11"],
    ]
    assert lines[0][-6:] == ["guild", str(GUILD), "cooldown_s", "–", "→", "60"]


async def test_a_guild_that_the_operator_pauses_is_in_the_operator_s_log(desk: Desk) -> None:
    for is_paused in (True, False):
        await desk.pause(GUILD, is_paused=is_paused)
    found = json.loads(await shown(desk, json=True))
    assert [(one["action"], one["by"], one["scope_id"]) for one in found] == [
        ("resumed", "operator", str(GUILD)),
        ("paused", "operator", str(GUILD)),
    ]
    assert {one["guild_id"] for one in found} == {"0"}


@pytest.mark.parametrize(
    ("wanted", "actions"),
    [
        ({"operator": True}, ["set"]),
        ({"guild": GUILD}, ["warned", "removed"]),
        ({"action": "removed"}, ["removed"]),
        ({"by": "rule"}, ["warned"]),
        ({"member": 13}, ["warned"]),
        ({"member": 14}, []),
    ],
)
async def test_entries_are_found_by_what_they_say(
    desk: Desk, wanted: dict[str, Any], actions: list[str]
) -> None:
    await set_cooldown(desk)
    await act(desk, AuditAction.REMOVED)
    await act(desk, AuditAction.WARNED, by="rule", about=13)
    found = json.loads(await shown(desk, json=True, **wanted))
    assert [one["action"] for one in found] == actions


async def test_days_count_back_from_now(desk: Desk) -> None:
    await act(desk, AuditAction.REMOVED)
    desk.clock.advance(86_400)
    await act(desk, AuditAction.WARNED)
    found = json.loads(await shown(desk, days=1, json=True))
    assert [one["action"] for one in found] == ["warned"]
    assert await shown(desk, action="none") == "there is no such entry"


async def test_the_table_ends_and_the_files_do_not(desk: Desk) -> None:
    for _ in range(51):
        await act(desk, AuditAction.REMOVED)
    lines = (await shown(desk)).splitlines()
    assert lines[0] == "the newest 50; --csv and --json give all"
    assert len(lines) == 52
    assert len((await shown(desk, csv=True)).splitlines()) == 52


async def test_no_cell_of_the_file_is_a_formula(desk: Desk) -> None:
    """Nor a number that a spreadsheet would round."""
    await act(desk, AuditAction.REMOVED)
    (row,) = csv.DictReader(io.StringIO(await shown(desk, csv=True)))
    assert (row["details"], row["by"], row["about"]) == ("'=1+1", "<@11>", "<@12>")
    assert row["guild"] == f"'{GUILD}"


async def test_heads_are_told_to_be_noted(desk: Desk) -> None:
    said: list[str] = []
    await show_heads(desk.saying(said))
    await act(desk, AuditAction.REMOVED)
    await show_heads(desk.saying(said))
    (facts,) = json.loads(await shown(desk, json=True))
    assert said == [
        "nothing was entered yet",
        f"the log of guild {GUILD} ends at 1 with {facts['chain']}",
    ]


def test_the_command_line_takes_what_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (
        ("DISCORD_TOKEN", "x.y.z"),
        ("DASHSCOPE_API_KEY", "sk-1"),
        ("DATABASE_URL", desk.settings.database_url),
    ):
        monkeypatch.setenv(name, value)
    assert main(["log", "--guild", str(GUILD), "--by", "rule", "--days", "3"]) == 0
    assert main(["log", "--operator", "--json"]) == 0
    assert main(["log", "--heads"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == ["there is no such entry", "[]", "nothing was entered yet"]


# ------------------------------------------------------------------------------------------------
# The doctor

ON = f"WHERE tenant_id = {GUILD} AND number"
FINDINGS = {
    f"UPDATE audit SET details = 'of tomorrow' {ON} = 2": (
        "entry 2 does not seal the one before it: one of the two was changed"
    ),
    f"UPDATE audit SET actor = '7' {ON} = 2": "in entry 2, who did it was changed",
    f"UPDATE audit SET user_id = 7 {ON} = 2": "in entry 2, whom it is about was changed",
    f"DELETE FROM audit {ON} = 2": "entry 2 was taken out",
    f"DELETE FROM audit {ON} IN (1, 2)": "entries 1 to 2 were taken out",
    f"DELETE FROM audit {ON} = 4": "the end was cut off: entry 4 by its head, and not there",
    f"DELETE FROM audit_head WHERE tenant_id = {GUILD}": (
        "its head is not that of its last entry: it was changed or taken out"
    ),
    f"UPDATE audit_head SET number = 3 WHERE tenant_id = {GUILD}": (
        "entry 4 was put in by hand, or the head was set back"
    ),
    f"UPDATE audit SET user_id = 0, salt = CAST(substr(salt, 1, 16) || zeroblob(16)"
    f" || substr(salt, 33) AS BLOB) {ON} = 2": (
        "in entry 2, whom it is about was taken out, and no entry says that it was deleted"
    ),
}


async def examined(folder: Path) -> tuple[int, list[str]]:
    said: list[str] = []
    async with Sandbox.start(SandboxSettings(seed=7, is_public=False)) as sandbox:
        status = await examine(terminal_of(settings_for(sandbox, folder), said))
    return status, [one for one in said if one[6:].startswith("audit log: ")]


@pytest.mark.sockets
@pytest.mark.parametrize("statement", FINDINGS)
async def test_the_doctor_says_what_was_done_by_hand(
    desk: Desk, tmp_path: Path, statement: str
) -> None:
    """In one sentence, and its exit status says so."""
    for _ in range(4):
        await act(desk, AuditAction.REMOVED)

    def by_hand(tx: Transaction) -> None:
        tx.execute(statement)

    await desk.database.write(by_hand)
    status, lines = await examined(tmp_path)
    assert status == 1
    assert lines == [f"FAIL  audit log: the log of guild {GUILD}: {FINDINGS[statement]}"]


@pytest.mark.sockets
async def test_the_doctor_tells_the_heads_of_a_log_that_holds(desk: Desk, tmp_path: Path) -> None:
    await set_cooldown(desk)
    await act(desk, AuditAction.REMOVED)
    status, (line,) = await examined(tmp_path)
    assert status == 0
    assert line.startswith("ok    audit log: 2 entries hold; the operator's log ends at 1 with ")
    assert f"; the log of guild {GUILD} ends at 1 with " in line
